/* The registry: shards, and sums over them. */
#include "monitoring/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitoring/label_text.h"
#include "monitoring/process.h"
#include "monitoring/registry.h"

static cm_registry_shard *shard_new(const metrics_layout *layout, cm_error *err)
{
    size_t size = sizeof(cm_registry_shard) + layout->n_slots * sizeof(double);
    size = (size + CM_CACHE_LINE - 1) / CM_CACHE_LINE * CM_CACHE_LINE;
    cm_registry_shard *shard = aligned_alloc(CM_CACHE_LINE, size);
    if (shard == NULL) {
        cm_fail(err, CM_ERR_NOMEM, "out of memory: %zu bytes of metrics", size);
        return NULL;
    }
    shard->places = layout->places;
    for (size_t i = 0; i < layout->n_slots; i++) {
        atomic_init(&shard->slots[i], 0);
    }
    return shard;
}

static info_labels *info_new(cm_error *err)
{
    info_labels *info = cm_alloc_zero(1, sizeof *info, err);
    if (info != NULL) {
        pthread_mutex_init(&info->lock, NULL);
    }
    return info;
}

static void info_free(info_labels *info)
{
    if (info != NULL) {
        for (size_t m = 0; m < CM_N_METRICS; m++) {
            free(info->texts[m]);
        }
        pthread_mutex_destroy(&info->lock);
        free(info);
    }
}

