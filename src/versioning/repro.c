/* A repro as a whole: which stages, in which order, and the loop in which they
 * start when what they need is done.
 *
 * This thread decides, hashes and records; only commands run beside it.  The
 * repository's lock is held but for the time in which this thread waits for
 * them: a command may use dvc itself. */
#include "versioning/repro.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "versioning/commands.h"
#include "versioning/once_tracked.h"
#include "versioning/paths.h"
#include "versioning/repro_stage.h"
#include "versioning/rwlock.h"

typedef enum progress { WAITING, RUNNING, DONE, FAILED } progress;

typedef struct run {
    cm_repo *repo;
    const cm_repro_options *options;
    graph g;
    size_t *order; /* (n) steps */
    size_t *place; /* (g.n) where a step is in order, n: nowhere */
    size_t n;
    repro_stage *stages; /* (n), by place */
    progress *state;     /* (n) */
    const char **added;  /* (n) */
    stage_checker checker;
    commands *commands;
    cm_repro_report *report;
    bool told;      /* .dvc/tmp/rwlock has stages of this run */
    bool stopping;  /* a stage failed: nothing more starts */
    cm_error first; /* failure */
} run;

static const char *const action_names[] = {[CM_REPRO_UNCHANGED] = "unchanged",
                                           [CM_REPRO_RAN] = "ran",
                                           [CM_REPRO_RESTORED] = "restored",
                                           [CM_REPRO_VERIFIED] = "verified",
                                           [CM_REPRO_WOULD_RUN] = "would run",
                                           [CM_REPRO_FAILED] = "failed",
                                           [CM_REPRO_LEFT] = "left"};

const char *cm_repro_action_name(cm_repro_action action)
{
    return action_names[action];
}

void cm_repro_report_release(cm_repro_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        free(report->stages[i].name);
    }
    free(report->stages);
    *report = (cm_repro_report){0};
}

/* ---- what there is to do ------------------------------------------------- */

