/* An index by value: the slot of a text or an integer among sorted keys.
 * Private to features.
 *
 * Open addressing with linear probing, half full at most.  A text of up to
 * eight bytes is its own 64-bit key, so that most look-ups touch one entry and
 * nothing else; of a longer one the key is a hash, and the text is compared.
 * An integer is its text, when that has up to eight bytes, so that most are
 * found without being read; a longer one is its value. */
#ifndef CM_FEATURES_LOOKUP_INDEX_H
#define CM_FEATURES_LOOKUP_INDEX_H

#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "data/dataset.h"

typedef struct cm_index_entry {
    uint64_t key;
    uint32_t length; /* of the text; 0 for a long integer, too */
    uint32_t slot;   /* CM_INDEX_EMPTY: none */
} cm_index_entry;

#define CM_INDEX_EMPTY UINT32_MAX

/* What is looked for, and the entry where the search for it starts. */
typedef struct cm_index_key {
    uint64_t key;
    uint32_t length;
    uint32_t at;
} cm_index_key;

typedef struct cm_index {
    const cm_dictionary *keys;
    cm_index_entry *entries; /* (capacity) */
    uint32_t capacity;
    uint32_t n; /* slot i is key i; slot n is "unseen" */
} cm_index;

/* keys must outlive the index. */
CM_MUST_USE cm_status cm_index_init(cm_index *out, const cm_dictionary *keys,
                                    cm_error *err);
void cm_index_release(cm_index *index);

/* A text of up to eight bytes as an integer; equal for equal texts of one
 * length. */
static inline uint64_t cm_index_pack(cm_str text)
{
    uint64_t whole = 0;
    uint32_t low = 0;
    uint32_t high = 0;
    const unsigned char *p = (const unsigned char *)text.p;
    if (text.n == sizeof whole) {
        memcpy(&whole, p, sizeof whole);
        return whole;
    }
    if (text.n >= sizeof low) {
        memcpy(&low, p, sizeof low);
        memcpy(&high, p + text.n - sizeof high, sizeof high);
        return low | (uint64_t)high << (8 * (text.n - sizeof high));
    }
    if (text.n == 0) {
        return 0;
    }
    return p[0] | (uint64_t)p[text.n / 2] << (8 * (text.n / 2)) |
           (uint64_t)p[text.n - 1] << (8 * (text.n - 1));
}

enum { CM_INDEX_PACKED = 8 }; /* bytes of the longest text that is its key */

static inline cm_index_key cm_index_seek(const cm_index *index, uint64_t key,
                                         uint32_t length)
{
    uint64_t hash = cm_mix64(key + length);
    return (cm_index_key){key, length,
                          (uint32_t)(((hash >> 32) * index->capacity) >> 32)};
}

/* Of texts of 4 GiB and more only the start counts: no table has one. */
static inline cm_index_key cm_index_seek_text(const cm_index *index,
                                              cm_str text)
{
    uint32_t length = text.n < UINT32_MAX ? (uint32_t)text.n : UINT32_MAX;
    uint64_t key = length <= CM_INDEX_PACKED ? cm_index_pack(text)
                                             : cm_xxh3(text.p, length);
    return cm_index_seek(index, key, length);
}

static inline cm_index_key cm_index_seek_integer(const cm_index *index,
                                                 int64_t value)
{
    char text[CM_NUM_TEXT];
    size_t n = value == CM_MISSING_INTEGER ? 0 : cm_format_i64(text, value);
    return n <= CM_INDEX_PACKED ? cm_index_seek_text(index, (cm_str){text, n})
                                : cm_index_seek(index, (uint64_t)value, 0);
}

/* Slot of a key, n when it is not there.  text: of a long key. */
static inline uint32_t cm_index_find(const cm_index *index, cm_index_key key,
                                     cm_str text)
{
    uint32_t at = key.at;
    for (;;) {
        const cm_index_entry *entry = &index->entries[at];
        if (entry->slot == CM_INDEX_EMPTY) {
            return index->n;
        }
        if (entry->key == key.key && entry->length == key.length &&
            (key.length <= CM_INDEX_PACKED ||
             memcmp(index->keys->bytes + index->keys->offsets[entry->slot],
                    text.p, key.length) == 0)) {
            return entry->slot;
        }
        at = at + 1 < index->capacity ? at + 1 : 0;
    }
}

static inline uint32_t cm_index_find_text(const cm_index *index, cm_str text)
{
    return cm_index_find(index, cm_index_seek_text(index, text), text);
}

static inline uint32_t cm_index_find_integer(const cm_index *index,
                                             int64_t value)
{
    return cm_index_find(index, cm_index_seek_integer(index, value),
                         (cm_str){NULL, 0});
}

#endif
