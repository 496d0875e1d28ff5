#include "model/ctr_index.h"

#include <inttypes.h>

#include "model/model_body.h"

/* A million honest keys stay below 300; whoever builds longer runs would make
 * reading a table take quadratic time. */
enum { MAX_PROBES = 4096 };

static cm_status insert(const ctr_index *index, ctr_bucket *buckets,
                        uint64_t key, uint32_t place, cm_error *err)
{
    uint64_t at = ctr_index_start(index, key);
    for (int probes = 0; buckets[at].place != NO_KEY; probes++) {
        if (buckets[at].key == key || probes == MAX_PROBES) {
            return cm_fail(err, CM_ERR_DATA,
                           "a CTR table has the key %" PRIu64 " %s; expected "
                           "distinct keys, which are hashes",
                           key,
                           buckets[at].key == key
                               ? "twice"
                               : "among thousands made to collide");
        }
        at = (at + 1) & index->mask;
    }
    buckets[at] = (ctr_bucket){key, place};
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
        buckets[i].place = NO_KEY;
    }
    for (size_t k = 0; k < table->n_keys && status == CM_OK; k++) {
        status = insert(index, buckets, table->keys[k], (uint32_t)k, err);
    }
    return status;
}
