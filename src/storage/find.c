/* Which of many keys are there.
 *
 * Asking key by key costs a request each, listing costs one a thousand objects
 * that the storage has, wanted or not.  How many it has is not known, so the
 * listing is given as many pages as asking would cost, and what it has not
 * reached by then is asked.  That is never more than twice the better way. */
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "storage/backend.h"

enum {
    OBJECTS_A_PAGE = 1000,
    /* A page takes as long as some six requests, and sixteen of those are
     * under way at once. */
    KEYS_A_PAGE = 100
};

typedef struct wanted {
    const char *key;
    uint64_t size;
    size_t index; /* of the caller's arrays */
    bool known;   /* found is right, there is nothing to ask */
} wanted;

typedef struct finding {
    cm_storage *storage;
    wanted *keys; /* (n) sorted */
    size_t n;
    bool *found;
    /* The listing. */
    size_t objects_left;
    cm_buf last; /* key */
    bool in_order, stopped;
    /* Asking. */
    cm_storage_session **sessions; /* (n_jobs) */
    cm_error *errors;              /* (n_jobs) */
    int n_jobs;
} finding;

static int by_key(const void *a, const void *b)
{
    return strcmp(((const wanted *)a)->key, ((const wanted *)b)->key);
}

/* First of the sorted keys that is not before key. */
static size_t lower_bound(const finding *f, const char *key)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(f->keys[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_wanted_size(const wanted *w, uint64_t size)
{
    return w->size == UINT64_MAX || w->size == size;
}

/* ---- listing ------------------------------------------------------------ */

static cm_status see_object(void *context, const char *key, uint64_t size,
                            cm_error *err)
{
    finding *f = context;
    if (f->objects_left == 0) {
        f->stopped = true;
        return cm_fail(err, CM_ERR_INTERRUPTED, "enough");
    }
    f->objects_left--;
    f->in_order = f->in_order && (f->last.n == 0 || strcmp(f->last.p, key) < 0);
    cm_buf_clear(&f->last);
    cm_buf_adds(&f->last, key);
    for (size_t i = lower_bound(f, key);
         i < f->n && strcmp(f->keys[i].key, key) == 0; i++) {
        f->keys[i].known = true;
        f->found[f->keys[i].index] = is_wanted_size(&f->keys[i], size);
    }
    return cm_buf_check(&f->last, err);
}

/* What all keys start with. */
static cm_status common_prefix(const finding *f, cm_buf *out, cm_error *err)
{
    const char *a = f->keys[0].key, *b = f->keys[f->n - 1].key;
    size_t n = 0;
    while (a[n] != '\0' && a[n] == b[n]) {
        n++;
    }
    cm_buf_add(out, a, n);
    cm_buf_addc(out, '\0');
    return cm_buf_check(out, err);
}

/* Before where an ordered listing stopped, and everywhere when it did not, what
 * was not seen is not there. */
static void conclude(finding *f)
{
    size_t n = !f->stopped                    ? f->n
               : f->in_order && f->last.n > 0 ? lower_bound(f, f->last.p)
                                              : 0;
    for (size_t i = 0; i < n; i++) {
        f->keys[i].known = true;
    }
}

static cm_status list_some(finding *f, cm_error *err)
{
    cm_buf prefix = {0};
    f->objects_left = f->n / KEYS_A_PAGE * OBJECTS_A_PAGE;
    f->in_order = f->storage->backend->sorted;
    if (f->objects_left == 0 || !f->in_order) {
        return CM_OK;
    }
    cm_status status = common_prefix(f, &prefix, err);
    if (status == CM_OK) {
        cm_error listing = {0};
        status =
            cm_storage_list(f->sessions[0], prefix.p, see_object, f, &listing);
        if (status == CM_OK || f->stopped) {
            conclude(f);
            status = CM_OK;
        } else if (status == CM_ERR_NOMEM) {
            status = cm_fail(err, status, "%s", listing.message);
        } else {
            /* Who may not list may still ask; what is wrong otherwise, asking
             * will say. */
            status = CM_OK;
        }
    }
    cm_buf_release(&prefix);
    return status;
}

/* ---- asking ------------------------------------------------------------- */

/* Leaves the keys that only asking can tell of. */
static void keep_unknown(finding *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!f->keys[i].known) {
            f->keys[n++] = f->keys[i];
        }
    }
    f->n = n;
}

static void ask(void *context, size_t task, int thread)
{
    finding *f = context;
    const wanted *w = &f->keys[task];
    cm_error *err = &f->errors[thread];
    cm_stored stored;
    if (err->code != CM_OK) {
        return;
    }
    err->code = cm_storage_stat(f->sessions[thread], w->key, &stored, err);
    f->found[w->index] =
        err->code == CM_OK && stored.exists && is_wanted_size(w, stored.size);
}

static cm_status ask_the_rest(finding *f, cm_error *err)
{
    keep_unknown(f);
    cm_parallel(f->n, f->n_jobs, ask, f);
    for (int i = 0; i < f->n_jobs; i++) {
        if (f->errors[i].code != CM_OK) {
            return cm_fail(err, f->errors[i].code, "%s", f->errors[i].message);
        }
    }
    return CM_OK;
}

static cm_status open_sessions(finding *f, cm_error *err)
{
    size_t n = f->n < f->storage->jobs ? f->n : f->storage->jobs;
    f->sessions = cm_alloc_zero(n, sizeof(cm_storage_session *), err);
    f->errors = cm_alloc_zero(n, sizeof *f->errors, err);
    if (f->sessions == NULL || f->errors == NULL) {
        return CM_ERR_NOMEM;
    }
    for (; (size_t)f->n_jobs < n; f->n_jobs++) {
        cm_status status =
            cm_storage_session_new(&f->sessions[f->n_jobs], f->storage, err);
        if (status != CM_OK) {
            return status;
        }
    }
    return CM_OK;
}

static cm_status run(finding *f, cm_error *err)
{
    cm_status status = open_sessions(f, err);
    if (status == CM_OK) {
        status = list_some(f, err);
    }
    if (status == CM_OK) {
        status = ask_the_rest(f, err);
    }
    for (int i = 0; i < f->n_jobs; i++) {
        cm_storage_session_free(f->sessions[i]);
    }
    free(f->sessions);
    free(f->errors);
    cm_buf_release(&f->last);
    return status;
}

cm_status cm_storage_find_all(cm_storage *storage, const char *const *keys,
                              const uint64_t *sizes, bool *found, size_t n,
                              cm_error *err)
{
    finding f = {.storage = storage, .n = n, .found = found};
    if (n == 0) {
        return CM_OK;
    }
    f.keys = cm_alloc(n, sizeof *f.keys, err);
    if (f.keys == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        found[i] = false;
        f.keys[i] =
            (wanted){keys[i], sizes == NULL ? UINT64_MAX : sizes[i], i, false};
    }
    qsort(f.keys, n, sizeof *f.keys, by_key);
    cm_status status = run(&f, err);
    free(f.keys);
    return status;
}
