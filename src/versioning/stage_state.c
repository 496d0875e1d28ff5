/* DVC's rules of when a stage has changed: its command, then its deps and
 * parameters, then its outs, against dvc.lock. */
#include "versioning/stage_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "versioning/git.h"
#include "versioning/paths.h"

static const cm_out no_entry = {.path = ""};

const cm_out *stage_entry(const cm_out *entries, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(entries[i].path, path) == 0) {
            return &entries[i];
        }
    }
    return NULL;
}

/* The locked entry of a dep or out, an empty one when there is none. */
static const cm_out *entry_or_none(const cm_out *entries, size_t n,
                                   const char *path)
{
    const cm_out *entry = n > 0 ? stage_entry(entries, n, path) : NULL;
    return entry != NULL ? entry : &no_entry;
}

static void tell(stage_change *out, bool *flag, const char *fmt,
                 const char *what) __attribute__((format(printf, 3, 0)));

static void tell(stage_change *out, bool *flag, const char *fmt,
                 const char *what)
{
    if (!*flag) {
        *flag = true;
        (void)snprintf(out->reason, sizeof out->reason, fmt, what);
    }
}

/* ---- files --------------------------------------------------------------- */

static cm_status refuse_outside(const graph_step *step, const char *path,
                                cm_error *err)
{
    return cm_fail(err, CM_ERR_UNSUPPORTED,
                   "stage '%s' depends on %s, which is not in the repository; "
                   "run this stage with dvc",
                   step->address, path);
}

/* The hash of a path now; md5 "": it is not there. */
static cm_status hash_of(stage_checker *c, const char *path, cm_out *out,
                         cm_error *err)
{
    *out = (cm_out){0};
    return cm_workspace_hash(c->repo, c->state, path, out, NULL, err);
}

static cm_status compare_dep(stage_checker *c, const graph_step *step, size_t i,
                             const cm_locked_stage *locked, stage_change *out,
                             cm_error *err)
{
    const char *path = step->stage->deps[i];
    cm_out now;
    if (step->deps[i] == NULL) {
        return refuse_outside(step, path, err);
    }
    const cm_out *then =
        locked == NULL ? &no_entry
                       : entry_or_none(locked->deps, locked->n_deps, path);
    cm_status status = hash_of(c, step->deps[i], &now, err);
    if (status != CM_OK) {
        return status;
    }
    if (now.md5[0] == '\0') {
        tell(out, &out->dep, "dependency '%s' is missing", path);
    } else if (strcmp(now.md5, then->md5) != 0) {
        tell(out, &out->dep,
             then->md5[0] == '\0' ? "dependency '%s' is new"
                                  : "dependency '%s' changed",
             path);
    }
    return CM_OK;
}

/* ---- parameters ---------------------------------------------------------- */

static cm_status load_params(stage_checker *c, const graph_step *step, size_t i,
                             json_t **out, cm_error *err)
{
    const char *path = step->deps[step->stage->n_deps + i];
    if (path == NULL) {
        return refuse_outside(step, step->stage->params[i].file, err);
    }
    cm_status status = param_file_load(out, &c->workspace, path, err);
    if (status == CM_OK && *out != NULL && !json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        status = cm_fail(err, CM_ERR_PARSE,
                         "%s: expected a map of parameters, found a list or "
                         "value",
                         path);
    }
    return status;
}

static void compare_param(const json_t *now, const json_t *then,
                          const char *key, stage_change *out)
{
    if (now == NULL) {
        tell(out, &out->dep, "parameter '%s' is missing", key);
    } else if (then == NULL) {
        tell(out, &out->dep, "parameter '%s' is new", key);
    } else if (!param_equal(now, then)) {
        tell(out, &out->dep, "parameter '%s' changed", key);
    }
}

/* locked: {key: value} of this file; NULL: none. */
static void compare_values(const cm_stage_params *params, const json_t *now,
                           const json_t *locked, stage_change *out)
{
    const char *key;
    json_t *value;
    for (size_t i = 0; i < params->n; i++) {
        compare_param(param_get(now, params->keys[i]),
                      json_object_get(locked, params->keys[i]), params->keys[i],
                      out);
    }
    if (params->n > 0) {
        return;
    }
    json_object_foreach((json_t *)now, key, value)
    {
        compare_param(value, json_object_get(locked, key), key, out);
    }
    json_object_foreach((json_t *)locked, key, value)
    {
        compare_param(json_object_get(now, key), value, key, out);
    }
}

static cm_status compare_params(stage_checker *c, const graph_step *step,
                                size_t i, const cm_locked_stage *locked,
                                stage_change *out, cm_error *err)
{
    const cm_stage_params *params = &step->stage->params[i];
    const json_t *then =
        locked != NULL ? json_object_get(locked->params, params->file) : NULL;
    json_t *now = NULL;
    cm_status status = load_params(c, step, i, &now, err);
    if (status == CM_OK && now == NULL) {
        tell(out, &out->dep, "parameters file '%s' is missing", params->file);
    } else if (status == CM_OK && then == NULL) {
        tell(out, &out->dep, "parameters of '%s' are new", params->file);
    } else if (status == CM_OK) {
        compare_values(params, now, then, out);
    }
    json_decref(now);
    return status;
}

