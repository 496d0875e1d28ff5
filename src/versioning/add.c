/* `add`: which .dvc file a target belongs to, what stands against it, then its
 * content into the cache, its name into .gitignore, its hash into the file. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/cache_store.h"
#include "versioning/new_out.h"
#include "versioning/once_tracked.h"
#include "versioning/paths.h"
#include "versioning/workspace.h"

typedef struct adding {
    const cm_repo *repo;
    cm_add_report *report;
    cm_tracked_list tracked;
    cm_file_state *state;
    cm_git *git;
} adding;

/* A target, and what is known of it. */
typedef struct target {
    const char *path;       /* relative to the root */
    const cm_tracked *item; /* the out it is, or is inside of; NULL: new */
    const char *out;        /* path of the out */
    const char *file;       /* path of its .dvc file */
} target;

/* ---- what stands against it ---------------------------------------------- */

static cm_status check_there(const adding *a, const target *t, cm_error *err)
{
    struct stat st;
    char *path = cm_path_join(a->repo->root, t->path);
    bool is_part = strcmp(t->out, t->path) != 0;
    cm_status status =
        path == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
        : is_part || lstat(path, &st) == 0
            ? CM_OK
            : cm_fail(err, CM_ERR_USAGE, "output '%s' does not exist", t->path);
    free(path);
    return status;
}

static cm_status check_stage(const target *t, cm_error *err)
{
    return t->item != NULL && t->item->stage != NULL
               ? cm_fail(err, CM_ERR_USAGE,
                         "cannot update '%s': it is an output of stage '%s' "
                         "in '%s'; run the pipeline",
                         t->path, t->item->stage, t->item->file)
               : CM_OK;
}

/* Outs that lie in the target. */
static cm_status check_overlap(const adding *a, const target *t, cm_error *err)
{
    for (size_t i = 0; i < a->tracked.n; i++) {
        const cm_tracked *other = &a->tracked.items[i];
        if (strcmp(other->path, t->path) != 0 &&
            path_is_below(other->path, t->path)) {
            return cm_fail(err, CM_ERR_USAGE,
                           "cannot add '%s', because it is overlapping with "
                           "other DVC tracked output: '%s'; to include '%s' "
                           "in '%s', remove %s first",
                           t->path, other->path, other->path, t->path,
                           other->file);
        }
    }
    return CM_OK;
}

static cm_status check_file(const target *t, cm_error *err)
{
    return t->item != NULL && strcmp(t->item->path, t->path) != 0 &&
                   !cm_out_is_folder(&t->item->out)
               ? cm_fail(err, CM_ERR_USAGE,
                         "cannot add '%s': '%s' is tracked as a file", t->path,
                         t->item->path)
               : CM_OK;
}

static cm_status check(const adding *a, const target *t, cm_error *err)
{
    cm_status status = new_out_check(a->repo, t->path, err);
    if (status == CM_OK) {
        status = check_stage(t, err);
    }
    if (status == CM_OK) {
        status = check_there(a, t, err);
    }
    if (status == CM_OK) {
        status = check_overlap(a, t, err);
    }
    if (status == CM_OK) {
        status = check_file(t, err);
    }
    return status == CM_OK ? new_out_check_git(a->git, t->out, t->file, err)
                           : status;
}

/* ---- which .dvc file ----------------------------------------------------- */

