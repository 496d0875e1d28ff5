/* Tables, keys and values of TOML.
 *
 * Who may add to a table depends on how it came to be, so each table and array
 * is remembered with its kind.  A section is what follows one header. */
#include "codec/toml.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/toml_scan.h"

enum { MAX_BYTES = 1 << 20, MAX_PARTS = 32, MAX_DEPTH = 32 };

typedef enum table_kind {
    KIND_NONE,    /* above one that has a header: may get its own */
    KIND_HEADER,  /* [a], or an array of [[a]] */
    KIND_DOTTED,  /* made by a key a.b; only its section adds keys to it */
    KIND_FINISHED /* {} or []: nobody adds to it */
} table_kind;

typedef struct known {
    const json_t *value; /* NULL: the place is free */
    table_kind kind;
    size_t section;
} known;

/* A key in parts. */
typedef struct toml_key {
    cm_buf text;          /* the parts, each with a NUL behind it */
    size_t at[MAX_PARTS]; /* where they begin */
    size_t size[MAX_PARTS];
    size_t n;
} toml_key;

typedef struct parser {
    toml_scan scan;
    known *known; /* (capacity) by the address of the value */
    size_t n_known, capacity;
    size_t section;
} parser;

/* ---- kinds --------------------------------------------------------------- */

static known *place_of(known *places, size_t capacity, const json_t *value)
{
    size_t i = (size_t)cm_mix64((uintptr_t)value) & (capacity - 1);
    while (places[i].value != NULL && places[i].value != value) {
        i = (i + 1) & (capacity - 1);
    }
    return &places[i];
}

static cm_status make_room(parser *p)
{
    size_t capacity = p->capacity > 0 ? p->capacity * 2 : 64;
    if (p->n_known * 2 < p->capacity) {
        return CM_OK;
    }
    known *places = cm_alloc_zero(capacity, sizeof *places, p->scan.err);
    if (places == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < p->capacity; i++) {
        if (p->known[i].value != NULL) {
            *place_of(places, capacity, p->known[i].value) = p->known[i];
        }
    }
    free(p->known);
    p->known = places;
    p->capacity = capacity;
    return CM_OK;
}

static cm_status set_kind(parser *p, const json_t *value, table_kind kind)
{
    cm_status status = make_room(p);
    if (status == CM_OK) {
        known *place = place_of(p->known, p->capacity, value);
        p->n_known += place->value == NULL;
        *place = (known){value, kind, p->section};
    }
    return status;
}

static known kind_of(const parser *p, const json_t *value)
{
    return p->capacity > 0 ? *place_of(p->known, p->capacity, value)
                           : (known){0};
}

/* Whether it has its place in the file already: keys of other sections, and
 * headers, do not add to it. */
static bool is_placed(const parser *p, const json_t *value)
{
    known k = kind_of(p, value);
    return k.kind == KIND_HEADER || k.kind == KIND_FINISHED ||
           (k.kind == KIND_DOTTED && k.section != p->section);
}

static bool is_finished(const parser *p, const json_t *value)
{
    return kind_of(p, value).kind == KIND_FINISHED;
}

/* ---- keys ---------------------------------------------------------------- */

static bool is_bare(const char *p, const char *end)
{
    return p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                       (*p >= '0' && *p <= '9') || *p == '-' || *p == '_');
}

static cm_status read_part(toml_scan *s, toml_key *key)
{
    cm_status status = CM_OK;
    if (key->n == MAX_PARTS) {
        return toml_wrong(s, s->p, "this key has more than 32 parts");
    }
    key->at[key->n] = key->text.n;
    if (s->p < s->end && (*s->p == '"' || *s->p == '\'')) {
        status = toml_string(s, false, &key->text);
    } else {
        const char *first = s->p;
        while (is_bare(s->p, s->end)) {
            s->p++;
        }
        cm_buf_add(&key->text, first, (size_t)(s->p - first));
        status = s->p > first ? CM_OK : toml_expected(s, s->p, "a key");
    }
    key->size[key->n] = key->text.n - key->at[key->n];
    cm_buf_addc(&key->text, '\0');
    key->n++;
    return status == CM_OK && key->text.failed ? toml_no_memory(s) : status;
}

/* a.b."c d", and the blanks behind it. */
static cm_status read_key(toml_scan *s, toml_key *key)
{
    cm_buf_clear(&key->text);
    key->n = 0;
    cm_status status = read_part(s, key);
    toml_skip_blanks(s);
    while (status == CM_OK && s->p < s->end && *s->p == '.') {
        s->p++;
        toml_skip_blanks(s);
        status = read_part(s, key);
        toml_skip_blanks(s);
    }
    return status;
}

static json_t *get(const json_t *table, const toml_key *key, size_t i)
{
    return json_object_getn(table, key->text.p + key->at[i], key->size[i]);
}

