/* Parameters: loading, dotted keys, Python's equality. */
#include "versioning/param_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "codec/toml.h"
#include "codec/yaml.h"
#include "dvc/yaml_text.h"

static cm_status parse_yaml(json_t **out, cm_str text, const char *path,
                            cm_error *err)
{
    cm_yaml *root = NULL;
    cm_status status = cm_yaml_parse(&root, text, path, err);
    if (status == CM_OK) {
        status = cm_yaml_to_json(out, root, err);
    }
    cm_yaml_free(root);
    return status;
}

cm_status param_file_parse(json_t **out, cm_str text, const char *path,
                           cm_error *err)
{
    cm_str name = cm_str_of(path);
    *out = NULL;
    if (cm_str_ends_with(name, ".py")) {
        return cm_fail(
            err, CM_ERR_UNSUPPORTED,
            "%s: parameters in Python files are not supported; write "
            "them as YAML, JSON or TOML, or use dvc for this stage",
            path);
    }
    return cm_str_ends_with(name, ".json") ? cm_json_parse(out, text, path, err)
           : cm_str_ends_with(name, ".toml")
               ? cm_toml_parse(out, text, path, err)
               : parse_yaml(out, text, path, err);
}

cm_status param_file_load(json_t **out, const cm_snapshot *snapshot,
                          const char *path, cm_error *err)
{
    cm_buf text = {0};
    bool found = false;
    *out = NULL;
    cm_status status = snapshot->read(snapshot, path, &text, &found, err);
    if (status == CM_OK && found) {
        status = param_file_parse(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}

const json_t *param_get(const json_t *root, const char *key)
{
    const json_t *at = root;
    while (at != NULL) {
        size_t n = strcspn(key, ".");
        uint64_t index = 0;
        if (json_is_array(at)) {
            at = cm_parse_u64((cm_str){key, n}, &index)
                     ? json_array_get(at, (size_t)index)
                     : NULL;
        } else {
            at = json_object_getn(at, key, n);
        }
        if (key[n] == '\0') {
            return at;
        }
        key += n + 1;
    }
    return NULL;
}

/* ---- equality ------------------------------------------------------------ */

static bool is_number(const json_t *v)
{
    return json_is_number(v) || json_is_boolean(v);
}

static double number_of(const json_t *v)
{
    return json_is_boolean(v) ? (double)json_is_true(v) : json_number_value(v);
}

static bool numbers_equal(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        return json_integer_value(a) == json_integer_value(b);
    }
    double x = number_of(a), y = number_of(b);
    return !(x < y) && !(x > y);
}

static bool objects_equal(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    if (json_object_size(a) != json_object_size(b)) {
        return false;
    }
    json_object_foreach((json_t *)a, key, value)
    {
        const json_t *other = json_object_get(b, key);
        if (other == NULL || !param_equal(value, other)) {
            return false;
        }
    }
    return true;
}

bool param_equal(const json_t *a, const json_t *b)
{
    if (is_number(a) && is_number(b)) {
        return numbers_equal(a, b);
    }
    if (json_typeof(a) != json_typeof(b)) {
        return false;
    }
    if (json_is_object(a)) {
        return objects_equal(a, b);
    }
    if (!json_is_array(a)) {
        return json_equal(a, b) != 0;
    }
    bool equal = json_array_size(a) == json_array_size(b);
    for (size_t i = 0; i < json_array_size(a) && equal; i++) {
        equal = param_equal(json_array_get(a, i), json_array_get(b, i));
    }
    return equal;
}
