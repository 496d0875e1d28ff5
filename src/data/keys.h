/* The distinct texts that one thread has met in one column, each with a code
 * in order of appearance.
 *
 * A text of one to eight bytes is its own 64-bit key: the bytes, the first
 * lowest, zeros behind them (no text holds a NUL).  Longer texts are hashed
 * and kept in a pool. */
#ifndef CM_DATA_KEYS_H
#define CM_DATA_KEYS_H

#include "base/str.h"
#include "data/rows.h"

typedef struct cm_key_slot {
    uint64_t key; /* 0: free */
    uint32_t code;
    uint32_t unused;
} cm_key_slot;

typedef struct cm_long_text {
    uint64_t hash;
    uint64_t offset; /* in the pool */
    uint32_t n;
    uint32_t code;
} cm_long_text;

typedef struct cm_keys {
    bool integers; /* a new text must be a whole number or nothing */

    uint32_t n;
    uint32_t capacity;
    uint64_t *keys; /* by code; CM_KEY_LONG for the next of the longs */
    uint32_t n_longs;
    cm_long_text *longs; /* in order of code */
    cm_buf pool;

    /* Private: open addressing with linear probing. */
    cm_key_slot *slots;
    uint64_t mask; /* of slots; 0: none yet */
    int shift;
    uint32_t *long_slots; /* index into longs + 1, or 0 */
    uint64_t long_mask;
    size_t longs_capacity;
} cm_keys;

#define CM_KEY_EMPTY 0x8000000000000000ull /* the empty text */
#define CM_KEY_LONG  0ull

/* Codes no key has. */
#define CM_MAX_KEYS (UINT32_MAX - 1)
#define CM_BAD_CODE UINT32_MAX

/* Length of a short text: up to its highest byte that is not 0. */
static inline size_t cm_key_length(uint64_t key)
{
    return key == 0 || key == CM_KEY_EMPTY
               ? 0
               : 8 - (size_t)__builtin_clzll(key) / 8;
}

void cm_keys_release(cm_keys *keys); /* zero-initialised is empty */

/* The codes of a field of all rows.  *bad: some value is none of its kind;
 * its code is CM_BAD_CODE. */
CM_MUST_USE cm_status cm_keys_encode(cm_keys *keys, const cm_chunk_rows *rows,
                                     size_t field, uint32_t *codes, bool *bad,
                                     cm_error *err);
/* The code of one text. */
CM_MUST_USE cm_status cm_keys_code(cm_keys *keys, cm_str text, uint32_t *code,
                                   cm_error *err);

/* Forgets all but the first n keys. */
void cm_keys_rollback(cm_keys *keys, uint32_t n);

/* Releases what is needed to find keys, not to list them. */
void cm_keys_freeze(cm_keys *keys);

#endif
