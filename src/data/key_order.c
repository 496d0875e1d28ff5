/* Sorts the keys of each thread by radix and merges them by a heap. */
#include "data/key_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "data/value.h"

enum { SHORT = 8, DIGITS = 8, DIGIT_VALUES = 256 };

void cm_key_order_release(cm_key_order *order)
{
    free(order->list);
    free(order->ranks);
    *order = (cm_key_order){0};
}

static uint64_t order_of_text(const char *p, size_t n)
{
    uint64_t bytes = 0;
    memcpy(&bytes, p, n < SHORT ? n : SHORT);
    return __builtin_bswap64(bytes);
}

static uint64_t order_of_integer(const char *p, size_t n)
{
    int64_t value = 0;
    bool valid = cm_value_integer((cm_str){p, n}, &value);
    CM_ASSERT(valid); /* keys take nothing else */
    return (uint64_t)value ^ (1ull << 63);
}

static int64_t integer_of_order(uint64_t order)
{
    return (int64_t)(order ^ (1ull << 63));
}

static cm_ordered_key ordered_long(const cm_keys *keys, uint32_t i)
{
    const cm_long_text *text = &keys->longs[i];
    const char *p = keys->pool.p + text->offset;
    if (keys->integers) {
        return (cm_ordered_key){order_of_integer(p, text->n), text->code, 0};
    }
    return (cm_ordered_key){order_of_text(p, text->n), text->code, i + 1};
}

static cm_ordered_key ordered_short(const cm_keys *keys, uint32_t code)
{
    uint64_t key = keys->keys[code] == CM_KEY_EMPTY ? 0 : keys->keys[code];
    char bytes[SHORT];
    memcpy(bytes, &key, SHORT);
    uint64_t order = keys->integers
                         ? order_of_integer(bytes, cm_key_length(key))
                         : __builtin_bswap64(key);
    return (cm_ordered_key){order, code, 0};
}

static void list_keys(cm_ordered_key *list, const cm_keys *keys)
{
    uint32_t next_long = 0;
    for (uint32_t code = 0; code < keys->n; code++) {
        list[code] = keys->keys[code] == CM_KEY_LONG
                         ? ordered_long(keys, next_long++)
                         : ordered_short(keys, code);
    }
}

/* Moves the keys from one array to the other, by the digit at shift. */
static void radix_pass(cm_ordered_key *to, const cm_ordered_key *from, size_t n,
                       int shift, size_t *starts)
{
    for (size_t i = 0; i < n; i++) {
        to[starts[(from[i].order >> shift) % DIGIT_VALUES]++] = from[i];
    }
}

/* Least significant digit first; a digit that is the same in all is skipped.
 * Returns the array with the result. */
static cm_ordered_key *radix_sort(cm_ordered_key *list, cm_ordered_key *other,
                                  size_t n)
{
    size_t counts[DIGITS][DIGIT_VALUES] = {0};
    for (size_t i = 0; i < n; i++) {
        for (int d = 0; d < DIGITS; d++) {
            counts[d][(list[i].order >> (8 * d)) % DIGIT_VALUES]++;
        }
    }
    for (int d = 0; d < DIGITS && n > 0; d++) {
        if (counts[d][(list[0].order >> (8 * d)) % DIGIT_VALUES] == n) {
            continue;
        }
        size_t sum = 0;
        for (int v = 0; v < DIGIT_VALUES; v++) {
            size_t count = counts[d][v];
            counts[d][v] = sum;
            sum += count;
        }
        radix_pass(other, list, n, 8 * d, counts[d]);
        cm_ordered_key *sorted = other;
        other = list;
        list = sorted;
    }
    return list;
}

/* The whole text of a key that is no integer. */
static cm_str text_of(const cm_keys *keys, const cm_ordered_key *key,
                      char scratch[SHORT])
{
    if (key->long_text != 0) {
        const cm_long_text *text = &keys->longs[key->long_text - 1];
        return (cm_str){keys->pool.p + text->offset, text->n};
    }
    uint64_t bytes = __builtin_bswap64(key->order);
    memcpy(scratch, &bytes, SHORT);
    return (cm_str){scratch, cm_key_length(bytes)};
}

static int compare(const cm_keys *a_keys, const cm_ordered_key *a,
                   const cm_keys *b_keys, const cm_ordered_key *b)
{
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    if ((a->long_text | b->long_text) == 0) {
        return 0;
    }
    char a_scratch[SHORT];
    char b_scratch[SHORT];
    return cm_str_compare(text_of(a_keys, a, a_scratch),
                          text_of(b_keys, b, b_scratch));
}

static int by_text(const void *a, const void *b, void *keys)
{
    return compare(keys, a, keys, b);
}

/* Keys with the same first eight bytes. */
static void sort_ties(cm_ordered_key *list, size_t n, const cm_keys *keys)
{
    for (size_t from = 0, to = 0; from < n; from = to) {
        bool any_long = false;
        for (to = from; to < n && list[to].order == list[from].order; to++) {
            any_long |= list[to].long_text != 0;
        }
        if (any_long && to - from > 1) {
            qsort_r(list + from, to - from, sizeof *list, by_text,
                    (void *)keys);
        }
    }
}

