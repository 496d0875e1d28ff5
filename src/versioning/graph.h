/* All stages of a repository and what each of them needs.  Private to
 * versioning. */
#ifndef CM_VERSIONING_GRAPH_H
#define CM_VERSIONING_GRAPH_H

#include "versioning/snapshot.h"
#include "versioning/stages.h"

/* A stage of a dvc.yaml, or a .dvc file. */
typedef struct graph_step {
    const cm_stage *stage; /* of a .dvc file: without commands */
    cm_dvc_file *file;     /* NULL: of a dvc.yaml */
    const char *address;   /* as users name it: "train", "sub/dvc.yaml:train" */
    const char **deps;     /* (n_deps) relative to the root: deps, then the */
    size_t n_deps;         /* files of params; NULL: a URL */
    const char **outs;     /* (stage->n_outs) */
    size_t *needs;         /* steps whose outs it uses, in the order of deps */
    size_t n_needs, capacity;
} graph_step;

typedef struct graph {
    graph_step *steps;
    size_t n, capacity;
    cm_pipeline **pipelines;
    size_t n_pipelines, pipelines_capacity;
    cm_dvc_file **files;
    size_t n_files, files_capacity;
    cm_arena arena;
} graph;

/* Of everything in the workspace; refuses outs that two stages have, outs in
 * outs, and cycles.  Release in every case. */
CM_MUST_USE cm_status graph_load(graph *g, const cm_repo *repo, cm_error *err);
void graph_release(graph *g);

/* The steps that a target of the command line means; folder: the working one,
 * relative to the root.  Adds to chosen (n), which has room for g->n. */
CM_MUST_USE cm_status graph_find(graph *g, const char *target,
                                 const char *folder, bool *chosen,
                                 cm_error *err);

/* order (*n of them, room for g->n): the chosen steps and all they need, each
 * behind what it needs, in the order that DVC runs them.  downstream: instead
 * of what they need, what needs them. */
CM_MUST_USE cm_status graph_order(const graph *g, const bool *chosen,
                                  bool downstream, size_t *order, size_t *n,
                                  cm_error *err);

/* ---- its parts ------------------------------------------------------------
 */

/* Steps of every .dvc file and dvc.yaml of a snapshot, without needs. */
CM_MUST_USE cm_status graph_collect(graph *g, const cm_repo *repo,
                                    const cm_snapshot *snapshot, cm_error *err);
/* Needs of the steps. */
CM_MUST_USE cm_status graph_connect(graph *g, cm_error *err);

#endif
