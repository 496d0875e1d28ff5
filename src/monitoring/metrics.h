/* Metrics of a running server: counters, gauges and histograms of one table
 * (metrics.def), kept in one shard a thread, and written as Prometheus reads
 * them.  Recording takes no lock and no atomic read-modify-write: a shard has
 * one writer, and a scrape adds the shards up. */
#ifndef CM_MONITORING_METRICS_H
#define CM_MONITORING_METRICS_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* CM_METRIC_http_requests and so on: ids of the rows of metrics.def. */
typedef enum cm_metric {
#define CM_METRIC(id, ...) CM_METRIC_##id,
#include "monitoring/metrics.def"
    CM_N_METRICS
} cm_metric;

/* Children of the metrics with labels of their own. */
typedef enum cm_rejected {
    CM_REJECTED_QUEUE,       /* waited too long: 503 */
    CM_REJECTED_CONNECTIONS, /* too many at once */
    CM_REJECTED_ADDRESS,     /* too many of one address */
    CM_REJECTED_MEMORY,      /* the bound of all buffers */
    CM_REJECTED_TIMEOUT,     /* too slow */
    CM_REJECTED_SIZE         /* 413 */
} cm_rejected;

typedef enum cm_reload_result {
    CM_RELOAD_LOADED,
    CM_RELOAD_UNCHANGED,
    CM_RELOAD_REFUSED
} cm_reload_result;

typedef struct cm_registry cm_registry;             /* the registry */
typedef struct cm_registry_shard cm_registry_shard; /* one thread's part */

/* The values of one label, in the order that recording counts them. */
typedef struct cm_label_values {
    const char *const *values;
    size_t n;
} cm_label_values;

/* handlers: the paths of the route table ("/predict/", …, "none" for what
 * matches no route) and methods are the caller's, copied, none twice; statuses
 * are "1xx" to "5xx".  n_shards: threads that record. */
CM_MUST_USE cm_status cm_registry_new(cm_registry **out, size_t n_shards,
                                      cm_label_values handlers,
                                      cm_label_values methods, cm_error *err);
void cm_registry_free(cm_registry *metrics); /* NULL is fine */

cm_registry_shard *cm_registry_shard_of(cm_registry *metrics, size_t thread);

/* Which child of a metric with labels: the index a metric's labels have, in
 * the order metrics.def names them; 0 where it has none.  status 404 is the
 * label "4xx". */
size_t cm_registry_child(const cm_registry *metrics, cm_metric metric,
                         size_t handler, size_t method, unsigned status);

/* ---- recording in the request path: the thread of the shard only ----------
 * Inline, in monitoring/record.h, with the sets of a whole request. */

/* A counter; or a gauge, which is then the sum of what the threads added. */
static inline void cm_registry_add(cm_registry_shard *shard, cm_metric metric,
                                   size_t child, double amount);
/* A histogram or a summary. */
static inline void cm_registry_observe(cm_registry_shard *shard,
                                       cm_metric metric, size_t child,
                                       double value);
/* A LAST.  when: of a clock that all threads share; the value with the
 * greatest one is what a scrape gets. */
static inline void cm_registry_set_last(cm_registry_shard *shard,
                                        cm_metric metric, double value,
                                        double when);

/* ---- recording what is rare: from any thread ------------------------------
 */

/* A counter. */
void cm_registry_count(cm_registry *metrics, cm_metric metric, size_t child,
                       double amount);
/* A gauge; what threads add to it with cm_registry_add comes on top. */
void cm_registry_set(cm_registry *metrics, cm_metric metric, size_t child,
                     double value);
/* Labels of an info metric ("model_info"): its children are replaced by the
 * one with these values, in the order metrics.def names its labels. */
CM_MUST_USE cm_status cm_registry_set_info(cm_registry *metrics,
                                           cm_metric metric,
                                           const char *const *values,
                                           cm_error *err);

/* ---- sums over shards, for those who show figures themselves --------------
 * From any thread.  CM_ALL_CHILDREN adds up the children. */

#define CM_ALL_CHILDREN SIZE_MAX

/* Of a counter or a gauge its value; of a histogram or a summary how many
 * values it observed. */
double cm_registry_total(const cm_registry *metrics, cm_metric metric,
                         size_t child);
/* Of a histogram or a summary: the sum of the values. */
double cm_registry_sum(const cm_registry *metrics, cm_metric metric,
                       size_t child);
/* Of a histogram: how many values were in each bucket (not cumulative), the
 * last being +Inf's.  At most max are written; returns how many there are. */
size_t cm_registry_buckets(const cm_registry *metrics, cm_metric metric,
                           size_t child, double *counts, size_t max);
/* Upper bounds of these buckets, without +Inf: (*n). */
const double *cm_registry_bounds(const cm_registry *metrics, cm_metric metric,
                                 size_t *n);

/* ---- what a scrape gets ---------------------------------------------------
 */

typedef enum cm_exposition {
    CM_EXPOSITION_TEXT,       /* text/plain; version=0.0.4 */
    CM_EXPOSITION_OPENMETRICS /* application/openmetrics-text; version=1.0.0 */
} cm_exposition;

/* Chosen by the q-values of an Accept header (NULL: none was sent). */
cm_exposition cm_exposition_of(const char *accept);
const char *cm_exposition_content_type(cm_exposition format);
/* Whether an Accept-Encoding header (NULL: none was sent) takes gzip. */
bool cm_accepts_gzip(const char *accept_encoding);

/* Appends every metric; reads the process_* ones from the system.  names
 * (n_names): only these families, or samples ("x_count"); n_names 0: all.
 * From any thread, while others record. */
void cm_registry_format(const cm_registry *metrics, cm_exposition format,
                        const cm_str *names, size_t n_names, cm_buf *out);

#include "monitoring/record.h"

#endif
