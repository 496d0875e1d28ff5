/* Everything that is tracked: the outs of the stages that graph_collect finds,
 * with what their .dvc file or dvc.lock has of them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/paths.h"
#include "versioning/stage_state.h"
#include "versioning/tracked.h"

/* ---- dvc.lock ------------------------------------------------------------ */

static cm_status load_beside(cm_lock_file *lock, const cm_snapshot *snapshot,
                             const char *yaml, cm_error *err)
{
    cm_buf text = {0};
    bool found = false;
    char *path = cm_path_replace_suffix(yaml, ".lock");
    *lock = (cm_lock_file){0};
    cm_status status = path != NULL
                           ? snapshot->read(snapshot, path, &text, &found, err)
                           : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    if (status == CM_OK && found) {
        status = cm_lock_file_parse(lock, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    free(path);
    return status;
}

cm_status tracked_lock_find(tracked_lock *l, const cm_stage *stage,
                            const cm_locked_stage **out, cm_error *err)
{
    cm_status status = CM_OK;
    *out = NULL;
    if (l->of == NULL || strcmp(l->of, stage->file) != 0) {
        cm_lock_file_release(&l->lock);
        l->of = stage->file;
        status = load_beside(&l->lock, l->snapshot, stage->file, err);
    }
    if (status == CM_OK) {
        *out = cm_lock_file_find(&l->lock, stage->name);
    }
    return status;
}

/* Gives the out what dvc.lock has of it, if anything. */
static cm_status take_locked(tracked_lock *l, const cm_stage *stage,
                             cm_out *out, cm_error *err)
{
    const cm_locked_stage *locked = NULL;
    cm_status status = tracked_lock_find(l, stage, &locked, err);
    const cm_out *entry =
        locked != NULL ? stage_entry(locked->outs, locked->n_outs, out->path)
                       : NULL;
    if (entry != NULL) {
        cm_out_take_content(out, entry);
        out->old_hash = entry->old_hash;
    }
    return status;
}

/* ---- the list ------------------------------------------------------------ */

static const char *keep(cm_arena *arena, const char *text, bool *ok)
{
    char *copy =
        text != NULL ? cm_arena_strdup(arena, text, strlen(text), NULL) : NULL;
    *ok = *ok && (text == NULL || copy != NULL);
    return copy;
}

cm_status tracked_add(cm_tracked_list *list, const cm_tracked *from,
                      cm_error *err)
{
    bool ok = true;
    cm_status status = cm_grow(&list->items, list->n, &list->capacity,
                               sizeof *list->items, err);
    if (status != CM_OK) {
        return status;
    }
    cm_tracked item = *from;
    item.path = keep(&list->arena, from->path, &ok);
    item.file = keep(&list->arena, from->file, &ok);
    item.stage = keep(&list->arena, from->stage, &ok);
    item.out.path = keep(&list->arena, from->out.path, &ok);
    item.out.remote = keep(&list->arena, from->out.remote, &ok);
    item.out.desc = keep(&list->arena, from->out.desc, &ok);
    item.out.etag = keep(&list->arena, from->out.etag, &ok);
    if (!ok) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    list->items[list->n++] = item;
    return CM_OK;
}

static cm_status add_step(cm_tracked_list *list, tracked_lock *l,
                          const graph_step *step, cm_error *err)
{
    const cm_stage *stage = step->stage;
    cm_status status = CM_OK;
    for (size_t i = 0; i < stage->n_outs && status == CM_OK; i++) {
        cm_tracked item = {.path = step->outs[i],
                           .file = stage->file,
                           .stage = step->file != NULL ? NULL : stage->name,
                           .out = stage->outs[i].out,
                           .of_other_repo = step->file != NULL &&
                                            step->file->dep.of_other_repo};
        if (step->file == NULL) {
            status = take_locked(l, stage, &item.out, err);
        }
        if (status == CM_OK) {
            status = tracked_add(list, &item, err);
        }
    }
    return status;
}

static cm_status list_all(const cm_snapshot *snapshot, const graph *g,
                          cm_tracked_list *list, cm_error *err)
{
    tracked_lock l = {.snapshot = snapshot};
    cm_status status = CM_OK;
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        status = add_step(list, &l, &g->steps[i], err);
    }
    cm_lock_file_release(&l.lock);
    return status;
}

/* ---- targets ------------------------------------------------------------- */

/* "train", or "sub/dvc.yaml:train" */
static bool names_stage(const cm_tracked *item, const char *target)
{
    size_t n = strlen(item->file);
    return item->stage != NULL &&
           (strcmp(item->stage, target) == 0 ||
            (strncmp(target, item->file, n) == 0 && target[n] == ':' &&
             strcmp(target + n + 1, item->stage) == 0));
}

bool tracked_is_named(const cm_tracked *item, const char *target,
                      const char *path)
{
    return strcmp(item->file, path) == 0 || path_is_below(path, item->path) ||
           names_stage(item, target);
}

static cm_status unknown_target(const cm_tracked_list *list, const char *target,
                                cm_error *err)
{
    const char *nearest = NULL;
    const char **words = cm_alloc(list->n, sizeof *words, NULL);
    for (size_t i = 0; i < list->n && words != NULL; i++) {
        words[i] = list->items[i].path;
    }
    if (words != NULL) {
        nearest = cm_nearest_word(cm_str_of(target), words, list->n);
    }
    cm_status status =
        nearest != NULL
            ? cm_fail(err, CM_ERR_USAGE,
                      "'%s' is no .dvc file, stage or tracked path; is '%s' "
                      "meant?",
                      target, nearest)
            : cm_fail(err, CM_ERR_USAGE,
                      "'%s' is no .dvc file, stage or tracked path", target);
    free(words);
    return status;
}

static cm_status mark(const cm_repo *repo, cm_tracked_list *list,
                      const char *target, bool *wanted, cm_error *err)
{
    const char *path = NULL;
    bool found = false;
    cm_status status = cm_repo_path(repo, target, &list->arena, &path, err);
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        bool named = tracked_is_named(&list->items[i], target, path);
        wanted[i] = wanted[i] || named;
        found = found || named;
    }
    return status == CM_OK && !found ? unknown_target(list, target, err)
                                     : status;
}

