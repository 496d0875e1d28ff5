/* What commands do that make a .dvc file, around it.  Private to versioning. */
#ifndef CM_VERSIONING_NEW_OUT_H
#define CM_VERSIONING_NEW_OUT_H

#include "versioning/git.h"
#include "versioning/workspace.h"

/* Refuses paths (relative to the root) that no out may have: those of DVC and
 * git, of names that are not UTF-8, below a link to a folder. */
CM_MUST_USE cm_status new_out_check(const cm_repo *repo, const char *path,
                                    cm_error *err);
/* Refuses a .dvc file that git would not keep, and an out that it has. */
CM_MUST_USE cm_status new_out_check_git(const cm_git *git, const char *out,
                                        const char *file, cm_error *err);
/* Adds a file to the report, once. */
CM_MUST_USE cm_status new_out_report(cm_add_report *report, const char *file,
                                     cm_error *err);
/* Puts the out into the .gitignore beside it. */
CM_MUST_USE cm_status new_out_ignore(cm_add_report *report, const cm_git *git,
                                     const char *out, cm_error *err);
/* core.autostage: `git add` of the files of the report. */
CM_MUST_USE cm_status new_out_stage(cm_add_report *report, const cm_repo *repo,
                                    const cm_git *git, cm_error *err);
/* Saves the file, unless it says the same already. */
CM_MUST_USE cm_status new_out_save(const cm_dvc_file *file, const char *path,
                                   cm_error *err);

#endif
