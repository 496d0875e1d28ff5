/* Writing JSON: the same values give the same bytes.
 *
 * `comma` says whether the level being written already has an element; with an
 * indent the layout is that of Python's json.dumps(indent=N). */
#include "codec/json.h"

#include <math.h>

#include "base/num.h"

cm_json_writer cm_json_writer_of(cm_buf *buf, int indent)
{
    return (cm_json_writer){.buf = buf, .indent = indent};
}

static void new_line(cm_json_writer *w)
{
    if (w->indent == 0) {
        return;
    }
    cm_buf_addc(w->buf, '\n');
    for (int i = 0; i < w->depth * w->indent; i++) {
        cm_buf_addc(w->buf, ' ');
    }
}

/* All that stands before a value. */
static void begin_value(cm_json_writer *w, const char *key)
{
    if (w->comma) {
        cm_buf_addc(w->buf, ',');
    }
    if (w->depth > 0) {
        new_line(w);
    }
    if (key != NULL) {
        cm_json_quote(w->buf, cm_str_of(key));
        cm_buf_adds(w->buf, w->indent == 0 ? ":" : ": ");
    }
    w->comma = true;
}

static void begin_level(cm_json_writer *w, const char *key, char bracket)
{
    begin_value(w, key);
    cm_buf_addc(w->buf, bracket);
    w->depth++;
    w->comma = false;
}

static void end_level(cm_json_writer *w, char bracket)
{
    CM_ASSERT(w->depth > 0);
    w->depth--;
    if (w->comma) {
        new_line(w);
    }
    cm_buf_addc(w->buf, bracket);
    w->comma = true;
}

void cm_json_begin_object(cm_json_writer *w, const char *key)
{
    begin_level(w, key, '{');
}

void cm_json_end_object(cm_json_writer *w)
{
    end_level(w, '}');
}

void cm_json_begin_array(cm_json_writer *w, const char *key)
{
    begin_level(w, key, '[');
}

void cm_json_end_array(cm_json_writer *w)
{
    end_level(w, ']');
}

void cm_json_put_raw(cm_json_writer *w, const char *key, cm_str json)
{
    begin_value(w, key);
    cm_buf_add(w->buf, json.p, json.n);
}

void cm_json_put_str(cm_json_writer *w, const char *key, cm_str value)
{
    begin_value(w, key);
    cm_json_quote(w->buf, value);
}

void cm_json_put_text(cm_json_writer *w, const char *key, const char *value)
{
    cm_json_put_str(w, key, cm_str_of(value));
}

void cm_json_put_null(cm_json_writer *w, const char *key)
{
    cm_json_put_raw(w, key, CM_STR("null"));
}

void cm_json_put_bool(cm_json_writer *w, const char *key, bool value)
{
    cm_json_put_raw(w, key, value ? CM_STR("true") : CM_STR("false"));
}

void cm_json_put_double(cm_json_writer *w, const char *key, double value)
{
    char text[CM_NUM_TEXT] = "null";
    size_t n = isfinite(value) ? cm_format_double(text, value) : 4;
    cm_json_put_raw(w, key, (cm_str){text, n});
}

void cm_json_put_float(cm_json_writer *w, const char *key, float value)
{
    char text[CM_NUM_TEXT] = "null";
    size_t n = isfinite(value) ? cm_format_float(text, value) : 4;
    cm_json_put_raw(w, key, (cm_str){text, n});
}

void cm_json_put_i64(cm_json_writer *w, const char *key, int64_t value)
{
    char text[CM_NUM_TEXT];
    cm_json_put_raw(w, key, (cm_str){text, cm_format_i64(text, value)});
}

void cm_json_put_u64(cm_json_writer *w, const char *key, uint64_t value)
{
    char text[CM_NUM_TEXT];
    cm_json_put_raw(w, key, (cm_str){text, cm_format_u64(text, value)});
}

static void put_object(cm_json_writer *w, const char *key, const json_t *value)
{
    cm_json_begin_object(w, key);
    /* jansson's iterators want a mutable object but change nothing. */
    json_t *object = (json_t *)(uintptr_t)value;
    for (void *i = json_object_iter(object); i != NULL;
         i = json_object_iter_next(object, i)) {
        cm_json_put_value(w, json_object_iter_key(i),
                          json_object_iter_value(i));
    }
    cm_json_end_object(w);
}

static void put_array(cm_json_writer *w, const char *key, const json_t *value)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < json_array_size(value); i++) {
        cm_json_put_value(w, NULL, json_array_get(value, i));
    }
    cm_json_end_array(w);
}

void cm_json_put_value(cm_json_writer *w, const char *key, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(w, key, value);
        break;
    case JSON_ARRAY:
        put_array(w, key, value);
        break;
    case JSON_STRING:
        cm_json_put_str(
            w, key,
            (cm_str){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        cm_json_put_i64(w, key, json_integer_value(value));
        break;
    case JSON_REAL:
        cm_json_put_double(w, key, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        cm_json_put_bool(w, key, json_is_true(value));
        break;
    case JSON_NULL:
        cm_json_put_null(w, key);
        break;
    }
}

static void add_escape(cm_buf *buf, char c)
{
    static const char letters[] = "\"\\\b\f\n\r\t";
    static const char escapes[] = "\"\\bfnrt";
    for (size_t i = 0; i < sizeof letters - 1; i++) {
        if (c == letters[i]) {
            cm_buf_addc(buf, '\\');
            cm_buf_addc(buf, escapes[i]);
            return;
        }
    }
    cm_buf_addf(buf, "\\u%04x", (unsigned)(unsigned char)c);
}

/* Adds valid UTF-8, in runs that need no escape. */
static void add_escaped(cm_buf *buf, cm_str text)
{
    size_t run = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        cm_buf_add(buf, text.p + run, i - run);
        add_escape(buf, (char)c);
        run = i + 1;
    }
    if (run < text.n) {
        cm_buf_add(buf, text.p + run, text.n - run);
    }
}

/* A byte that is not UTF-8 becomes U+FFFD: the output is always valid. */
void cm_json_quote(cm_buf *buf, cm_str text)
{
    cm_buf_addc(buf, '"');
    while (text.n > 0) {
        size_t valid = cm_utf8_valid(text);
        add_escaped(buf, (cm_str){text.p, valid});
        if (valid < text.n) {
            cm_buf_adds(buf, "\xef\xbf\xbd");
            valid++;
        }
        text = (cm_str){text.p + valid, text.n - valid};
    }
    cm_buf_addc(buf, '"');
}
