/* The graph of stages.  Edges are found in a list of all outs sorted by path,
 * in which the outs below a folder are one run. */
#include "versioning/graph.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/variables.h"

typedef struct owned_out {
    const char *path;
    size_t step, index; /* index: in the order of steps and outs */
} owned_out;

typedef struct out_list {
    owned_out *outs;
    size_t n;
} out_list;

/* ---- outs ---------------------------------------------------------------- */

static int compare_outs(const void *a, const void *b)
{
    const owned_out *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static cm_status list_outs(out_list *out, const graph *g, cm_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        n += g->steps[i].stage->n_outs;
    }
    out->outs = cm_alloc(n, sizeof *out->outs, err);
    if (out->outs == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < g->n; i++) {
        for (size_t j = 0; j < g->steps[i].stage->n_outs; j++) {
            out->outs[out->n] = (owned_out){g->steps[i].outs[j], i, out->n};
            out->n++;
        }
    }
    if (n > 0) {
        qsort(out->outs, n, sizeof *out->outs, compare_outs);
    }
    return CM_OK;
}

/* Compares the first n bytes of path, as a whole, with another. */
static int compare_prefix(const char *path, size_t n, const char *other)
{
    int order = strncmp(path, other, n);
    return order != 0 ? order : -(other[n] != '\0');
}

/* The place of the first out that is not before the first n bytes of path. */
static size_t lower_bound(const out_list *list, const char *path, size_t n)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_prefix(path, n, list->outs[middle].path) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The out of exactly this path; NULL: none. */
static const owned_out *out_at(const out_list *list, const char *path, size_t n)
{
    size_t i = lower_bound(list, path, n);
    return i < list->n && compare_prefix(path, n, list->outs[i].path) == 0
               ? &list->outs[i]
               : NULL;
}

/* The shortest folder above path (or path itself, when it may be) that is an
 * out. */
static const owned_out *out_above(const out_list *list, const char *path,
                                  bool itself)
{
    for (size_t n = 0;; n++) {
        n += strcspn(path + n, "/");
        if (path[n] == '\0' && !itself) {
            return NULL;
        }
        const owned_out *out = out_at(list, path, n);
        if (out != NULL || path[n] == '\0') {
            return out;
        }
    }
}

static cm_status check_outs(const graph *g, const out_list *list, cm_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const owned_out *own = &list->outs[i];
        const char *name = g->steps[own->step].address;
        if (i > 0 && strcmp(list->outs[i - 1].path, own->path) == 0) {
            return cm_fail(err, CM_ERR_USAGE,
                           "output '%s' is specified in '%s' and '%s'; remove "
                           "it from one of them",
                           own->path, g->steps[list->outs[i - 1].step].address,
                           name);
        }
        const owned_out *above = out_above(list, own->path, false);
        if (above != NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "output '%s' of '%s' is inside of output '%s' of "
                           "'%s'; keep outputs in folders of their own",
                           own->path, name, above->path,
                           g->steps[above->step].address);
        }
    }
    for (size_t i = 0; i < g->n; i++) {
        const char *file = g->steps[i].stage->file;
        const owned_out *above = out_above(list, file, true);
        if (above != NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "%s is inside of the output '%s' of '%s'; move one "
                           "of them",
                           file, above->path, g->steps[above->step].address);
        }
    }
    return CM_OK;
}

/* ---- edges --------------------------------------------------------------- */

static cm_status add_need(graph_step *step, size_t need, cm_error *err)
{
    for (size_t i = 0; i < step->n_needs; i++) {
        if (step->needs[i] == need) {
            return CM_OK;
        }
    }
    cm_status status = cm_grow(&step->needs, step->n_needs, &step->capacity,
                               sizeof *step->needs, err);
    if (status == CM_OK) {
        step->needs[step->n_needs++] = need;
    }
    return status;
}

static int compare_index(const void *a, const void *b)
{
    const owned_out *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* Outs below a folder, in the order in which they were listed. */
static cm_status add_below(graph_step *step, const out_list *list,
                           const char *folder, cm_error *err)
{
    cm_buf prefix = {0};
    cm_buf_addf(&prefix, "%s%s", folder, folder[0] != '\0' ? "/" : "");
    cm_buf_adds(&prefix, "");
    cm_status status = cm_buf_check(&prefix, err);
    size_t first = 0, n = 0;
    if (status == CM_OK) {
        first = prefix.n > 0 ? lower_bound(list, prefix.p, prefix.n) : 0;
        while (first + n < list->n &&
               strncmp(list->outs[first + n].path,
                       prefix.p != NULL ? prefix.p : "", prefix.n) == 0) {
            n++;
        }
    }
    cm_buf_release(&prefix);
    owned_out *found = status == CM_OK ? cm_alloc(n, sizeof *found, err) : NULL;
    if (found == NULL) {
        return status == CM_OK ? CM_ERR_NOMEM : status;
    }
    if (n > 0) {
        memcpy(found, list->outs + first, n * sizeof *found);
        qsort(found, n, sizeof *found, compare_index);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = add_need(step, found[i].step, err);
    }
    free(found);
    return status;
}

static cm_status connect_step(graph_step *step, const out_list *list,
                              cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < step->n_deps && status == CM_OK; i++) {
        if (step->deps[i] == NULL) {
            continue;
        }
        const owned_out *above = out_above(list, step->deps[i], true);
        if (above != NULL) {
            status = add_need(step, above->step, err);
        }
        if (status == CM_OK) {
            status = add_below(step, list, step->deps[i], err);
        }
    }
    return status;
}

