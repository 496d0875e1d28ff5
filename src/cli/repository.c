/* The repository that a command works in. */
#include "cli/repository.h"

cm_status cli_open_repository(const cli_context *c, cm_repo *repo,
                              cm_error *err)
{
    cm_status status = cm_repo_open(repo, NULL, &c->log, err);
    return status == CM_OK ? cm_repo_lock(repo, err) : status;
}