/* Leaves those of the list that a target names. */
static cm_status narrow(const cm_repo *repo, cm_tracked_list *list,
                        const char *const *targets, size_t n, cm_error *err)
{
    cm_status status = CM_OK;
    size_t left = 0;
    bool *wanted = cm_alloc_zero(list->n, sizeof *wanted, err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = mark(repo, list, targets[i], wanted, err);
    }
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        if (wanted[i]) {
            list->items[left++] = list->items[i];
        }
    }
    list->n = status == CM_OK ? left : list->n;
    free(wanted);
    return status;
}

cm_status tracked_of_graph(const cm_repo *repo, const cm_snapshot *snapshot,
                           const graph *g, const char *const *targets, size_t n,
                           cm_tracked_list *out, cm_error *err)
{
    *out = (cm_tracked_list){0};
    cm_status status = list_all(snapshot, g, out, err);
    if (status == CM_OK && n > 0) {
        status = narrow(repo, out, targets, n, err);
    }
    if (status != CM_OK) {
        cm_tracked_list_release(out);
    }
    return status;
}

static cm_status list_snapshot(const cm_repo *repo, const cm_snapshot *snapshot,
                               const char *const *targets, size_t n,
                               cm_tracked_list *out, cm_error *err)
{
    graph g = {0};
    *out = (cm_tracked_list){0};
    cm_status status = graph_collect(&g, repo, snapshot, err);
    if (status == CM_OK) {
        status = tracked_of_graph(repo, snapshot, &g, targets, n, out, err);
    }
    const char *at = snapshot_rev(snapshot);
    if (status != CM_OK && at != NULL) {
        cm_error_prefix(err, "at revision %s", at);
    }
    graph_release(&g);
    return status;
}

cm_status tracked_in(const cm_repo *repo, const cm_snapshot *snapshot,
                     cm_tracked_list *out, cm_error *err)
{
    return list_snapshot(repo, snapshot, NULL, 0, out, err);
}

static cm_status list_revision(const cm_repo *repo, const char *rev,
                               const char *const *targets, size_t n,
                               cm_tracked_list *out, cm_error *err)
{
    cm_snapshot snapshot = {0};
    *out = (cm_tracked_list){0};
    cm_status status = cm_snapshot_open(&snapshot, repo, rev, err);
    if (status == CM_OK) {
        status = list_snapshot(repo, &snapshot, targets, n, out, err);
    }
    cm_snapshot_close(&snapshot);
    return status;
}

cm_status cm_repo_tracked(const cm_repo *repo, const char *const *targets,
                          size_t n, cm_tracked_list *out, cm_error *err)
{
    return list_revision(repo, NULL, targets, n, out, err);
}

cm_status cm_repo_tracked_at(const cm_repo *repo, const char *rev,
                             cm_tracked_list *out, cm_error *err)
{
    return list_revision(repo, rev, NULL, 0, out, err);
}

void cm_tracked_list_release(cm_tracked_list *list)
{
    free(list->items);
    cm_arena_release(&list->arena);
    *list = (cm_tracked_list){0};
}
