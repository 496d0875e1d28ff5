/* Differences of values, as DVC computes them: maps flattened to dotted keys,
 * lists compared as texts, numbers subtracted. */
#include "versioning/values_diff.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "dvc/yaml_text.h"
#include "versioning/param_file.h"

/* ---- flat ---------------------------------------------------------------- */

static bool add_flat(json_t *out, const char *above, const json_t *map)
{
    const char *key;
    json_t *value;
    bool ok = true;
    json_object_foreach((json_t *)map, key, value)
    {
        cm_buf name = {0};
        cm_buf_addf(&name, "%s%s%s", above, above[0] != '\0' ? "." : "", key);
        cm_buf_adds(&name, "");
        if (name.failed) {
            ok = false;
        } else if (json_is_object(value)) {
            ok = ok && add_flat(out, name.p != NULL ? name.p : "", value);
        } else {
            ok = ok &&
                 json_object_set(out, name.p != NULL ? name.p : "", value) == 0;
        }
        cm_buf_release(&name);
    }
    return ok;
}

json_t *cm_values_flat(const json_t *value)
{
    json_t *out = json_object();
    bool ok = json_is_object(value)
                  ? add_flat(out, "", value)
                  : json_object_set(out, "", (json_t *)value) == 0;
    if (!ok) {
        json_decref(out);
        return NULL;
    }
    return out;
}

void cm_values_put(cm_buf *out, const json_t *value, int digits)
{
    enum { ROOM = 400 };
    char text[ROOM];
    double rounded = 0;
    if (!json_is_real(value) || digits == 0) {
        cm_python_str(out, value);
        return;
    }
    int n = snprintf(text, sizeof text, "%.*f", digits, json_real_value(value));
    if (n > 0 && n < ROOM &&
        cm_parse_double((cm_str){text, (size_t)n}, &rounded)) {
        cm_yaml_put_number(out, rounded);
    } else {
        cm_python_str(out, value);
    }
}

/* A list is compared and shown as Python writes it. */
static json_t *comparable(const json_t *value)
{
    if (value == NULL) {
        return json_null();
    }
    if (!json_is_array(value)) {
        return json_incref((json_t *)value);
    }
    cm_buf text = {0};
    cm_python_str(&text, value);
    json_t *out = text.failed ? NULL : json_stringn(text.p, text.n);
    cm_buf_release(&text);
    return out;
}

/* ---- one value ----------------------------------------------------------- */

static bool is_number(const json_t *v)
{
    return json_is_number(v) || json_is_boolean(v);
}

static json_int_t integer_of(const json_t *v)
{
    return json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
}

static double real_of(const json_t *v)
{
    return json_is_real(v) ? json_real_value(v) : (double)integer_of(v);
}

static json_t *subtract(const json_t *new, const json_t *old)
{
    json_int_t difference = 0;
    if (json_is_real(new) || json_is_real(old) ||
        __builtin_sub_overflow(integer_of(new), integer_of(old), &difference)) {
        return json_real(real_of(new) - real_of(old));
    }
    return json_integer(difference);
}

/* Adds {"old", "new", "diff"} to out unless both are equal.  Takes old and
 * new. */
static bool add_change(json_t *out, const char *key, json_t *old, json_t *new,
                       bool all)
{
    bool ok = old != NULL && new != NULL;
    if (ok && (all || !param_equal(old, new))) {
        json_t *change = json_object();
        ok = json_object_set(change, "old", old) == 0 &&
             json_object_set(change, "new", new) == 0;
        if (ok && is_number(old) && is_number(new)) {
            ok = json_object_set_new(change, "diff", subtract(new, old)) == 0;
        }
        ok = json_object_set_new(out, key, change) == 0 && ok;
    }
    json_decref(old);
    json_decref(new);
    return ok;
}

/* ---- one file ------------------------------------------------------------ */

static bool is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* What a flattened side has at a key; a side that is a single value where the
 * other is a map cannot be compared. */
static json_t *side_at(const json_t *flat, const json_t *value, const char *key)
{
    if (!is_empty(value) && !json_is_object(value)) {
        return json_string("unable to parse");
    }
    return comparable(json_object_get(flat, key));
}

static bool diff_maps(json_t *out, const json_t *old, const json_t *new,
                      bool all)
{
    json_t *a = json_is_object(old) ? cm_values_flat(old) : json_object();
    json_t *b = json_is_object(new) ? cm_values_flat(new) : json_object();
    const char *key;
    json_t *value;
    bool ok = a != NULL && b != NULL;
    json_object_foreach(a, key, value)
    {
        ok = ok && add_change(out, key, side_at(a, old, key),
                              side_at(b, new, key), all);
    }
    json_object_foreach(b, key, value)
    {
        if (json_object_get(a, key) == NULL) {
            ok = ok && add_change(out, key, side_at(a, old, key),
                                  side_at(b, new, key), all);
        }
    }
    json_decref(a);
    json_decref(b);
    return ok;
}

/* A single text is what it says when it is JSON. */
static json_t *parsed(const json_t *value)
{
    json_t *inner = NULL;
    if (json_is_string(value)) {
        inner = json_loadb(json_string_value(value), json_string_length(value),
                           JSON_DECODE_ANY, NULL);
    }
    return inner != NULL ? inner : json_incref((json_t *)value);
}

static bool diff_file(json_t *out, const char *file, json_t *old, json_t *new,
                      bool all)
{
    json_t *changes = json_object();
    json_t *a = old != NULL ? parsed(old) : json_object();
    json_t *b = new != NULL ? parsed(new) : json_object();
    bool ok = changes != NULL && a != NULL && b != NULL;
    if (ok && (json_is_object(a) || json_is_object(b))) {
        ok = diff_maps(changes, a, b, all);
    } else if (ok) {
        ok = add_change(changes, "", comparable(a), comparable(b), all);
    }
    if (ok && json_object_size(changes) > 0) {
        ok = json_object_set(out, file, changes) == 0;
    }
    json_decref(a);
    json_decref(b);
    json_decref(changes);
    return ok;
}

cm_status values_diff(json_t **out, const json_t *old, const json_t *new,
                      bool all, cm_error *err)
{
    const char *file;
    json_t *value;
    bool ok = true;
    *out = json_object();
    json_object_foreach((json_t *)old, file, value)
    {
        ok =
            ok &&
            diff_file(*out, file, json_object_get(value, "data"),
                      json_object_get(json_object_get(new, file), "data"), all);
    }
    json_object_foreach((json_t *)new, file, value)
    {
        if (json_object_get(old, file) == NULL) {
            ok = ok && diff_file(*out, file, NULL,
                                 json_object_get(value, "data"), all);
        }
    }
    return ok && *out != NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory comparing values");
}
