/* The stages of a repository: a walk over its folders, in each its .dvc files
 * and its dvc.yaml before the folders in it, but for those that are outs. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dvc/ignore.h"
#include "versioning/git.h"
#include "versioning/graph.h"
#include "versioning/paths.h"
#include "versioning/pipeline.h"
#include "versioning/variables.h"

enum { MAX_DEPTH = 200 };

typedef struct collector {
    graph *g;
    const cm_repo *repo;
    const cm_snapshot *snapshot;
    cm_ignore *ignore;
    cm_git *git; /* whose .gitignore counts; NULL: none */
    cm_error *err;
} collector;

static cm_status no_memory(const collector *c)
{
    return cm_fail(c->err, CM_ERR_NOMEM, "out of memory for the stages");
}

/* ---- steps --------------------------------------------------------------- */

/* Paths of a stage's outs, or of its deps and files of params. */
static cm_status resolve_paths(const collector *c, graph_step *step)
{
    const cm_stage *s = step->stage;
    cm_arena *arena = &c->g->arena;
    step->n_deps = s->n_deps + s->n_params;
    step->deps =
        cm_arena_alloc(arena, step->n_deps * sizeof *step->deps, c->err);
    step->outs = cm_arena_alloc(arena, s->n_outs * sizeof *step->outs, c->err);
    cm_status status =
        step->deps == NULL || step->outs == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < step->n_deps && status == CM_OK; i++) {
        const char *path =
            i < s->n_deps ? s->deps[i] : s->params[i - s->n_deps].file;
        step->deps[i] = NULL;
        if (!path_is_url(path)) {
            status = path_in_repo(&step->deps[i], s->wdir, path, arena, c->err);
        }
    }
    for (size_t i = 0; i < s->n_outs && status == CM_OK; i++) {
        const char *path = s->outs[i].out.path;
        status = path_in_repo(&step->outs[i], s->wdir, path, arena, c->err);
        if (status == CM_OK && (step->outs[i] == NULL || path_is_url(path) ||
                                step->outs[i][0] == '\0')) {
            status = cm_fail(c->err, CM_ERR_UNSUPPORTED,
                             "%s: stage '%s' has the out %s, which is not "
                             "inside of the repository",
                             s->file, s->name, path);
        }
    }
    return status;
}

