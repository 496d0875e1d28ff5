/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=free */
/* Files of a run never take more memory than four times their size and 64 MiB,
 * whatever is in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "test_base_counting.h"
#include "tracking/run_file.h"

static cm_error err;

typedef cm_status (*parse)(cm_run_record *out, cm_str text, const char *file,
                           cm_error *err);

static void check_memory(parse function, const char *head, const char *part,
                         size_t size)
{
    cm_buf text = {0};
    cm_run_record record = {0};
    cm_buf_adds(&text, head);
    while (text.n + 64 < size) {
        cm_buf_adds(&text, part);
    }
    assert_int_equal(cm_buf_check(&text, NULL), CM_OK);
    count_from_here();
    cm_status status =
        function(&record, (cm_str){text.p, text.n}, "input", &err);
    assert_true(status == CM_OK || err.message[0] != '\0');
    assert_true(atomic_load(&most_bytes_held) <= 4 * text.n + (64u << 20));
    cm_run_record_release(&record);
    cm_buf_release(&text);
}

static void test_file(void **state)
{
    (void)state;
    const char *const parts[] = {"{},", "[],", "1,", "\"\",", "{\"a\":{}},"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        check_memory(run_file_parse, "{\"datasets\":[", parts[i], RUN_MAX_FILE);
        check_memory(run_file_parse, "[", parts[i], RUN_MAX_FILE);
    }
    check_memory(run_file_parse, "", "[", RUN_MAX_FILE);
    check_memory(run_file_parse, "[", "1,", 8 * RUN_MAX_FILE);
}

static void test_metrics(void **state)
{
    (void)state;
    check_memory(run_metrics_parse, "", "a\t1\t0\t0\n", 40 << 20);
    check_memory(run_metrics_parse, "", "\n", 40 << 20);
    check_memory(run_metrics_parse, "", "a", 40 << 20);
}

/* As many keys as there can be. */
static void test_keys(void **state)
{
    (void)state;
    cm_buf text = {0};
    cm_run_record record = {0};
    for (int i = 0; i < 10001; i++) {
        cm_buf_addf(&text, "%d\t1\t0\t0\n", i);
    }
    assert_int_equal(
        run_metrics_parse(&record, (cm_str){text.p, text.n}, "input", &err),
        CM_ERR_PARSE);
    assert_int_equal(record.n_metrics, 10000);
    cm_run_record_release(&record);
    cm_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
