/* JSON texts to nodes, by yajl's callbacks.
 *
 * yajl does not check its allocations, so it is given memory that was made
 * before; and it takes \v and \f for white space, so it only gets to see what
 * stands before the first of them. */
#include "serving/rows_document.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"

/* Bytes of the library's memory for one of the text. */
enum { POOL_TIMES = 16 };

/* ---- memory of the library ---------------------------------------------- */

/* The size stands in front of each piece, for realloc. */
typedef struct piece {
    _Alignas(16) size_t size;
} piece;

static void *pool_alloc(void *context, size_t size)
{
    document *d = context;
    size_t whole = sizeof(piece) + (size + 15) / 16 * 16;
    CM_ASSERT(whole <= d->pool.capacity - d->pool_used);
    piece *p = (piece *)(void *)(d->pool.p + d->pool_used);
    d->pool_used += whole;
    p->size = size;
    return p + 1;
}

static void *pool_realloc(void *context, void *old, size_t size)
{
    void *bytes = pool_alloc(context, size);
    if (old != NULL) {
        size_t kept = ((piece *)old - 1)->size;
        memcpy(bytes, old, kept < size ? kept : size);
    }
    return bytes;
}

static void pool_free(void *context, void *old)
{
    (void)context;
    (void)old;
}

/* yajl has two buffers for texts, which double up to four times the longest
 * text, and a stack of a byte a level, which grows by 128 levels: all the
 * sizes they ever had fit in here. */
static bool pool_init(document *d)
{
    size_t steps = d->max_depth / 128 + 2;
    size_t wanted = POOL_TIMES * d->body.n + (64 << 10) + steps * steps * 160;
    d->pool_used = 0;
    if (d->pool.capacity >= wanted) {
        return true;
    }
    cm_buf_release(&d->pool);
    d->pool.p = cm_alloc(wanted, 1, NULL);
    d->pool.capacity = d->pool.p == NULL ? 0 : wanted;
    return d->pool.p != NULL;
}

/* ---- the callbacks ------------------------------------------------------ */

typedef struct parse {
    document *d;
    yajl_handle yajl;
} parse;

static json_node *add_node(parse *p, node_kind kind, size_t length)
{
    document *d = p->d;
    if (cm_grow(&d->nodes, d->n, &d->capacity, sizeof *d->nodes, NULL) !=
        CM_OK) {
        d->failed = true;
        return NULL;
    }
    d->end = d->at_end ? d->seen : yajl_get_bytes_consumed(p->yajl);
    json_node *made = &d->nodes[d->n++];
    *made = (json_node){.begin = (uint32_t)(d->end - length),
                        .end = (uint32_t)d->end,
                        .kind = kind};
    d->after_key = false;
    return made;
}

static int take_null(void *context)
{
    return add_node(context, NODE_NULL, 4) != NULL;
}

static int take_boolean(void *context, int value)
{
    return add_node(context, value ? NODE_TRUE : NODE_FALSE, value ? 4 : 5) !=
           NULL;
}

static int take_number(void *context, const char *text, size_t n)
{
    (void)text;
    return add_node(context, NODE_NUMBER, n) != NULL;
}

/* A string with escapes comes decoded; its length in the body is found from
 * the end of the token before it, where only punctuation lies between. */
static int take_escaped(parse *p, const unsigned char *text, size_t n)
{
    document *d = p->d;
    const char *begin = d->body.p + d->end;
    while (*begin != '"') {
        begin++;
    }
    json_node *made = add_node(p, NODE_ESCAPED, 0);
    if (made == NULL) {
        return 0;
    }
    uint32_t length = (uint32_t)n;
    made->begin = (uint32_t)(begin - d->body.p);
    made->link = (uint32_t)d->decoded.n;
    cm_buf_add(&d->decoded, &length, sizeof length);
    cm_buf_add(&d->decoded, text, n);
    d->failed = d->decoded.failed;
    return !d->failed;
}

static int take_string(void *context, const unsigned char *text, size_t n)
{
    parse *p = context;
    const document *d = p->d;
    uintptr_t offset = (uintptr_t)text - (uintptr_t)d->body.p;
    return offset > d->body.n ? take_escaped(p, text, n)
                              : add_node(p, NODE_STRING, n + 2) != NULL;
}

static int take_key(void *context, const unsigned char *text, size_t n)
{
    parse *p = context;
    int taken = take_string(p, text, n);
    p->d->after_key = true;
    return taken;
}

static int take_start(parse *p, node_kind kind)
{
    document *d = p->d;
    d->too_deep = d->depth == d->max_depth;
    if (d->too_deep) {
        d->end = yajl_get_bytes_consumed(p->yajl) - 1;
        return 0;
    }
    json_node *made = add_node(p, kind, 1);
    if (made == NULL) {
        return 0;
    }
    made->link = (uint32_t)d->open;
    d->open = d->n - 1;
    d->depth++;
    return 1;
}

static int take_array(void *context)
{
    return take_start(context, NODE_ARRAY);
}

static int take_object(void *context)
{
    return take_start(context, NODE_OBJECT);
}

