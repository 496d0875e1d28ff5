/* Stages: dvc.yaml says what they are, dvc.lock what they were when they last
 * ran; a .dvc file is a stage without a command. */
#ifndef CM_VERSIONING_STAGES_H
#define CM_VERSIONING_STAGES_H

#include "dvc/lock_file.h"
#include "versioning/repo.h"

/* Parameters a stage names of one file. */
typedef struct cm_stage_params {
    const char *file;        /* "params.yaml" */
    const char *const *keys; /* (n) dotted; n 0: the whole file */
    size_t n;
} cm_stage_params;

typedef enum cm_out_kind {
    CM_OUT_PLAIN,
    CM_OUT_METRIC,
    CM_OUT_PLOT
} cm_out_kind;

typedef struct cm_stage_out {
    cm_out out; /* without a hash */
    cm_out_kind kind;
} cm_stage_out;

typedef struct cm_stage {
    const char *name;            /* of dvc.yaml; path of a .dvc file */
    const char *file;            /* "dvc.yaml", relative to the root */
    const char *const *commands; /* (n_commands) */
    size_t n_commands;
    bool one_command; /* cmd was a text, not a list */
    const char *wdir; /* relative to the root; "" is the root */
    const char *const *deps;
    size_t n_deps;
    const cm_stage_params *params;
    size_t n_params;
    const cm_stage_out *outs;
    size_t n_outs;
    bool frozen, always_changed;
    const char *desc;
} cm_stage;

/* All stages of one dvc.yaml, with vars, foreach and matrix resolved.  A stage
 * of foreach or matrix is named GROUP@ITEM. */
typedef struct cm_pipeline {
    const char *path; /* of dvc.yaml; NULL: it was not there */
    cm_stage *stages;
    size_t n, capacity;
    const char *const *metrics; /* files that the top of dvc.yaml names, */
    size_t n_metrics;           /* relative to the root */
    const char *const *params;
    size_t n_params;
    json_t *used; /* variables that ${…} took of files: {file: {key: value}} */
    cm_arena arena;
} cm_pipeline;

/* path: of dvc.yaml, relative to the root; one that is not there has no
 * stages.  Release in every case. */
CM_MUST_USE cm_status cm_pipeline_load(cm_pipeline *pipeline,
                                       const cm_repo *repo, const char *path,
                                       cm_error *err);
void cm_pipeline_release(cm_pipeline *pipeline);

/* ---- everything tracked ---------------------------------------------- */

typedef struct cm_tracked {
    const char *path;   /* of the out, relative to the root */
    const char *file;   /* "data.dvc" or "dvc.yaml" */
    const char *stage;  /* name in dvc.yaml; NULL: of a .dvc file */
    cm_out out;         /* with its hash, "" when it has none yet */
    bool of_other_repo; /* of "dvc import": that repository keeps it */
} cm_tracked;

typedef struct cm_tracked_list {
    cm_tracked *items;
    size_t n, capacity;
    cm_arena arena;
} cm_tracked_list;

/* Outs of all .dvc files and dvc.yaml + dvc.lock of the repository, or of the
 * targets: .dvc files, stages, paths of outs or inside of them (n 0: all).  A
 * target that is nothing tracked is CM_ERR_USAGE with the nearest name. */
CM_MUST_USE cm_status cm_repo_tracked(const cm_repo *repo,
                                      const char *const *targets, size_t n,
                                      cm_tracked_list *out, cm_error *err);
/* The same of what is committed at a revision of git (NULL: the workspace); a
 * file of it that cannot be read is an error that names the revision.  A
 * revision from before the repository was there has no outs. */
CM_MUST_USE cm_status cm_repo_tracked_at(const cm_repo *repo, const char *rev,
                                         cm_tracked_list *out, cm_error *err);
void cm_tracked_list_release(cm_tracked_list *list);

#endif