/* The working folder, relative to the root; "" when it is outside. */
static cm_status working_folder(const cm_repo *repo, char **out, cm_error *err)
{
    char *absolute = path_working(err);
    *out = NULL;
    if (absolute == NULL) {
        return CM_ERR_NOMEM;
    }
    *out = path_is_below(absolute, repo->root)
               ? path_relative(absolute, repo->root)
               : cm_strdup(".", err);
    free(absolute);
    if (*out != NULL && strcmp(*out, ".") == 0) {
        (*out)[0] = '\0';
    }
    return *out == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status choose(run *r, bool *chosen, cm_error *err)
{
    const cm_repro_options *o = r->options;
    char *folder = NULL;
    cm_status status = working_folder(r->repo, &folder, err);
    for (size_t i = 0; o->all && i < r->g.n; i++) {
        chosen[i] = true;
    }
    if (status == CM_OK && !o->all && o->n_targets == 0) {
        status = graph_find(&r->g, "dvc.yaml", folder, chosen, err);
    }
    for (size_t i = 0; i < o->n_targets && status == CM_OK; i++) {
        status = graph_find(&r->g, o->targets[i], folder, chosen, err);
    }
    free(folder);
    return status;
}

/* The chosen steps alone, in the order of the repository. */
static void order_single(run *r, const bool *chosen)
{
    for (size_t i = 0; i < r->g.n; i++) {
        if (chosen[i]) {
            r->order[r->n++] = i;
        }
    }
}

static cm_status plan(run *r, cm_error *err)
{
    bool *chosen = cm_alloc_zero(r->g.n, sizeof *chosen, err);
    r->order = cm_alloc(r->g.n, sizeof *r->order, err);
    r->place = cm_alloc(r->g.n, sizeof *r->place, err);
    cm_status status = chosen == NULL || r->order == NULL || r->place == NULL
                           ? CM_ERR_NOMEM
                           : choose(r, chosen, err);
    if (status == CM_OK && r->options->single) {
        order_single(r, chosen);
    } else if (status == CM_OK) {
        status = graph_order(&r->g, chosen, r->options->downstream, r->order,
                             &r->n, err);
    }
    for (size_t i = 0; i < r->g.n && status == CM_OK; i++) {
        r->place[i] = r->n;
    }
    for (size_t i = 0; i < r->n; i++) {
        r->place[r->order[i]] = i;
    }
    free(chosen);
    return status;
}

static cm_status open_stages(run *r, cm_error *err)
{
    r->stages = cm_alloc_zero(r->n, sizeof *r->stages, err);
    r->state = cm_alloc_zero(r->n, sizeof *r->state, err);
    r->added = cm_alloc_zero(r->n, sizeof *r->added, err);
    r->report->stages = cm_alloc_zero(r->n, sizeof *r->report->stages, err);
    cm_status status = r->stages == NULL || r->state == NULL ||
                               r->added == NULL || r->report->stages == NULL
                           ? CM_ERR_NOMEM
                           : CM_OK;
    for (size_t i = 0; i < r->n && status == CM_OK; i++) {
        const graph_step *step = &r->g.steps[r->order[i]];
        cm_repro_stage *told = &r->report->stages[r->report->n++];
        *told = (cm_repro_stage){.name = cm_strdup(step->address, err),
                                 .action = CM_REPRO_LEFT};
        status = told->name == NULL
                     ? CM_ERR_NOMEM
                     : repro_stage_open(&r->stages[i], r->repo, step, i, err);
    }
    return status;
}

/* Whether two stages of the plan can run at a time: some stage does not need
 * the one before it, not even through others. */
static bool has_width(const run *r)
{
    for (size_t i = 1; i < r->n; i++) {
        const graph_step *step = &r->g.steps[r->order[i]];
        bool needs = false;
        for (size_t k = 0; k < step->n_needs && !step->stage->frozen; k++) {
            needs = needs || step->needs[k] == r->order[i - 1];
        }
        if (!needs && step->stage->n_commands > 0 &&
            r->g.steps[r->order[i - 1]].stage->n_commands > 0) {
            return true;
        }
    }
    return false;
}

static cm_status open_commands(run *r, cm_error *err)
{
    size_t most = (size_t)cm_thread_count(r->options->jobs);
    bool wide = most > 1 && has_width(r);
    commands_options options = {.repo = r->repo,
                                .most = wide ? most : 1,
                                .prefixed = wide,
                                .out = r->options->out};
    return commands_open(&r->commands, &options, err);
}

/* ---- one stage ----------------------------------------------------------- */

static void finish(run *r, size_t i, cm_repro_action action)
{
    r->state[i] = DONE;
    r->report->stages[i].action = action;
}

/* Keeps the failure; the first one is what the whole run fails with. */
static void fail_stage(run *r, size_t i, const cm_error *err)
{
    cm_repro_stage *told = &r->report->stages[i];
    r->state[i] = FAILED;
    told->action = CM_REPRO_FAILED;
    (void)snprintf(told->reason, sizeof told->reason, "%s", err->message);
    if (r->first.code == CM_OK) {
        r->first = *err;
        cm_error_prefix(&r->first, "failed to reproduce '%s'", told->name);
    } else {
        cm_log_say(r->repo->log, CM_LOG_ERROR, "failed to reproduce '%s': %s",
                   told->name, err->message);
    }
    r->stopping = r->stopping || !r->options->keep_going;
}

static cm_status record(run *r, size_t i, cm_error *err)
{
    return repro_record(&r->stages[i], &r->checker, r->added, r->n, err);
}

/* A stage without a command of its own to run: its outs are recorded. */
static cm_status verify(run *r, size_t i, cm_error *err)
{
    const graph_step *step = r->stages[i].step;
    if (step->file != NULL && step->file->dep.path != NULL) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s is imported from %s and has changed; get it anew "
                       "with dvc update, or with clickmill pull",
                       step->address, step->file->dep.path);
    }
    cm_info(r->repo->log, "Verifying %s '%s'",
            step->file != NULL ? "data sources in" : "outputs in frozen stage",
            step->address);
    for (size_t k = 0; k < step->stage->n_outs; k++) {
        char *full = cm_path_join(r->repo->root, step->outs[k]);
        bool there = full != NULL && cm_file_exists(full);
        free(full);
        if (!there) {
            return cm_fail(err, CM_ERR_DATA,
                           "'%s' is missing; get it with clickmill pull or "
                           "checkout",
                           step->outs[k]);
        }
    }
    cm_status status = record(r, i, err);
    if (status == CM_OK) {
        finish(r, i, CM_REPRO_VERIFIED);
    }
    return status;
}

/* Tells other processes which stages run now. */
static cm_status tell_running(run *r, cm_error *err)
{
    size_t n = 0;
    const graph_step **steps = cm_alloc(r->n, sizeof *steps, err);
    if (steps == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (r->state[i] == RUNNING) {
            steps[n++] = r->stages[i].step;
        }
    }
    cm_status status = CM_OK;
    if (n > 0 || r->told) {
        status = rwlock_tell(r->repo, steps, n, err);
        r->told = n > 0;
    }
    free(steps);
    return status;
}