cm_status cm_key_order_sort(cm_key_order *order, cm_keys *keys, cm_error *err)
{
    cm_keys_freeze(keys);
    order->keys = keys;
    order->n = keys->n;
    order->list = cm_alloc_large(keys->n, sizeof *order->list, err);
    order->ranks = cm_alloc(keys->n, sizeof *order->ranks, err);
    cm_ordered_key *other = cm_alloc_large(keys->n, sizeof *other, err);
    if (order->list == NULL || order->ranks == NULL || other == NULL) {
        free(other);
        return CM_ERR_NOMEM;
    }
    list_keys(order->list, keys);
    cm_ordered_key *sorted = radix_sort(order->list, other, keys->n);
    free(sorted == other ? order->list : other);
    order->list = sorted;
    sort_ties(order->list, order->n, keys);
    return CM_OK;
}

/* The next key of one order. */
typedef struct cursor {
    cm_key_order *order;
    size_t at;
} cursor;

static bool precedes(const cursor *a, const cursor *b)
{
    return compare(a->order->keys, &a->order->list[a->at], b->order->keys,
                   &b->order->list[b->at]) < 0;
}

/* Restores the heap, whose smallest cursor is first, below element i. */
static void sift_down(cursor *heap, size_t n, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++) {
            if (child < n && precedes(&heap[child], &heap[least])) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        cursor moved = heap[i];
        heap[i] = heap[least];
        heap[least] = moved;
        i = least;
    }
}

/* What is written: the arrays of the dictionary. */
typedef struct writing {
    bool integers;
    size_t n;
    int64_t *values;
    uint64_t *offsets;
    char *bytes;
} writing;

static void append(writing *w, const cm_keys *keys, const cm_ordered_key *key)
{
    if (w->integers) {
        w->values[w->n++] = integer_of_order(key->order);
        return;
    }
    char scratch[SHORT];
    cm_str text = text_of(keys, key, scratch);
    memcpy(w->bytes + w->offsets[w->n], text.p, text.n);
    w->offsets[w->n + 1] = w->offsets[w->n] + text.n;
    w->n++;
}

static void merge(writing *w, cursor *heap, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        sift_down(heap, n, i);
    }
    const cm_keys *last_keys = NULL;
    const cm_ordered_key *last = NULL;
    while (n > 0) {
        cm_key_order *order = heap[0].order;
        const cm_ordered_key *key = &order->list[heap[0].at];
        if (last == NULL || compare(last_keys, last, order->keys, key) != 0) {
            append(w, order->keys, key);
            last_keys = order->keys;
            last = key;
        }
        order->ranks[key->code] = (uint32_t)(w->n - 1);
        if (++heap[0].at == order->n) {
            heap[0] = heap[--n];
        }
        sift_down(heap, n, 0);
    }
}

/* Most that the keys can need. */
static cm_status allocate(writing *w, const cm_key_order *orders, size_t n,
                          cm_error *err)
{
    size_t entries = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        entries += orders[i].n;
        bytes += orders[i].n * SHORT + orders[i].keys->pool.n;
    }
    if (w->integers) {
        w->values = cm_alloc(entries, sizeof *w->values, err);
        return w->values == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    w->offsets = cm_alloc(entries + 1, sizeof *w->offsets, err);
    w->bytes = cm_alloc(bytes, 1, err);
    if (w->offsets == NULL || w->bytes == NULL) {
        return CM_ERR_NOMEM;
    }
    w->offsets[0] = 0;
    return CM_OK;
}

/* Gives back what was not needed. */
static void *shrink(void *array, size_t n, size_t size)
{
    void *shrunk = realloc(array, n * size == 0 ? 1 : n * size);
    return shrunk == NULL ? array : shrunk;
}

cm_status cm_key_order_merge(cm_dictionary *out, cm_key_order *orders, size_t n,
                             cm_error *err)
{
    writing w = {.integers = orders[0].keys->integers};
    cursor *heap = cm_alloc(n, sizeof *heap, err);
    cm_status status =
        heap == NULL ? CM_ERR_NOMEM : allocate(&w, orders, n, err);
    size_t n_heap = 0;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (orders[i].n > 0) {
            heap[n_heap++] = (cursor){&orders[i], 0};
        }
    }
    if (status == CM_OK) {
        merge(&w, heap, n_heap);
    }
    if (status == CM_OK && w.n > CM_MAX_KEYS) {
        status =
            cm_fail(err, CM_ERR_UNSUPPORTED,
                    "a column has more than %u distinct values", CM_MAX_KEYS);
    }
    free(heap);
    if (status == CM_OK && w.integers) {
        w.values = shrink(w.values, w.n, sizeof *w.values);
    } else if (status == CM_OK) {
        w.bytes = shrink(w.bytes, w.offsets[w.n], 1);
        w.offsets = shrink(w.offsets, w.n + 1, sizeof *w.offsets);
    }
    *out = (cm_dictionary){(uint32_t)w.n, w.offsets, w.bytes, w.values};
    return status;
}
