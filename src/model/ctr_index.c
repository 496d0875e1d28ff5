#include "model/ctr_index.h"

#include <inttypes.h>

#include "model/model_body.h"

/* A million honest keys stay below 300; whoever builds longer runs would make
 * reading a table take quadratic time. */
enum { MAX_PROBES = 4096 };

static ctr_bucket bucket_of(const cm_ctr_table *table, size_t k)
{
    ctr_bucket bucket = {.key = table->keys[k]};
    if (model_ctr_has_sums(table->type)) {
        bucket.of.mean.sum = table->sums[k];
        bucket.of.mean.count = table->counts[k];
    } else if (model_ctr_width(table) <= 2) {
        size_t width = model_ctr_width(table);
        memcpy(bucket.of.counts, table->counts + k * width,
               width * sizeof *bucket.of.counts);
    } else {
        bucket.of.place = k;
    }
    return bucket;
}

static cm_status insert(const ctr_index *index, ctr_bucket *buckets,
                        ctr_bucket bucket, cm_error *err)
{
    uint64_t at = ctr_index_start(index, bucket.key);
    for (int probes = 0; buckets[at].key != NO_KEY; probes++) {
        if (buckets[at].key == bucket.key || probes == MAX_PROBES) {
            return cm_fail(err, CM_ERR_DATA,
                           "a CTR table has the key %" PRIu64 " %s; expected "
                           "distinct keys, which are hashes",
                           bucket.key,
                           buckets[at].key == bucket.key
                               ? "twice"
                               : "among thousands made to collide");
        }
        at = (at + 1) & index->mask;
    }
    buckets[at] = bucket;
    return CM_OK;
}

cm_status ctr_index_init(ctr_index *index, const cm_ctr_table *table,
                         cm_arena *arena, cm_error *err)
{
    size_t n = 2;
    while (n / 3 * 2 <= table->n_keys) {
        n *= 2;
    }
    ctr_bucket *buckets = model_alloc(arena, n, sizeof *buckets, err);
    cm_status status = buckets == NULL ? CM_ERR_NOMEM : CM_OK;
    *index = (ctr_index){n - 1, buckets};
    for (size_t i = 0; buckets != NULL && i < n; i++) {
        buckets[i] = (ctr_bucket){.key = NO_KEY};
    }
    for (size_t k = 0; k < table->n_keys && status == CM_OK; k++) {
        status = insert(index, buckets, bucket_of(table, k), err);
    }
    return status;
}