/* What the stage needs is there: before anything of it is removed. */
static cm_status check_deps(run *r, const repro_stage *s, cm_error *err)
{
    cm_arena arena = {0};
    cm_locked_stage now = {0};
    cm_status status =
        stage_lock_deps(&r->checker, s->step, s->locked, &arena, &now, err);
    json_decref(now.params);
    cm_arena_release(&arena);
    return status;
}

static cm_status start(run *r, size_t i, cm_error *err)
{
    repro_stage *s = &r->stages[i];
    bool restored = false;
    cm_status status = check_deps(r, s, err);
    if (status == CM_OK) {
        status = repro_remove_outs(s, r->repo, err);
    }
    if (status == CM_OK && !r->options->force) {
        status = repro_restore(s, &r->checker, r->options->no_run_cache,
                               &restored, err);
    }
    if (status == CM_OK && restored) {
        status = record(r, i, err);
        if (status == CM_OK) {
            finish(r, i, CM_REPRO_RESTORED);
        }
        return status;
    }
    if (status == CM_OK) {
        cm_info(r->repo->log, "Running stage '%s':", s->step->address);
        r->state[i] = RUNNING;
        status = tell_running(r, err);
        if (status == CM_OK) {
            status = commands_start(r->commands, i, s->step, err);
        }
        r->state[i] = status == CM_OK ? RUNNING : WAITING;
    }
    return status;
}

static void tell_dry(run *r, size_t i)
{
    const cm_stage *stage = r->stages[i].step->stage;
    cm_info(r->repo->log, "Running stage '%s':", r->stages[i].step->address);
    for (size_t k = 0; k < stage->n_commands; k++) {
        cm_info(r->repo->log, "> %s", stage->commands[k]);
    }
    finish(r, i, CM_REPRO_WOULD_RUN);
}

/* Decides about a stage and does what can be done at once. */
static cm_status examine(run *r, size_t i, cm_error *err)
{
    repro_stage *s = &r->stages[i];
    const cm_stage *stage = s->step->stage;
    if (stage->frozen && s->step->file == NULL) {
        cm_warn(r->repo->log,
                "stage '%s' is frozen. Its dependencies are not going to be "
                "reproduced.",
                s->step->address);
    }
    cm_status status =
        stage_compare(&r->checker, s->step, s->locked, &s->change, err);
    if (status != CM_OK) {
        return status;
    }
    bool changed = s->change.command || s->change.dep || s->change.out;
    if (!changed && !r->options->force) {
        cm_info(r->repo->log, "%s'%s' didn't change, skipping",
                s->step->file != NULL ? "" : "Stage ", s->step->address);
        finish(r, i, CM_REPRO_UNCHANGED);
        return CM_OK;
    }
    (void)snprintf(r->report->stages[i].reason,
                   sizeof r->report->stages[i].reason, "%s",
                   changed ? s->change.reason : "--force");
    if (r->options->dry) {
        tell_dry(r, i);
        return CM_OK;
    }
    return stage->frozen || stage->n_commands == 0 ? verify(r, i, err)
                                                   : start(r, i, err);
}

/* ---- the loop ------------------------------------------------------------ */

typedef enum readiness { READY, NOT_YET, NEVER } readiness;

/* Whether all that a stage needs is done. */
static readiness readiness_of(const run *r, size_t i)
{
    const graph_step *step = r->stages[i].step;
    readiness out = READY;
    for (size_t k = 0; k < step->n_needs && !step->stage->frozen; k++) {
        size_t place = r->place[step->needs[k]];
        if (place == r->n || r->state[place] == DONE) {
            continue;
        }
        if (r->state[place] == FAILED) {
            return NEVER;
        }
        out = NOT_YET;
    }
    return out;
}

/* Starts what can be started; *more: something went on, so look again. */
static cm_status start_ready(run *r, bool *more, cm_error *err)
{
    *more = false;
    for (size_t i = 0; i < r->n; i++) {
        if (r->state[i] != WAITING || r->stopping ||
            commands_full(r->commands)) {
            continue;
        }
        readiness ready = readiness_of(r, i);
        if (ready == NEVER) {
            r->state[i] = FAILED;
            *more = true;
        }
        if (ready != READY) {
            continue;
        }
        cm_error own = {0};
        cm_status status = examine(r, i, &own);
        if (status == CM_ERR_INTERRUPTED || status == CM_ERR_NOMEM) {
            return cm_fail(err, status, "%s", own.message);
        }
        if (status != CM_OK) {
            fail_stage(r, i, &own);
        }
        *more = true;
    }
    return CM_OK;
}

/* A command may have run for hours: another process that holds the lock is
 * waited for as long as it takes. */
