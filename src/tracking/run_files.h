/* Files of a run: copied in, and listed.  Private to tracking. */
#ifndef CM_TRACKING_RUN_FILES_H
#define CM_TRACKING_RUN_FILES_H

#include "tracking/run.h"

/* FOLDER/PATH, whole or not at all, with the folders on the way.  path is a
 * posix path inside; CM_ERR_USAGE when it leads out. */
CM_MUST_USE cm_status run_files_copy(const char *folder, const char *path,
                                     const char *from, cm_error *err);
/* The same by a hard link where there can be one: for files that nobody writes
 * to any more. */
CM_MUST_USE cm_status run_files_share(const char *folder, const char *path,
                                      const char *from, cm_error *err);
CM_MUST_USE cm_status run_files_write(const char *folder, const char *path,
                                      cm_str text, cm_error *err);

/* Plain files below a folder, sorted by path; none when it is not there.  Links
 * are left out.  Texts of the arena. */
CM_MUST_USE cm_status run_files_list(const char *folder, cm_arena *arena,
                                     cm_run_artifact **out, size_t *n,
                                     cm_error *err);

#endif
