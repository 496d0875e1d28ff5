/* What DVC asks of git and leaves in it: whether a path is tracked, the
 * .gitignore beside an out, files staged.  Without git all of it does nothing.
 */
#ifndef CM_VERSIONING_GIT_H
#define CM_VERSIONING_GIT_H

#include "versioning/repo.h"

typedef struct cm_git cm_git;

/* *out is NULL for a repository without git, which all below take. */
CM_MUST_USE cm_status cm_git_open(cm_git **out, const cm_repo *repo,
                                  cm_error *err);
void cm_git_close(cm_git *git); /* NULL is fine */

/* Paths are relative to the root of the DVC repository.  CM_ERR_USAGE, with
 * what to do, for a path that git tracks, or that has tracked files in it. */
CM_MUST_USE cm_status cm_git_check_untracked(const cm_git *git,
                                             const char *path, cm_error *err);
/* Adds "/name" to the .gitignore beside path, unless path is ignored already;
 * *changed tells. */
CM_MUST_USE cm_status cm_git_ignore(const cm_git *git, const char *path,
                                    bool *changed, cm_error *err);
/* Takes it out again; a .gitignore that is empty then goes. */
CM_MUST_USE cm_status cm_git_unignore(const cm_git *git, const char *path,
                                      bool *changed, cm_error *err);
/* What `git add` does with a file. */
CM_MUST_USE cm_status cm_git_stage(const cm_git *git, const char *path,
                                   cm_error *err);
/* Whether a rule ignores the path. */
CM_MUST_USE cm_status cm_git_is_ignored(const cm_git *git, const char *path,
                                        bool *ignored, cm_error *err);

#endif
