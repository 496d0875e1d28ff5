/* Whether a stage is as it was when it last ran, and what it is now.  Private
 * to versioning. */
#ifndef CM_VERSIONING_STAGE_STATE_H
#define CM_VERSIONING_STAGE_STATE_H

#include "versioning/cache.h"
#include "versioning/graph.h"
#include "versioning/param_file.h"

typedef struct stage_checker {
    const cm_repo *repo;
    cm_file_state *state;
    cm_snapshot workspace;
} stage_checker;

typedef struct stage_change {
    bool command; /* of its command */
    bool dep;     /* of a dep or parameter */
    bool out;
    char reason[256]; /* the first of them, in words; "" for none */
} stage_change;

/* locked: what dvc.lock has of it; NULL: nothing.  Only the first kind of
 * change that is found is told, in the order above. */
CM_MUST_USE cm_status stage_compare(stage_checker *c, const graph_step *step,
                                    const cm_locked_stage *locked,
                                    stage_change *out, cm_error *err);

/* Whether all deps and parameters are as locked. */
CM_MUST_USE cm_status stage_deps_same(stage_checker *c, const graph_step *step,
                                      const cm_locked_stage *locked, bool *same,
                                      cm_error *err);

/* The stage as dvc.lock would have it: its command, and the deps and
 * parameters that are there now, without outs.  A dep or parameter that is
 * missing is CM_ERR_DATA.  Texts of the arena; the params are the caller's. */
CM_MUST_USE cm_status stage_lock_deps(stage_checker *c, const graph_step *step,
                                      const cm_locked_stage *old,
                                      cm_arena *arena, cm_locked_stage *out,
                                      cm_error *err);
/* Adds the outs, brought into the cache (those with cache: false are hashed
 * alone).  A missing one is CM_ERR_DATA. */
CM_MUST_USE cm_status stage_lock_outs(stage_checker *c, const graph_step *step,
                                      const cm_locked_stage *old,
                                      cm_arena *arena, cm_locked_stage *out,
                                      cm_error *err);

/* Whether the cache has an object whole: a folder's listing and files. */
CM_MUST_USE cm_status stage_has_object(const cm_repo *repo, const char *object,
                                       bool *has, cm_error *err);

bool stage_same_command(const cm_stage *stage, const cm_locked_stage *locked);

/* The entry of a path; NULL: none. */
const cm_out *stage_entry(const cm_out *entries, size_t n, const char *path);

#endif
