/* Any bytes as an answer of S3: reading ends, and texts are within it. */
#include <stddef.h>
#include <stdint.h>

#include "storage/s3_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_str document = {(const char *)bytes, n};
    s3_xml xml;
    cm_buf text = {0};
    cm_str name;
    size_t steps = 0;
    s3_xml_init(&xml, document);
    for (s3_xml_event event = s3_xml_next(&xml);
         event != S3_XML_END && event != S3_XML_BAD;
         event = s3_xml_next(&xml)) {
        CM_ASSERT(++steps <= 2 * n);
        CM_ASSERT(event != S3_XML_TEXT || xml.text.n <= n);
    }
    s3_xml_release(&xml);
    s3_xml_init(&xml, document);
    while (s3_xml_item(&xml, "Contents")) {
        while (s3_xml_field(&xml, "Contents", &name, &text)) {
            CM_ASSERT(name.n > 0 && text.n <= n);
        }
    }
    s3_xml_release(&xml);
    cm_buf_clear(&text);
    (void)s3_xml_find(document, "Code", &text);
    CM_ASSERT(text.n <= n);
    cm_buf_release(&text);
    return 0;
}
