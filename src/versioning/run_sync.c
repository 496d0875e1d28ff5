/* Which runs are where, and their way. */
#include "versioning/run_sync.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/cache.h"
#include "versioning/remote_objects.h"
#include "versioning/run_cache.h"
#include "versioning/stage_state.h"

typedef struct run {
    const char *key;  /* "runs/K2/K/V" */
    const char *path; /* in the cache */
    cm_lock_file entry;
} run;

/* The runs that are to go. */
typedef struct run_set {
    const cm_repo *repo;
    cm_storage *storage;
    cm_sync_report *report;
    cm_tracked_list tracked; /* of the workspace; for push */
    run *items;              /* (n) */
    size_t n, capacity;
    cm_arena arena;
} run_set;

static bool is_hex(const char *text, size_t n)
{
    return strlen(text) >= n && strspn(text, "0123456789abcdef") == n;
}

/* Temporaries of others, and what is of no use, are in these folders too. */
static bool is_run(const char *key)
{
    const size_t digits = CM_SHA256_HEX - 1;
    return strlen(key) == RUN_NAME - 1 && strncmp(key, "runs/", 5) == 0 &&
           is_hex(key + 5, 2) && key[7] == '/' && is_hex(key + 8, digits) &&
           key[8 + digits] == '/' && is_hex(key + 9 + digits, digits);
}

static cm_status add_run(run_set *set, const char *key, cm_error *err)
{
    cm_status status =
        cm_grow(&set->items, set->n, &set->capacity, sizeof *set->items, err);
    char *path = cm_path_join(set->repo->cache, key);
    if (status == CM_OK && path == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    if (status == CM_OK) {
        run *item = &set->items[set->n];
        *item = (run){
            .key = cm_arena_strdup(&set->arena, key, strlen(key), err),
            .path = cm_arena_strdup(&set->arena, path, strlen(path), err)};
        bool ok = item->key != NULL && item->path != NULL;
        set->n += ok;
        status = ok ? CM_OK : CM_ERR_NOMEM;
    }
    free(path);
    return status;
}

static void drop_run(run_set *set, size_t i)
{
    cm_lock_file_release(&set->items[i].entry);
    set->items[i] = set->items[--set->n];
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const run *)a)->key, ((const run *)b)->key);
}

static cm_status run_set_open(run_set *set, const cm_repo *repo,
                              const cm_sync_options *options,
                              cm_sync_report *report, cm_error *err)
{
    *set = (run_set){.repo = repo, .report = report};
    return sync_open_remote(repo, options, options->remote, &set->storage, err);
}

static void run_set_close(run_set *set)
{
    while (set->n > 0) {
        drop_run(set, set->n - 1);
    }
    free(set->items);
    cm_storage_close(set->storage);
    cm_tracked_list_release(&set->tracked);
    cm_arena_release(&set->arena);
}

/* ---- the way ------------------------------------------------------------- */

typedef cm_status (*move_all)(cm_storage *storage, cm_transfer *transfers,
                              size_t n, const cm_log *log, cm_error *err);

/* Runs that did not go are told of, and leave the set. */
static cm_status take_results(run_set *set, const cm_transfer *transfers,
                              const cm_error *whole, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = set->n; i > 0 && status == CM_OK; i--) {
        const cm_transfer *t = &transfers[i - 1];
        if (t->status == CM_ERR_NOMEM) {
            return cm_fail(err, CM_ERR_NOMEM, "out of memory");
        }
        if (t->status != CM_OK) {
            bool said = t->error.message[0] != '\0';
            status = sync_report_failure(
                set->report, t->key, said ? t->error.message : whole->message,
                err);
            drop_run(set, i - 1);
        }
    }
    return status;
}

static cm_status move_runs(run_set *set, move_all all, cm_error *err)
{
    cm_error whole = {0};
    if (set->n == 0) {
        return CM_OK;
    }
    cm_transfer *transfers = cm_alloc_zero(set->n, sizeof *transfers, err);
    if (transfers == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < set->n; i++) {
        transfers[i].key = set->items[i].key;
        transfers[i].path = set->items[i].path;
    }
    cm_status status =
        all(set->storage, transfers, set->n, set->repo->log, &whole);
    status = status == CM_ERR_NOMEM ? cm_fail(err, status, "out of memory")
                                    : take_results(set, transfers, &whole, err);
    free(transfers);
    return status;
}

