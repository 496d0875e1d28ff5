/* What the commands of versioning share. */
#ifndef CM_CLI_REPOSITORY_H
#define CM_CLI_REPOSITORY_H

#include "cli/cli.h"
#include "versioning/remotes.h"
#include "versioning/sync.h"
#include "versioning/workspace.h"

/* Opens and locks the repository of the working folder.  Close it in every
 * case. */
CM_MUST_USE cm_status cli_open_repository(const cli_context *c, cm_repo *repo,
                                          cm_error *err);

/* The level of the configuration that a switch names; the repository's own
 * without one.  named (may be NULL): whether there was one. */
CM_MUST_USE cm_status cli_config_level(const cli_context *c,
                                       cm_config_level *out, bool *named,
                                       cm_error *err);
/* Warns when a secret went where git keeps it. */
void cli_warn_of_secret(const cli_context *c, cm_config_level level,
                        const char *option);

/* What checkout did: lines such as "A       data/", as DVC has them; or members
 * of a JSON object. */
CM_MUST_USE cm_status cli_put_checkout(cm_buf *text, const cm_repo *repo,
                                       cm_checkout_report *report,
                                       cm_error *err);
void cli_put_checkout_json(cm_json_writer *w, const cm_checkout_report *report);

/* What add and its like did: how much to the log, as JSON with --json, else
 * what is to be told to git. */
CM_MUST_USE cm_status cli_print_added(const cli_context *c, const cm_repo *repo,
                                      cm_add_report *report, double seconds,
                                      cm_error *err);

/* --jobs: transfers or requests at a time; 0: as the remote says. */
CM_MUST_USE cm_status cli_jobs(const cli_context *c, unsigned *out,
                               cm_error *err);

/* The options of push, fetch and pull. */
CM_MUST_USE cm_status cli_sync_options(cm_sync_options *out,
                                       const cli_context *c, cm_error *err);
/* Tells of each object that did not go. */
void cli_tell_failed(const cli_context *c, const cm_sync_report *report);
/* "2 files pushed\n", and nothing for none; done: "pushed". */
void cli_put_moved(cm_buf *text, const cm_sync_report *report,
                   const char *done);
/* The same as members of a JSON object. */
void cli_put_moved_json(cm_json_writer *w, const cm_sync_report *report,
                        const char *done);

#endif
