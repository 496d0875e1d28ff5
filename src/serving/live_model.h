/* The model that speaks now, and how another takes its place without a lost
 * request: readers count references, and the old bundle is freed at a reload
 * or check after its last reader has left.  Private to serving. */
#ifndef CM_SERVING_LIVE_MODEL_H
#define CM_SERVING_LIVE_MODEL_H

#include <stdatomic.h>

#include "base/log.h"
#include "monitoring/metrics.h"
#include "score/bundle.h"
#include "serving/server.h"

/* For readers immutable but for its count. */
typedef struct served_model {
    cm_bundle *bundle;
    uint64_t generation;               /* 1, 2, … as they went live */
    int64_t loaded;                    /* seconds since 1970 UTC */
    cm_buf told;                       /* what /model answers */
    atomic_size_t references;          /* live_model's own among them */
    struct served_model *next_retired; /* live_model's */
} served_model;

typedef struct live_model live_model;

/* path as cm_bundle_load takes it.  Nothing is loaded yet.  metrics: NULL
 * counts nothing. */
CM_MUST_USE cm_status live_model_new(live_model **out, const char *path,
                                     cm_registry *metrics, const cm_log *log,
                                     cm_error *err);
void live_model_free(live_model *live); /* NULL is fine */
/* Before the first load: the source (borrowed) is asked for the path with every
 * reload and check, which then may take as long as it does.  What it cannot say
 * is a load that failed. */
void live_model_set_source(live_model *live, const cm_model_source *source);

/* Loads what path leads to now and lets it speak.  On failure the old model
 * stays, the failure is logged and counted, and kept for live_model_reason.
 * The version that speaks already: nothing changes, CM_OK.  From any thread,
 * one at a time. */
CM_MUST_USE cm_status live_model_reload(live_model *live, cm_error *err);
/* What came of a reload. */
typedef struct live_reload {
    cm_reload_result result;
    char version[65], previous[65]; /* that speak now and before; "": none */
} live_reload;
/* The same, and says what came of it, in every case. */
CM_MUST_USE cm_status live_model_exchange(live_model *live, live_reload *told,
                                          cm_error *err);
/* Reloads when the looks of what path leads to have changed since it was last
 * tried, so that a bundle that was refused is tried again only once it is
 * another.  Cheap: some system calls. */
void live_model_check(live_model *live);

/* The model that speaks, one reference more; NULL: none is loaded. */
served_model *live_model_acquire(live_model *live);
void served_model_release(served_model *model); /* NULL is fine */
/* Of the model that speaks; 0: none.  One atomic load. */
uint64_t live_model_generation(const live_model *live);
/* Why the last load failed, "" when it did not. */
void live_model_reason(live_model *live, char reason[1024]);

#endif
