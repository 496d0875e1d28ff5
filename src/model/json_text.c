/* A scanner over JSON text that keeps positions, which parsers drop. */
#include "model/json_text.h"

#include <stdbool.h>
#include <string.h>

enum { MIN_DIGITS = 19 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Past the string that starts at i. */
static size_t skip_string(const char *text, size_t n, size_t i)
{
    for (i++; i < n && text[i] != '"'; i++) {
        i += text[i] == '\\';
    }
    return i < n ? i + 1 : n;
}

static bool is_number_part(char c)
{
    return is_digit(c) || (c != '\0' && strchr("+-.eE", c) != NULL);
}

/* In place: 18446744073709551615 becomes 184467440737095516e2. */
static void shorten_integers(char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        if (text[i] == '"') {
            i = skip_string(text, n, i);
        } else if (is_digit(text[i]) || text[i] == '-') {
            size_t start = i;
            bool integer = true;
            for (i++; i < n && is_number_part(text[i]); i++) {
                integer = integer && is_digit(text[i]);
            }
            if (integer && i - start >= MIN_DIGITS) {
                memcpy(text + i - 2, "e2", 2);
            }
        } else {
            i++;
        }
    }
}

cm_status json_text_parse(json_t **out, cm_str text, const char *file,
                          cm_error *err)
{
    cm_buf copy = {0};
    *out = NULL;
    cm_buf_add(&copy, text.p, text.n);
    cm_status status = cm_buf_check(&copy, err);
    if (status == CM_OK) {
        shorten_integers(copy.p, copy.n);
        status = cm_json_parse(out, (cm_str){copy.p, copy.n}, file, err);
    }
    cm_buf_release(&copy);
    return status;
}

static size_t skip_space(cm_str text, size_t i)
{
    while (i < text.n && text.p[i] != '\0' && strchr(" \t\r\n", text.p[i])) {
        i++;
    }
    return i;
}

/* Past the value that starts at i. */
static size_t skip_value(cm_str text, size_t i)
{
    size_t depth = 0;
    do {
        char c = i < text.n ? text.p[i] : '\0';
        if (c == '"') {
            i = skip_string(text.p, text.n, i);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return i;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        i++;
    } while (i < text.n &&
             (depth > 0 ||
              (text.p[i] != ',' && text.p[i] != '}' && text.p[i] != ']')));
    return i < text.n ? i : text.n;
}

/* The value of one key of the object at the start of text. */
static cm_str find_member(cm_str text, const char *key)
{
    size_t i = skip_space(text, 0);
    if (i >= text.n || text.p[i] != '{') {
        return (cm_str){0};
    }
    for (i = skip_space(text, i + 1); i < text.n && text.p[i] == '"';) {
        size_t start = i;
        i = skip_string(text.p, text.n, i);
        cm_str name = {text.p + start + 1, i - start - 2};
        i = skip_space(text, skip_space(text, i) + 1); /* the colon */
        size_t value = i;
        i = skip_value(text, i);
        if (cm_str_is(name, key)) {
            return (cm_str){text.p + value, i - value};
        }
        i = skip_space(text, i + 1); /* the comma */
    }
    return (cm_str){0};
}

cm_str json_text_find(cm_str text, const char *const *keys, size_t n_keys)
{
    for (size_t k = 0; k < n_keys; k++) {
        text = find_member(text, keys[k]);
    }
    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1])) {
        text.n--;
    }
    return text;
}
