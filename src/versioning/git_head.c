/* HEAD by libgit2. */
#include "versioning/git_head.h"

#include <git2.h>
#include <stdio.h>

static void take_branch(cm_git_head *out, const git_reference *head)
{
    if (git_reference_is_branch(head)) {
        (void)snprintf(out->branch, sizeof out->branch, "%s",
                       git_reference_shorthand(head));
    }
}

static bool take_head(cm_git_head *out, git_repository *repository)
{
    git_reference *head = NULL;
    if (git_repository_head(&head, repository) != 0) {
        return false;
    }
    const git_oid *commit = git_reference_target(head);
    if (commit != NULL) {
        (void)git_oid_tostr(out->commit, sizeof out->commit, commit);
        take_branch(out, head);
    }
    git_reference_free(head);
    return commit != NULL;
}

bool cm_git_head_find(cm_git_head *out, const char *folder)
{
    git_repository *repository = NULL;
    *out = (cm_git_head){0};
    git_libgit2_init();
    bool found = git_repository_open_ext(&repository, folder, 0, NULL) == 0 &&
                 take_head(out, repository);
    git_repository_free(repository);
    git_libgit2_shutdown();
    return found;
}