static cm_status lock_again(run *r, cm_error *err)
{
    for (bool told = false;; told = true) {
        cm_error why = {0};
        cm_status status = cm_repo_lock(r->repo, &why);
        if (status == CM_OK) {
            return CM_OK;
        }
        if (status != CM_ERR_DATA) {
            return cm_fail(err, status, "%s", why.message);
        }
        if (!told) {
            cm_warn(r->repo->log, "waiting: %s", why.message);
        }
        status = commands_check(r->commands, err);
        if (status != CM_OK) {
            return status;
        }
    }
}

/* Waits for one stage to end, and records it. */
static cm_status take_one(run *r, cm_error *err)
{
    size_t i = 0;
    cm_error own = {0};
    cm_status result = CM_OK;
    cm_repo_unlock(r->repo);
    cm_status status = commands_wait(r->commands, &i, &result, &own);
    if (status != CM_OK) {
        return cm_fail(err, status, "%s", own.message);
    }
    status = lock_again(r, err);
    if (status != CM_OK) {
        return status;
    }
    if (result == CM_OK) {
        result = record(r, i, &own);
    }
    if (result == CM_OK) {
        finish(r, i, CM_REPRO_RAN);
    } else {
        fail_stage(r, i, &own);
    }
    return tell_running(r, err);
}

static cm_status loop(run *r, cm_error *err)
{
    for (;;) {
        bool more = true;
        while (more) {
            cm_status status = start_ready(r, &more, err);
            if (status != CM_OK) {
                return status;
            }
        }
        if (commands_running(r->commands) == 0) {
            return r->first.code == CM_OK
                       ? CM_OK
                       : cm_fail(err, r->first.code, "%s", r->first.message);
        }
        cm_status status = take_one(r, err);
        if (status != CM_OK) {
            return status;
        }
    }
}

/* So that checkout knows of outs when they are tracked no more. */
static cm_status note_outs(const run *r, cm_error *err)
{
    path_list paths = {0};
    cm_status status = CM_OK;
    for (size_t i = 0; i < r->n; i++) {
        const graph_step *step = r->stages[i].step;
        for (size_t k = 0; k < step->stage->n_outs && status == CM_OK; k++) {
            if (!step->stage->outs[k].out.no_cache && r->state[i] == DONE) {
                status = path_list_add(&paths, step->outs[k], err);
            }
        }
    }
    if (status == CM_OK) {
        once_tracked_note(r->repo, &paths, false);
    }
    path_list_release(&paths);
    return status;
}

static cm_status run_all(run *r, cm_error *err)
{
    cm_status status = graph_load(&r->g, r->repo, err);
    if (status == CM_OK) {
        status = plan(r, err);
    }
    if (status == CM_OK) {
        status = open_stages(r, err);
    }
    if (status == CM_OK) {
        status = cm_snapshot_open(&r->checker.workspace, r->repo, NULL, err);
    }
    if (status == CM_OK) {
        status = cm_file_state_open(&r->checker.state, r->repo, err);
    }
    if (status == CM_OK) {
        status = open_commands(r, err);
    }
    if (status == CM_OK) {
        status = loop(r, err);
    }
    return status == CM_OK && !r->options->dry ? note_outs(r, err) : status;
}

static void close_all(run *r)
{
    commands_close(r->commands);
    if (r->checker.state != NULL) {
        cm_file_state_close(r->checker.state);
    }
    cm_snapshot_close(&r->checker.workspace);
    for (size_t i = 0; i < r->n && r->stages != NULL; i++) {
        repro_stage_close(&r->stages[i]);
    }
    graph_release(&r->g);
    free(r->stages);
    free(r->state);
    free(r->added);
    free(r->order);
    free(r->place);
}

cm_status cm_repro(cm_repo *repo, const cm_repro_options *options,
                   cm_repro_report *report, cm_error *err)
{
    *report = (cm_repro_report){0};
    run r = {.repo = repo,
             .options = options,
             .checker = {.repo = repo},
             .report = report};
    cm_status status = cm_repo_lock(repo, err);
    if (status != CM_OK) {
        return status;
    }
    status = run_all(&r, err);
    for (size_t i = 0; i < r.n && r.state != NULL; i++) {
        r.state[i] = r.state[i] == RUNNING ? FAILED : r.state[i];
    }
    if (r.told) {
        cm_status told = tell_running(&r, status == CM_OK ? err : NULL);
        status = status == CM_OK ? told : status;
    }
    close_all(&r);
    if (repo->lock >= 0) {
        cm_repo_unlock(repo);
    }
    return status;
}