/* ---- push ---------------------------------------------------------------- */

/* Calls itself for the folders of key, and adds the files that are runs. */
static cm_status list_cache(run_set *set, const char *key, int depth,
                            cm_error *err)
{
    cm_status status = CM_OK;
    const struct dirent *entry;
    char *folder = cm_path_join(set->repo->cache, key);
    DIR *stream = folder != NULL ? opendir(folder) : NULL;
    if (folder == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    while (stream != NULL && status == CM_OK &&
           (entry = readdir(stream)) != NULL) {
        char *below = cm_path_join(key, entry->d_name);
        if (below == NULL) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
        } else if (is_run(below)) {
            status = add_run(set, below, err);
        } else if (entry->d_name[0] != '.' && depth < 2) {
            status = list_cache(set, below, depth + 1, err);
        }
        free(below);
    }
    if (stream != NULL) {
        closedir(stream);
    }
    free(folder);
    return status;
}

static cm_status drop_those_there(run_set *set, cm_error *err)
{
    size_t n = set->n;
    const char **keys = cm_alloc(n, sizeof *keys, err);
    bool *found = cm_alloc_zero(n, sizeof *found, err);
    cm_status status = keys == NULL || found == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        keys[i] = set->items[i].key;
    }
    if (status == CM_OK) {
        status = cm_storage_find_all(set->storage, keys, NULL, found, n, err);
    }
    for (size_t i = n; i > 0 && status == CM_OK; i--) {
        if (found[i - 1]) {
            drop_run(set, i - 1);
        }
    }
    free(keys);
    free(found);
    return status;
}

/* Whether the run made an out that is to stay here, or to go elsewhere. */
static bool is_kept_here(const run_set *set, const cm_locked_stage *made)
{
    bool kept = false;
    for (size_t i = 0; i < made->n_outs; i++) {
        for (size_t k = 0; k < set->tracked.n && !kept; k++) {
            const cm_tracked *item = &set->tracked.items[k];
            kept = item->stage != NULL &&
                   (item->out.no_push || item->out.remote != NULL) &&
                   strcmp(item->out.path, made->outs[i].path) == 0;
        }
    }
    return kept;
}

/* Whether the cache has all that the run made. */
static cm_status is_whole(const run_set *set, run *item, bool *whole,
                          cm_error *err)
{
    cm_status status = run_cache_load(&item->entry, set->repo, item->path, err);
    *whole = item->entry.n > 0;
    for (size_t i = 0; *whole && status == CM_OK; i++) {
        const cm_locked_stage *made = &item->entry.stages[0];
        if (i == made->n_outs) {
            break;
        }
        *whole = made->outs[i].md5[0] != '\0';
        if (*whole) {
            status = stage_has_object(set->repo, made->outs[i].md5, whole, err);
        }
    }
    return status;
}

/* Of what is left each is whole, and may go. */
static cm_status drop_those_that_stay(run_set *set, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = set->n; i > 0 && status == CM_OK; i--) {
        bool whole = false;
        run *item = &set->items[i - 1];
        status = is_whole(set, item, &whole, err);
        if (status == CM_OK &&
            (!whole || is_kept_here(set, &item->entry.stages[0]))) {
            drop_run(set, i - 1);
        }
    }
    return status;
}

/* What the runs made, as if it were tracked. */
static cm_status list_made(const run_set *set, cm_tracked **items,
                           synced_out **outs, size_t *n, cm_error *err)
{
    size_t total = 0;
    *n = 0;
    for (size_t i = 0; i < set->n; i++) {
        total += set->items[i].entry.stages[0].n_outs;
    }
    *items = cm_alloc_zero(total, sizeof **items, err);
    *outs = cm_alloc_zero(total, sizeof **outs, err);
    if (*items == NULL || *outs == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < set->n; i++) {
        const cm_locked_stage *made = &set->items[i].entry.stages[0];
        for (size_t k = 0; k < made->n_outs; k++, (*n)++) {
            (*items)[*n] = (cm_tracked){.path = made->outs[k].path,
                                        .file = set->items[i].key,
                                        .out = made->outs[k]};
            (*outs)[*n].item = &(*items)[*n];
        }
    }
    return CM_OK;
}

