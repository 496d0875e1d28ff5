/* Building an index by value. */
#include "features/lookup_index.h"

#include <stdlib.h>

#include "base/mem.h"
#include "features/table.h"

/* How many keys ahead the place of a key is asked for: places are scattered,
 * and waiting for each would be most of the work. */
enum { KEYS_AHEAD = 16 };

static cm_index_key key_of(const cm_index *index, uint32_t i)
{
    const cm_dictionary *keys = index->keys;
    return keys->integers != NULL
               ? cm_index_seek_integer(index, keys->integers[i])
               : cm_index_seek_text(index, cm_key_text(keys, i));
}

static void insert(cm_index *index, cm_index_key key, uint32_t slot)
{
    uint32_t at = key.at;
    while (index->entries[at].slot != CM_INDEX_EMPTY) {
        at = at + 1 < index->capacity ? at + 1 : 0;
    }
    index->entries[at] = (cm_index_entry){key.key, key.length, slot};
}

cm_status cm_index_init(cm_index *out, const cm_dictionary *keys, cm_error *err)
{
    uint64_t capacity = 2 * (uint64_t)keys->n + 1;
    if (capacity > UINT32_MAX) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "a table of %u keys is too large to score rows with: "
                       "at most %u",
                       keys->n, UINT32_MAX / 2);
    }
    *out =
        (cm_index){.keys = keys, .capacity = (uint32_t)capacity, .n = keys->n};
    out->entries = cm_alloc_large(capacity, sizeof *out->entries, err);
    if (out->entries == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint64_t i = 0; i < capacity; i++) {
        out->entries[i].slot = CM_INDEX_EMPTY;
    }
    for (uint32_t i = 0; i < keys->n; i++) {
        if (i + KEYS_AHEAD < keys->n) {
            uint32_t ahead = key_of(out, i + KEYS_AHEAD).at;
            __builtin_prefetch(&out->entries[ahead], 1);
        }
        insert(out, key_of(out, i), i);
    }
    return CM_OK;
}

void cm_index_release(cm_index *index)
{
    free(index->entries);
    *index = (cm_index){0};
}
