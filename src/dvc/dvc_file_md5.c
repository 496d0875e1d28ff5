/* The md5 of a .dvc file with deps: of what it says, as JSON, without what does
 * not count. */
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "codec/yaml.h"
#include "dvc/outs.h"
#include "dvc/python_text.h"
#include "dvc/yaml_text.h"

static bool counts(const char *key)
{
    static const char *const others[] = {
        "desc",   "type",    "labels", "meta", "locked", "frozen",
        "metric", "persist", "isexec", "size", "nfiles"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(key, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* Takes keys that do not count out, wherever they are. */
static void strip(json_t *value)
{
    const char *key;
    json_t *inner;
    void *next;
    for (size_t i = 0; i < json_array_size(value); i++) {
        strip(json_array_get(value, i));
    }
    json_object_foreach_safe(value, next, key, inner)
    {
        if (counts(key)) {
            strip(inner);
        } else {
            json_object_del(value, key);
        }
    }
}

static cm_status read_text(const cm_dvc_file *file, json_t **out, cm_error *err)
{
    cm_buf text = {0};
    cm_yaml *root = NULL;
    cm_status status = cm_dvc_file_format(file, &text, err);
    if (status == CM_OK) {
        status =
            cm_yaml_parse(&root, (cm_str){text.p, text.n}, ".dvc file", err);
    }
    if (status == CM_OK) {
        status = cm_yaml_to_json(out, root, err);
    }
    cm_yaml_free(root);
    cm_buf_release(&text);
    return status;
}

cm_status cm_dvc_file_md5(const cm_dvc_file *file, char out[CM_OBJECT_TEXT],
                          cm_error *err)
{
    json_t *says = NULL;
    cm_buf text = {0};
    char md5[CM_MD5_HEX];
    cm_status status = read_text(file, &says, err);
    if (status == CM_OK) {
        const char *wdir = json_string_value(json_object_get(says, "wdir"));
        strip(says);
        json_object_del(says, "md5");
        if (wdir != NULL && strcmp(wdir, ".") == 0) {
            json_object_del(says, "wdir");
        }
        cm_python_json(&text, says, true);
        status = cm_buf_check(&text, err);
    }
    if (status == CM_OK) {
        cm_md5(md5, text.p, text.n);
        memcpy(out, md5, sizeof md5);
    }
    cm_buf_release(&text);
    json_decref(says);
    return status;
}
