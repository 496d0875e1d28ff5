#include "model/json_text.h"

#include <stdbool.h>
#include <string.h>

#include "model/json_scan.h"

enum { MIN_DIGITS = 19 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
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
            i = json_skip_string((cm_str){text, n}, i);
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
    return json_text_parse_without(out, text, NULL, 0, file, err);
}

/* Lines keep their numbers. */
static void add_null(cm_buf *copy, cm_str cut)
{
    cm_buf_adds(copy, "null");
    for (size_t i = 0; i < cut.n; i++) {
        if (cut.p[i] == '\n') {
            cm_buf_addc(copy, '\n');
        }
    }
}

/* The cut that starts first of those at or after a place; NULL: none. */
static const cm_str *next_cut(const char *at, const cm_str *cuts, size_t n)
{
    const cm_str *next = NULL;
    for (size_t i = 0; i < n; i++) {
        if (cuts[i].n > 0 && cuts[i].p >= at &&
            (next == NULL || cuts[i].p < next->p)) {
            next = &cuts[i];
        }
    }
    return next;
}

cm_status json_text_parse_without(json_t **out, cm_str text, const cm_str *cuts,
                                  size_t n_cuts, const char *file,
                                  cm_error *err)
{
    cm_buf copy = {0};
    const char *at = text.p, *end = text.p + text.n;
    const cm_str *cut = next_cut(at, cuts, n_cuts);
    *out = NULL;
    for (; cut != NULL; cut = next_cut(at, cuts, n_cuts)) {
        cm_buf_add(&copy, at, (size_t)(cut->p - at));
        add_null(&copy, *cut);
        at = cut->p + cut->n;
    }
    cm_buf_add(&copy, at, (size_t)(end - at));
    cm_status status = cm_buf_check(&copy, err);
    if (status == CM_OK) {
        shorten_integers(copy.p, copy.n);
        status = cm_json_parse(out, (cm_str){copy.p, copy.n}, file, err);
    }
    cm_buf_release(&copy);
    return status;
}

size_t json_text_bytes(cm_str text)
{
    /* Of jansson on 64 bits, with the allocator's own: a number and its place
     * in a growing array; a pair; an empty object and array. */
    enum { VALUE = 88, PAIR = 104, OBJECT = 320, ARRAY = 152 };
    size_t bytes = VALUE + 3 * text.n; /* copies, and texts in it */
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bytes += c == ',' ? VALUE : c == ':' ? PAIR : 0;
        bytes += c == '{' ? OBJECT : c == '[' ? ARRAY : 0;
    }
    return bytes;
}

/* The value of one key of an object. */
static cm_str find_member(cm_str text, const char *key)
{
    json_scan scan = json_scan_of(text);
    while (json_scan_member(&scan)) {
        if (cm_str_is(scan.key, key)) {
            return scan.value;
        }
    }
    return (cm_str){0};
}

cm_str json_text_find(cm_str text, const char *const *keys, size_t n_keys)
{
    for (size_t k = 0; k < n_keys; k++) {
        text = find_member(text, keys[k]);
    }
    return text;
}
