/* Any text as a version or alias of a registry: names that are taken cannot
 * lead elsewhere, and what is written reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "registry/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_name(const char *name)
{
    CM_ASSERT(name[0] != '\0' && name[0] != '.');
    CM_ASSERT(strlen(name) < CM_MODEL_NAME && strchr(name, '/') == NULL);
}

static void check_version(const cm_model_record *record)
{
    cm_arena arena = {0};
    cm_buf text = {0}, again = {0};
    cm_model_record copy;
    check_name(record->version);
    CM_ASSERT(strlen(record->md5) == CM_OBJECT_TEXT - 1);
    CM_ASSERT(record_format_version(&text, record, NULL) == CM_OK);
    CM_ASSERT(record_parse_version(&copy, (cm_str){text.p, text.n}, "again",
                                   &arena, NULL) == CM_OK);
    CM_ASSERT(record_format_version(&again, &copy, NULL) == CM_OK);
    CM_ASSERT(
        cm_str_equal((cm_str){text.p, text.n}, (cm_str){again.p, again.n}));
    cm_buf_release(&text);
    cm_buf_release(&again);
    cm_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_arena arena = {0};
    cm_error err = {0};
    cm_model_record record;
    cm_model_alias alias;
    cm_str text = {(const char *)bytes, n};
    cm_status status =
        record_parse_version(&record, text, "input", &arena, &err);
    if (status == CM_OK) {
        check_version(&record);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    status = record_parse_alias(&alias, text, "input", &arena, &err);
    if (status == CM_OK) {
        check_name(alias.alias);
        check_name(alias.version);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_arena_release(&arena);
    return 0;
}