static cm_status find_target(adding *a, const char *given, target *t,
                             cm_error *err)
{
    *t = (target){0};
    cm_status status =
        cm_repo_path(a->repo, given, &a->report->arena, &t->path, err);
    if (status != CM_OK) {
        return status;
    }
    for (size_t i = 0; i < a->tracked.n; i++) {
        const cm_tracked *item = &a->tracked.items[i];
        t->item = path_is_below(t->path, item->path) ? item : t->item;
    }
    if (t->item != NULL) {
        t->out = t->item->path;
        t->file = t->item->file;
        return CM_OK;
    }
    size_t n = strlen(t->path);
    char *file = cm_arena_alloc(&a->report->arena, n + sizeof ".dvc", err);
    if (file == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(file, t->path, n);
    memcpy(file + n, ".dvc", sizeof ".dvc");
    t->out = t->path;
    t->file = file;
    return CM_OK;
}

/* ---- a part of a folder -------------------------------------------------- */

/* The listing without what is `part` or below it; *n_gone tells how much that
 * was. */
static cm_status copy_others(const cm_listing *from, const char *part,
                             cm_listing *to, size_t *n_gone, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < from->n && status == CM_OK; i++) {
        const cm_listed *entry = &from->entries[i];
        if (path_is_below(entry->relpath, part)) {
            ++*n_gone;
        } else {
            status = cm_listing_add(to, cm_str_of(entry->relpath), entry->md5,
                                    entry->size, err);
        }
    }
    return status;
}

static cm_status add_walked(const walk *files, size_t from_out,
                            cm_listing *listing, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < files->n && status == CM_OK; i++) {
        const walked *file = &files->files[i];
        status = cm_listing_add(listing, cm_str_of(file->path + from_out),
                                file->md5, file->stamp.size, err);
    }
    return status;
}

/* What DVC then says of the size: nothing, unless it is plain. */
static void set_part_size(cm_out *out, const cm_out *before,
                          const cm_listing *listing, const walk *files,
                          size_t n_gone)
{
    bool same = strcmp(out->md5, before->md5) == 0;
    bool appended = files->found && n_gone == 0;
    out->has_nfiles = true;
    out->nfiles = listing->n;
    out->has_size =
        before->has_size && (same || (appended && before->size > 0));
    out->size = before->size + (appended ? files->size : 0);
}

static cm_status merge_part(adding *a, const target *t, walk *files,
                            cm_out *out, cm_error *err)
{
    cm_temp_folder temp;
    cm_listing before = {0}, now = {0};
    const char *part = t->path + strlen(t->out) + 1;
    size_t from_out = strlen(a->repo->root) + 1 + strlen(t->out) + 1;
    size_t n_gone = 0;
    cm_out was = *out; /* as the .dvc file has it: another target may just
                          have changed it */
    cm_status status = cache_open_temp(&temp, a->repo, err);
    if (status == CM_OK) {
        status = cm_cache_listing(a->repo, was.md5, &before, err);
    }
    if (status == CM_OK) {
        status = copy_others(&before, part, &now, &n_gone, err);
    }
    if (status == CM_OK && !files->found && n_gone == 0) {
        status =
            cm_fail(err, CM_ERR_USAGE, "output '%s' does not exist", t->path);
    }
    if (status == CM_OK) {
        status = cache_add_files(a->repo, a->state, files, &temp, err);
    }
    if (status == CM_OK) {
        status = add_walked(files, from_out, &now, err);
    }
    if (status == CM_OK) {
        status = cache_put_listing(a->repo, &temp, &now, out->md5, err);
    }
    set_part_size(out, &was, &now, files, n_gone);
    cm_listing_release(&before);
    cm_listing_release(&now);
    cm_temp_folder_close(&temp);
    return status;
}

static cm_status add_part(adding *a, const target *t, cm_out *out,
                          cm_error *err)
{
    walk files;
    cm_status status = walk_path(&files, a->repo, t->path, err);
    if (status == CM_OK) {
        status = merge_part(a, t, &files, out, err);
    }
    walk_release(&files);
    return status;
}

/* ---- one target ---------------------------------------------------------- */

static cm_status load(const target *t, cm_dvc_file *file, const char *path,
                      cm_error *err)
{
    if (t->item != NULL) {
        return cm_dvc_file_load(file, path, err);
    }
    *file = (cm_dvc_file){.out.path = cm_path_base(t->path)};
    return CM_OK;
}

static cm_status store(adding *a, const target *t, cm_dvc_file *file,
                       cm_error *err)
{
    bool is_part = strcmp(t->out, t->path) != 0;
    if (file->out.no_cache) {
        return cm_workspace_hash(a->repo, a->state, t->out, &file->out, NULL,
                                 err);
    }
    cm_status status =
        is_part ? add_part(a, t, &file->out, err)
                : cm_cache_add(a->repo, a->state, t->path, &file->out, err);
    return status == CM_OK ? new_out_ignore(a->report, a->git, t->out, err)
                           : status;
}

