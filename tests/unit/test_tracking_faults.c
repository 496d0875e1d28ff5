/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Without memory: the first, the second, ... allocation fails, until none does,
 * and every time it is said and nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_base_folder.h"
#include "test_base_until_success.h"
#include "tracking/run.h"

static cm_error err;
static char finished[CM_RUN_ID_TEXT]; /* a run to be read */

static const char *store_in(void **state)
{
    return path_in(state, "runs");
}

static cm_status fill(cm_run *run)
{
    cm_run_dataset dataset = {.name = "log.csv",
                              .digest = "00",
                              .source_type = "local",
                              .source = "{}",
                              .schema = "{}",
                              .context = "train"};
    cm_run_model model = {"model", "ctr", "champion"};
    cm_status status = cm_run_param(run, "depth", "6", &err);
    if (status == CM_OK) {
        status = cm_run_tag(run, "tag", "text", &err);
    }
    if (status == CM_OK) {
        status = cm_run_log_metric(run, "loss", 0.5, 1, &err);
    }
    if (status == CM_OK) {
        status = cm_run_add_dataset(run, &dataset, &err);
    }
    if (status == CM_OK) {
        status = cm_run_add_text(run, CM_STR("text"), "a/b", &err);
    }
    if (status == CM_OK) {
        status = cm_run_set_model(run, &model, &err);
    }
    return status;
}

static cm_status write_once(void **state)
{
    cm_run *run = NULL;
    cm_run_start start = {store_in(state), "e", NULL};
    cm_status status = cm_run_begin(&run, &start, &err);
    if (status == CM_OK) {
        memcpy(finished, cm_run_id(run), sizeof finished);
        status = fill(run);
    }
    if (status == CM_OK) {
        status = cm_run_end(run, CM_RUN_FINISHED, &err);
    }
    cm_run_free(run);
    return status;
}

static cm_status read_once(void **state)
{
    cm_run_record record;
    cm_status status =
        cm_run_record_load(&record, store_in(state), finished, &err);
    if (status == CM_OK) {
        assert_int_equal(record.status, CM_RUN_FINISHED);
        assert_int_equal(record.n_metrics, 1);
        assert_string_equal(record.metrics[0].key, "loss");
        assert_string_equal(record.params[0].value, "6");
        assert_string_equal(record.artifacts[0].path, "a/b");
        assert_string_equal(record.datasets[0].context, "train");
        assert_string_equal(record.model.alias, "champion");
    }
    cm_run_record_release(&record);
    return status;
}

static void test_writing_and_reading(void **state)
{
    until_success_within(write_once, state, 1000);
    until_success_within(read_once, state, 1000);
}

static cm_status list_once(void **state)
{
    cm_arena arena = {0};
    const char *const *ids = NULL;
    size_t n = 0;
    cm_status status = cm_run_list(store_in(state), &arena, &ids, &n, &err);
    if (status == CM_OK) {
        assert_int_equal(n, 1);
        assert_string_equal(ids[0], finished);
    }
    cm_arena_release(&arena);
    return status;
}

static void test_listing(void **state)
{
    cm_status removed = cm_remove_tree(store_in(state), NULL);
    assert_int_equal(removed, CM_OK);
    assert_int_equal(write_once(state), CM_OK);
    until_success_within(list_once, state, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing_and_reading),
        cmocka_unit_test(test_listing),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
