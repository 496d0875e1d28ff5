/* The run cache: what stages made of what, so that nothing is run twice.
 * Private to versioning.
 *
 * CACHE/runs/K2/K/V is a stage as dvc.lock has it; K is the SHA-256 of its
 * command, deps, parameters and the paths of its outs, V that of all of it. */
#ifndef CM_VERSIONING_RUN_CACHE_H
#define CM_VERSIONING_RUN_CACHE_H

#include "versioning/stages.h"

/* Whether DVC keeps runs of such a stage. */
bool run_cache_takes(const cm_stage *stage);

/* The newest entry that made these outs (paths alone are looked at) of these
 * deps; out->n: 0 when there is none, else one stage without a name. */
CM_MUST_USE cm_status run_cache_find(cm_lock_file *out, const cm_repo *repo,
                                     const cm_locked_stage *stage,
                                     cm_error *err);
CM_MUST_USE cm_status run_cache_save(const cm_repo *repo,
                                     const cm_locked_stage *stage,
                                     cm_error *err);

#endif