static cm_status add_target(adding *a, const target *t, cm_error *err)
{
    cm_dvc_file file = {0};
    char *path = cm_path_join(a->repo->root, t->file);
    cm_status status = path != NULL
                           ? load(t, &file, path, err)
                           : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    if (status == CM_OK) {
        status = store(a, t, &file, err);
    }
    if (status == CM_OK) {
        file.out.old_hash = false;
        a->report->n_added++;
        a->report->n_objects += file.out.has_nfiles ? file.out.nfiles : 1;
        a->report->bytes += file.out.has_size ? file.out.size : 0;
        status = new_out_save(&file, path, err);
    }
    if (status == CM_OK) {
        status = new_out_report(a->report, t->file, err);
    }
    cm_dvc_file_release(&file);
    free(path);
    return status;
}

/* ---- all targets --------------------------------------------------------- */

static cm_status find_targets(adding *a, const char *const *given, size_t n,
                              target *targets, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = find_target(a, given[i], &targets[i], err);
        if (status == CM_OK) {
            status = check(a, &targets[i], err);
        }
    }
    return status;
}

/* So that checkout knows of them when they are tracked no more. */
static cm_status note_targets(const adding *a, const target *targets, size_t n,
                              cm_error *err)
{
    path_list paths = {0};
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = path_list_add(&paths, targets[i].out, err);
    }
    if (status == CM_OK) {
        once_tracked_note(a->repo, &paths, false);
    }
    path_list_release(&paths);
    return status;
}

/* All are checked before the first is added. */
static cm_status add_all(adding *a, const char *const *given, size_t n,
                         cm_error *err)
{
    target *targets = cm_alloc(n, sizeof *targets, err);
    cm_status status = targets == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK) {
        status = cm_repo_tracked(a->repo, NULL, 0, &a->tracked, err);
    }
    if (status == CM_OK) {
        status = find_targets(a, given, n, targets, err);
    }
    if (status == CM_OK) {
        status = cm_file_state_open(&a->state, a->repo, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = add_target(a, &targets[i], err);
    }
    if (status == CM_OK) {
        status = note_targets(a, targets, n, err);
    }
    if (status == CM_OK) {
        status = new_out_stage(a->report, a->repo, a->git, err);
    }
    cm_file_state_close(a->state);
    cm_tracked_list_release(&a->tracked);
    free(targets);
    return status;
}

static cm_status add_matches(adding *a, const cm_add_options *options,
                             cm_error *err)
{
    glob_t found = {0};
    cm_status status = CM_OK;
    for (size_t i = 0; i < options->n && status == CM_OK; i++) {
        int error =
            glob(options->targets[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
        if (error == GLOB_NOMATCH) {
            status = cm_fail(err, CM_ERR_USAGE, "nothing matches '%s'",
                             options->targets[i]);
        } else if (error != 0) {
            status = cm_fail(err, CM_ERR_IO, "cannot look for '%s'",
                             options->targets[i]);
        }
    }
    if (status == CM_OK) {
        status = add_all(a, (const char *const *)found.gl_pathv, found.gl_pathc,
                         err);
    }
    globfree(&found);
    return status;
}

cm_status cm_add(const cm_repo *repo, const cm_add_options *options,
                 cm_add_report *report, cm_error *err)
{
    adding a = {.repo = repo, .report = report};
    *report = (cm_add_report){0};
    cm_status status = cm_git_open(&a.git, repo, err);
    if (status == CM_OK) {
        status = options->glob ? add_matches(&a, options, err)
                               : add_all(&a, options->targets, options->n, err);
    }
    cm_git_close(a.git);
    return status;
}

void cm_add_report_release(cm_add_report *report)
{
    free(report->files);
    cm_arena_release(&report->arena);
    *report = (cm_add_report){0};
}
