/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Every allocation of ours fails once: an error each time, no crash.  Those of
 * GLib, cairo and libpng are theirs: GLib ends a program without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test_visualization_find.h"
#include "test_visualization_pages.h"

#include "test_base_until_success.h"

static int make_samples(void **state)
{
    (void)state;
    samples_make();
    return 0;
}

static cm_status draw_svg(void **state)
{
    cm_buf out = {0};
    cm_status status =
        cm_figure_svg(&out, sample_of(*state), (cm_figure_size){300, 1},
                      CM_THEME_LIGHT, NULL);
    if (status == CM_OK) {
        assert_non_null(strstr(out.p, "</svg>"));
    }
    cm_buf_release(&out);
    return status;
}

static cm_status draw_png(void **state)
{
    cm_buf out = {0};
    cm_status status =
        cm_figure_png(&out, sample_of(*state), (cm_figure_size){300, 1},
                      CM_THEME_LIGHT, NULL);
    if (status == CM_OK) {
        assert_memory_equal(out.p, "\x89PNG", 4);
    }
    cm_buf_release(&out);
    return status;
}

static cm_status write_page(void **state)
{
    const cm_report *report = samples_report();
    cm_report_item items[] = {report->sections[0].items[0],
                              report->sections[0].items[1],
                              {.figure = sample_of(*state)}};
    cm_report_section section = {"one", "One", items, 3};
    cm_report small = *report;
    small.sections = &section;
    small.n_sections = 1;
    cm_buf out = {0};
    cm_status status = cm_report_html(&out, &small, 1, NULL);
    if (status == CM_OK) {
        assert_non_null(strstr(out.p, "</html>"));
    }
    cm_buf_release(&out);
    return status;
}

static void test_svg(void **state)
{
    (void)state;
    static const char *const IDS[] = {"nasty_names", "ctr_by_banner_pos",
                                      "shap_summary", "nasty_fixed"};
    for (size_t i = 0; i < 4; i++) {
        void *id = (void *)(uintptr_t)IDS[i];
        until_success_within(draw_svg, &id, 3000);
    }
}

static void test_png(void **state)
{
    (void)state;
    void *id = (void *)(uintptr_t) "drift";
    until_success_within(draw_png, &id, 3000);
}

static void test_page(void **state)
{
    (void)state;
    void *id = (void *)(uintptr_t) "predictions";
    until_success_within(write_page, &id, 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_svg),
                                       cmocka_unit_test(test_png),
                                       cmocka_unit_test(test_page)};
    return cmocka_run_group_tests(tests, make_samples, NULL);
}
