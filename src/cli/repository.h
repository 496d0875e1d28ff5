/* What the commands of versioning share. */
#ifndef CM_CLI_REPOSITORY_H
#define CM_CLI_REPOSITORY_H

#include "cli/cli.h"
#include "versioning/repo.h"

/* Opens and locks the repository of the working folder.  Close it in every
 * case. */
CM_MUST_USE cm_status cli_open_repository(const cli_context *c, cm_repo *repo,
                                          cm_error *err);

#endif
