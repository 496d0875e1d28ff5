/* YAML as a tree: libyaml's events become nodes in one arena.
 *
 * Children are gathered on a stack of pending nodes, because their number is
 * known only at the end of their map or list, and then moved to the arena. */
#include "codec/yaml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/mem.h"
#include "codec/yaml_error.h"

enum { MAX_BYTES = 1 << 20, MAX_DEPTH = 32, MAX_NODES = 100000 };

/* The root comes first: a pointer to it is a pointer to the whole. */
typedef struct document {
    cm_yaml root;
    cm_arena arena;
} document;

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one; zero: none */
    cm_str text;
    cm_arena *arena;
    const char *file; /* owned by the arena */
    cm_yaml *pending;
    size_t n_pending;
    size_t capacity;
    size_t n_nodes;
    cm_error *err;
} reader;

static cm_where where_of(const reader *r)
{
    return (cm_where){r->file, r->event.start_mark.line + 1,
                      r->event.start_mark.column + 1};
}

static cm_status refuse(const reader *r, const char *message)
{
    return cm_fail_at(r->err, CM_ERR_PARSE, where_of(r), "%s", message);
}

static cm_status next(reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event) == 0) {
        return cm_yaml_explain(&r->parser, r->text, r->file, r->err);
    }
    return CM_OK;
}

static bool has_extras(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL ||
               event->data.scalar.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL ||
               event->data.mapping_start.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL ||
               event->data.sequence_start.tag != NULL;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

static cm_status check_limits(reader *r, int depth)
{
    if (has_extras(&r->event)) {
        return refuse(r, "found an anchor (&), an alias (*) or a tag (!), "
                         "which are not supported; write the value out, or in "
                         "quotes when it is text");
    }
    if (depth > MAX_DEPTH) {
        return refuse(r, "found values nested more than 32 deep; flatten the "
                         "document");
    }
    if (++r->n_nodes > MAX_NODES) {
        return refuse(r, "found more than 100000 values; split the document");
    }
    return CM_OK;
}

static cm_status push(reader *r, const cm_yaml *node)
{
    cm_status status = cm_grow(&r->pending, r->n_pending, &r->capacity,
                               sizeof *r->pending, r->err);
    if (status == CM_OK) {
        r->pending[r->n_pending++] = *node;
    }
    return status;
}

static cm_status read_node(reader *r, cm_yaml *node, int depth);

static cm_status read_scalar(reader *r, cm_yaml *node)
{
    const char *text = (const char *)r->event.data.scalar.value;
    size_t n = r->event.data.scalar.length;
    node->kind = CM_YAML_SCALAR;
    node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = (cm_str){cm_arena_strdup(r->arena, text, n, r->err), n};
    return node->text.p == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* Children until the event `end`; a map's keys and values alternate. */
static cm_status read_children(reader *r, yaml_event_type_t end, bool map,
                               int depth)
{
    for (size_t i = 0;; i++) {
        cm_status status = next(r);
        if (status != CM_OK || r->event.type == end) {
            return status;
        }
        if (map && i % 2 == 0 && r->event.type != YAML_SCALAR_EVENT &&
            !has_extras(&r->event)) {
            return refuse(r, "found a map or list as a key, expected a word; "
                             "put the key in quotes when it is text");
        }
        cm_yaml child;
        status = read_node(r, &child, depth + 1);
        if (status == CM_OK) {
            status = push(r, &child);
        }
        if (status != CM_OK) {
            return status;
        }
    }
}

static int compare_keys(const void *a, const void *b)
{
    const cm_yaml *left = *(const cm_yaml *const *)a;
    const cm_yaml *right = *(const cm_yaml *const *)b;
    int order = cm_str_compare(left->text, right->text);
    return order != 0 ? order : (left > right) - (left < right);
}

/* Sorting finds equal keys in n log n; the first repeat in the file counts. */
static cm_status check_keys(reader *r, const cm_yaml *map)
{
    const cm_yaml **sorted = cm_alloc(map->n, sizeof *sorted, r->err);
    if (sorted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < map->n; i++) {
        sorted[i] = &map->keys[i];
    }
    qsort(sorted, map->n, sizeof *sorted, compare_keys);
    const cm_yaml *first = NULL;
    const cm_yaml *repeat = NULL;
    for (size_t i = 1; i < map->n; i++) {
        if (cm_str_equal(sorted[i - 1]->text, sorted[i]->text) &&
            (repeat == NULL || sorted[i] < repeat)) {
            first = sorted[i - 1];
            repeat = sorted[i];
        }
    }
    free(sorted);
    if (repeat == NULL) {
        return CM_OK;
    }
    return cm_fail_at(r->err, CM_ERR_PARSE, repeat->where,
                      "the key %.*s is already given in line %" PRIu64
                      "; remove one of them",
                      CM_STR_ARG(repeat->text), first->where.line);
}

/* Moves the pending nodes from `base` on into the arena. */
static cm_status read_list(reader *r, cm_yaml *node, int depth)
{
    size_t base = r->n_pending;
    node->kind = CM_YAML_LIST;
    cm_status status = read_children(r, YAML_SEQUENCE_END_EVENT, false, depth);
    if (status != CM_OK) {
        return status;
    }
    node->n = r->n_pending - base;
    node->children = cm_arena_alloc(r->arena, node->n * sizeof *node, r->err);
    if (node->children == NULL) {
        return CM_ERR_NOMEM;
    }
    if (node->n > 0) {
        memcpy(node->children, r->pending + base, node->n * sizeof *node);
    }
    r->n_pending = base;
    return CM_OK;
}

static cm_status read_map(reader *r, cm_yaml *node, int depth)
{
    size_t base = r->n_pending;
    node->kind = CM_YAML_MAP;
    cm_status status = read_children(r, YAML_MAPPING_END_EVENT, true, depth);
    if (status != CM_OK) {
        return status;
    }
    node->n = (r->n_pending - base) / 2;
    node->keys = cm_arena_alloc(r->arena, node->n * sizeof *node, r->err);
    node->children = cm_arena_alloc(r->arena, node->n * sizeof *node, r->err);
    if (node->keys == NULL || node->children == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < node->n; i++) {
        node->keys[i] = r->pending[base + 2 * i];
        node->children[i] = r->pending[base + 2 * i + 1];
    }
    r->n_pending = base;
    return check_keys(r, node);
}

/* The node that begins with the current event. */
static cm_status read_node(reader *r, cm_yaml *node, int depth)
{
    cm_status status = check_limits(r, depth);
    if (status != CM_OK) {
        return status;
    }
    *node = (cm_yaml){.where = where_of(r)};
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, node);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(r, node, depth);
    default:
        CM_ASSERT(r->event.type == YAML_MAPPING_START_EVENT);
        return read_map(r, node, depth);
    }
}