static cm_status shards_new(cm_registry *metrics, cm_error *err)
{
    size_t n = metrics->n_shards + 1;
    metrics->shards = cm_alloc_zero(n, sizeof *metrics->shards, err);
    for (size_t i = 0; metrics->shards != NULL && i < n; i++) {
        metrics->shards[i] = shard_new(&metrics->layout, err);
        if (metrics->shards[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return metrics->shards == NULL ? CM_ERR_NOMEM : CM_OK;
}

cm_status cm_registry_new(cm_registry **out, size_t n_shards,
                          cm_label_values handlers, cm_label_values methods,
                          cm_error *err)
{
    cm_registry *metrics = cm_alloc_zero(1, sizeof *metrics, err);
    if (metrics == NULL) {
        return CM_ERR_NOMEM;
    }
    metrics->n_shards = n_shards;
    metrics->process_start = process_start_time();
    cm_status status = layout_init(&metrics->layout, handlers, methods, err);
    if (status == CM_OK) {
        status = shards_new(metrics, err);
    }
    if (status == CM_OK) {
        metrics->info = info_new(err);
        status = metrics->info == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status == CM_OK) {
        *out = metrics;
    } else {
        cm_registry_free(metrics);
    }
    return status;
}

void cm_registry_free(cm_registry *metrics)
{
    if (metrics == NULL) {
        return;
    }
    for (size_t i = 0; metrics->shards != NULL && i <= metrics->n_shards; i++) {
        free(metrics->shards[i]);
    }
    free(metrics->shards);
    info_free(metrics->info);
    layout_release(&metrics->layout);
    free(metrics);
}

cm_registry_shard *cm_registry_shard_of(cm_registry *metrics, size_t thread)
{
    CM_ASSERT(thread < metrics->n_shards);
    return metrics->shards[thread];
}

size_t cm_registry_child(const cm_registry *metrics, cm_metric metric,
                         size_t handler, size_t method, unsigned status)
{
    CM_ASSERT(handler < metrics->layout.n_handlers);
    CM_ASSERT(method < metrics->layout.n_methods);
    return cm_place_child(&metrics->layout.places[metric], handler, method,
                          status);
}

/* The slot of a child in the shard that any thread may write. */
static _Atomic double *common_slot(cm_registry *metrics, cm_metric metric,
                                   size_t child)
{
    CM_ASSERT(child < metrics->layout.places[metric].n_children);
    return cm_child_slots(metrics->shards[metrics->n_shards], metric, child);
}

void cm_registry_count(cm_registry *metrics, cm_metric metric, size_t child,
                       double amount)
{
    CM_ASSERT(metric_rows[metric].type == METRIC_COUNTER);
    _Atomic double *slot = common_slot(metrics, metric, child);
    double value = atomic_load_explicit(slot, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(slot, &value, value + amount)) {
    }
}

void cm_registry_set(cm_registry *metrics, cm_metric metric, size_t child,
                     double value)
{
    CM_ASSERT(metric_rows[metric].type == METRIC_GAUGE);
    atomic_store_explicit(common_slot(metrics, metric, child), value,
                          memory_order_relaxed);
}

cm_status cm_registry_set_info(cm_registry *metrics, cm_metric metric,
                               const char *const *values, cm_error *err)
{
    CM_ASSERT(metric_rows[metric].type == METRIC_INFO);
    cm_buf text = {0};
    for (size_t i = 0; list_word(metric_rows[metric].labels, ',', i).n; i++) {
        label_text_add(&text, list_word(metric_rows[metric].labels, ',', i),
                       cm_str_of(values[i]));
    }
    cm_status status = cm_buf_check(&text, err);
    if (status != CM_OK) {
        cm_buf_release(&text);
        return status;
    }
    pthread_mutex_lock(&metrics->info->lock);
    char *old = metrics->info->texts[metric];
    metrics->info->texts[metric] = text.p;
    pthread_mutex_unlock(&metrics->info->lock);
    free(old);
    return CM_OK;
}

static double sum_of_slot(const cm_registry *metrics, size_t slot)
{
    double sum = 0;
    for (size_t i = 0; i <= metrics->n_shards; i++) {
        sum += atomic_load_explicit(&metrics->shards[i]->slots[slot],
                                    memory_order_relaxed);
    }
    return sum;
}

/* values: the value and when, of the shard that recorded last. */
static void find_last(const cm_registry *metrics, size_t slot, double values[2])
{
    values[0] = values[1] = 0;
    for (size_t i = 0; i < metrics->n_shards; i++) {
        const _Atomic double *slots = &metrics->shards[i]->slots[slot];
        double when = atomic_load_explicit(slots + 1, memory_order_acquire);
        if (when > values[1]) {
            values[0] = atomic_load_explicit(slots, memory_order_relaxed);
            values[1] = when;
        }
    }
}

void registry_sum_up(const cm_registry *metrics, double *values)
{
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        const cm_metric_place *place = &metrics->layout.places[m];
        size_t end = place->first + place->n_children * place->width;
        if (metric_rows[m].type == METRIC_LAST) {
            find_last(metrics, place->first, values + place->first);
            continue;
        }
        for (size_t slot = place->first; slot < end; slot++) {
            values[slot] = sum_of_slot(metrics, slot);
        }
    }
}

/* Sum of slot `at` of a child, or of every child. */
static double sum_of_children(const cm_registry *metrics, cm_metric metric,
                              size_t child, size_t at)
{
    const cm_metric_place *place = &metrics->layout.places[metric];
    bool all = child == CM_ALL_CHILDREN;
    CM_ASSERT(all || child < place->n_children);
    size_t end = all ? place->n_children : child + 1;
    double sum = 0;
    for (size_t c = all ? 0 : child; c < end; c++) {
        sum += sum_of_slot(metrics, place->first + c * place->width + at);
    }
    return sum;
}

double cm_registry_total(const cm_registry *metrics, cm_metric metric,
                         size_t child)
{
    const cm_metric_place *place = &metrics->layout.places[metric];
    double sum = 0, last[2];
    switch (metric_rows[metric].type) {
    case METRIC_LAST:
        find_last(metrics, place->first, last);
        return last[0];
    case METRIC_HISTOGRAM:
    case METRIC_SUMMARY:
        for (size_t at = 1; at < place->width; at++) {
            sum += sum_of_children(metrics, metric, child, at);
        }
        return sum;
    default:
        return sum_of_children(metrics, metric, child, 0);
    }
}

double cm_registry_sum(const cm_registry *metrics, cm_metric metric,
                       size_t child)
{
    return sum_of_children(metrics, metric, child, 0);
}

size_t cm_registry_buckets(const cm_registry *metrics, cm_metric metric,
                           size_t child, double *counts, size_t max)
{
    size_t n = metrics->layout.places[metric].n_bounds + 1;
    for (size_t i = 0; i < n && i < max; i++) {
        counts[i] = sum_of_children(metrics, metric, child, 1 + i);
    }
    return n;
}

const double *cm_registry_bounds(const cm_registry *metrics, cm_metric metric,
                                 size_t *n)
{
    *n = metrics->layout.places[metric].n_bounds;
    return metrics->layout.places[metric].bounds;
}
