/* Any bytes as a configuration file: what can be written reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "versioning/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_same(const ini_file *a, const ini_file *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const ini_section *section = &a->sections[i];
        const ini_section *other = ini_find(b, section->name);
        for (size_t j = 0; j < section->n; j++) {
            const ini_option *option = ini_get(other, section->options[j].key);
            CM_ASSERT(option != NULL);
            CM_ASSERT(strcmp(option->text, section->options[j].text) == 0);
            CM_ASSERT(option->list == section->options[j].list);
        }
    }
}

/* A value may hold what its quotes cannot, and a name may be one that only
 * quotes made; then the text need not read back. */
static void check_again(const ini_file *ini)
{
    cm_buf text = {0};
    ini_file again = {0};
    if (ini_format(ini, &text, NULL) == CM_OK) {
        cm_str view = {text.p, text.n};
        if (ini_parse(&again, view, "again", NULL) == CM_OK) {
            cm_buf second = {0};
            (void)(ini_format(&again, &second, NULL) == CM_OK);
            cm_buf_release(&second);
            if (strpbrk(text.p, "'\"[]") == NULL) {
                check_same(ini, &again);
            }
        }
        ini_release(&again);
    }
    cm_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    ini_file ini;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = ini_parse(&ini, text, "input", &err);
    if (status == CM_OK) {
        check_again(&ini);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    ini_release(&ini);
    return 0;
}
