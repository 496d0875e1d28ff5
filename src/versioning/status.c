/* `status`: what of the workspace is not what .dvc files and dvc.lock say,
 * found by DVC's rules and told in its words. */
#include <stdlib.h>
#include <string.h>

#include "versioning/import_source.h"
#include "versioning/paths.h"
#include "versioning/stage_state.h"
#include "versioning/tracked.h"
#include "versioning/workspace.h"

typedef struct checking {
    stage_checker checker;
    cm_status_report *report;
    tracked_lock lock;
    const graph_step *step;
    const cm_locked_stage *locked; /* NULL: nothing, or of a .dvc file */
    const char *stage;             /* what the step is called */
} checking;

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

/* ---- findings ------------------------------------------------------------ */

static cm_status add(checking *c, cm_finding found, cm_error *err)
{
    cm_status_report *report = c->report;
    cm_status status = cm_grow(&report->items, report->n, &report->capacity,
                               sizeof *report->items, err);
    if (status == CM_OK) {
        found.stage = c->stage;
        report->items[report->n++] = found;
    }
    return status;
}

/* path: relative to the root. */
static cm_status add_path(checking *c, const char *kind, const char *path,
                          const char *what, cm_error *err)
{
    cm_finding found = {.kind = kind, .what = what};
    cm_status status = cm_repo_shown(c->checker.repo, path, &c->report->arena,
                                     &found.path, err);
    return status == CM_OK ? add(c, found, err) : status;
}

/* How a path is, against what it was; NULL: the same. */
static cm_status look_at(checking *c, const char *path, const char *md5,
                         const char **what, cm_error *err)
{
    cm_out now = {0};
    cm_status status = cm_workspace_hash(c->checker.repo, c->checker.state,
                                         path, &now, NULL, err);
    *what = status != CM_OK             ? NULL
            : now.md5[0] == '\0'        ? "deleted"
            : strcmp(now.md5, md5) != 0 ? "modified"
                                        : NULL;
    return status;
}

static cm_status refuse_old(const checking *c, const cm_out *entry,
                            cm_error *err)
{
    return entry->old_hash
               ? cm_fail(
                     err, CM_ERR_DATA,
                     "%s: '%s' was written by DVC 2, whose hashes clickmill "
                     "does not have; run dvc cache migrate --dvc-files",
                     c->step->stage->file, entry->path)
               : CM_OK;
}

/* ---- outs ---------------------------------------------------------------- */

/* What the out was when it was last recorded; NULL: never. */
static const cm_out *recorded_out(const checking *c, size_t i)
{
    const cm_out *own = &c->step->stage->outs[i].out;
    if (c->step->file != NULL) {
        return own;
    }
    return c->locked != NULL
               ? stage_entry(c->locked->outs, c->locked->n_outs, own->path)
               : NULL;
}

static cm_status check_out(checking *c, size_t i, cm_error *err)
{
    static const char kind[] = "changed outs";
    const cm_out *then = recorded_out(c, i);
    const char *md5 = then != NULL ? then->md5 : "", *what = NULL;
    bool cached = true;
    cm_status status = then != NULL ? refuse_old(c, then, err) : CM_OK;
    if (status == CM_OK && md5[0] != '\0' &&
        !c->step->stage->outs[i].out.no_cache) {
        status = stage_has_object(c->checker.repo, md5, &cached, err);
    }
    if (status == CM_OK && cached) {
        status = look_at(c, c->step->outs[i], md5, &what, err);
    }
    what = cached ? what : "not in cache";
    return status == CM_OK && what != NULL
               ? add_path(c, kind, c->step->outs[i], what, err)
               : status;
}

/* ---- deps ---------------------------------------------------------------- */

static const cm_out *recorded_dep(const checking *c, size_t i)
{
    if (c->step->file != NULL) {
        return &c->step->file->dep;
    }
    return c->locked != NULL ? stage_entry(c->locked->deps, c->locked->n_deps,
                                           c->step->stage->deps[i])
                             : NULL;
}

/* The source of an import that is not on the disk. */
static cm_status check_source(checking *c, const cm_out *then, cm_error *err)
{
    import_source source;
    const char *root = c->checker.repo->root;
    cm_status status =
        import_source_open(&source, c->checker.repo, then->path, root, 0, err);
    if (status == CM_OK) {
        status = import_source_look(&source, err);
    }
    const char *what = source.n == 0                      ? "deleted"
                       : !import_source_is(&source, then) ? "modified"
                                                          : NULL;
    import_source_close(&source);
    if (status != CM_OK || what == NULL) {
        return status;
    }
    cm_finding found = {.kind = "changed deps", .what = what};
    found.path =
        cm_arena_strdup(&c->report->arena, then->path, strlen(then->path), err);
    return found.path == NULL ? CM_ERR_NOMEM : add(c, found, err);
}

