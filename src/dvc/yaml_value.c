/* The scalars of YAML 1.2, as ruamel.yaml's safe loader reads them, as JSON. */
#include <string.h>

#include "base/num.h"
#include "dvc/yaml_scalar.h"
#include "dvc/yaml_text.h"

static json_t *text_of(cm_str text)
{
    return json_stringn(text.p, text.n);
}

/* The digits of text without '_' and '+'; false when there are too many. */
static bool clean(char *out, size_t room, cm_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '_' || (i == 0 && text.p[i] == '+')) {
            continue;
        }
        if (n + 1 == room) {
            return false;
        }
        out[n++] = text.p[i];
    }
    out[n] = '\0';
    return true;
}

/* Digits of a base that is not ten; false when they are more than 63 bits. */
static bool parse_digits(const char *digits, unsigned base, int64_t *out)
{
    uint64_t value = 0;
    for (; *digits != '\0'; digits++) {
        unsigned c = (unsigned char)*digits;
        unsigned digit = c <= '9' ? c - '0' : (c | 0x20u) - 'a' + 10;
        if (digit >= base || value > ((uint64_t)INT64_MAX - digit) / base) {
            return false;
        }
        value = value * base + digit;
    }
    *out = (int64_t)value;
    return true;
}

static json_t *int_of(cm_str text)
{
    char clear[80];
    int64_t value = 0;
    if (!clean(clear, sizeof clear, text)) {
        return text_of(text);
    }
    bool minus = clear[0] == '-';
    const char *digits = clear + minus;
    unsigned base = digits[0] != '0'   ? 10
                    : digits[1] == 'b' ? 2
                    : digits[1] == 'o' ? 8
                    : digits[1] == 'x' ? 16
                                       : 10;
    bool ok = base != 10          ? parse_digits(digits + 2, base, &value)
              : digits[0] == '\0' ? false
                                  : parse_digits(digits, 10, &value);
    return ok ? json_integer(minus ? -value : value) : text_of(text);
}

static json_t *float_of(cm_str text)
{
    char clear[400];
    double value = 0;
    if (clean(clear, sizeof clear, text) &&
        cm_parse_double(cm_str_of(clear), &value)) {
        json_t *real = json_real(value);
        if (real != NULL) {
            return real;
        }
    }
    return text_of(text);
}

static json_t *scalar_of(const cm_yaml *node)
{
    yaml_tag tag = node->quoted ? YAML_TAG_TEXT : cm_yaml_plain_tag(node->text);
    switch (tag) {
    case YAML_TAG_NULL:
        return json_null();
    case YAML_TAG_BOOL:
        return json_boolean((node->text.p[0] | 0x20) == 't');
    case YAML_TAG_INT:
        return int_of(node->text);
    case YAML_TAG_FLOAT:
        return float_of(node->text);
    case YAML_TAG_TEXT:
    case YAML_TAG_OTHER:
        break;
    }
    return text_of(node->text);
}

static json_t *value_of(const cm_yaml *node)
{
    if (node->kind == CM_YAML_SCALAR) {
        return scalar_of(node);
    }
    bool map = node->kind == CM_YAML_MAP;
    json_t *out = map ? json_object() : json_array();
    for (size_t i = 0; i < node->n && out != NULL; i++) {
        json_t *child = value_of(&node->children[i]);
        cm_str key = map ? node->keys[i].text : (cm_str){0};
        int failed = map ? json_object_setn_new(out, key.p, key.n, child)
                         : json_array_append_new(out, child);
        if (failed != 0) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

cm_status cm_yaml_to_json(json_t **out, const cm_yaml *node, cm_error *err)
{
    *out = value_of(node);
    if (*out == NULL) {
        return cm_fail(err, CM_ERR_NOMEM,
                       "out of memory, or a NUL in a key, reading YAML");
    }
    return CM_OK;
}
