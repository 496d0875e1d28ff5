/* Any bytes as JSON: what is read is written and read again as the same. */
#include <stddef.h>
#include <stdint.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static json_t *reread(const json_t *value, int indent)
{
    cm_buf buf = {0};
    json_t *again = NULL;
    cm_json_writer writer = cm_json_writer_of(&buf, indent);
    cm_json_put_value(&writer, NULL, value);
    CM_ASSERT(cm_buf_check(&buf, NULL) == CM_OK);
    CM_ASSERT(cm_json_parse(&again, (cm_str){buf.p, buf.n}, "again", NULL) ==
              CM_OK);
    cm_buf_release(&buf);
    return again;
}

/* A real that is a whole number comes back as an integer, so one rewriting
 * may change the kind; the second must change nothing. */
static void check_rewriting(const json_t *value)
{
    json_t *once = reread(value, 0);
    json_t *twice = reread(once, 3);
    CM_ASSERT(json_equal(once, twice));
    json_decref(twice);
    json_decref(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    json_t *value = NULL;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_json_parse(&value, text, "input", &err);
    if (status == CM_OK) {
        check_rewriting(value);
        json_decref(value);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    return 0;
}
