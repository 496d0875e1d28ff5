/* Where a key is in a CTR table: open addressing with linear probing, less
 * than two thirds full.  Private to model. */
#ifndef CM_MODEL_CTR_INDEX_H
#define CM_MODEL_CTR_INDEX_H

#include "base/mem.h"
#include "model/model.h"

#define NO_KEY UINT32_MAX

typedef struct ctr_bucket {
    uint64_t key;
    uint32_t place; /* NO_KEY: empty */
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

/* The place of the key in the table, or NO_KEY. */
static inline uint32_t ctr_index_find(const ctr_index *index, uint64_t key,
                                      uint64_t start)
{
    const ctr_bucket *bucket = &index->buckets[start];
    while (bucket->place != NO_KEY && bucket->key != key) {
        start = (start + 1) & index->mask;
        bucket = &index->buckets[start];
    }
    return bucket->place;
}

#endif
