/* The runs of a store: all of them, or the one that is meant. */
#include "tracking/run_find.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tracking/run_file.h"

enum { SHORTEST = 4 /* digits that may stand for an id */ };

static const char digits[] = "0123456789abcdef";

typedef struct found_run {
    char id[CM_RUN_ID_TEXT];
    int64_t start;
} found_run;

typedef struct found_runs {
    found_run *runs;
    size_t n, room;
} found_runs;

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory looking for runs");
}

static bool is_id(const char *name)
{
    return strlen(name) == CM_RUN_ID_TEXT - 1 &&
           strspn(name, digits) == CM_RUN_ID_TEXT - 1;
}

/* A folder without the file is no run, or not yet one. */
static cm_status add_run(found_runs *out, const char *store, const char *id,
                         cm_error *err)
{
    char *folder = cm_path_join(store, id);
    char *path = folder != NULL ? cm_path_join(folder, RUN_FILE) : NULL;
    cm_status status = path == NULL ? out_of_memory(err) : CM_OK;
    if (status == CM_OK && cm_file_exists(path)) {
        status =
            cm_grow(&out->runs, out->n, &out->room, sizeof *out->runs, err);
        if (status == CM_OK) {
            memcpy(out->runs[out->n].id, id, CM_RUN_ID_TEXT);
            out->runs[out->n++].start = 0;
        }
    }
    free(path);
    free(folder);
    return status;
}

/* Folders of runs whose names begin so.  A store that is not there has none. */
static cm_status scan(found_runs *out, const char *store, const char *prefix,
                      cm_error *err)
{
    size_t n = strlen(prefix);
    cm_status status = CM_OK;
    DIR *dir = opendir(store);
    if (dir == NULL && errno == ENOMEM) {
        return out_of_memory(err);
    }
    if (dir == NULL) {
        return errno == ENOENT
                   ? CM_OK
                   : cm_fail_errno(err, "%s: cannot open the folder", store);
    }
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        if (is_id(entry->d_name) && strncmp(entry->d_name, prefix, n) == 0) {
            status = add_run(out, store, entry->d_name, err);
        }
    }
    closedir(dir);
    return status;
}

/* ---- one ----------------------------------------------------------------- */

static cm_status refuse(const found_runs *found, const char *store,
                        const char *id, cm_error *err)
{
    if (found->n == 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s has no run %s; see `clickmill runs list`", store,
                       id);
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "%zu runs of %s begin with %s, among them %s and %s; give "
                   "more digits",
                   found->n, store, id, found->runs[0].id, found->runs[1].id);
}

cm_status run_find(char out[CM_RUN_ID_TEXT], const char *store, const char *id,
                   cm_error *err)
{
    found_runs found = {0};
    size_t n = strlen(id);
    if (n < SHORTEST || n >= CM_RUN_ID_TEXT || strspn(id, digits) != n) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%.40s is no id of a run, nor a beginning of one: give "
                       "%d to %d hexadecimal digits, as `clickmill runs list` "
                       "shows them",
                       id, (int)SHORTEST, CM_RUN_ID_TEXT - 1);
    }
    cm_status status = scan(&found, store, id, err);
    if (status == CM_OK && found.n != 1) {
        status = refuse(&found, store, id, err);
    }
    if (status == CM_OK) {
        memcpy(out, found.runs[0].id, CM_RUN_ID_TEXT);
    }
    free(found.runs);
    return status;
}

/* ---- all ----------------------------------------------------------------- */

/* A run that cannot be read comes last, and is an error to whoever loads it. */
static cm_status read_start(found_run *run, const char *store, cm_error *err)
{
    cm_run_record record;
    char *folder = cm_path_join(store, run->id);
    if (folder == NULL) {
        return out_of_memory(err);
    }
    cm_status status = run_read_head(&record, folder, err);
    run->start = status == CM_OK ? record.start : -1;
    cm_run_record_release(&record);
    free(folder);
    return status == CM_ERR_NOMEM ? status : CM_OK;
}

static int newest_first(const void *a, const void *b)
{
    const found_run *left = a, *right = b;
    return left->start != right->start ? (left->start < right->start ? 1 : -1)
                                       : strcmp(left->id, right->id);
}

static cm_status keep_ids(const found_runs *found, cm_arena *arena,
                          const char *const **ids, cm_error *err)
{
    const char **kept = cm_arena_alloc(arena, found->n * sizeof *kept, err);
    for (size_t i = 0; kept != NULL && i < found->n; i++) {
        kept[i] = run_copy(arena, found->runs[i].id, err);
        if (kept[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    *ids = kept;
    return kept != NULL ? CM_OK : CM_ERR_NOMEM;
}

cm_status cm_run_list(const char *store, cm_arena *arena,
                      const char *const **ids, size_t *n, cm_error *err)
{
    found_runs found = {0};
    *ids = NULL;
    *n = 0;
    cm_status status = scan(&found, store, "", err);
    for (size_t i = 0; i < found.n && status == CM_OK; i++) {
        status = read_start(&found.runs[i], store, err);
    }
    if (status == CM_OK && found.n > 0) {
        qsort(found.runs, found.n, sizeof *found.runs, newest_first);
    }
    if (status == CM_OK) {
        status = keep_ids(&found, arena, ids, err);
    }
    if (status == CM_OK) {
        *n = found.n;
    }
    free(found.runs);
    return status;
}
