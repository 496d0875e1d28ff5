/* The model that speaks: one counted reference is held here, one by every
 * thread that scores with it.
 *
 * Two locks: `loading` lets one load happen at a time and may be held for
 * seconds; `speaking` guards the pointer and is held for a few instructions.
 * The request path takes neither unless the generation has changed. */
#include "serving/live_model.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "serving/model_text.h"

struct live_model {
    const cm_model_source *source; /* of path; NULL: it stays */
    char *path;
    cm_registry *metrics; /* NULL: nothing is counted */
    const cm_log *log;
    atomic_uint_least64_t generation; /* of model */

    pthread_mutex_t speaking;
    served_model *model; /* NULL: none is loaded */
    char reason[1024];

    pthread_mutex_t loading;
    cm_bundle_look tried;   /* what path led to when it was last loaded */
    cm_bundle_look noticed; /* and at the last look */
    bool refused;           /* what was tried */
    served_model *retired;  /* speak no longer, but may have readers */
};

cm_status live_model_new(live_model **out, const char *path,
                         cm_registry *metrics, const cm_log *log, cm_error *err)
{
    live_model *live = cm_alloc_zero(1, sizeof *live, err);
    char *copy = cm_strdup(path, err);
    if (live == NULL || copy == NULL) {
        free(live);
        free(copy);
        return CM_ERR_NOMEM;
    }
    live->path = copy;
    live->metrics = metrics;
    live->log = log;
    atomic_init(&live->generation, 0);
    CM_ASSERT(pthread_mutex_init(&live->speaking, NULL) == 0);
    CM_ASSERT(pthread_mutex_init(&live->loading, NULL) == 0);
    *out = live;
    return CM_OK;
}

void live_model_set_source(live_model *live, const cm_model_source *source)
{
    live->source = source;
}

void live_model_free(live_model *live)
{
    if (live != NULL) {
        served_model_release(live->model);
        while (live->retired != NULL) {
            served_model *model = live->retired;
            live->retired = model->next_retired;
            served_model_release(model);
        }
        pthread_mutex_destroy(&live->speaking);
        pthread_mutex_destroy(&live->loading);
        free(live->path);
        free(live);
    }
}

/* ---- readers ---------------------------------------------------------- */

