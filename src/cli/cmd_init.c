/* clickmill init */
#include "cli/cli.h"
#include "versioning/repo.h"

cm_status cli_init(cli_context *c, cm_error *err)
{
    cm_init_options options = {.no_scm = cli_switch(c, "no-scm"),
                               .subdir = cli_switch(c, "subdir"),
                               .force = cli_switch(c, "force")};
    cm_status status = cm_repo_init(NULL, &options, err);
    if (status != CM_OK) {
        return status;
    }
    puts("Initialized DVC repository.\n");
    if (!options.no_scm) {
        puts("  git commit -m 'Initialize DVC'           keep .dvc in git");
    }
    puts("  clickmill add data                       track a file or folder\n"
         "  clickmill remote add --default NAME URL  say where data is kept");
    return CM_OK;
}