static cm_status add_step(const collector *c, const cm_stage *stage,
                          cm_dvc_file *file)
{
    graph *g = c->g;
    cm_buf address = {0};
    cm_status status =
        cm_grow(&g->steps, g->n, &g->capacity, sizeof *g->steps, c->err);
    if (status != CM_OK) {
        return status;
    }
    graph_step *step = &g->steps[g->n++];
    *step = (graph_step){.stage = stage, .file = file};
    bool of_root = strcmp(stage->file, "dvc.yaml") == 0;
    cm_buf_addf(&address, "%s%s%s", file != NULL || of_root ? "" : stage->file,
                file != NULL || of_root ? "" : ":", stage->name);
    status = cm_buf_check(&address, c->err);
    if (status == CM_OK) {
        step->address =
            cm_arena_strdup(&g->arena, address.p, address.n, c->err);
        status = step->address == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    cm_buf_release(&address);
    return status == CM_OK ? resolve_paths(c, step) : status;
}

static cm_status add_pipeline(const collector *c, const char *path)
{
    graph *g = c->g;
    cm_status status =
        cm_grow(&g->pipelines, g->n_pipelines, &g->pipelines_capacity,
                sizeof *g->pipelines, c->err);
    cm_pipeline *pipeline =
        status == CM_OK ? cm_alloc_zero(1, sizeof *pipeline, c->err) : NULL;
    if (pipeline == NULL) {
        return no_memory(c);
    }
    g->pipelines[g->n_pipelines++] = pipeline;
    status =
        pipeline_load(pipeline, c->snapshot, c->repo->config, path, c->err);
    for (size_t i = 0; i < pipeline->n && status == CM_OK; i++) {
        status = add_step(c, &pipeline->stages[i], NULL);
    }
    return status;
}

/* A .dvc file as a stage: one out, perhaps a dep, no command. */
static cm_status stage_of_file(const collector *c, const char *path,
                               const cm_dvc_file *file, cm_stage **out)
{
    cm_arena *arena = &c->g->arena;
    const char *slash = strrchr(path, '/');
    size_t n = slash != NULL ? (size_t)(slash - path) : 0;
    char *folder = cm_arena_strdup(arena, path, n, c->err);
    cm_stage *stage = cm_arena_alloc(arena, sizeof *stage, c->err);
    cm_stage_out *one = cm_arena_alloc(arena, sizeof *one, c->err);
    const char **deps = cm_arena_alloc(arena, sizeof *deps, c->err);
    const char *name = cm_arena_strdup(arena, path, strlen(path), c->err);
    if (folder == NULL || stage == NULL || one == NULL || deps == NULL ||
        name == NULL) {
        return CM_ERR_NOMEM;
    }
    *one = (cm_stage_out){.out = file->out};
    *stage = (cm_stage){.name = name,
                        .file = name,
                        .frozen = file->frozen,
                        .deps = deps,
                        .outs = one,
                        .n_outs = 1};
    deps[0] = file->dep.path;
    stage->n_deps = file->dep.path != NULL;
    *out = stage;
    const char *wdir = file->wdir != NULL ? file->wdir : ".";
    cm_status status = path_in_repo(&stage->wdir, folder, wdir, arena, c->err);
    return status == CM_OK && stage->wdir == NULL
               ? cm_fail(c->err, CM_ERR_USAGE,
                         "%s: the wdir '%s' is outside of the repository", path,
                         wdir)
               : status;
}

static cm_status load_file(const collector *c, const char *path,
                           cm_dvc_file *file)
{
    cm_buf text = {0};
    bool found = false;
    cm_status status =
        c->snapshot->read(c->snapshot, path, &text, &found, c->err);
    if (status == CM_OK) {
        status =
            cm_dvc_file_parse(file, (cm_str){text.p, text.n}, path, c->err);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status add_file(const collector *c, const char *path)
{
    graph *g = c->g;
    cm_stage *stage = NULL;
    cm_status status = cm_grow(&g->files, g->n_files, &g->files_capacity,
                               sizeof *g->files, c->err);
    cm_dvc_file *file =
        status == CM_OK ? cm_alloc_zero(1, sizeof *file, c->err) : NULL;
    if (file == NULL) {
        return no_memory(c);
    }
    g->files[g->n_files++] = file;
    status = load_file(c, path, file);
    if (status == CM_OK) {
        status = stage_of_file(c, path, file, &stage);
    }
    return status == CM_OK ? add_step(c, stage, file) : status;
}

/* ---- the walk ------------------------------------------------------------ */

static bool is_out(const graph *g, const char *path)
{
    for (size_t i = 0; i < g->n; i++) {
        for (size_t j = 0; j < g->steps[i].stage->n_outs; j++) {
            if (strcmp(g->steps[i].outs[j], path) == 0) {
                return true;
            }
        }
    }
    return false;
}

static cm_status is_hidden(const collector *c, const char *path, bool folder,
                           bool *hidden)
{
    cm_status status = cm_ignore_check(c->ignore, path, folder, hidden, c->err);
    if (status == CM_OK && !*hidden) {
        status = cm_git_is_ignored(c->git, path, hidden, c->err);
    }
    return status;
}

/* "dvc.yaml" or something before ".dvc". */
static bool is_stage_file(const char *name)
{
    return strcmp(name, "dvc.yaml") == 0 ||
           (strlen(name) > strlen(".dvc") &&
            cm_str_ends_with(cm_str_of(name), ".dvc"));
}

static cm_status visit_file(const collector *c, const char *path,
                            const char *name)
{
    bool hidden = false;
    if (!is_stage_file(name)) {
        return CM_OK;
    }
    cm_status status = is_hidden(c, path, false, &hidden);
    if (status != CM_OK || hidden) {
        return status;
    }
    return strcmp(name, "dvc.yaml") == 0 ? add_pipeline(c, path)
                                         : add_file(c, path);
}

static cm_status visit(const collector *c, const char *folder, int depth);

static cm_status visit_folder(const collector *c, const char *path, int depth)
{
    bool hidden = false;
    if (is_out(c->g, path)) {
        return CM_OK;
    }
    cm_status status = is_hidden(c, path, true, &hidden);
    return status == CM_OK && !hidden ? visit(c, path, depth + 1) : status;
}

/* One of the two rounds over a folder: its files, then its folders. */
static cm_status visit_names(const collector *c, const char *folder,
                             const snapshot_folder *list, bool folders,
                             int depth)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        const char *name = list->entries[i].name;
        if (folders ? !list->entries[i].is_folder : !list->entries[i].is_file) {
            continue;
        }
        char *path = folder[0] != '\0' ? cm_path_join(folder, name)
                                       : cm_strdup(name, c->err);
        if (path == NULL) {
            status = no_memory(c);
        } else {
            status = folders ? visit_folder(c, path, depth)
                             : visit_file(c, path, name);
        }
        free(path);
    }
    return status;
}

static cm_status visit(const collector *c, const char *folder, int depth)
{
    snapshot_folder list = {0};
    if (depth > MAX_DEPTH) {
        return cm_fail(c->err, CM_ERR_DATA, "%s: folders are more than %d deep",
                       folder, MAX_DEPTH);
    }
    cm_status status = c->snapshot->list(c->snapshot, folder, &list, c->err);
    if (status == CM_OK) {
        status = visit_names(c, folder, &list, false, depth);
    }
    if (status == CM_OK) {
        status = visit_names(c, folder, &list, true, depth);
    }
    snapshot_folder_release(&list);
    return status;
}

static cm_status read_of_snapshot(const void *context, const char *path,
                                  cm_buf *out, bool *found, cm_error *err)
{
    const cm_snapshot *snapshot = context;
    return snapshot->read(snapshot, path, out, found, err);
}

static cm_status has_of_snapshot(const void *context, const char *path,
                                 bool *has, cm_error *err)
{
    const cm_snapshot *snapshot = context;
    return snapshot->has(snapshot, path, has, err);
}

cm_status graph_collect(graph *g, const cm_repo *repo,
                        const cm_snapshot *snapshot, cm_error *err)
{
    collector c = {.g = g, .repo = repo, .snapshot = snapshot, .err = err};
    cm_ignore_files files = {read_of_snapshot, has_of_snapshot, snapshot};
    cm_status status = cm_ignore_open_in(&c.ignore, &files, err);
    if (status == CM_OK && snapshot_rev(snapshot) == NULL) {
        status = cm_git_open(&c.git, repo, err);
    }
    if (status == CM_OK) {
        status = visit(&c, "", 0);
    }
    cm_git_close(c.git);
    cm_ignore_close(c.ignore);
    return status;
}
