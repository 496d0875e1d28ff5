/* A JSON text as a list of nodes in the order of the text, by the JSON
 * library: values keep their place in the text, numbers their digits.  Private
 * to rows*.c. */
#ifndef CM_SERVING_ROWS_DOCUMENT_H
#define CM_SERVING_ROWS_DOCUMENT_H

#include <stdbool.h>

#include "base/str.h"

typedef enum node_kind {
    NODE_NULL,
    NODE_FALSE,
    NODE_TRUE,
    NODE_NUMBER,
    NODE_STRING,
    NODE_ESCAPED, /* a string whose text is not the one of the body */
    NODE_ARRAY,
    NODE_OBJECT /* key, value, key, value … */
} node_kind;

typedef struct json_node {
    uint32_t begin, end; /* its text in the body, quotes and brackets too */
    uint32_t link; /* ARRAY, OBJECT: the node behind all inside it.  ESCAPED:
                      where its text is in `decoded` */
    uint32_t kind; /* node_kind */
} json_node;

/* Zero-initialised is empty; its memory stays for the next text. */
typedef struct document {
    cm_str body;
    json_node *nodes; /* (n), the outermost value first */
    size_t n, capacity;
    cm_buf decoded; /* of each ESCAPED: its length in 4 bytes, its text */

    /* while it is made: */
    cm_buf pool; /* memory of the JSON library */
    size_t pool_used;
    size_t open; /* the innermost open node; its link is the one around it */
    size_t depth, max_depth;
    size_t end;             /* of the last token */
    size_t seen;            /* bytes that the library gets */
    bool after_key, at_end; /* a number may end with the text */
    bool too_deep, failed;
} document;

/* Where and why a text is no JSON: the position that Python's json module
 * names, in bytes, and its words. */
typedef struct json_fault {
    size_t position;
    const char *message;
} json_fault;

typedef enum document_result {
    DOCUMENT_READ,
    DOCUMENT_BROKEN, /* *fault says it */
    DOCUMENT_NO_MEMORY
} document_result;

/* Strict (RFC 8259), UTF-8; body is borrowed as long as the document is used.
 * It is shorter than 4 GiB. */
document_result document_parse(document *d, cm_str body, size_t max_depth,
                               json_fault *fault);
void document_release(document *d);
/* Bytes it holds for the next text; of the library's memory, which is mostly
 * untouched, what was used and the size of a text. */
size_t document_kept(const document *d);

/* The node behind the one at i and all inside it. */
size_t document_next(const document *d, size_t i);
/* Text of a string, raw text of anything else. */
cm_str document_text(const document *d, size_t i);
cm_str document_raw(const document *d, size_t i);
bool document_is_string(const document *d, size_t i);
/* Elements of an array, keys of an object. */
size_t document_count(const document *d, size_t i);
/* The value of the last key of that name; 0: no such key. */
size_t document_find(const document *d, size_t object, const char *key);

/* Where the parsed part of a broken text ends in something else. */
json_fault document_find_fault(const document *d);

#endif
