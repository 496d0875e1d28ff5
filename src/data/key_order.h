/* The keys of the threads put in the order of a dictionary, and merged. */
#ifndef CM_DATA_KEY_ORDER_H
#define CM_DATA_KEY_ORDER_H

#include "data/dataset.h"
#include "data/keys.h"

/* One key.  Texts are ordered by their first eight bytes, highest first, then
 * by all of them; integers by value. */
typedef struct cm_ordered_key {
    uint64_t order;
    uint32_t code;
    uint32_t long_text; /* index into the longs + 1; 0: a short text */
} cm_ordered_key;

/* The keys of one thread, ascending. */
typedef struct cm_key_order {
    const cm_keys *keys;
    size_t n;
    cm_ordered_key *list; /* (n) */
    uint32_t *ranks;      /* (n) code -> rank in the merged dictionary */
} cm_key_order;

/* Freezes the keys.  order is zero-initialised; release it in any case. */
CM_MUST_USE cm_status cm_key_order_sort(cm_key_order *order, cm_keys *keys,
                                        cm_error *err);
void cm_key_order_release(cm_key_order *order);

/* The dictionary of all keys, and their ranks in it.  The arrays of out are
 * the caller's to free, in any case. */
CM_MUST_USE cm_status cm_key_order_merge(cm_dictionary *out,
                                         cm_key_order *orders, size_t n,
                                         cm_error *err);

#endif