static cm_status check_dep(checking *c, size_t i, cm_error *err)
{
    const cm_out *then = recorded_dep(c, i);
    const char *what = NULL;
    if (c->step->file != NULL && path_is_url(then->path)) {
        return check_source(c, then, err);
    }
    if (c->step->deps[i] == NULL) {
        cm_warn(c->checker.repo->log,
                "%s: its dependency %s lies outside of the repository, and is "
                "not looked at",
                c->stage, c->step->stage->deps[i]);
        return CM_OK;
    }
    cm_status status = then != NULL ? refuse_old(c, then, err) : CM_OK;
    if (status == CM_OK) {
        status = look_at(c, c->step->deps[i], then != NULL ? then->md5 : "",
                         &what, err);
    }
    return status == CM_OK && what != NULL
               ? add_path(c, "changed deps", c->step->deps[i], what, err)
               : status;
}

/* ---- parameters ---------------------------------------------------------- */

static cm_status check_value(checking *c, const char *file, const char *key,
                             const json_t *now, const json_t *then,
                             cm_error *err)
{
    const char *what = now == NULL               ? "deleted"
                       : then == NULL            ? "new"
                       : !param_equal(now, then) ? "modified"
                                                 : NULL;
    if (what == NULL) {
        return CM_OK;
    }
    const char *copy =
        cm_arena_strdup(&c->report->arena, key, strlen(key), err);
    return copy == NULL ? CM_ERR_NOMEM
                        : add(c,
                              (cm_finding){.kind = "changed deps",
                                           .file = file,
                                           .path = copy,
                                           .what = what},
                              err);
}

/* Of a whole file: its keys, then those that are gone. */
static cm_status check_all_values(checking *c, const char *file,
                                  const json_t *now, const json_t *then,
                                  cm_error *err)
{
    const char *key;
    json_t *value;
    cm_status status = CM_OK;
    json_object_foreach((json_t *)now, key, value)
    {
        if (status == CM_OK) {
            status = check_value(c, file, key, value,
                                 json_object_get(then, key), err);
        }
    }
    json_object_foreach((json_t *)then, key, value)
    {
        if (status == CM_OK && json_object_get(now, key) == NULL) {
            status = check_value(c, file, key, NULL, value, err);
        }
    }
    return status;
}

static cm_status check_values(checking *c, const cm_stage_params *params,
                              const char *file, const json_t *now,
                              const json_t *then, cm_error *err)
{
    cm_status status = CM_OK;
    if (params->n == 0) {
        return check_all_values(c, file, now, then, err);
    }
    for (size_t i = 0; i < params->n && status == CM_OK; i++) {
        const char *key = params->keys[i];
        status = check_value(c, file, key, param_get(now, key),
                             json_object_get(then, key), err);
    }
    return status;
}

/* i: of the stage's params. */
static cm_status check_params(checking *c, size_t i, cm_error *err)
{
    const cm_stage_params *params = &c->step->stage->params[i];
    const char *path = c->step->deps[c->step->stage->n_deps + i];
    const char *shown = NULL;
    const json_t *then = c->locked != NULL
                             ? json_object_get(c->locked->params, params->file)
                             : NULL;
    json_t *now = NULL;
    if (path == NULL) {
        return CM_OK;
    }
    cm_status status = param_file_load(&now, &c->checker.workspace, path, err);
    if (status == CM_OK && now == NULL) {
        status = add_path(c, "changed deps", path, "deleted", err);
    } else if (status == CM_OK && then == NULL) {
        status = add_path(c, "changed deps", path, "new", err);
    } else if (status == CM_OK) {
        status = cm_repo_shown(c->checker.repo, path, &c->report->arena, &shown,
                               err);
        if (status == CM_OK) {
            status = check_values(c, params, shown, now, then, err);
        }
    }
    json_decref(now);
    return status;
}

/* ---- a stage ------------------------------------------------------------- */

static cm_status check_deps(checking *c, cm_error *err)
{
    const cm_stage *stage = c->step->stage;
    cm_status status = CM_OK;
    if (stage->frozen) {
        cm_warn(c->checker.repo->log,
                "%s is frozen: its dependencies are not looked at", c->stage);
        return CM_OK;
    }
    for (size_t i = 0; i < stage->n_deps && status == CM_OK; i++) {
        status = check_dep(c, i, err);
    }
    for (size_t i = 0; i < stage->n_params && status == CM_OK; i++) {
        status = check_params(c, i, err);
    }
    return status;
}

/* Whether an import's file has the md5 that is its own. */
static cm_status is_stamped(const cm_dvc_file *file, bool *is, cm_error *err)
{
    char md5[CM_OBJECT_TEXT] = "";
    cm_status status =
        file->dep.path == NULL ? CM_OK : cm_dvc_file_md5(file, md5, err);
    *is = strcmp(md5, file->md5) == 0 || file->dep.path == NULL;
    return status;
}

