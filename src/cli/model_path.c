/* From --model and --rev to a path on this machine. */
#include "cli/model_path.h"

#include <stdlib.h>
#include <string.h>

void cli_place_options(cm_place_options *out, const cli_context *c)
{
    const cm_config *config = &c->config;
    *out = (cm_place_options){.endpoint_url = config->endpoint_url,
                              .region = config->region,
                              .profile = config->profile,
                              .cache = config->model_cache,
                              .log = &c->log};
}

cm_status cli_given_model(const char **out, cli_context *c, cm_error *err)
{
    cm_output_paths paths = {0};
    *out = cli_text(c, "model");
    if (*out != NULL) {
        return CM_OK;
    }
    cm_status status = cm_config_output_paths(&paths, &c->config, err);
    *out = paths.paths[CM_OUTPUT_MODEL];
    return status;
}

cm_status cli_model_path(const char **out, cli_context *c, cm_error *err)
{
    cm_place_options options;
    cm_fetched_model model = {0};
    const char *rev = cli_text(c, "rev");
    cm_status status = cli_given_model(out, c, err);
    if (status != CM_OK || (rev == NULL && !cm_model_is_remote(*out))) {
        return status;
    }
    cli_place_options(&options, c);
    status = rev != NULL
                 ? cm_model_fetch_revision(&model, rev, *out, &options, err)
                 : cm_model_fetch(&model, *out, &options, err);
    if (status == CM_OK) {
        *out = cm_arena_strdup(&c->config.arena, model.folder,
                               strlen(model.folder), err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    free(model.folder);
    return status;
}
