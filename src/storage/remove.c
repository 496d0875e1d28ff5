/* Many objects to remove: by a request each, or a thousand with one request
 * where the storage has such. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/thread.h"
#include "storage/backend.h"

enum { BATCH = 1000 };

typedef struct removing {
    cm_storage *storage;
    cm_removal *removals; /* (n) */
    size_t n, batch;
    atomic_bool one_by_one;
    cm_storage_session **sessions; /* (n_jobs) */
    int n_jobs;
} removing;

static void say_why(cm_removal *removal, const char *why)
{
    free(removal->why);
    removal->why = cm_strdup(why, NULL);
}

static void remove_each(cm_storage_session *session, cm_removal *items,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cm_error error = {0};
        items[i].gone =
            cm_storage_remove(session, items[i].key, &error) == CM_OK;
        if (!items[i].gone) {
            say_why(&items[i], error.message);
        }
    }
}

static void remove_batch(removing *r, cm_storage_session *session,
                         cm_removal *items, size_t n)
{
    cm_error error = {0};
    cm_status status =
        r->storage->backend->remove_many(session, items, n, &error);
    if (status == CM_ERR_UNSUPPORTED) {
        atomic_store(&r->one_by_one, true);
        remove_each(session, items, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!items[i].gone && items[i].why == NULL) {
            say_why(&items[i], status != CM_OK
                                   ? error.message
                                   : "the server does not say that it is gone");
        }
    }
}

static void run_task(void *context, size_t task, int thread)
{
    removing *r = context;
    size_t first = task * r->batch;
    size_t n = r->n - first < r->batch ? r->n - first : r->batch;
    cm_removal *items = r->removals + first;
    if (atomic_load(&r->one_by_one)) {
        remove_each(r->sessions[thread], items, n);
    } else {
        remove_batch(r, r->sessions[thread], items, n);
    }
}

static cm_status run(removing *r, cm_error *err)
{
    size_t n_tasks = (r->n + r->batch - 1) / r->batch;
    size_t jobs = n_tasks < r->storage->jobs ? n_tasks : r->storage->jobs;
    cm_status status = CM_OK;
    r->sessions = cm_alloc_zero(jobs, sizeof(cm_storage_session *), err);
    if (r->sessions == NULL) {
        return CM_ERR_NOMEM;
    }
    while ((size_t)r->n_jobs < jobs && status == CM_OK) {
        status =
            cm_storage_session_new(&r->sessions[r->n_jobs], r->storage, err);
        r->n_jobs += status == CM_OK;
    }
    if (status == CM_OK) {
        cm_parallel(n_tasks, r->n_jobs, run_task, r);
    }
    for (int i = 0; i < r->n_jobs; i++) {
        cm_storage_session_free(r->sessions[i]);
    }
    free(r->sessions);
    return status;
}

static cm_status tell(const removing *r, cm_error *err)
{
    const cm_removal *first = NULL;
    size_t n_failed = 0;
    for (size_t i = 0; i < r->n; i++) {
        const cm_removal *removal = &r->removals[i];
        first = first == NULL && !removal->gone ? removal : first;
        n_failed += !removal->gone;
    }
    return first == NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_IO,
                         "%s: %s could not be removed: %s; %zu of %zu failed",
                         cm_storage_name(r->storage), first->key,
                         first->why != NULL ? first->why : "out of memory",
                         n_failed, r->n);
}

cm_status cm_storage_remove_all(cm_storage *storage, cm_removal *removals,
                                size_t n, cm_error *err)
{
    bool batches = storage->backend->remove_many != NULL;
    removing r = {.storage = storage,
                  .removals = removals,
                  .n = n,
                  .batch = batches ? BATCH : 1};
    atomic_init(&r.one_by_one, !batches);
    for (size_t i = 0; i < n; i++) {
        removals[i].gone = false;
        removals[i].why = NULL;
    }
    if (n == 0) {
        return CM_OK;
    }
    cm_status status = run(&r, err);
    return status == CM_OK ? tell(&r, err) : status;
}