static cm_status compare_deps(stage_checker *c, const graph_step *step,
                              const cm_locked_stage *locked, stage_change *out,
                              cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < step->stage->n_deps && status == CM_OK && !out->dep;
         i++) {
        status = compare_dep(c, step, i, locked, out, err);
    }
    for (size_t i = 0;
         i < step->stage->n_params && status == CM_OK && !out->dep; i++) {
        status = compare_params(c, step, i, locked, out, err);
    }
    return status;
}

cm_status stage_deps_same(stage_checker *c, const graph_step *step,
                          const cm_locked_stage *locked, bool *same,
                          cm_error *err)
{
    stage_change change = {0};
    cm_status status = compare_deps(c, step, locked, &change, err);
    *same = !change.dep;
    return status;
}

/* ---- outs ---------------------------------------------------------------- */

cm_status stage_has_object(const cm_repo *repo, const char *object, bool *has,
                           cm_error *err)
{
    cm_listing listing = {0};
    *has = cm_cache_has(repo, object);
    if (!*has || !cm_str_ends_with(cm_str_of(object), ".dir")) {
        return CM_OK;
    }
    cm_status status = cm_cache_listing(repo, object, &listing, err);
    for (size_t i = 0; i < listing.n && status == CM_OK && *has; i++) {
        *has = cm_cache_has(repo, listing.entries[i].md5);
    }
    cm_listing_release(&listing);
    return status;
}

static cm_status compare_out(stage_checker *c, const graph_step *step, size_t i,
                             const cm_out *then, stage_change *out,
                             cm_error *err)
{
    const cm_out *says = &step->stage->outs[i].out;
    bool cached = true;
    cm_out now;
    cm_status status = CM_OK;
    if (then->md5[0] != '\0' && !says->no_cache) {
        status = stage_has_object(c->repo, then->md5, &cached, err);
    }
    if (status == CM_OK && !cached) {
        tell(out, &out->out, "output '%s' is not in the cache", says->path);
        return CM_OK;
    }
    if (status == CM_OK) {
        status = hash_of(c, step->outs[i], &now, err);
    }
    if (status != CM_OK) {
        return status;
    }
    if (now.md5[0] == '\0') {
        tell(out, &out->out, "output '%s' is missing", says->path);
    } else if (strcmp(now.md5, then->md5) != 0) {
        tell(out, &out->out,
             then->md5[0] == '\0' ? "output '%s' is new"
                                  : "output '%s' changed",
             says->path);
    }
    return CM_OK;
}

static cm_status compare_outs(stage_checker *c, const graph_step *step,
                              const cm_locked_stage *locked, stage_change *out,
                              cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < step->stage->n_outs && status == CM_OK && !out->out;
         i++) {
        const cm_out *own = &step->stage->outs[i].out;
        const cm_out *then = own;
        if (step->file == NULL) {
            then = locked == NULL
                       ? &no_entry
                       : entry_or_none(locked->outs, locked->n_outs, own->path);
        }
        status = compare_out(c, step, i, then, out, err);
    }
    return status;
}

/* ---- the stage ----------------------------------------------------------- */

bool stage_same_command(const cm_stage *stage, const cm_locked_stage *locked)
{
    bool same = stage->one_command == locked->one_command &&
                stage->n_commands == locked->n_commands;
    for (size_t i = 0; i < stage->n_commands && same; i++) {
        same = strcmp(stage->commands[i], locked->commands[i]) == 0;
    }
    return same;
}

cm_status stage_compare(stage_checker *c, const graph_step *step,
                        const cm_locked_stage *locked, stage_change *out,
                        cm_error *err)
{
    const cm_stage *stage = step->stage;
    *out = (stage_change){0};
    bool has_command = stage->n_commands > 0;
    bool is_callback = has_command && step->n_deps == 0 && stage->n_outs == 0;
    if (has_command && locked != NULL && !stage_same_command(stage, locked)) {
        tell(out, &out->command, "the command of '%s' changed", stage->name);
        return CM_OK;
    }
    if (!stage->frozen && (is_callback || stage->always_changed)) {
        tell(out, &out->dep, "'%s' always runs", stage->name);
        return CM_OK;
    }
    if (!stage->frozen) {
        cm_status status = compare_deps(c, step, locked, out, err);
        if (status != CM_OK || out->dep) {
            return status;
        }
    }
    return compare_outs(c, step, locked, out, err);
}

/* ---- what is to be locked ------------------------------------------------ */

/* A hash of DVC 2 stays one while the content is the same. */
static void keep_old_hash(cm_out *now, const cm_out *then)
{
    now->old_hash = then->old_hash && strcmp(now->md5, then->md5) == 0;
}

