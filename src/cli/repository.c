/* The repository that a command works in. */
#include "cli/repository.h"

cm_status cli_open_repository(const cli_context *c, cm_repo *repo,
                              cm_error *err)
{
    cm_status status = cm_repo_open(repo, NULL, &c->log, err);
    return status == CM_OK ? cm_repo_lock(repo, err) : status;
}

cm_status cli_jobs(const cli_context *c, unsigned *out, cm_error *err)
{
    enum { MOST_JOBS = 256 };
    uint64_t jobs = 0;
    cm_status status = cli_u64(c, "jobs", 0, MOST_JOBS, &jobs, err);
    *out = (unsigned)jobs;
    return status;
}

cm_status cli_config_level(const cli_context *c, cm_config_level *out,
                           bool *named, cm_error *err)
{
    static const char *const names[CM_CONFIG_LEVELS] = {
        [CM_CONFIG_SYSTEM] = "system",
        [CM_CONFIG_GLOBAL] = "global",
        [CM_CONFIG_REPO] = "project",
        [CM_CONFIG_LOCAL] = "local"};
    int given = 0;
    *out = CM_CONFIG_REPO;
    for (int i = 0; i < CM_CONFIG_LEVELS; i++) {
        if (cli_switch(c, names[i])) {
            given++;
            *out = (cm_config_level)i;
        }
    }
    if (named != NULL) {
        *named = given > 0;
    }
    return given <= 1 ? CM_OK
                      : cm_fail(err, CM_ERR_USAGE,
                                "found %d of --system, --global, --project and "
                                "--local, expected one",
                                given);
}

void cli_warn_of_secret(const cli_context *c, cm_config_level level,
                        const char *option)
{
    if (level == CM_CONFIG_REPO && cm_remote_option_is_secret(option)) {
        cm_warn(&c->log,
                "%s is now in .dvc/config, which git keeps for everybody; "
                "--local puts it into .dvc/config.local, which it does not",
                option);
    }
}