/* Takes the value; what it is now, borrowed, NULL without memory. */
static json_t *put(json_t *table, const toml_key *key, size_t i, json_t *value)
{
    return value != NULL &&
                   json_object_setn_new(table, key->text.p + key->at[i],
                                        key->size[i], value) == 0
               ? value
               : NULL;
}

/* ---- values -------------------------------------------------------------- */

static cm_status read_value(parser *p, int depth, json_t **out);

/* a.b = value, in the table. */
static cm_status read_pair(parser *p, json_t *table, int depth)
{
    toml_scan *s = &p->scan;
    const char *at = s->p;
    toml_key key = {0};
    json_t *value = NULL;
    cm_status status = read_key(s, &key);
    for (size_t i = 0; i + 1 < key.n && status == CM_OK; i++) {
        json_t *next = get(table, &key, i);
        if (next == NULL) {
            next = put(table, &key, i, json_object());
            status = next == NULL ? toml_no_memory(s)
                                  : set_kind(p, next, KIND_DOTTED);
        } else if (!json_is_object(next) || is_placed(p, next)) {
            status = toml_wrong(s, at,
                                "a part of this key has a value or a table of "
                                "its own already");
        } else {
            status = set_kind(p, next, KIND_DOTTED);
        }
        table = next;
    }
    if (status == CM_OK && get(table, &key, key.n - 1) != NULL) {
        status = toml_wrong(s, at, "this key has a value already; remove one");
    }
    if (status == CM_OK && (s->p == s->end || *s->p != '=')) {
        status = toml_expected(s, s->p, "'=' behind the key");
    }
    if (status == CM_OK) {
        s->p++;
        toml_skip_blanks(s);
        status = read_value(p, depth + 1, &value);
    }
    if (status == CM_OK && put(table, &key, key.n - 1, value) == NULL) {
        status = toml_no_memory(s);
    }
    cm_buf_release(&key.text);
    return status;
}

static cm_status read_array(parser *p, int depth, json_t *array)
{
    toml_scan *s = &p->scan;
    cm_status status = toml_skip_lines(s);
    while (status == CM_OK && (s->p == s->end || *s->p != ']')) {
        json_t *value = NULL;
        status = read_value(p, depth + 1, &value);
        if (status == CM_OK && json_array_append_new(array, value) != 0) {
            status = toml_no_memory(s);
        }
        if (status == CM_OK) {
            status = toml_skip_lines(s);
        }
        bool comma = s->p < s->end && *s->p == ',';
        if (status == CM_OK && !comma && (s->p == s->end || *s->p != ']')) {
            status = toml_expected(s, s->p, "',' or ']'");
        }
        s->p += comma;
        if (status == CM_OK) {
            status = toml_skip_lines(s);
        }
    }
    s->p += status == CM_OK;
    return status;
}

static cm_status read_inline(parser *p, int depth, json_t *table)
{
    toml_scan *s = &p->scan;
    cm_status status = CM_OK;
    toml_skip_blanks(s);
    bool more = s->p == s->end || *s->p != '}';
    while (status == CM_OK && more) {
        toml_skip_blanks(s);
        status = read_pair(p, table, depth);
        toml_skip_blanks(s);
        more = s->p < s->end && *s->p == ',';
        if (status == CM_OK && !more && (s->p == s->end || *s->p != '}')) {
            status = toml_expected(s, s->p, "',' or '}'");
        }
        s->p += more;
    }
    s->p += status == CM_OK;
    return status;
}

/* All that is in it is finished with it. */
static cm_status finish(parser *p, const json_t *value)
{
    const char *name;
    json_t *below;
    cm_status status = set_kind(p, value, KIND_FINISHED);
    json_object_foreach((json_t *)value, name, below)
    {
        if (status == CM_OK && json_is_object(below) &&
            !is_finished(p, below)) {
            status = finish(p, below);
        }
    }
    return status;
}

static cm_status read_value(parser *p, int depth, json_t **out)
{
    toml_scan *s = &p->scan;
    char c = s->p < s->end ? *s->p : '\0';
    cm_status status = CM_OK;
    *out = NULL;
    if (depth > MAX_DEPTH) {
        return toml_wrong(s, s->p, "found more than 32 values in each other");
    }
    if (c == '"' || c == '\'') {
        cm_buf text = {0};
        status = toml_string(s, true, &text);
        if (status == CM_OK) {
            *out = json_stringn(text.n > 0 ? text.p : "", text.n);
            status = *out == NULL ? toml_no_memory(s) : CM_OK;
        }
        cm_buf_release(&text);
        return status;
    }
    if (c != '[' && c != '{') {
        return toml_word(s, out);
    }
    s->p++;
    json_t *value = c == '[' ? json_array() : json_object();
    status = value == NULL ? toml_no_memory(s)
             : c == '['    ? read_array(p, depth, value)
                           : read_inline(p, depth, value);
    if (status == CM_OK) {
        status = finish(p, value);
    }
    if (status != CM_OK) {
        json_decref(value);
        return status;
    }
    *out = value;
    return CM_OK;
}

