/* The graph of stages, or the part of it that a target asks for. */
#include "versioning/dag.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/graph.h"
#include "versioning/paths.h"

enum { NOWHERE = -1 };

/* Which steps are told, and their numbers. */
typedef struct choosing {
    const graph *g;
    bool *chosen;      /* (g->n) */
    size_t *pipelines; /* (g->n) the smallest step that a step hangs with */
} choosing;

/* ---- what hangs together ------------------------------------------------- */

static size_t first_of(size_t *pipelines, size_t i)
{
    while (pipelines[i] != i) {
        pipelines[i] = pipelines[pipelines[i]];
        i = pipelines[i];
    }
    return i;
}

static void join(size_t *pipelines, size_t i, size_t k)
{
    size_t a = first_of(pipelines, i), b = first_of(pipelines, k);
    pipelines[a > b ? a : b] = a < b ? a : b;
}

/* Of the chosen steps alone. */
static void find_pipelines(choosing *c)
{
    for (size_t i = 0; i < c->g->n; i++) {
        c->pipelines[i] = i;
    }
    for (size_t i = 0; i < c->g->n; i++) {
        const graph_step *step = &c->g->steps[i];
        for (size_t k = 0; k < step->n_needs && c->chosen[i]; k++) {
            if (c->chosen[step->needs[k]]) {
                join(c->pipelines, i, step->needs[k]);
            }
        }
    }
}

/* ---- targets ------------------------------------------------------------- */

/* Adds all that the chosen need. */
static void add_needs(choosing *c)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < c->g->n; i++) {
            const graph_step *step = &c->g->steps[i];
            for (size_t k = 0; k < step->n_needs && c->chosen[i]; k++) {
                more = more || !c->chosen[step->needs[k]];
                c->chosen[step->needs[k]] = true;
            }
        }
    }
}

/* Adds all that hangs together with the chosen. */
static cm_status add_pipelines(choosing *c, cm_error *err)
{
    size_t n = c->g->n;
    bool *wanted = cm_alloc_zero(n, sizeof *wanted, err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(wanted, c->chosen, n * sizeof *wanted);
    memset(c->chosen, true, n * sizeof *c->chosen);
    find_pipelines(c);
    for (size_t i = 0; i < n; i++) {
        c->chosen[i] = false;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n && wanted[i]; k++) {
            c->chosen[k] = c->chosen[k] || first_of(c->pipelines, i) ==
                                               first_of(c->pipelines, k);
        }
    }
    free(wanted);
    return CM_OK;
}

/* The steps that make path, or what it lies in; false: none. */
static bool find_makers(choosing *c, const char *path)
{
    bool found = false;
    for (size_t i = 0; i < c->g->n; i++) {
        const graph_step *step = &c->g->steps[i];
        for (size_t k = 0; k < step->stage->n_outs; k++) {
            bool makes = path_is_below(path, step->outs[k]);
            c->chosen[i] = c->chosen[i] || makes;
            found = found || makes;
        }
    }
    return found;
}

/* A stage or a .dvc file; else a path that one of them makes. */
static cm_status find_target(choosing *c, graph *g, const cm_repo *repo,
                             const char *target, cm_arena *arena, cm_error *err)
{
    const char *path = NULL;
    cm_status status = cm_repo_path(repo, ".", arena, &path, err);
    if (status == CM_OK) {
        status = graph_find(g, target, path, c->chosen, err);
    }
    if (status == CM_ERR_USAGE &&
        cm_repo_path(repo, target, arena, &path, NULL) == CM_OK &&
        find_makers(c, path)) {
        status = CM_OK;
    }
    return status;
}

static cm_status choose(choosing *c, graph *g, const cm_repo *repo,
                        const cm_dag_options *options, cm_arena *arena,
                        cm_error *err)
{
    if (options->target == NULL) {
        memset(c->chosen, true, g->n * sizeof *c->chosen);
        return CM_OK;
    }
    cm_status status = find_target(c, g, repo, options->target, arena, err);
    if (status == CM_OK && options->full) {
        return add_pipelines(c, err);
    }
    if (status == CM_OK) {
        add_needs(c);
    }
    return status;
}

/* ---- the copy ------------------------------------------------------------ */

/* numbers: (g->n) of the steps that are told, NOWHERE of the others. */
static cm_status copy_step(cm_dag *out, const choosing *c, size_t i,
                           const long *numbers, cm_error *err)
{
    const graph_step *step = &c->g->steps[i];
    cm_dag_stage *stage = &out->stages[numbers[i]];
    size_t *needs =
        cm_arena_alloc(&out->arena, step->n_needs * sizeof *needs, err);
    stage->name =
        cm_arena_strdup(&out->arena, step->address, strlen(step->address), err);
    if (needs == NULL || stage->name == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t k = 0; k < step->n_needs; k++) {
        if (numbers[step->needs[k]] != NOWHERE) {
            needs[stage->n_needs++] = (size_t)numbers[step->needs[k]];
        }
    }
    stage->needs = needs;
    size_t first = first_of(c->pipelines, i);
    stage->pipeline =
        first == i ? out->n_pipelines++ : out->stages[numbers[first]].pipeline;
    return CM_OK;
}

static cm_status copy(cm_dag *out, const choosing *c, cm_error *err)
{
    size_t n = c->g->n;
    long *numbers = cm_alloc(n, sizeof *numbers, err);
    out->stages = cm_alloc_zero(n, sizeof *out->stages, err);
    cm_status status =
        numbers == NULL || out->stages == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        numbers[i] = c->chosen[i] ? (long)out->n++ : NOWHERE;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (c->chosen[i]) {
            status = copy_step(out, c, i, numbers, err);
        }
    }
    free(numbers);
    return status;
}

cm_status cm_dag_load(cm_dag *out, const cm_repo *repo,
                      const cm_dag_options *options, cm_error *err)
{
    graph g = {0};
    choosing c = {.g = &g};
    *out = (cm_dag){0};
    cm_status status = graph_load(&g, repo, err);
    if (status == CM_OK) {
        c.chosen = cm_alloc_zero(g.n, sizeof *c.chosen, err);
        c.pipelines = cm_alloc(g.n, sizeof *c.pipelines, err);
        status = c.chosen == NULL || c.pipelines == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status == CM_OK) {
        status = choose(&c, &g, repo, options, &out->arena, err);
    }
    if (status == CM_OK) {
        find_pipelines(&c);
        status = copy(out, &c, err);
    }
    free(c.chosen);
    free(c.pipelines);
    graph_release(&g);
    return status;
}

void cm_dag_release(cm_dag *dag)
{
    free(dag->stages);
    cm_arena_release(&dag->arena);
    *dag = (cm_dag){0};
}
