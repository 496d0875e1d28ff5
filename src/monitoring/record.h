/* The request path's part of metrics.h: slots, and how they are written.
 *
 * A shard is an array of slots.  A metric has a place: where its first child
 * begins, and how many slots a child has:
 *   counter, gauge      value
 *   LAST                value, when
 *   histogram, summary  sum, then the count of each bucket, +Inf's last
 * A slot is loaded and stored as a whole (a plain move), never torn; no other
 * thread writes it, so nothing is lost. */
#ifndef CM_MONITORING_RECORD_H
#define CM_MONITORING_RECORD_H

#include <stdatomic.h>

#include "monitoring/metrics.h"

enum { CM_CACHE_LINE = 64, CM_N_STATUSES = 5 };

typedef struct cm_metric_place {
    uint32_t first;      /* slot of child 0 */
    uint32_t width;      /* slots of a child */
    uint32_t n_children; /* 0 for INFO */
    uint32_t n_bounds;
    /* From a label's value to the child; 0: the metric has no such label. */
    uint32_t handler_step, method_step, status_step;
    const double *bounds; /* (n_bounds) */
} cm_metric_place;

/* Slots begin and end with a cache line: shards share none. */
struct cm_registry_shard {
    const cm_metric_place *places; /* (CM_N_METRICS) */
    _Alignas(CM_CACHE_LINE) _Atomic double slots[];
};

static inline void cm_slot_add(_Atomic double *slot, double amount)
{
    double value = atomic_load_explicit(slot, memory_order_relaxed);
    atomic_store_explicit(slot, value + amount, memory_order_relaxed);
}

/* The first bucket whose bound is not under value: binary search without a
 * branch that depends on value.  NaN belongs to +Inf. */
static inline size_t cm_bucket_of(const double *bounds, size_t n, double value)
{
    const double *low = bounds;
    while (n > 1) {
        size_t half = n / 2;
        low += half & -(size_t) !(value <= low[half - 1]);
        n -= half;
    }
    return (size_t)(low - bounds) + (n == 1 && !(value <= *low));
}

static inline _Atomic double *cm_child_slots(cm_registry_shard *shard,
                                             cm_metric metric, size_t child)
{
    const cm_metric_place *place = &shard->places[metric];
    return shard->slots + place->first + child * place->width;
}

static inline size_t cm_place_child(const cm_metric_place *place,
                                    size_t handler, size_t method,
                                    unsigned status)
{
    size_t hundreds = status / 100 - 1;
    if (hundreds >= CM_N_STATUSES) {
        hundreds = CM_N_STATUSES - 1;
    }
    return handler * place->handler_step + method * place->method_step +
           hundreds * place->status_step;
}

static inline void cm_registry_add(cm_registry_shard *shard, cm_metric metric,
                                   size_t child, double amount)
{
    cm_slot_add(cm_child_slots(shard, metric, child), amount);
}

static inline void cm_registry_observe(cm_registry_shard *shard,
                                       cm_metric metric, size_t child,
                                       double value)
{
    const cm_metric_place *place = &shard->places[metric];
    _Atomic double *slots = cm_child_slots(shard, metric, child);
    size_t bucket = cm_bucket_of(place->bounds, place->n_bounds, value);
    cm_slot_add(slots, value);
    cm_slot_add(slots + 1 + bucket, 1);
}

static inline void cm_registry_set_last(cm_registry_shard *shard,
                                        cm_metric metric, double value,
                                        double when)
{
    _Atomic double *slots = cm_child_slots(shard, metric, 0);
    atomic_store_explicit(slots, value, memory_order_relaxed);
    atomic_store_explicit(slots + 1, when, memory_order_release);
}

/* ---- the sets that a server records -------------------------------------- */

/* A request that was answered. */
typedef struct cm_answered {
    size_t handler, method; /* indexes into cm_registry_new's */
    unsigned status;        /* 100 to 599 */
    double seconds;         /* from its first byte to the answer */
    size_t request_bytes, response_bytes; /* of the bodies */
} cm_answered;

/* The http_request* metrics. */
void cm_registry_answered(cm_registry_shard *shard, const cm_answered *request);

/* Rows that got a probability, and when, by a clock that all threads share:
 * predicted_rows_total, predicted_proba_hist and the last probability. */
void cm_registry_predicted(cm_registry_shard *shard,
                           const double *probabilities, size_t n, double when);

#endif
