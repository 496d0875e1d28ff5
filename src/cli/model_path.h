/* A model named on the command line that may be elsewhere: in a registry, or in
 * a revision of git. */
#ifndef CM_CLI_MODEL_PATH_H
#define CM_CLI_MODEL_PATH_H

#include "cli/cli.h"
#include "registry/registry.h"

/* Of the configuration, which they live as long as. */
void cli_place_options(cm_place_options *out, const cli_context *c);

/* The path of --model, or of the configuration, as it is given. */
CM_MUST_USE cm_status cli_given_model(const char **out, cli_context *c,
                                      cm_error *err);
/* The same, or the folder on this machine that what it names, or --rev, was
 * fetched to. */
CM_MUST_USE cm_status cli_model_path(const char **out, cli_context *c,
                                     cm_error *err);

/* Whether a path names a model of a registry or of an MLflow server. */
bool cli_model_is_remote(const char *path);
/* The folder on this machine that it was fetched to; malloc'ed. */
CM_MUST_USE cm_status cli_fetch_model(char **folder, const char *path,
                                      const char *rev,
                                      const cm_place_options *options,
                                      const cm_config *config, cm_error *err);

#endif
