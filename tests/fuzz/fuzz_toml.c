/* Any bytes as TOML: the value is whole, or the error says where. */
#include <stddef.h>
#include <stdint.h>

#include "codec/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    json_t *value = NULL;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_toml_parse(&value, text, "input", &err);
    if (status == CM_OK) {
        CM_ASSERT(json_is_object(value));
        json_t *again = json_deep_copy(value);
        CM_ASSERT(json_equal(value, again));
        json_decref(again);
        json_decref(value);
    } else {
        CM_ASSERT(value == NULL && err.code == status &&
                  err.message[0] != '\0');
    }
    return 0;
}
