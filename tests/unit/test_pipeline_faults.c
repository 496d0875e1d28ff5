/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* A training with everything around it, the n-th allocation failing, n = 0, 1,
 * 2 …: an error, or, where only a snapshot was lost, none; a model that is
 * there is the whole one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "pipeline/fit_matrix.h"
#include "test_base_faults.h"
#include "test_base_folder.h"

enum { ROWS = 200, MAX_FAULTS = 5000 };

typedef struct files {
    char x[1024], y[1024], old[1024], model[1024], snapshot[1024];
} files;

static void write_files(files *f, void **state)
{
    cm_buf x = {0}, y = {0};
    cm_buf_adds(&x, "a,b\n");
    for (int i = 0; i < ROWS; i++) {
        cm_buf_addf(&x, "%d,%d\n", i % 13, i % 7);
        cm_buf_addf(&y, "%d\n", i % 13 + i % 5 > 9);
    }
    snprintf(f->x, sizeof f->x, "%s", path_in(state, "X.csv"));
    snprintf(f->y, sizeof f->y, "%s", path_in(state, "y.csv"));
    snprintf(f->old, sizeof f->old, "%s", path_in(state, "old.json"));
    snprintf(f->model, sizeof f->model, "%s", path_in(state, "m.json"));
    snprintf(f->snapshot, sizeof f->snapshot, "%s", path_in(state, "s"));
    assert_int_equal(cm_write_file(f->x, (cm_str){x.p, x.n}, NULL), CM_OK);
    assert_int_equal(cm_write_file(f->y, (cm_str){y.p, y.n}, NULL), CM_OK);
    cm_buf_release(&x);
    cm_buf_release(&y);
}

static cm_fit_matrix_job job_of(const files *f)
{
    static const char *const constraints[] = {"a:1"};
    cm_fit_matrix_job job = {
        .x = f->x,
        .y = f->y,
        .eval_x = f->x,
        .eval_y = f->y,
        .model = f->old,
        .fit = {.border_count = 254,
                .class_names = {"0", "1"},
                .class_weights = {.automatic = CM_CLASS_WEIGHTS_BALANCED},
                .monotone = constraints,
                .n_monotone = 1,
                .watch = {.on = true,
                          .metric = CM_EVAL_AUC,
                          .od = {CM_OD_ITER, 0, 2},
                          .use_best_model = true,
                          .best_model_min_trees = 1,
                          .metric_period = 2}}};
    cm_train_options_init(&job.fit.train);
    job.fit.train.iterations = 4;
    job.fit.train.depth = 2;
    job.fit.train.n_threads = 1;
    return job;
}

static cm_status fit(const cm_fit_matrix_job *job, cm_error *err)
{
    cm_fit_matrix_result result;
    cm_status status = cm_fit_matrix(&result, job, err);
    cm_fit_report_release(&result.fit);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    files f;
    cm_error err = {0};
    char expected[CM_SHA256_HEX], found[CM_SHA256_HEX];
    write_files(&f, state);
    cm_fit_matrix_job job = job_of(&f);
    assert_int_equal(fit(&job, &err), CM_OK);
    job.init_model = f.old;
    job.model = f.model;
    job.fit.snapshot.path = f.snapshot;
    assert_int_equal(fit(&job, &err), CM_OK);
    assert_int_equal(cm_sha256_file(expected, f.model, &err), CM_OK);
    bool failed = true;
    long n = 0;
    for (; failed; n++) {
        assert_int_equal(cm_remove_tree(f.model, NULL), CM_OK);
        assert_true(n < MAX_FAULTS);
        err = (cm_error){0};
        faults_left = n;
        cm_status status = fit(&job, &err);
        failed = faults_left < 0;
        faults_left = -1;
        assert_true(status == CM_OK || err.message[0] != '\0');
        if (status == CM_OK || cm_file_exists(f.model)) {
            assert_int_equal(cm_sha256_file(found, f.model, &err), CM_OK);
            assert_string_equal(found, expected);
        }
    }
    assert_false(cm_file_exists(f.snapshot));
    assert_true(n > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
