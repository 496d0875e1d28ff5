/* clickmill repro: runs the stages that changed, in the order of the graph,
 * those that do not need each other side by side. */
#ifndef CM_VERSIONING_REPRO_H
#define CM_VERSIONING_REPRO_H

#include <stdio.h>

#include "versioning/repo.h"

typedef struct cm_repro_options {
    const char *const *targets; /* stages, .dvc files, dvc.yaml files; none: */
    size_t n_targets;           /* the dvc.yaml of the working folder */
    bool all;                   /* all stages of the repository */
    bool force;                 /* changed or not; nothing of the run cache */
    bool single;                /* the targets without what they need */
    bool downstream;            /* the targets and what needs them */
    bool dry;                   /* tells, and changes nothing */
    bool keep_going;            /* past a failure, with what does not need it */
    bool no_run_cache;          /* runs again what the run cache has */
    int jobs;                   /* stages at a time; 0: the cores */
    FILE *out;                  /* where the output of commands goes */
} cm_repro_options;

typedef enum cm_repro_action {
    CM_REPRO_UNCHANGED,
    CM_REPRO_RAN,
    CM_REPRO_RESTORED, /* outs came out of the cache */
    CM_REPRO_VERIFIED, /* a .dvc file or frozen stage: its outs are recorded */
    CM_REPRO_WOULD_RUN,
    CM_REPRO_FAILED,
    CM_REPRO_LEFT /* what it needs failed, or the run ended before it */
} cm_repro_action;

typedef struct cm_repro_stage {
    char *name;
    cm_repro_action action;
    char reason[1024]; /* what had changed, or the failure */
} cm_repro_stage;

/* In the order in which DVC would run them. */
typedef struct cm_repro_report {
    cm_repro_stage *stages;
    size_t n;
} cm_repro_report;

/* Takes the repository's lock, and gives it away while commands run.  The
 * report is filled as far as it went when the call fails; release it in every
 * case. */
CM_MUST_USE cm_status cm_repro(cm_repo *repo, const cm_repro_options *options,
                               cm_repro_report *report, cm_error *err);
void cm_repro_report_release(cm_repro_report *report);

/* "unchanged", "ran" … */
const char *cm_repro_action_name(cm_repro_action action);

#endif
