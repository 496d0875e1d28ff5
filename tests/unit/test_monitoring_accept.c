/* What the headers of real scrapers and browsers lead to. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "monitoring/metrics.h"

#define OM "application/openmetrics-text"

static void text_is_what_most_get(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "",
        "*/*",
        "*",
        "text/plain",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        OM ";q=0",
        OM ";q=0.4,text/plain;q=0.5",
        "text/plain," OM ";q=0.999",
        OM ";version=0.0.1",
        OM ";q=nan",
        OM ";q=2",
        OM ";q",
        OM ";q=",
        OM "x",
        "x" OM,
        "text/*;q=.5,application/*;q=.4",
        "x;y=\"," OM ",\"",
        "x;y=\"\\\"," OM,
        OM ";q=0;version=1.0.0,*/*",
        "image/png",
        ",,;;,=,\"",
        "text/plain;version=1.0.0;q=1,text/plain;version=0.0.4;q=.9," OM
        ";q=.8"};
    assert_int_equal(cm_exposition_of(NULL), CM_EXPOSITION_TEXT);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (cm_exposition_of(headers[i]) != CM_EXPOSITION_TEXT) {
            fail_msg("%s", headers[i]);
        }
    }
}

static void openmetrics_is_for_those_who_prefer_it(void **state)
{
    (void)state;
    static const char *const headers[] = {
        OM, "APPLICATION/OpenMetrics-TEXT", OM ";version=1.0.0",
        OM "; version=\"1.0.0\"; charset=utf-8",
        "text/plain;q=.3, " OM " ;\tq=0.3",
        /* Prometheus 2.42 */
        OM ";version=1.0.0," OM ";version=0.0.1;q=0.75,"
           "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        /* Prometheus 3 */
        OM ";version=1.0.0;escaping=allow-utf-8;q=0.6," OM
           ";version=0.0.1;q=0.5,text/plain;version=1.0.0;"
           "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;"
           "q=0.2",
        "application/vnd.google.protobuf;"
        "proto=io.prometheus.client.MetricFamily;encoding=delimited," OM
        ";version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5",
        "*/*;q=0.9," OM ";q=0.9", "application/*,text/plain;q=.5",
        "text/plain;q=0,*/*",
        "text/plain;q=0.1," OM ";version=0.0.1," OM ";q=0.2"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (cm_exposition_of(headers[i]) != CM_EXPOSITION_OPENMETRICS) {
            fail_msg("%s", headers[i]);
        }
    }
}

static void content_types(void **state)
{
    (void)state;
    assert_string_equal(cm_exposition_content_type(CM_EXPOSITION_TEXT),
                        "text/plain; version=0.0.4; charset=utf-8");
    assert_string_equal(
        cm_exposition_content_type(CM_EXPOSITION_OPENMETRICS),
        "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

static void gzip_when_it_is_taken(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "gzip",   "GZIP;q=0.1", "deflate, gzip",
        "x-gzip", "*",          "br;q=1.0, *;q=0.5"};
    static const char *const no[] = {"",        "identity", "gzip;q=0",
                                     "gzipped", "*;q=0",    "gzip;q=0, *",
                                     "deflate"};
    assert_false(cm_accepts_gzip(NULL));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (!cm_accepts_gzip(yes[i])) {
            fail_msg("%s", yes[i]);
        }
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (cm_accepts_gzip(no[i])) {
            fail_msg("%s", no[i]);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_what_most_get),
        cmocka_unit_test(openmetrics_is_for_those_who_prefer_it),
        cmocka_unit_test(content_types),
        cmocka_unit_test(gzip_when_it_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
