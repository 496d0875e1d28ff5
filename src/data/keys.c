/* Hash tables from the texts of a column to codes. */
#include "data/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/csv.h"
#include "data/value.h"

enum {
    BATCH = 256, /* rows between checks for room */
    FIRST_SLOTS = 1024,
    FAR_SLOTS = 16384, /* a larger table is not in the nearest cache */
    SHORT = 8          /* bytes of a key */
};

void cm_keys_release(cm_keys *keys)
{
    cm_keys_freeze(keys);
    free(keys->keys);
    free(keys->longs);
    cm_buf_release(&keys->pool);
    *keys = (cm_keys){.integers = keys->integers};
}

void cm_keys_freeze(cm_keys *keys)
{
    free(keys->slots);
    free(keys->long_slots);
    keys->slots = NULL;
    keys->long_slots = NULL;
    keys->mask = 0;
    keys->long_mask = 0;
}

static inline uint64_t slot_of(uint64_t key, int shift)
{
    return (key * 0x9e3779b97f4a7c15ull) >> shift;
}

static void put_slot(cm_keys *keys, uint64_t key, uint32_t code)
{
    uint64_t at = slot_of(key, keys->shift);
    while (keys->slots[at].key != 0) {
        at = (at + 1) & keys->mask;
    }
    keys->slots[at].key = key;
    keys->slots[at].code = code;
}

/* Keys go into the new slots in the order of their codes: so the last code is
 * always the last of its probe sequence, which rollback relies on. */
static cm_status grow_slots(cm_keys *keys, cm_error *err)
{
    size_t n = keys->mask == 0 ? FIRST_SLOTS : ((size_t)keys->mask + 1) * 2;
    cm_key_slot *slots = cm_alloc_large(n, sizeof *slots, err);
    if (slots == NULL) {
        return CM_ERR_NOMEM;
    }
    memset(slots, 0, n * sizeof *slots);
    free(keys->slots);
    keys->slots = slots;
    keys->mask = n - 1;
    keys->shift = __builtin_clzll(keys->mask);
    for (uint32_t code = 0; code < keys->n; code++) {
        if (keys->keys[code] != CM_KEY_LONG) {
            put_slot(keys, keys->keys[code], code);
        }
    }
    return CM_OK;
}

/* Room for n more keys.  At most half of the slots are taken: short probes
 * are worth the memory. */
static cm_status make_room(cm_keys *keys, size_t n, cm_error *err)
{
    size_t wanted = (size_t)keys->n + n;
    if (wanted > CM_MAX_KEYS) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "a column has more than %u distinct values",
                       CM_MAX_KEYS);
    }
    while (wanted * 2 > keys->mask + (keys->mask != 0)) {
        if (grow_slots(keys, err) != CM_OK) {
            return CM_ERR_NOMEM;
        }
    }
    if (wanted > keys->capacity) {
        size_t capacity = (size_t)keys->capacity * 2;
        capacity = capacity < wanted ? wanted : capacity;
        capacity = capacity > CM_MAX_KEYS ? CM_MAX_KEYS : capacity;
        uint64_t *array = cm_realloc(keys->keys, capacity, sizeof *array, err);
        if (array == NULL) {
            return CM_ERR_NOMEM;
        }
        keys->keys = array;
        keys->capacity = (uint32_t)capacity;
    }
    return CM_OK;
}

static cm_status grow_long_slots(cm_keys *keys, cm_error *err)
{
    size_t n =
        keys->long_mask == 0 ? FIRST_SLOTS : ((size_t)keys->long_mask + 1) * 2;
    uint32_t *slots = cm_alloc_zero(n, sizeof *slots, err);
    if (slots == NULL) {
        return CM_ERR_NOMEM;
    }
    free(keys->long_slots);
    keys->long_slots = slots;
    keys->long_mask = n - 1;
    for (uint32_t i = 0; i < keys->n_longs; i++) {
        uint64_t at = keys->longs[i].hash & keys->long_mask;
        while (slots[at] != 0) {
            at = (at + 1) & keys->long_mask;
        }
        slots[at] = i + 1;
    }
    return CM_OK;
}

/* The slot of a long text, or the free one where it belongs. */
static uint32_t *long_slot(const cm_keys *keys, cm_str text, uint64_t hash)
{
    uint64_t at = hash & keys->long_mask;
    for (;; at = (at + 1) & keys->long_mask) {
        uint32_t *slot = &keys->long_slots[at];
        if (*slot == 0) {
            return slot;
        }
        const cm_long_text *known = &keys->longs[*slot - 1];
        if (known->hash == hash && known->n == text.n &&
            memcmp(keys->pool.p + known->offset, text.p, text.n) == 0) {
            return slot;
        }
    }
}

static bool is_value(const cm_keys *keys, cm_str text)
{
    int64_t unused = 0;
    return keys->integers ? cm_value_integer(text, &unused)
                          : text.n <= CM_CSV_MAX_FIELD;
}

