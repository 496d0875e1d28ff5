/* Many objects at once: each of the jobs has a session, the largest objects
 * are begun first, and one that fails stops nobody.  What is got gets its name
 * when it is checked, sixteen together. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/thread.h"
#include "storage/arrivals.h"

typedef struct transferring {
    cm_storage *storage;
    bool putting;
    cm_transfer **order; /* (n) largest first */
    size_t n;
    cm_storage_session **sessions; /* (n_jobs) */
    int n_jobs;
    cm_progress *progress;
    arrivals arrived;
} transferring;

enum { LARGE = 64 << 20 };

static int larger_first(const void *a, const void *b)
{
    const cm_transfer *x = *(cm_transfer *const *)a;
    const cm_transfer *y = *(cm_transfer *const *)b;
    return (x->size < y->size) - (x->size > y->size);
}

static void get_one(transferring *t, cm_transfer *transfer,
                    cm_storage_session *session)
{
    cm_atomic_file *unchecked = NULL;
    storage_move move = {transfer->key, transfer->path, transfer->md5,
                         t->progress, &unchecked};
    transfer->status =
        t->storage->backend->get(session, &move, &transfer->error);
    if (unchecked != NULL) {
        arrivals_add(&t->arrived, transfer, unchecked);
    }
}

static void run_one(void *context, size_t task, int thread)
{
    transferring *t = context;
    cm_transfer *transfer = t->order[task];
    cm_storage_session *session = t->sessions[thread];
    transfer->error = (cm_error){0};
    if (t->putting) {
        transfer->status =
            cm_storage_put(session, transfer->key, transfer->path,
                           transfer->md5, t->progress, &transfer->error);
    } else {
        get_one(t, transfer, session);
    }
}

/* The jobs are shared among the large files, which go in parts. */
static unsigned part_jobs(const transferring *t)
{
    size_t n_large = 0;
    while (n_large < t->n && t->order[n_large]->size > LARGE) {
        n_large++;
    }
    size_t jobs = n_large == 0 ? 1 : t->storage->jobs / n_large;
    return jobs < 1 ? 1 : (unsigned)jobs;
}

static cm_status open_sessions(transferring *t, cm_error *err)
{
    size_t n = t->n < t->storage->jobs ? t->n : t->storage->jobs;
    t->sessions = cm_alloc_zero(n, sizeof(cm_storage_session *), err);
    if (t->sessions == NULL) {
        return CM_ERR_NOMEM;
    }
    for (; (size_t)t->n_jobs < n; t->n_jobs++) {
        cm_storage_session **session = &t->sessions[t->n_jobs];
        cm_status status = cm_storage_session_new(session, t->storage, err);
        if (status != CM_OK) {
            return status;
        }
        unsigned jobs = part_jobs(t);
        if (jobs < (*session)->part_jobs) {
            (*session)->part_jobs = jobs;
        }
    }
    return CM_OK;
}

static cm_status first_error(const transferring *t, cm_error *err)
{
    const cm_transfer *first = NULL;
    size_t n_failed = 0;
    for (size_t i = 0; i < t->n; i++) {
        bool failed = t->order[i]->status != CM_OK;
        first = failed && first == NULL ? t->order[i] : first;
        n_failed += failed;
    }
    if (first == NULL) {
        return CM_OK;
    }
    return cm_fail(err, first->status, "%s%s%zu of %zu objects failed",
                   first->error.message,
                   first->error.message[0] == '\0' ? "" : "; ", n_failed, t->n);
}

static cm_status run(transferring *t, cm_error *err)
{
    cm_status status = open_sessions(t, err);
    if (status == CM_OK) {
        cm_parallel(t->n, t->n_jobs, run_one, t);
        arrivals_finish(&t->arrived);
        status = first_error(t, err);
    }
    for (int i = 0; i < t->n_jobs; i++) {
        cm_storage_session_free(t->sessions[i]);
    }
    free(t->sessions);
    return status;
}

static cm_status transfer_all(cm_storage *storage, bool putting,
                              cm_transfer *transfers, size_t n,
                              const cm_log *log, cm_error *err)
{
    transferring t = {.storage = storage, .putting = putting, .n = n};
    uint64_t total = 0;
    if (n == 0) {
        return CM_OK;
    }
    t.order = cm_alloc(n, sizeof(cm_transfer *), err);
    if (t.order == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        t.order[i] = &transfers[i];
        t.order[i]->status = CM_ERR_INTERRUPTED;
        total += transfers[i].size;
    }
    qsort(t.order, n, sizeof(cm_transfer *), larger_first);
    arrivals_init(&t.arrived, cm_storage_name(storage));
    t.progress =
        cm_progress_new(log, putting ? "push" : "pull", "bytes", total);
    cm_status status = run(&t, err);
    cm_progress_free(t.progress);
    free(t.order);
    return status;
}

cm_status cm_storage_put_all(cm_storage *storage, cm_transfer *transfers,
                             size_t n, const cm_log *log, cm_error *err)
{
    return transfer_all(storage, true, transfers, n, log, err);
}

cm_status cm_storage_get_all(cm_storage *storage, cm_transfer *transfers,
                             size_t n, const cm_log *log, cm_error *err)
{
    return transfer_all(storage, false, transfers, n, log, err);
}
