/* Questions about one that is tracked.  Private to versioning. */
#ifndef CM_VERSIONING_TRACKED_H
#define CM_VERSIONING_TRACKED_H

#include "versioning/stages.h"

/* CM_ERR_DATA for an out that DVC 2 wrote. */
CM_MUST_USE cm_status tracked_refuse_old(const cm_tracked *item, cm_error *err);

/* The one part of a folder that the targets (n) ask for, relative to the root;
 * NULL: all of it, also when they are several.  From the arena. */
CM_MUST_USE cm_status tracked_part(const cm_repo *repo, const cm_tracked *item,
                                   const char *const *targets, size_t n,
                                   cm_arena *arena, const char **part,
                                   cm_error *err);

#endif
