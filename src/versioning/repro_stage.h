/* One stage of a repro: from the decision to dvc.lock.  Private to
 * versioning. */
#ifndef CM_VERSIONING_REPRO_STAGE_H
#define CM_VERSIONING_REPRO_STAGE_H

#include "versioning/repro.h"
#include "versioning/run_cache.h"
#include "versioning/stage_state.h"

typedef struct repro_stage {
    const graph_step *step;
    size_t place; /* in the order of the run */
    char *lock_path;
    cm_lock_file lock;             /* as it was when the run began */
    const cm_locked_stage *locked; /* of this stage; NULL: none, or a .dvc */
    stage_change change;
} repro_stage;

/* Loads what dvc.lock has of the stage.  Release in every case. */
CM_MUST_USE cm_status repro_stage_open(repro_stage *out, const cm_repo *repo,
                                       const graph_step *step, size_t place,
                                       cm_error *err);
void repro_stage_close(repro_stage *s);

/* Outs go, but those that persist, which become files of their own. */
CM_MUST_USE cm_status repro_remove_outs(const repro_stage *s,
                                        const cm_repo *repo, cm_error *err);

/* Gets the outs from the cache when a run of the same command, deps and
 * parameters made them before; *restored tells. */
CM_MUST_USE cm_status repro_restore(repro_stage *s, stage_checker *c,
                                    bool no_run_cache, bool *restored,
                                    cm_error *err);

/* Records the stage as it is now: outs into the cache, the run cache, dvc.lock
 * or the .dvc file.  added (n_stages of them by place, in the order of the
 * run): names of stages that this run added to the same dvc.lock, NULL for
 * others. */
CM_MUST_USE cm_status repro_record(repro_stage *s, stage_checker *c,
                                   const char **added, size_t n_stages,
                                   cm_error *err);

#endif
