/* Any text as ~/.aws/credentials: what is found lies within it, and errors show
 * nothing of it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "storage/aws_ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const sections[] = {"default", "profile a b", "x"};
    cm_str text = {(const char *)bytes, n};
    cm_error err = {0};
    cm_status status = aws_ini_check(text, "input", &err);
    CM_ASSERT(status == CM_OK || status == CM_ERR_PARSE);
    CM_ASSERT(status == CM_OK || strlen(err.message) < 100);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        cm_str value =
            aws_ini_get(text, sections[i], "aws_access_key_id", NULL);
        CM_ASSERT(value.p == NULL ||
                  (value.p >= text.p && value.p + value.n <= text.p + n));
        CM_ASSERT(value.p == NULL || aws_ini_has(text, sections[i]));
        value = aws_ini_get(text, sections[i], "s3", "addressing_style");
        CM_ASSERT(value.p == NULL || aws_ini_has(text, sections[i]));
    }
    return 0;
}
