/* The statistics of a key of a CTR table: open addressing with linear probing,
 * less than two thirds full.  Where a key has at most two numbers, they lie
 * beside it, so that a row costs one cache miss a table.  Private to model. */
#ifndef CM_MODEL_CTR_INDEX_H
#define CM_MODEL_CTR_INDEX_H

#include <string.h>

#include "base/mem.h"
#include "model/model.h"

#define NO_KEY UINT64_MAX /* no table has it */

typedef struct ctr_bucket {
    uint64_t key; /* NO_KEY: empty */
    union {
        int32_t counts[2]; /* of tables of two classes, and of one count */
        struct {
            float sum;
            int32_t count;
        } mean;       /* of tables of target means */
        size_t place; /* in the table, of any other */
    } of;
} ctr_bucket;

typedef struct ctr_index {
    uint64_t mask; /* buckets, a power of two, less one */
    const ctr_bucket *buckets;
} ctr_index;

/* Fails when a key is there twice, or when keys are made to collide. */
CM_MUST_USE cm_status ctr_index_init(ctr_index *index,
                                     const cm_ctr_table *table, cm_arena *arena,
                                     cm_error *err);

/* Where the search for a key starts. */
static inline uint64_t ctr_index_start(const ctr_index *index, uint64_t key)
{
    const uint64_t multiplier = 0x9e3779b97f4a7c15; /* 2^64 / golden ratio */
    uint64_t mixed = (key ^ key >> 32) * multiplier;
    return (mixed ^ mixed >> 32) & index->mask;
}

/* The bucket of a key, or an empty one. */
static inline const ctr_bucket *ctr_index_find(const ctr_index *index,
                                               uint64_t key, uint64_t start)
{
    const ctr_bucket *bucket = &index->buckets[start];
    while (bucket->key != NO_KEY && bucket->key != key) {
        start = (start + 1) & index->mask;
        bucket = &index->buckets[start];
    }
    return bucket;
}

#endif
