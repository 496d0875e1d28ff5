/* json.dumps and str. */
#include "dvc/python_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dvc/utf8.h"
#include "dvc/yaml_text.h"

static void put_unit(cm_buf *out, uint32_t c)
{
    cm_buf_addf(out, "\\u%04x", c);
}

static void put_point(cm_buf *out, uint32_t c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *special = c < 0x80 ? strchr(plain, (int)c) : NULL;
    if (special != NULL) {
        cm_buf_addc(out, '\\');
        cm_buf_addc(out, letters[special - plain]);
    } else if (c >= 0x10000) {
        put_unit(out, 0xD800 + ((c - 0x10000) >> 10));
        put_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else if (c < 0x20 || c > 0x7E) {
        put_unit(out, c);
    } else {
        cm_buf_addc(out, (char)c);
    }
}

/* How many bytes stand for themselves. */
static size_t plain_length(const char *text)
{
    size_t n = 0;
    while (text[n] >= ' ' && text[n] <= '~' && text[n] != '"' &&
           text[n] != '\\') {
        n++;
    }
    return n;
}

void python_quote(cm_buf *out, const char *text)
{
    const char *end = text + strlen(text);
    cm_buf_addc(out, '"');
    while (text < end) {
        size_t n = plain_length(text);
        cm_buf_add(out, text, n);
        text += n;
        if (text < end) {
            put_point(out, utf8_next(&text, end));
        }
    }
    cm_buf_addc(out, '"');
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_object(cm_buf *out, const json_t *object, bool sorted)
{
    size_t n = 0;
    const char *key;
    json_t *value;
    const char **keys = cm_alloc(json_object_size(object), sizeof *keys, NULL);
    if (keys == NULL) {
        out->failed = true;
        return;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        keys[n++] = key;
    }
    if (sorted) {
        qsort(keys, n, sizeof *keys, compare_texts);
    }
    cm_buf_addc(out, '{');
    for (size_t i = 0; i < n; i++) {
        cm_buf_adds(out, i > 0 ? ", " : "");
        python_quote(out, keys[i]);
        cm_buf_adds(out, ": ");
        cm_python_json(out, json_object_get(object, keys[i]), sorted);
    }
    cm_buf_addc(out, '}');
    free(keys);
}

void cm_python_json(cm_buf *out, const json_t *value, bool sorted)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value, sorted);
        return;
    case JSON_ARRAY:
        cm_buf_addc(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            cm_buf_adds(out, i > 0 ? ", " : "");
            cm_python_json(out, json_array_get(value, i), sorted);
        }
        cm_buf_addc(out, ']');
        return;
    case JSON_STRING:
        python_quote(out, json_string_value(value));
        return;
    case JSON_INTEGER:
        cm_buf_addf(out, "%lld", (long long)json_integer_value(value));
        return;
    case JSON_REAL:
        cm_yaml_put_number(out, json_real_value(value));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        cm_buf_adds(out, json_is_true(value) ? "true" : "false");
        return;
    case JSON_NULL:
        cm_buf_adds(out, "null");
        return;
    }
}

/* Python's repr of a text: single quotes unless it has them alone. */
static void put_repr(cm_buf *out, const json_t *text)
{
    const char *p = json_string_value(text);
    size_t n = json_string_length(text);
    bool single = memchr(p, '\'', n) != NULL;
    char quote = single && memchr(p, '"', n) == NULL ? '"' : '\'';
    cm_buf_addc(out, quote);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        const char *at = c != 0 ? strchr("\n\r\t\\", c) : NULL;
        if (at != NULL || p[i] == quote) {
            cm_buf_addc(out, '\\');
            cm_buf_addc(out, c == '\n'   ? 'n'
                             : c == '\r' ? 'r'
                             : c == '\t' ? 't'
                                         : (char)c);
        } else if (c < 0x20 || c == 0x7F) {
            cm_buf_addf(out, "\\x%02x", c);
        } else {
            cm_buf_addc(out, (char)c);
        }
    }
    cm_buf_addc(out, quote);
}

static void put_inner(cm_buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        put_repr(out, value);
    } else {
        cm_python_str(out, value);
    }
}

void cm_python_str(cm_buf *out, const json_t *value)
{
    const char *key;
    json_t *inner;
    bool first = true;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        cm_buf_addc(out, '{');
        json_object_foreach((json_t *)value, key, inner)
        {
            json_t *name = json_string(key);
            cm_buf_adds(out, first ? "" : ", ");
            first = false;
            if (name == NULL) {
                out->failed = true;
                return;
            }
            put_repr(out, name);
            json_decref(name);
            cm_buf_adds(out, ": ");
            put_inner(out, inner);
        }
        cm_buf_addc(out, '}');
        return;
    case JSON_ARRAY:
        cm_buf_addc(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            cm_buf_adds(out, i > 0 ? ", " : "");
            put_inner(out, json_array_get(value, i));
        }
        cm_buf_addc(out, ']');
        return;
    case JSON_STRING:
        cm_buf_add(out, json_string_value(value), json_string_length(value));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        cm_buf_adds(out, json_is_true(value) ? "True" : "False");
        return;
    case JSON_NULL:
        cm_buf_adds(out, "None");
        return;
    default:
        cm_python_json(out, value, false);
    }
}