cm_status graph_connect(graph *g, cm_error *err)
{
    out_list list = {0};
    cm_status status = list_outs(&list, g, err);
    if (status == CM_OK) {
        status = check_outs(g, &list, err);
    }
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        status = connect_step(&g->steps[i], &list, err);
    }
    free(list.outs);
    return status;
}

/* ---- order --------------------------------------------------------------- */

enum { UNSEEN, ON_PATH, DONE };

typedef struct frame {
    size_t step, next;
} frame;

/* A walk in depth over edges (lists of steps), without recursion. */
typedef struct walker {
    const graph *g;
    size_t *const *edges; /* (n); NULL: the needs */
    const size_t *n_edges;
    unsigned char *seen; /* (n) */
    frame *stack;        /* (n) */
    bool all;            /* follows needs of frozen stages too */
} walker;

static size_t edges_of(const walker *w, size_t step, const size_t **edges)
{
    const graph_step *s = &w->g->steps[step];
    if (w->edges != NULL) {
        *edges = w->edges[step];
        return w->n_edges[step];
    }
    *edges = s->needs;
    return s->stage->frozen && !w->all ? 0 : s->n_needs;
}

static cm_status refuse_cycle(const walker *w, size_t depth, size_t step,
                              cm_error *err)
{
    cm_buf names = {0};
    size_t from = depth;
    while (from > 0 && w->stack[from].step != step) {
        from--;
    }
    for (size_t i = from; i <= depth; i++) {
        cm_buf_addf(&names, "'%s' needs ",
                    w->g->steps[w->stack[i].step].address);
    }
    cm_buf_addf(&names, "'%s'", w->g->steps[step].address);
    cm_status status = cm_buf_check(&names, err);
    if (status == CM_OK) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "the stages go round in a circle: %s; take one of "
                         "these dependencies away",
                         names.p);
    }
    cm_buf_release(&names);
    return status;
}

/* Puts what start leads to behind one another into order, start last. */
static cm_status walk_from(walker *w, size_t start, size_t *order, size_t *n,
                           cm_error *err)
{
    size_t depth = 0;
    if (w->seen[start] != UNSEEN) {
        return CM_OK;
    }
    w->stack[0] = (frame){start, 0};
    w->seen[start] = ON_PATH;
    for (;;) {
        frame *top = &w->stack[depth];
        const size_t *edges = NULL;
        size_t n_edges = edges_of(w, top->step, &edges);
        if (top->next < n_edges) {
            size_t step = edges[top->next++];
            if (w->seen[step] == ON_PATH) {
                return refuse_cycle(w, depth, step, err);
            }
            if (w->seen[step] == UNSEEN) {
                w->seen[step] = ON_PATH;
                w->stack[++depth] = (frame){step, 0};
            }
            continue;
        }
        w->seen[top->step] = DONE;
        order[(*n)++] = top->step;
        if (depth-- == 0) {
            return CM_OK;
        }
    }
}

static cm_status walker_open(walker *w, const graph *g, cm_error *err)
{
    *w = (walker){.g = g};
    w->seen = cm_alloc_zero(g->n, sizeof *w->seen, err);
    w->stack = cm_alloc(g->n + 1, sizeof *w->stack, err);
    return w->seen == NULL || w->stack == NULL ? CM_ERR_NOMEM : CM_OK;
}

static void walker_close(walker *w)
{
    free(w->seen);
    free(w->stack);
}

static cm_status check_cycles(const graph *g, cm_error *err)
{
    walker w;
    size_t n = 0;
    size_t *order = cm_alloc(g->n, sizeof *order, err);
    cm_status status = walker_open(&w, g, err);
    w.all = true;
    if (order == NULL) {
        status = CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        status = walk_from(&w, i, order, &n, err);
    }
    walker_close(&w);
    free(order);
    return status;
}

/* Marks the chosen steps and what they lead to. */
static cm_status mark_reached(const graph *g, const bool *chosen, bool *reached,
                              cm_error *err)
{
    walker w;
    size_t n = 0;
    size_t *order = cm_alloc(g->n, sizeof *order, err);
    cm_status status = walker_open(&w, g, err);
    if (order == NULL) {
        status = CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        status = chosen[i] ? walk_from(&w, i, order, &n, err) : CM_OK;
    }
    for (size_t i = 0; i < n; i++) {
        reached[order[i]] = true;
    }
    walker_close(&w);
    free(order);
    return status;
}

/* Marks the chosen steps and those that need them, by sweeps until nothing
 * comes new. */