/* make_room has been called. */
static cm_status code_long(cm_keys *keys, cm_str text, uint32_t *code,
                           cm_error *err)
{
    if ((size_t)keys->n_longs * 2 >= keys->long_mask &&
        grow_long_slots(keys, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    uint64_t hash = cm_xxh3(text.p, text.n);
    uint32_t *slot = long_slot(keys, text, hash);
    if (*slot != 0) {
        *code = keys->longs[*slot - 1].code;
        return CM_OK;
    }
    *code = CM_BAD_CODE;
    if (!is_value(keys, text)) {
        return CM_OK;
    }
    cm_long_text added = {hash, keys->pool.n, (uint32_t)text.n, keys->n};
    cm_buf_add(&keys->pool, text.p, text.n);
    cm_status status = cm_buf_check(&keys->pool, err);
    if (status == CM_OK) {
        status = cm_grow(&keys->longs, keys->n_longs, &keys->longs_capacity,
                         sizeof *keys->longs, err);
    }
    if (status == CM_OK) {
        keys->longs[keys->n_longs++] = added;
        *slot = keys->n_longs;
        keys->keys[keys->n] = CM_KEY_LONG;
        *code = keys->n++;
    }
    return status;
}

static inline uint64_t short_key(cm_str text)
{
    uint64_t key = 0;
    memcpy(&key, text.p, text.n);
    return text.n == 0 ? CM_KEY_EMPTY : key;
}

/* A short text that is not in the table yet; slot is where it belongs. */
static __attribute__((noinline)) uint32_t
add_short(cm_keys *keys, cm_key_slot *slot, uint64_t key)
{
    char bytes[SHORT];
    memcpy(bytes, &key, SHORT);
    if (!is_value(keys, (cm_str){bytes, cm_key_length(key)})) {
        return CM_BAD_CODE;
    }
    slot->key = key;
    slot->code = keys->n;
    keys->keys[keys->n] = key;
    return keys->n++;
}

static inline uint32_t code_short(cm_keys *keys, uint64_t key, uint64_t at)
{
    for (;; at = (at + 1) & keys->mask) {
        cm_key_slot *slot = &keys->slots[at];
        if (__builtin_expect(slot->key == key, 1)) {
            return slot->code;
        }
        if (slot->key == 0) {
            return add_short(keys, slot, key);
        }
    }
}

cm_status cm_keys_code(cm_keys *keys, cm_str text, uint32_t *code,
                       cm_error *err)
{
    cm_status status = make_room(keys, 1, err);
    if (status != CM_OK) {
        return status;
    }
    if (text.n > SHORT) {
        return code_long(keys, text, code, err);
    }
    uint64_t key = short_key(text);
    *code = code_short(keys, key, slot_of(key, keys->shift));
    return CM_OK;
}

/* The keys of some rows, CM_KEY_LONG for long texts; returns whether there
 * are any.  The eight bytes up to the end of a field are loaded, whatever is
 * in front of it, and shifted out. */
static bool load_keys(uint64_t *loaded, const cm_chunk_rows *rows, size_t row,
                      size_t n, size_t field)
{
    const uint32_t *end = rows->ends + row * rows->n_fields + field;
    bool any_long = false;
    for (size_t i = 0; i < n; i++, end += rows->n_fields) {
        uint32_t length = *end - end[-1] - 1;
        uint64_t key = 0;
        memcpy(&key, rows->base + *end - SHORT, SHORT);
        key >>= (SHORT * (SHORT - length)) & 63;
        if (__builtin_expect(length - 1 >= SHORT, 0)) {
            key = length == 0 ? CM_KEY_EMPTY : CM_KEY_LONG;
            any_long |= length != 0;
        }
        loaded[i] = key;
    }
    return any_long;
}

static cm_status encode_longs(cm_keys *keys, const uint64_t *loaded,
                              const cm_chunk_rows *rows, size_t row, size_t n,
                              size_t field, uint32_t *codes, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (loaded[i] == CM_KEY_LONG) {
            status = code_long(keys, cm_chunk_rows_field(rows, row + i, field),
                               &codes[i], err);
        }
    }
    return status;
}

static void encode_shorts(cm_keys *keys, const uint64_t *loaded, size_t n,
                          uint32_t *codes)
{
    int shift = keys->shift;
    if (keys->mask >= FAR_SLOTS) {
        for (size_t i = 0; i < n; i++) {
            __builtin_prefetch(&keys->slots[slot_of(loaded[i], shift)]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (__builtin_expect(loaded[i] != CM_KEY_LONG, 1)) {
            codes[i] = code_short(keys, loaded[i], slot_of(loaded[i], shift));
        }
    }
}

cm_status cm_keys_encode(cm_keys *keys, const cm_chunk_rows *rows, size_t field,
                         uint32_t *codes, bool *bad, cm_error *err)
{
    uint64_t loaded[BATCH];
    uint32_t worst = 0;
    for (size_t row = 0; row < rows->n_rows; row += BATCH) {
        size_t n = rows->n_rows - row < BATCH ? rows->n_rows - row : BATCH;
        cm_status status = make_room(keys, n, err);
        if (status != CM_OK) {
            return status;
        }
        bool any_long = load_keys(loaded, rows, row, n, field);
        encode_shorts(keys, loaded, n, codes + row);
        if (any_long) {
            status = encode_longs(keys, loaded, rows, row, n, field,
                                  codes + row, err);
        }
        if (status != CM_OK) {
            return status;
        }
        for (size_t i = 0; i < n; i++) {
            worst = codes[row + i] > worst ? codes[row + i] : worst;
        }
    }
    *bad |= worst == CM_BAD_CODE;
    return CM_OK;
}

/* The last key ends its probe sequence: freeing its slot breaks no other. */
static void forget_last(cm_keys *keys)
{
    uint64_t key = keys->keys[--keys->n];
    if (key == CM_KEY_LONG) {
        const cm_long_text *text = &keys->longs[--keys->n_longs];
        uint64_t at = text->hash & keys->long_mask;
        while (keys->long_slots[at] != keys->n_longs + 1) {
            at = (at + 1) & keys->long_mask;
        }
        keys->long_slots[at] = 0;
        keys->pool.n = text->offset;
        return;
    }
    uint64_t at = slot_of(key, keys->shift);
    while (keys->slots[at].key != key) {
        at = (at + 1) & keys->mask;
    }
    keys->slots[at].key = 0;
}

void cm_keys_rollback(cm_keys *keys, uint32_t n)
{
    while (keys->n > n) {
        forget_last(keys);
    }
}
