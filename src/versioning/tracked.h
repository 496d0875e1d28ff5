/* Making the list of what is tracked.  Private to versioning. */
#ifndef CM_VERSIONING_TRACKED_H
#define CM_VERSIONING_TRACKED_H

#include "versioning/stages.h"

/* Adds a copy; stage NULL: of a .dvc file. */
CM_MUST_USE cm_status tracked_add(cm_tracked_list *list, const char *path,
                                  const char *file, const char *stage,
                                  const cm_out *out, cm_error *err);
/* Adds the outs of a dvc.yaml (relative to the root), each with the hash that
 * the dvc.lock beside it has. */
CM_MUST_USE cm_status tracked_add_stages(cm_tracked_list *list,
                                         const cm_repo *repo, const char *file,
                                         cm_error *err);

/* CM_ERR_DATA for an out that DVC 2 wrote. */
CM_MUST_USE cm_status tracked_refuse_old(const cm_tracked *item, cm_error *err);

/* The one part of a folder that the targets (n) ask for, relative to the root;
 * NULL: all of it, also when they are several.  From the arena. */
CM_MUST_USE cm_status tracked_part(const cm_repo *repo, const cm_tracked *item,
                                   const char *const *targets, size_t n,
                                   cm_arena *arena, const char **part,
                                   cm_error *err);

#endif