static cm_status check_stage(checking *c, cm_error *err)
{
    const cm_stage *stage = c->step->stage;
    bool runs = stage->n_commands > 0, stamped = true;
    bool always = stage->always_changed ||
                  (runs && c->step->n_deps == 0 && stage->n_outs == 0);
    cm_status status = check_deps(c, err);
    for (size_t i = 0; i < stage->n_outs && status == CM_OK; i++) {
        status = check_out(c, i, err);
    }
    if (status == CM_OK && always) {
        status = add(c, (cm_finding){.kind = "always changed"}, err);
    }
    if (status == CM_OK && c->step->file != NULL) {
        status = is_stamped(c->step->file, &stamped, err);
    }
    if (status == CM_OK && !stamped) {
        status = add(c, (cm_finding){.kind = "changed checksum"}, err);
    }
    if (status == CM_OK && runs && c->locked != NULL &&
        !stage_same_command(stage, c->locked)) {
        status = add(c, (cm_finding){.kind = "changed command"}, err);
    }
    return status;
}

/* "train" where its dvc.yaml is the one of the working folder. */
static cm_status name_stage(checking *c, cm_error *err)
{
    const cm_stage *stage = c->step->stage;
    const char *file = NULL;
    cm_buf name = {0};
    cm_status status = cm_repo_shown(c->checker.repo, stage->file,
                                     &c->report->arena, &file, err);
    if (status != CM_OK) {
        return status;
    }
    bool here = strcmp(file, "dvc.yaml") == 0;
    cm_buf_adds(&name, here ? "" : file);
    if (c->step->file == NULL) {
        cm_buf_addf(&name, "%s%s", here ? "" : ":", stage->name);
    }
    status = cm_buf_check(&name, err);
    if (status == CM_OK) {
        c->stage = cm_arena_strdup(&c->report->arena, name.p, name.n, err);
        status = c->stage == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    cm_buf_release(&name);
    return status;
}

static cm_status check_step(checking *c, const graph_step *step, cm_error *err)
{
    c->step = step;
    c->locked = NULL;
    cm_status status = name_stage(c, err);
    if (status == CM_OK && step->file == NULL) {
        status = tracked_lock_find(&c->lock, step->stage, &c->locked, err);
    }
    return status == CM_OK ? check_stage(c, err) : status;
}

/* ---- all stages ---------------------------------------------------------- */

/* Whether a tracked path that a target names is one of the step's. */
static bool is_wanted(const cm_tracked_list *wanted, const graph_step *step)
{
    for (size_t i = 0; i < wanted->n; i++) {
        const cm_tracked *item = &wanted->items[i];
        bool same_stage = item->stage == NULL
                              ? step->file != NULL
                              : step->file == NULL &&
                                    strcmp(item->stage, step->stage->name) == 0;
        if (same_stage && strcmp(item->file, step->stage->file) == 0) {
            return true;
        }
    }
    return false;
}

static cm_status check_steps(checking *c, const graph *g,
                             const cm_tracked_list *wanted, cm_error *err)
{
    const cm_repo *repo = c->checker.repo;
    cm_status status = cm_file_state_open(&c->checker.state, repo, err);
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        if (wanted == NULL || is_wanted(wanted, &g->steps[i])) {
            c->report->n_stages++;
            status = check_step(c, &g->steps[i], err);
        }
    }
    cm_file_state_close(c->checker.state);
    return status;
}

cm_status cm_workspace_status(const cm_repo *repo, const char *const *targets,
                              size_t n, cm_status_report *report, cm_error *err)
{
    checking c = {.checker = {.repo = repo}, .report = report};
    const cm_snapshot *workspace = &c.checker.workspace;
    graph g = {0};
    cm_tracked_list wanted = {0};
    *report = (cm_status_report){0};
    c.lock.snapshot = workspace;
    cm_status status = cm_snapshot_open(&c.checker.workspace, repo, NULL, err);
    if (status == CM_OK) {
        status = graph_collect(&g, repo, workspace, err);
    }
    if (status == CM_OK && n > 0) {
        status =
            tracked_of_graph(repo, workspace, &g, targets, n, &wanted, err);
    }
    if (status == CM_OK) {
        status = check_steps(&c, &g, n > 0 ? &wanted : NULL, err);
    }
    cm_tracked_list_release(&wanted);
    cm_lock_file_release(&c.lock.lock);
    graph_release(&g);
    cm_snapshot_close(&c.checker.workspace);
    return status;
}

void cm_status_report_release(cm_status_report *report)
{
    free(report->items);
    cm_arena_release(&report->arena);
    *report = (cm_status_report){0};
}