/* ---- headers ------------------------------------------------------------- */

/* One part of a header further: made where there is nothing, in an array its
 * last table. */
static cm_status step(parser *p, const char *at, json_t **table,
                      const toml_key *key, size_t i)
{
    toml_scan *s = &p->scan;
    json_t *next = get(*table, key, i);
    if (next == NULL) {
        *table = put(*table, key, i, json_object());
        return *table == NULL ? toml_no_memory(s) : CM_OK;
    }
    if (json_is_array(next) && !is_finished(p, next)) {
        next = json_array_get(next, json_array_size(next) - 1);
    }
    if (!json_is_object(next) || is_finished(p, next)) {
        return toml_wrong(s, at, "a part of this name has a value already");
    }
    *table = next;
    return CM_OK;
}

static cm_status open_table(parser *p, const char *at, json_t **table,
                            const toml_key *key)
{
    const json_t *there = get(*table, key, key->n - 1);
    if (there != NULL && is_placed(p, there)) {
        return toml_wrong(&p->scan, at,
                          "this table is there already; put its keys "
                          "together");
    }
    cm_status status = step(p, at, table, key, key->n - 1);
    return status == CM_OK ? set_kind(p, *table, KIND_HEADER) : status;
}

static cm_status open_element(parser *p, const char *at, json_t **table,
                              const toml_key *key)
{
    toml_scan *s = &p->scan;
    json_t *array = get(*table, key, key->n - 1);
    json_t *element = json_object();
    cm_status status = CM_OK;
    if (array == NULL) {
        array = put(*table, key, key->n - 1, json_array());
        status =
            array == NULL ? toml_no_memory(s) : set_kind(p, array, KIND_HEADER);
    } else if (!json_is_array(array) || is_finished(p, array)) {
        status = toml_wrong(s, at,
                            "this name has a value already that is no "
                            "array of tables");
    }
    if (status != CM_OK) {
        json_decref(element);
        return status;
    }
    if (json_array_append_new(array, element) != 0) {
        return toml_no_memory(s);
    }
    *table = element;
    return set_kind(p, element, KIND_HEADER);
}

/* [a.b] or [[a.b]]: *table is what keys go to from here on. */
static cm_status read_header(parser *p, json_t *root, json_t **table)
{
    toml_scan *s = &p->scan;
    const char *at = s->p++;
    bool element = s->p < s->end && *s->p == '[';
    toml_key key = {0};
    s->p += element;
    toml_skip_blanks(s);
    p->section++;
    cm_status status = read_key(s, &key);
    for (int i = 0; i < 1 + element && status == CM_OK; i++) {
        status = s->p < s->end && *s->p == ']'
                     ? CM_OK
                     : toml_expected(s, s->p, element ? "']]'" : "']'");
        s->p += status == CM_OK;
    }
    *table = root;
    for (size_t i = 0; i + 1 < key.n && status == CM_OK; i++) {
        status = step(p, at, table, &key, i);
    }
    if (status == CM_OK) {
        status = element ? open_element(p, at, table, &key)
                         : open_table(p, at, table, &key);
    }
    cm_buf_release(&key.text);
    return status;
}

/* ---- the document -------------------------------------------------------- */

static cm_status read_document(parser *p, json_t *root)
{
    toml_scan *s = &p->scan;
    json_t *table = root;
    p->section = 1;
    cm_status status = toml_skip_lines(s);
    while (status == CM_OK && s->p < s->end) {
        status = *s->p == '[' ? read_header(p, root, &table)
                              : read_pair(p, table, 0);
        if (status == CM_OK) {
            status = toml_end_line(s);
        }
        if (status == CM_OK) {
            status = toml_skip_lines(s);
        }
    }
    return status;
}

static cm_status check_text(const toml_scan *s)
{
    size_t valid = cm_utf8_valid(s->text);
    if (s->text.n > MAX_BYTES) {
        return cm_fail(s->err, CM_ERR_PARSE,
                       "%s: TOML of more than 1 MiB is not read", s->file);
    }
    return valid == s->text.n
               ? CM_OK
               : toml_wrong(s, s->text.p + valid,
                            "found a byte that is not UTF-8; save the file as "
                            "UTF-8");
}

cm_status cm_toml_parse(json_t **out, cm_str text, const char *file,
                        cm_error *err)
{
    const char *start = text.n > 0 ? text.p : "";
    parser p = {.scan = {.text = {start, text.n},
                         .p = start,
                         .end = start + text.n,
                         .file = file,
                         .err = err}};
    *out = NULL;
    cm_status status = check_text(&p.scan);
    json_t *root = status == CM_OK ? json_object() : NULL;
    if (status == CM_OK) {
        status =
            root == NULL ? toml_no_memory(&p.scan) : read_document(&p, root);
    }
    free(p.known);
    if (status != CM_OK) {
        json_decref(root);
        return status;
    }
    *out = root;
    return CM_OK;
}
