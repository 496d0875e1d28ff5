/* `status`: what of the workspace is not what its .dvc files say. */
#include <stdlib.h>
#include <string.h>

#include "versioning/paths.h"
#include "versioning/tracked.h"
#include "versioning/workspace.h"

cm_status cm_repo_shown(const cm_repo *repo, const char *path, cm_arena *arena,
                        const char **out, cm_error *err)
{
    char *working = path_working(err);
    if (working == NULL) {
        return CM_ERR_IO;
    }
    bool inside = path_is_below(working, repo->root);
    char *absolute = path_absolute(repo->root, path);
    char *shown = absolute != NULL
                      ? path_relative(absolute, inside ? working : repo->root)
                      : NULL;
    *out = shown != NULL ? cm_arena_strdup(arena, shown, strlen(shown), NULL)
                         : NULL;
    free(working);
    free(absolute);
    free(shown);
    return *out == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory") : CM_OK;
}

/* Whether the object is there, with all files of a folder. */
static cm_status is_cached(const cm_repo *repo, const char *object, bool *is,
                           cm_error *err)
{
    cm_listing listing = {0};
    cm_status status = CM_OK;
    *is = cm_cache_has(repo, object);
    if (*is && cm_str_ends_with(cm_str_of(object), ".dir")) {
        status = cm_cache_listing(repo, object, &listing, err);
    }
    for (size_t i = 0; i < listing.n && *is; i++) {
        *is = cm_cache_has(repo, listing.entries[i].md5);
    }
    cm_listing_release(&listing);
    return status;
}

/* *what is NULL when all is as it should be. */
static cm_status look_at(const cm_repo *repo, cm_file_state *state,
                         const cm_tracked *item, const char **what,
                         cm_error *err)
{
    cm_out now = {0};
    bool cached = true;
    cm_status status = tracked_refuse_old(item, err);
    *what = NULL;
    if (status != CM_OK) {
        return status;
    }
    if (item->out.md5[0] != '\0' && !item->out.no_cache) {
        status = is_cached(repo, item->out.md5, &cached, err);
    }
    if (status != CM_OK || !cached) {
        *what = cached ? NULL : "not in cache";
        return status;
    }
    status = cm_workspace_hash(repo, state, item->path, &now, NULL, err);
    if (status == CM_OK && now.md5[0] == '\0') {
        *what = "deleted";
    } else if (status == CM_OK && strcmp(now.md5, item->out.md5) != 0) {
        *what = "modified";
    }
    return status;
}

static cm_status add_finding(const cm_repo *repo, cm_status_report *report,
                             const cm_tracked *item, const char *what,
                             cm_error *err)
{
    cm_finding found = {.kind = "changed outs", .what = what};
    cm_status status = cm_grow(&report->items, report->n, &report->capacity,
                               sizeof *report->items, err);
    if (status == CM_OK) {
        status =
            cm_repo_shown(repo, item->file, &report->arena, &found.stage, err);
    }
    if (status == CM_OK) {
        status =
            cm_repo_shown(repo, item->path, &report->arena, &found.path, err);
    }
    if (status == CM_OK) {
        report->items[report->n++] = found;
    }
    return status;
}

cm_status cm_workspace_status(const cm_repo *repo, const char *const *targets,
                              size_t n, cm_status_report *report, cm_error *err)
{
    cm_tracked_list tracked = {0};
    cm_file_state *state = NULL;
    *report = (cm_status_report){0};
    cm_status status = cm_repo_tracked(repo, targets, n, &tracked, err);
    if (status == CM_OK) {
        status = cm_file_state_open(&state, repo, err);
    }
    report->n_tracked = tracked.n;
    for (size_t i = 0; i < tracked.n && status == CM_OK; i++) {
        const char *what = NULL;
        if (tracked.items[i].stage != NULL) {
            continue; /* those are for `repro --dry` */
        }
        status = look_at(repo, state, &tracked.items[i], &what, err);
        if (status == CM_OK && what != NULL) {
            status = add_finding(repo, report, &tracked.items[i], what, err);
        }
    }
    cm_file_state_close(state);
    cm_tracked_list_release(&tracked);
    return status;
}

void cm_status_report_release(cm_status_report *report)
{
    free(report->items);
    cm_arena_release(&report->arena);
    *report = (cm_status_report){0};
}
