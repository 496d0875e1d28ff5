/* Reading JSON: jansson parses, limits and messages are ours. */
#include "codec/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/file.h"

enum { MAX_DEPTH = 256 };

/* Follows brackets outside strings.  jansson recurses on them, so a text that
 * nests too deep must not reach it; and it takes a zero byte behind a number
 * for nothing. */
static cm_status check_bytes(cm_str text, const char *file, cm_error *err)
{
    cm_where where = {file, 1, 0};
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        where.column++;
        if (c == '\n') {
            where.line++;
            where.column = 0;
        } else if (in_string && c == '\\') {
            i++;
            where.column++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '[' || c == '{')) {
            depth++;
        } else if (!in_string && (c == ']' || c == '}')) {
            depth--;
        }
        if (c == '\0') {
            return cm_fail_at(err, CM_ERR_PARSE, where,
                              "not valid JSON: a zero byte; correct the file "
                              "at this place");
        }
        if (depth > MAX_DEPTH) {
            return cm_fail_at(err, CM_ERR_PARSE, where,
                              "found JSON nested more than %d deep; flatten "
                              "the document",
                              MAX_DEPTH);
        }
    }
    return CM_OK;
}

static cm_status parse_failed(const json_error_t *found, const char *file,
                              cm_error *err)
{
    /* Most failed allocations leave jansson without a word. */
    if (json_error_code(found) == json_error_out_of_memory ||
        found->text[0] == '\0') {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory reading JSON",
                       file);
    }
    cm_where where = {file, 0, 0};
    if (found->line > 0 && found->column >= 0) {
        where.line = (uint64_t)found->line;
        where.column = found->column > 0 ? (uint64_t)found->column : 1;
    }
    bool nul = json_error_code(found) == json_error_null_character ||
               json_error_code(found) == json_error_null_byte_in_key;
    return cm_fail_at(err, CM_ERR_PARSE, where,
                      "not valid JSON: %s; correct the file at this place",
                      nul ? "\\u0000 in a string" : found->text);
}

cm_status cm_json_parse(json_t **out, cm_str text, const char *file,
                        cm_error *err)
{
    *out = NULL;
    cm_status status = check_bytes(text, file, err);
    if (status != CM_OK) {
        return status;
    }
    if (text.n == 0) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: is empty, a JSON document was expected", file);
    }
    json_error_t found;
    *out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                      &found);
    return *out == NULL ? parse_failed(&found, file, err) : CM_OK;
}

cm_status cm_json_load(json_t **out, const char *path, size_t max_bytes,
                       cm_error *err)
{
    *out = NULL;
    cm_buf buf = {0};
    cm_status status = cm_read_file(&buf, path, max_bytes, err);
    if (status == CM_OK) {
        status = cm_json_parse(out, (cm_str){buf.p, buf.n}, path, err);
    }
    cm_buf_release(&buf);
    return status;
}

static const char *kind_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",    [JSON_INTEGER] = "an integer",
        [JSON_REAL] = "a real number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",        [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

static cm_status not_expected(const json_t *found, const char *key,
                              const char *expected, const char *file,
                              cm_error *err)
{
    return cm_fail(err, CM_ERR_DATA, "%s: %s: found %s, expected %s", file, key,
                   found == NULL ? "nothing" : kind_name(found), expected);
}

/* The value of key; a failure when parent is no object or has no such key. */
static cm_status find(const json_t **out, const json_t *parent, const char *key,
                      const char *expected, const char *file, cm_error *err)
{
    if (parent != NULL && !json_is_object(parent)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: found %s, expected an object with the key %s", file,
                       kind_name(parent), key);
    }
    *out = json_object_get(parent, key);
    return *out == NULL ? not_expected(NULL, key, expected, file, err) : CM_OK;
}

cm_status cm_json_object(const json_t **out, const json_t *parent,
                         const char *key, const char *file, cm_error *err)
{
    const json_t *value = NULL;
    cm_status status = find(&value, parent, key, "an object", file, err);
    if (status == CM_OK && !json_is_object(value)) {
        status = not_expected(value, key, "an object", file, err);
    }
    if (status == CM_OK) {
        *out = value;
    }
    return status;
}

cm_status cm_json_array(const json_t **out, const json_t *parent,
                        const char *key, const char *file, cm_error *err)
{
    const json_t *value = NULL;
    cm_status status = find(&value, parent, key, "an array", file, err);
    if (status == CM_OK && !json_is_array(value)) {
        status = not_expected(value, key, "an array", file, err);
    }
    if (status == CM_OK) {
        *out = value;
    }
    return status;
}

cm_status cm_json_string(const char **out, const json_t *parent,
                         const char *key, const char *file, cm_error *err)
{
    const json_t *value = NULL;
    cm_status status = find(&value, parent, key, "a string", file, err);
    if (status == CM_OK && !json_is_string(value)) {
        status = not_expected(value, key, "a string", file, err);
    }
    if (status == CM_OK) {
        *out = json_string_value(value);
    }
    return status;
}

cm_status cm_json_number(double *out, const json_t *parent, const char *key,
                         const char *file, cm_error *err)
{
    const json_t *value = NULL;
    cm_status status = find(&value, parent, key, "a number", file, err);
    if (status == CM_OK && !json_is_number(value)) {
        status = not_expected(value, key, "a number", file, err);
    }
    if (status == CM_OK) {
        *out = json_number_value(value);
    }
    return status;
}

/* In [-2^63, 2^63) and without a fraction. */
static bool is_integral(double value)
{
    return value >= -0x1p63 && value < 0x1p63 && trunc(value) == value;
}

cm_status cm_json_integer(int64_t *out, const json_t *parent, const char *key,
                          const char *file, cm_error *err)
{
    const json_t *value = NULL;
    cm_status status = find(&value, parent, key, "an integer", file, err);
    if (status != CM_OK) {
        return status;
    }
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return CM_OK;
    }
    if (json_is_real(value) && is_integral(json_real_value(value))) {
        *out = (int64_t)json_real_value(value);
        return CM_OK;
    }
    return not_expected(value, key, "an integer", file, err);
}