static bool all_arrived(const synced *s, const cm_locked_stage *made)
{
    bool all = true;
    for (size_t i = 0; i < made->n_outs && all; i++) {
        const cm_out *out = &made->outs[i];
        const remote_object *object = object_set_find(
            cm_out_is_folder(out) ? &s->folders : &s->files, out->md5);
        all = object != NULL && object->arrived;
    }
    return all;
}

static cm_status send_made(run_set *set, cm_error *err)
{
    cm_tracked *items = NULL;
    synced s = {
        .repo = set->repo, .storage = set->storage, .report = set->report};
    cm_status status = list_made(set, &items, &s.outs, &s.n, err);
    if (status == CM_OK) {
        status = synced_push(&s, err);
    }
    for (size_t i = set->n; i > 0 && status == CM_OK; i--) {
        if (!all_arrived(&s, &set->items[i - 1].entry.stages[0])) {
            drop_run(set, i - 1);
        }
    }
    s.storage = NULL; /* the set closes it */
    synced_release(&s);
    free(items);
    return status;
}

cm_status run_sync_push(const cm_repo *repo, const cm_sync_options *options,
                        cm_sync_report *report, cm_error *err)
{
    run_set set;
    cm_status status = run_set_open(&set, repo, options, report, err);
    if (status == CM_OK) {
        status = list_cache(&set, "runs", 0, err);
    }
    if (status == CM_OK && set.n > 0) {
        status = drop_those_there(&set, err);
    }
    if (status == CM_OK && set.n > 0) {
        status = cm_repo_tracked(repo, NULL, 0, &set.tracked, err);
    }
    if (status == CM_OK) {
        status = drop_those_that_stay(&set, err);
    }
    if (status == CM_OK && set.n > 0) {
        qsort(set.items, set.n, sizeof *set.items, by_key);
        status = send_made(&set, err);
    }
    if (status == CM_OK) {
        status = move_runs(&set, cm_storage_put_all, err);
        report->n_moved += set.n;
    }
    run_set_close(&set);
    return status;
}

/* ---- fetch --------------------------------------------------------------- */

static cm_status see_run(void *context, const char *key, uint64_t size,
                         cm_error *err)
{
    run_set *set = context;
    (void)size;
    if (!is_run(key)) {
        return CM_OK;
    }
    cm_status status = add_run(set, key, err);
    if (status == CM_OK && cm_file_exists(set->items[set->n - 1].path)) {
        drop_run(set, set->n - 1);
    }
    return status;
}

static cm_status list_remote(run_set *set, cm_error *err)
{
    cm_storage_session *session = NULL;
    cm_status status = cm_storage_session_new(&session, set->storage, err);
    if (status == CM_OK) {
        status = cm_storage_list(session, "runs/", see_run, set, err);
    }
    cm_storage_session_free(session);
    return status;
}

/* An entry that arrived is one, and has the name that it came by. */
static cm_status check_run(run_set *set, size_t i, cm_error *err)
{
    run *item = &set->items[i];
    char name[RUN_NAME] = "";
    cm_status status = run_cache_load(&item->entry, set->repo, item->path, err);
    if (status == CM_OK && item->entry.n > 0) {
        status = run_cache_name(name, &item->entry.stages[0], err);
    }
    if (status != CM_OK || strcmp(name, item->key) == 0) {
        return status;
    }
    status = sync_report_failure(set->report, item->key,
                                 "it is not what it is named by, and was not "
                                 "kept",
                                 err);
    if (status == CM_OK) {
        status = cm_remove_tree(item->path, err);
    }
    drop_run(set, i);
    return status;
}

cm_status run_sync_fetch(const cm_repo *repo, const cm_sync_options *options,
                         cm_sync_report *report, cm_error *err)
{
    run_set set;
    cm_status status = run_set_open(&set, repo, options, report, err);
    if (status == CM_OK) {
        status = list_remote(&set, err);
    }
    for (size_t i = 0; i < set.n && status == CM_OK; i++) {
        status = cm_make_parent(set.items[i].path, err);
    }
    if (status == CM_OK) {
        status = move_runs(&set, cm_storage_get_all, err);
    }
    for (size_t i = set.n; i > 0 && status == CM_OK; i--) {
        status = check_run(&set, i - 1, err);
    }
    report->n_moved += status == CM_OK ? set.n : 0;
    run_set_close(&set);
    return status;
}