static cm_status lock_dep(stage_checker *c, const graph_step *step, size_t i,
                          const cm_locked_stage *old, cm_out *out,
                          cm_error *err)
{
    const char *path = step->stage->deps[i];
    if (step->deps[i] == NULL) {
        return refuse_outside(step, path, err);
    }
    cm_status status = hash_of(c, step->deps[i], out, err);
    if (status == CM_OK && out->md5[0] == '\0') {
        return cm_fail(err, CM_ERR_DATA,
                       "dependency '%s' of stage '%s' does not exist; make it, "
                       "or get it with clickmill pull",
                       path, step->address);
    }
    out->path = path;
    if (old != NULL) {
        keep_old_hash(out, entry_or_none(old->deps, old->n_deps, path));
    }
    return status;
}

static cm_status choose_params(const cm_stage_params *params,
                               const json_t *values, const char *stage,
                               json_t **out, cm_error *err)
{
    *out = params->n == 0 ? json_deep_copy(values) : json_object();
    for (size_t i = 0; i < params->n && *out != NULL; i++) {
        const json_t *value = param_get(values, params->keys[i]);
        if (value == NULL) {
            return cm_fail(err, CM_ERR_DATA,
                           "parameter '%s' of stage '%s' is missing from '%s'",
                           params->keys[i], stage, params->file);
        }
        if (json_object_set_new(*out, params->keys[i], json_deep_copy(value)) !=
            0) {
            json_decref(*out);
            *out = NULL;
        }
    }
    return *out != NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory for params");
}

static cm_status lock_params(stage_checker *c, const graph_step *step,
                             json_t *all, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < step->stage->n_params && status == CM_OK; i++) {
        const cm_stage_params *params = &step->stage->params[i];
        json_t *values = NULL, *chosen = NULL;
        status = load_params(c, step, i, &values, err);
        if (status == CM_OK && values == NULL) {
            status = cm_fail(err, CM_ERR_DATA,
                             "parameters file '%s' of stage '%s' does not "
                             "exist",
                             params->file, step->address);
        }
        if (status == CM_OK) {
            status = choose_params(params, values, step->address, &chosen, err);
        }
        if (status == CM_OK &&
            json_object_set(all, params->file, chosen) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for params");
        }
        json_decref(chosen);
        json_decref(values);
    }
    return status;
}

cm_status stage_lock_deps(stage_checker *c, const graph_step *step,
                          const cm_locked_stage *old, cm_arena *arena,
                          cm_locked_stage *out, cm_error *err)
{
    const cm_stage *stage = step->stage;
    *out = (cm_locked_stage){.name = stage->name,
                             .commands = stage->commands,
                             .n_commands = stage->n_commands,
                             .one_command = stage->one_command,
                             .params = json_object()};
    out->deps = cm_arena_alloc(arena, stage->n_deps * sizeof *out->deps, err);
    cm_status status =
        out->deps == NULL || out->params == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < stage->n_deps && status == CM_OK; i++) {
        status = lock_dep(c, step, i, old, &out->deps[i], err);
        out->n_deps++;
    }
    return status == CM_OK ? lock_params(c, step, out->params, err) : status;
}

/* The out's content as an object of the cache, or its hash alone. */
static cm_status lock_out(stage_checker *c, cm_git *git, const graph_step *step,
                          size_t i, const cm_locked_stage *old, cm_out *out,
                          cm_error *err)
{
    const cm_out *says = &step->stage->outs[i].out;
    const char *path = step->outs[i];
    cm_status status = hash_of(c, path, out, err);
    if (status == CM_OK && out->md5[0] == '\0') {
        return cm_fail(err, CM_ERR_DATA,
                       "output '%s' of stage '%s' does not exist; its command "
                       "must make it",
                       says->path, step->address);
    }
    if (status == CM_OK && out->has_size && out->size == 0) {
        cm_warn(c->repo->log, "'%s' is empty", says->path);
    }
    bool changed = false;
    if (status == CM_OK && !says->no_cache) {
        status = cm_git_check_untracked(git, path, err);
        if (status == CM_OK) {
            status = cm_git_ignore(git, path, &changed, err);
        }
        if (status == CM_OK) {
            *out = (cm_out){0};
            status = cm_cache_add(c->repo, c->state, path, out, err);
        }
    }
    out->path = says->path;
    if (old != NULL) {
        keep_old_hash(out, entry_or_none(old->outs, old->n_outs, says->path));
    }
    return status;
}

cm_status stage_lock_outs(stage_checker *c, const graph_step *step,
                          const cm_locked_stage *old, cm_arena *arena,
                          cm_locked_stage *out, cm_error *err)
{
    cm_git *git = NULL;
    size_t n = step->stage->n_outs;
    out->outs = cm_arena_alloc(arena, n * sizeof *out->outs, err);
    if (out->outs == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_git_open(&git, c->repo, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = lock_out(c, git, step, i, old, &out->outs[i], err);
        out->n_outs++;
    }
    cm_git_close(git);
    return status;
}
