/* Outs that were tracked once and are not now, after a `git checkout` for
 * example: .dvc/tmp/clickmill.outs remembers their paths.  Private to
 * versioning. */
#ifndef CM_VERSIONING_ONCE_TRACKED_H
#define CM_VERSIONING_ONCE_TRACKED_H

#include "versioning/cache.h"
#include "versioning/stages.h"

/* Paths (n) relative to the root; n may be 0. */
typedef struct path_list {
    const char **items;
    size_t n, capacity;
    cm_arena arena;
} path_list;

CM_MUST_USE cm_status path_list_add(path_list *list, const char *path,
                                    cm_error *err);
void path_list_release(path_list *list);

/* Remembers the paths, beside those that it has or (alone) in their place.
 * That it cannot be kept is no error. */
void once_tracked_note(const cm_repo *repo, const path_list *paths, bool alone);

/* Removes what was tracked and is not now, when the cache has all its content
 * and git does not track it; else it stays, and is told of.  removed gets the
 * paths, that of a folder with '/' behind it. */
CM_MUST_USE cm_status once_tracked_remove(const cm_repo *repo,
                                          cm_file_state *state,
                                          const cm_tracked_list *now,
                                          path_list *removed, cm_error *err);

#endif
