/* The run cache: what stages made of what, so that nothing is run twice.
 * Private to versioning.
 *
 * CACHE/runs/K2/K/V is a stage as dvc.lock has it; K is the SHA-256 of its
 * command, deps, parameters and the paths of its outs, V that of all of it. */
#ifndef CM_VERSIONING_RUN_CACHE_H
#define CM_VERSIONING_RUN_CACHE_H

#include "base/hash.h"
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

/* ---- entries as files ---------------------------------------------------- */

enum { RUN_NAME = 5 + 3 + 65 + CM_SHA256_HEX };

/* "runs/K2/K/V", in the cache and in remotes. */
CM_MUST_USE cm_status run_cache_name(char out[RUN_NAME],
                                     const cm_locked_stage *stage,
                                     cm_error *err);
/* One that cannot be read is no entry, and goes, as with DVC: out->n is 0. */
CM_MUST_USE cm_status run_cache_load(cm_lock_file *out, const cm_repo *repo,
                                     const char *path, cm_error *err);

#endif