served_model *live_model_acquire(live_model *live)
{
    pthread_mutex_lock(&live->speaking);
    served_model *model = live->model;
    if (model != NULL) {
        atomic_fetch_add_explicit(&model->references, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&live->speaking);
    return model;
}

void served_model_release(served_model *model)
{
    if (model != NULL && atomic_fetch_sub_explicit(&model->references, 1,
                                                   memory_order_acq_rel) == 1) {
        cm_bundle_free(model->bundle);
        cm_buf_release(&model->told);
        free(model);
    }
}

uint64_t live_model_generation(const live_model *live)
{
    return atomic_load_explicit(&live->generation, memory_order_acquire);
}

void live_model_reason(live_model *live, char reason[1024])
{
    pthread_mutex_lock(&live->speaking);
    memcpy(reason, live->reason, sizeof live->reason);
    pthread_mutex_unlock(&live->speaking);
}

/* ---- loading ---------------------------------------------------------- */

static cm_status served_model_new(served_model **out, const char *path,
                                  cm_error *err)
{
    served_model *model = cm_alloc_zero(1, sizeof *model, err);
    if (model == NULL) {
        return CM_ERR_NOMEM;
    }
    model->loaded = (int64_t)time(NULL);
    atomic_init(&model->references, 1);
    cm_status status = cm_bundle_load(&model->bundle, path, err);
    if (status == CM_OK) {
        status = model_text_write(model, &model->told, err);
    }
    if (status != CM_OK) {
        served_model_release(model);
        return status;
    }
    *out = model;
    return CM_OK;
}

static void set_reason(live_model *live, const char *reason)
{
    pthread_mutex_lock(&live->speaking);
    (void)snprintf(live->reason, sizeof live->reason, "%s", reason);
    pthread_mutex_unlock(&live->speaking);
}

/* Frees the retired models that nobody reads any more: not a reader's work,
 * since to free a large one takes longer than to answer a request. */
static void free_retired(live_model *live)
{
    bool some = false;
    served_model **at = &live->retired;
    while (*at != NULL) {
        served_model *model = *at;
        if (atomic_load_explicit(&model->references, memory_order_acquire) >
            1) {
            at = &model->next_retired;
            continue;
        }
        *at = model->next_retired;
        served_model_release(model);
        some = true;
    }
    if (some) {
        (void)malloc_trim(0); /* else every thread that loads keeps some */
    }
}

/* model speaks from here on; readers leave the old one when they notice. */
static void let_speak(live_model *live, served_model *model)
{
    pthread_mutex_lock(&live->speaking);
    served_model *old = live->model;
    model->generation = old == NULL ? 1 : old->generation + 1;
    live->model = model;
    atomic_store_explicit(&live->generation, model->generation,
                          memory_order_release);
    pthread_mutex_unlock(&live->speaking);
    if (old != NULL) {
        old->next_retired = live->retired;
        live->retired = old;
    }
}

/* Gauges that say which model speaks.  Lack of memory for a label is no reason
 * to stop serving. */
static void tell_metrics(cm_registry *metrics, const served_model *model)
{
    char trees[24], features[24];
    const cm_model *m = cm_bundle_model(model->bundle);
    (void)snprintf(trees, sizeof trees, "%zu", m->n_trees);
    (void)snprintf(features, sizeof features, "%zu", m->n_features);
    const char *const labels[] = {cm_bundle_version(model->bundle),
                                  cm_bundle_created(model->bundle), trees,
                                  features};
    (void)!cm_registry_set_info(metrics, CM_METRIC_model_info, labels, NULL);
    cm_registry_set(metrics, CM_METRIC_model_loaded, 0, (double)model->loaded);
}

static void count_result(live_model *live, cm_reload_result result)
{
    if (live->metrics == NULL) {
        return;
    }
    cm_registry_count(live->metrics, CM_METRIC_model_reloads, (size_t)result,
                      1);
    if (result == CM_RELOAD_LOADED) {
        tell_metrics(live->metrics, live->model);
    }
}

/* Only a load changes live->model, so whoever holds `loading` may read it. */
static const char *version_of(const live_model *live)
{
    return live->model == NULL ? "" : cm_bundle_version(live->model->bundle);
}

static void refuse(live_model *live, const cm_error *reason)
{
    const char *version = version_of(live);
    set_reason(live, reason->message);
    cm_warn(live->log, "model refused, %s%s: %s",
            version[0] == '\0' ? "none is served" : "goes on with ", version,
            reason->message);
}

static cm_reload_result take(live_model *live, served_model *model)
{
    set_reason(live, "");
    if (strcmp(version_of(live), cm_bundle_version(model->bundle)) == 0) {
        cm_info(live->log, "model %s is served already", version_of(live));
        served_model_release(model);
        return CM_RELOAD_UNCHANGED;
    }
    let_speak(live, model);
    cm_info(live->log, "model %s is served, trained %s", version_of(live),
            cm_bundle_created(model->bundle));
    return CM_RELOAD_LOADED;
}

/* Asks the source where the model is now, if there is one. */
static cm_status find_path(live_model *live, cm_error *err)
{
    char *path = NULL;
    if (live->source == NULL) {
        return CM_OK;
    }
    cm_status status = live->source->find(live->source->context, &path, err);
    if (status == CM_OK) {
        free(live->path);
        live->path = path;
    }
    return status;
}

/* What path leads to, with `loading` held; found: whether that is known. */
static cm_status load(live_model *live, cm_status found, live_reload *told,
                      cm_error *err)
{
    served_model *model = NULL;
    cm_status status = found;
    free_retired(live);
    (void)snprintf(told->previous, sizeof told->previous, "%s",
                   version_of(live));
    if (status == CM_OK) {
        live->tried = live->noticed = cm_bundle_look_at(live->path);
        status = served_model_new(&model, live->path, err);
        live->refused = status != CM_OK;
    }
    if (status == CM_OK) {
        told->result = take(live, model);
    } else {
        told->result = CM_RELOAD_REFUSED;
        refuse(live, err);
    }
    (void)snprintf(told->version, sizeof told->version, "%s", version_of(live));
    count_result(live, told->result);
    return status;
}

cm_status live_model_exchange(live_model *live, live_reload *told,
                              cm_error *err)
{
    cm_error reason = {0};
    pthread_mutex_lock(&live->loading);
    cm_status status = load(live, find_path(live, &reason), told, &reason);
    pthread_mutex_unlock(&live->loading);
    if (status != CM_OK && err != NULL) {
        *err = reason;
    }
    return status;
}

cm_status live_model_reload(live_model *live, cm_error *err)
{
    live_reload told;
    return live_model_exchange(live, &told, err);
}

/* ---- watching --------------------------------------------------------- */

static bool same_look(cm_bundle_look a, cm_bundle_look b)
{
    return a.folder == b.folder && a.files == b.files;
}

/* A folder that was refused may still be being copied: it is tried again once
 * it has looked the same twice. */
static bool is_worth_trying(live_model *live)
{
    cm_bundle_look now = cm_bundle_look_at(live->path);
    bool settled = same_look(now, live->noticed);
    live->noticed = now;
    return !same_look(now, live->tried) &&
           (settled || !live->refused || now.folder != live->tried.folder);
}

void live_model_check(live_model *live)
{
    cm_error reason = {0};
    live_reload told;
    pthread_mutex_lock(&live->loading);
    free_retired(live);
    cm_status found = find_path(live, &reason);
    if (found != CM_OK || is_worth_trying(live)) {
        (void)!load(live, found, &told, &reason);
    }
    pthread_mutex_unlock(&live->loading);
}
