/* Reading of the XML that S3 answers with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/s3_xml.h"

/* Text of the first element `name`; "-" when there is none. */
static void check_find(const char *document, const char *name,
                       const char *expected)
{
    cm_buf found = {0};
    bool there = s3_xml_find(cm_str_of(document), name, &found);
    assert_string_equal(!there ? "-" : found.n == 0 ? "" : found.p, expected);
    cm_buf_release(&found);
}

static void test_errors_of_s3(void **state)
{
    (void)state;
    const char *answer =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Error><Code>NoSuchKey</Code><Message>a &lt;b&gt; &amp; "
        "&quot;c&quot; &apos;d&apos; &#1082;&#x43b;</Message>"
        "<Key>a</Key><RequestId/></Error>";
    check_find(answer, "Code", "NoSuchKey");
    check_find(answer, "Message", "a <b> & \"c\" 'd' кл");
    check_find(answer, "RequestId", "");
    check_find(answer, "HostId", "-");
}

static void test_what_is_skipped(void **state)
{
    (void)state;
    check_find("<!DOCTYPE x><a><!-- <b>no</b> --><b k='>' l=\"/>\">yes</b></a>",
               "b", "yes");
    check_find("<s3:a xmlns:s3=\"u\"><s3:b>yes</s3:b></s3:a>", "b", "yes");
    check_find("<a><b>1<c>2</c>3</b></a>", "b", "13");
    check_find("<a><b>1<![CDATA[<&]]>2</b></a>", "b", "1<&2");
    check_find("<a\n x='1'\n><b\t>t</b\n></a>", "b", "t");
}

static void test_what_is_no_xml(void **state)
{
    (void)state;
    static const char *const documents[] = {"",
                                            "<",
                                            "<b",
                                            "<b>",
                                            "<b>x",
                                            "<b>&</b>",
                                            "<b>&x;</b>",
                                            "<b>&#;</b>",
                                            "<b>&#0;</b>",
                                            "<b>&#xd800;</b>",
                                            "<b>&#x110000;</b>",
                                            "<b>&#99999999;</b>",
                                            "<b>&#12a;</b>",
                                            "<!-- <b>x</b>",
                                            "<![CDATA[<b>x</b>",
                                            "<>x</>",
                                            "<b x='>x</b>",
                                            "</b>",
                                            "not xml at all",
                                            "\x00\xff",
                                            NULL};
    for (size_t i = 0; documents[i] != NULL; i++) {
        check_find(documents[i], "b", "-");
    }
}

static void test_items(void **state)
{
    (void)state;
    const char *page = "<L><Contents><Key>a</Key><Size>1</Size><Owner><ID>x"
                       "</ID></Owner></Contents><Contents/><Contents><Size>2"
                       "</Size></Contents></L>";
    s3_xml xml;
    cm_buf text = {0}, all = {0};
    cm_str name;
    s3_xml_init(&xml, cm_str_of(page));
    while (s3_xml_item(&xml, "Contents")) {
        cm_buf_addc(&all, '[');
        while (s3_xml_field(&xml, "Contents", &name, &text)) {
            cm_buf_addf(&all, "%.*s=%.*s ", CM_STR_ARG(name), (int)text.n,
                        text.n == 0 ? "" : text.p);
        }
        cm_buf_addc(&all, ']');
    }
    assert_string_equal(all.p, "[Key=a Size=1 Owner= ][][Size=2 ]");
    s3_xml_release(&xml);
    cm_buf_release(&text);
    cm_buf_release(&all);
}

static void test_escape(void **state)
{
    (void)state;
    cm_buf out = {0};
    s3_xml_escape(&out, CM_STR("a<b>&\"c\"'"));
    assert_string_equal(out.p, "a&lt;b&gt;&amp;&quot;c&quot;'");
    cm_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_of_s3),
        cmocka_unit_test(test_what_is_skipped),
        cmocka_unit_test(test_what_is_no_xml),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
