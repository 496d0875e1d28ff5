/* What a registry holds, and a scrape's copy of it.  Private to monitoring. */
#ifndef CM_MONITORING_REGISTRY_H
#define CM_MONITORING_REGISTRY_H

#include <pthread.h>

#include "monitoring/layout.h"

/* Labels of the info metrics, ready to be written ("" where there are none),
 * behind a lock: they change as rarely as the model does. */
typedef struct info_labels {
    pthread_mutex_t lock;
    char *texts[CM_N_METRICS];
} info_labels;

struct cm_registry {
    metrics_layout layout;
    size_t n_shards;
    /* (n_shards + 1): the threads', then one that any thread may write, by
     * compare and swap. */
    cm_registry_shard **shards;
    info_labels *info;
    double process_start; /* seconds since 1970 */
};

/* Sums over shards: values (layout.n_slots), of a LAST the newest. */
void registry_sum_up(const cm_registry *metrics, double *values);

#endif