static bool is_empty(const cm_yaml *node)
{
    return node->kind == CM_YAML_SCALAR && !node->quoted && node->text.n == 0;
}

/* stream start, (document start, node, document end)?, stream end */
static cm_status read_document(reader *r, cm_yaml *root)
{
    *root = (cm_yaml){.kind = CM_YAML_MAP, .where = {r->file, 1, 1}};
    cm_status status = next(r);
    if (status == CM_OK) {
        status = next(r);
    }
    if (status != CM_OK || r->event.type == YAML_STREAM_END_EVENT) {
        return status;
    }
    status = next(r);
    if (status == CM_OK) {
        status = read_node(r, root, 1);
    }
    if (status == CM_OK) {
        status = next(r);
    }
    if (status == CM_OK) {
        status = next(r);
    }
    if (status == CM_OK && r->event.type != YAML_STREAM_END_EVENT) {
        return refuse(r, "found a second document (---), expected one; put "
                         "it in a file of its own");
    }
    if (status == CM_OK && is_empty(root)) {
        *root = (cm_yaml){.kind = CM_YAML_MAP, .where = root->where};
    }
    return status;
}

static cm_status parse_into(document *doc, cm_str text, const char *file,
                            cm_error *err)
{
    reader r = {.text = text, .arena = &doc->arena, .err = err};
    r.file = cm_arena_strdup(&doc->arena, file, strlen(file), err);
    if (r.file == NULL) {
        return CM_ERR_NOMEM;
    }
    if (yaml_parser_initialize(&r.parser) == 0) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory reading YAML",
                       file);
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p,
                                 text.n);
    cm_status status = read_document(&r, &doc->root);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    free(r.pending);
    return status;
}

cm_status cm_yaml_parse(cm_yaml **out, cm_str text, const char *file,
                        cm_error *err)
{
    *out = NULL;
    if (text.n > MAX_BYTES) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: is larger than 1 MiB, too much for a YAML file "
                       "here; check that it is the right one",
                       file);
    }
    if (text.p == NULL) {
        text = CM_STR("");
    }
    cm_status status = cm_yaml_check_text(text, file, err);
    if (status != CM_OK) {
        return status;
    }
    document *doc = cm_alloc_zero(1, sizeof *doc, err);
    if (doc == NULL) {
        return CM_ERR_NOMEM;
    }
    status = parse_into(doc, text, file, err);
    if (status != CM_OK) {
        cm_yaml_free(&doc->root);
        return status;
    }
    *out = &doc->root;
    return CM_OK;
}

cm_status cm_yaml_load(cm_yaml **out, const char *path, cm_error *err)
{
    *out = NULL;
    cm_buf buf = {0};
    cm_status status = cm_read_file(&buf, path, MAX_BYTES, err);
    if (status == CM_OK) {
        status = cm_yaml_parse(out, (cm_str){buf.p, buf.n}, path, err);
    }
    cm_buf_release(&buf);
    return status;
}

void cm_yaml_free(cm_yaml *root)
{
    if (root != NULL) {
        document *doc = (document *)root;
        cm_arena_release(&doc->arena);
        free(doc);
    }
}

const cm_yaml *cm_yaml_get(const cm_yaml *map, const char *key)
{
    if (map == NULL || map->kind != CM_YAML_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->n; i++) {
        if (cm_str_is(map->keys[i].text, key)) {
            return &map->children[i];
        }
    }
    return NULL;
}

static bool is_one_of(const cm_yaml *node, const char *const words[], size_t n)
{
    if (node == NULL || node->kind != CM_YAML_SCALAR || node->quoted) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (cm_str_is(node->text, words[i])) {
            return true;
        }
    }
    return false;
}

bool cm_yaml_is_null(const cm_yaml *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(node, words, sizeof words / sizeof *words);
}

bool cm_yaml_bool(const cm_yaml *node, bool *out)
{
    static const char *const words[] = {"true",  "True",  "TRUE",
                                        "false", "False", "FALSE"};
    bool yes = is_one_of(node, words, 3);
    bool no = is_one_of(node, words + 3, 3);
    if (yes || no) {
        *out = yes;
    }
    return yes || no;
}
