/* Reports: the same bytes for any number of threads, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "test_visualization_find.h"
#include "test_visualization_pages.h"

/* Its first section: a figure of each kind. */
static const cm_report *plain_report(void)
{
    static cm_report plain;
    plain = *samples_report();
    plain.n_sections = 1;
    return &plain;
}

static void test_report_threads(void **state)
{
    (void)state;
    cm_buf one = {0};
    cm_buf four = {0};
    assert_int_equal(cm_report_html(&one, plain_report(), 1, NULL), CM_OK);
    assert_int_equal(cm_report_html(&four, plain_report(), 4, NULL), CM_OK);
    assert_int_equal(one.n, four.n);
    assert_memory_equal(one.p, four.p, one.n);
    assert_true(one.n < 3000000);
    assert_null(strstr(one.p, "<script"));
    cm_buf_release(&one);
    cm_buf_release(&four);
}

static cm_status save(const cm_report *report, const char *folder,
                      cm_error *err)
{
    return cm_report_save(report, folder, 2, err);
}

static void test_report_saved(void **state)
{
    (void)state;
    char folder[] = "/tmp/cm_report_XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(save(plain_report(), folder, NULL), CM_OK);
    char path[200];
    cm_buf html = {0};
    cm_buf saved = {0};
    snprintf(path, sizeof(path), "%s/index.html", folder);
    assert_int_equal(cm_report_html(&html, plain_report(), 1, NULL), CM_OK);
    assert_int_equal(cm_read_file(&saved, path, 1 << 24, NULL), CM_OK);
    assert_int_equal(saved.n, html.n);
    assert_memory_equal(saved.p, html.p, html.n);
    for (size_t i = 0; i < 10; i++) {
        snprintf(path, sizeof(path), "%s/figures/%s.png", folder,
                 samples[i].id);
        assert_true(cm_file_exists(path));
        snprintf(path, sizeof(path), "%s/figures/%s.svg", folder,
                 samples[i].id);
        assert_true(cm_file_exists(path));
    }
    cm_buf_release(&html);
    cm_buf_release(&saved);
    assert_int_equal(cm_remove_tree(folder, NULL), CM_OK);
}

/* Where the page cannot be written, no figure changes either. */
static void test_report_not_at_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/cm_report_XXXXXX";
    char path[200];
    cm_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/figures", folder);
    assert_int_equal(cm_write_file(path, CM_STR("a file"), NULL), CM_OK);
    assert_int_equal(save(plain_report(), folder, &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "figures"));
    snprintf(path, sizeof(path), "%s/index.html", folder);
    assert_false(cm_file_exists(path));
    assert_int_equal(cm_figure_save(sample_of("drift"), path, NULL), CM_OK);
    assert_int_equal(cm_remove_tree(folder, NULL), CM_OK);
    assert_int_equal(save(plain_report(), "/proc/no/such", &err), CM_ERR_IO);
}

static void test_report_refused(void **state)
{
    (void)state;
    cm_error err = {0};
    cm_buf out = {0};
    cm_report_item items[] = {{.figure = sample_of("drift")},
                              {.figure = sample_of("drift")}};
    cm_report_section sections[] = {{"one", "One", items, 2},
                                    {"two", "Two", NULL, 0}};
    cm_report report = {.title = "t", .sections = sections, .n_sections = 2};
    assert_int_equal(cm_report_html(&out, &report, 1, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "two figures have the id drift"));
    items[1] = (cm_report_item){0};
    assert_int_equal(cm_report_html(&out, &report, 1, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "item 1"));
    items[1].text = "a text";
    sections[1].id = "one";
    assert_int_equal(cm_report_html(&out, &report, 1, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "two sections have the id one"));
    sections[1].id = "a b";
    assert_int_equal(cm_report_html(&out, &report, 1, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "'a b'"));
    sections[1].id = "two";
    assert_int_equal(cm_report_html(&out, &report, 1, &err), CM_OK);
    cm_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_report_threads),
                                       cmocka_unit_test(test_report_saved),
                                       cmocka_unit_test(test_report_not_at_all),
                                       cmocka_unit_test(test_report_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