static void mark_downstream(const graph *g, const bool *chosen, bool *reached)
{
    bool changed = true;
    memcpy(reached, chosen, g->n * sizeof *reached);
    while (changed) {
        changed = false;
        for (size_t i = 0; i < g->n; i++) {
            const graph_step *s = &g->steps[i];
            for (size_t j = 0; j < s->n_needs && !reached[i]; j++) {
                reached[i] = !s->stage->frozen && reached[s->needs[j]];
                changed = changed || reached[i];
            }
        }
    }
}

cm_status graph_order(const graph *g, const bool *chosen, bool downstream,
                      size_t *order, size_t *n, cm_error *err)
{
    walker w;
    cm_status status = walker_open(&w, g, err);
    bool *reached = cm_alloc_zero(g->n, sizeof *reached, err);
    *n = 0;
    if (reached == NULL) {
        status = CM_ERR_NOMEM;
    }
    if (status == CM_OK && downstream) {
        mark_downstream(g, chosen, reached);
    } else if (status == CM_OK) {
        status = mark_reached(g, chosen, reached, err);
    }
    for (size_t i = 0; i < g->n && status == CM_OK; i++) {
        status = reached[i] ? walk_from(&w, i, order, n, err) : CM_OK;
    }
    size_t kept = 0;
    for (size_t i = 0; i < *n && status == CM_OK; i++) {
        if (reached[order[i]]) {
            order[kept++] = order[i];
        }
    }
    *n = kept;
    walker_close(&w);
    free(reached);
    return status;
}

cm_status graph_load(graph *g, const cm_repo *repo, cm_error *err)
{
    cm_snapshot workspace = {0};
    *g = (graph){0};
    cm_status status = cm_snapshot_open(&workspace, repo, NULL, err);
    if (status == CM_OK) {
        status = graph_collect(g, repo, &workspace, err);
    }
    cm_snapshot_close(&workspace);
    if (status == CM_OK) {
        status = graph_connect(g, err);
    }
    return status == CM_OK ? check_cycles(g, err) : status;
}

void graph_release(graph *g)
{
    for (size_t i = 0; i < g->n; i++) {
        free(g->steps[i].needs);
    }
    for (size_t i = 0; i < g->n_pipelines; i++) {
        cm_pipeline_release(g->pipelines[i]);
        free(g->pipelines[i]);
    }
    for (size_t i = 0; i < g->n_files; i++) {
        cm_dvc_file_release(g->files[i]);
        free(g->files[i]);
    }
    free(g->steps);
    free(g->pipelines);
    free(g->files);
    cm_arena_release(&g->arena);
    *g = (graph){0};
}

/* ---- targets ------------------------------------------------------------- */

/* Whether the stage is what a name means: itself, or one of its group. */
static bool is_named(const cm_stage *stage, const char *name)
{
    size_t n = strlen(name);
    const char *at = strrchr(stage->name, '@');
    return strcmp(stage->name, name) == 0 ||
           (at != NULL && (size_t)(at - stage->name) == n &&
            strncmp(stage->name, name, n) == 0);
}

static cm_status refuse_target(const graph *g, const char *target,
                               cm_error *err)
{
    if (cm_str_ends_with(cm_str_of(target), "dvc.yaml")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "'%s' does not exist, or git or DVC ignores it; say "
                       "which stage, or use --all-pipelines",
                       target);
    }
    const char **words = cm_alloc(g->n, sizeof *words, err);
    if (words == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < g->n; i++) {
        words[i] = g->steps[i].address;
    }
    const char *near = cm_nearest_word(cm_str_of(target), words, g->n);
    cm_fail(err, CM_ERR_USAGE,
            "'%s' is no stage of dvc.yaml and no .dvc file%s%s%s", target,
            near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
            near != NULL ? "'?" : "");
    free(words);
    return CM_ERR_USAGE;
}

cm_status graph_find(graph *g, const char *target, const char *folder,
                     bool *chosen, cm_error *err)
{
    const char *colon = strrchr(target, ':');
    const char *name = colon != NULL ? colon + 1 : target;
    bool is_file =
        colon == NULL && (cm_str_ends_with(cm_str_of(target), ".dvc") ||
                          cm_str_ends_with(cm_str_of(target), "dvc.yaml"));
    const char *file = colon != NULL || is_file ? target : "dvc.yaml";
    const char *path = NULL;
    bool found = false;
    if (colon != NULL) {
        file = colon == target ? "dvc.yaml"
                               : cm_arena_strdup(&g->arena, target,
                                                 (size_t)(colon - target), err);
    }
    cm_status status = file == NULL
                           ? CM_ERR_NOMEM
                           : path_in_repo(&path, folder, file, &g->arena, err);
    if (status != CM_OK) {
        return status;
    }
    /* A dvc.yaml may have no stages. */
    for (size_t i = 0; i < g->n_pipelines && is_file && path != NULL; i++) {
        const char *own = g->pipelines[i]->path;
        found = found || (own != NULL && strcmp(own, path) == 0);
    }
    for (size_t i = 0; i < g->n; i++) {
        const cm_stage *stage = g->steps[i].stage;
        if (path != NULL && strcmp(stage->file, path) == 0 &&
            (is_file || is_named(stage, name))) {
            chosen[i] = true;
            found = true;
        }
    }
    return found ? CM_OK : refuse_target(g, target, err);
}