static int take_end(void *context)
{
    parse *p = context;
    document *d = p->d;
    json_node *closed = &d->nodes[d->open];
    d->end = yajl_get_bytes_consumed(p->yajl);
    d->open = closed->link;
    d->depth--;
    closed->end = (uint32_t)d->end;
    closed->link = (uint32_t)d->n;
    d->after_key = false;
    return 1;
}

static const yajl_callbacks CALLBACKS = {.yajl_null = take_null,
                                         .yajl_boolean = take_boolean,
                                         .yajl_number = take_number,
                                         .yajl_string = take_string,
                                         .yajl_map_key = take_key,
                                         .yajl_start_array = take_array,
                                         .yajl_end_array = take_end,
                                         .yajl_start_map = take_object,
                                         .yajl_end_map = take_end};

/* ---- a whole text ------------------------------------------------------- */

static size_t first_of(cm_str text, char c)
{
    const char *found = text.n == 0 ? NULL : memchr(text.p, c, text.n);
    return found == NULL ? text.n : (size_t)(found - text.p);
}

static bool run_yajl(document *d, cm_str seen)
{
    yajl_alloc_funcs memory = {pool_alloc, pool_realloc, pool_free, d};
    parse p = {d, NULL};
    p.yajl = yajl_alloc(&CALLBACKS, &memory, &p);
    (void)yajl_config(p.yajl, yajl_dont_validate_strings, 1); /* it was done */
    d->seen = seen.n;
    bool read = yajl_parse(p.yajl, (const unsigned char *)seen.p, seen.n) ==
                yajl_status_ok;
    if (read) {
        d->at_end = true;
        read = yajl_complete_parse(p.yajl) == yajl_status_ok;
    }
    yajl_free(p.yajl);
    return read;
}

static void document_reset(document *d, cm_str body, size_t max_depth)
{
    d->body = body;
    d->n = d->depth = d->end = d->open = 0;
    d->max_depth = max_depth;
    d->after_key = d->at_end = d->too_deep = d->failed = false;
    cm_buf_clear(&d->decoded);
}

document_result document_parse(document *d, cm_str body, size_t max_depth,
                               json_fault *fault)
{
    document_reset(d, body, max_depth);
    size_t valid = cm_utf8_valid(body);
    if (valid < body.n) {
        *fault = (json_fault){valid, "Invalid UTF-8"};
        return DOCUMENT_BROKEN;
    }
    if (!pool_init(d)) {
        return DOCUMENT_NO_MEMORY;
    }
    cm_str seen = {body.p, first_of(body, '\v')};
    seen.n = first_of(seen, '\f');
    bool read = run_yajl(d, seen);
    if (d->failed) {
        return DOCUMENT_NO_MEMORY;
    }
    if (d->too_deep) {
        *fault = (json_fault){d->end, "Too many levels of nesting"};
        return DOCUMENT_BROKEN;
    }
    if (!read || seen.n < body.n) {
        *fault = document_find_fault(d);
        return DOCUMENT_BROKEN;
    }
    return DOCUMENT_READ;
}

void document_release(document *d)
{
    free(d->nodes);
    cm_buf_release(&d->decoded);
    cm_buf_release(&d->pool);
    *d = (document){0};
}

size_t document_kept(const document *d)
{
    return d->capacity * sizeof *d->nodes + d->decoded.capacity + d->pool_used +
           d->pool.capacity / POOL_TIMES;
}

/* ---- what it holds ------------------------------------------------------ */

size_t document_next(const document *d, size_t i)
{
    return d->nodes[i].kind >= NODE_ARRAY ? d->nodes[i].link : i + 1;
}

cm_str document_raw(const document *d, size_t i)
{
    const json_node *at = &d->nodes[i];
    return (cm_str){d->body.p + at->begin, at->end - at->begin};
}

bool document_is_string(const document *d, size_t i)
{
    return d->nodes[i].kind == NODE_STRING || d->nodes[i].kind == NODE_ESCAPED;
}

cm_str document_text(const document *d, size_t i)
{
    cm_str raw = document_raw(d, i);
    if (d->nodes[i].kind == NODE_STRING) {
        return (cm_str){raw.p + 1, raw.n - 2};
    }
    if (d->nodes[i].kind == NODE_ESCAPED) {
        const char *p = d->decoded.p + d->nodes[i].link;
        uint32_t n = 0;
        memcpy(&n, p, sizeof n);
        return (cm_str){p + sizeof n, n};
    }
    return raw;
}

size_t document_count(const document *d, size_t i)
{
    size_t n = 0;
    size_t end = document_next(d, i);
    for (size_t at = i + 1; at < end; at = document_next(d, at)) {
        n++;
    }
    return d->nodes[i].kind == NODE_OBJECT ? n / 2 : n;
}

size_t document_find(const document *d, size_t object, const char *key)
{
    size_t found = 0;
    size_t end = document_next(d, object);
    for (size_t at = object + 1; at < end; at = document_next(d, at + 1)) {
        if (cm_str_is(document_text(d, at), key)) {
            found = at + 1;
        }
    }
    return found;
}
