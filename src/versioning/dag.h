/* The graph of stages for people: who needs whom. */
#ifndef CM_VERSIONING_DAG_H
#define CM_VERSIONING_DAG_H

#include "versioning/repo.h"

typedef struct cm_dag_stage {
    const char *name;    /* "train", "data.dvc" */
    const size_t *needs; /* (n_needs) stages, each before this one or behind */
    size_t n_needs;
    size_t pipeline; /* stages that hang together have one number, from 0 on in
                        the order of their first stages */
} cm_dag_stage;

typedef struct cm_dag_options {
    const char *target; /* what it needs alone; NULL: all stages */
    bool full;          /* all that hangs together with the target */
} cm_dag_options;

typedef struct cm_dag {
    cm_dag_stage *stages; /* (n) in the order in which dvc lists them */
    size_t n, n_pipelines;
    cm_arena arena;
} cm_dag;

/* Release in every case. */
CM_MUST_USE cm_status cm_dag_load(cm_dag *out, const cm_repo *repo,
                                  const cm_dag_options *options, cm_error *err);
void cm_dag_release(cm_dag *dag);

#endif
