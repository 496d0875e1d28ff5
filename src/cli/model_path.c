/* From --model and --rev to a path on this machine. */
#include "cli/model_path.h"

#include <stdlib.h>
#include <string.h>

#include "cli/tracking_server.h"

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

bool cli_model_is_remote(const char *path)
{
    return cm_is_model_uri(path) || cm_model_is_remote(path);
}

static cm_status fetch_from_server(char **folder, const char *uri,
                                   const cm_place_options *options,
                                   const cm_config *config, cm_error *err)
{
    cm_tracking_server server;
    char *cache = NULL;
    cli_tracking_server(&server, config);
    server.stop = options->stop;
    cm_status status = cm_model_cache_folder(&cache, options, err);
    cm_model_uri_options fetch = {.server = &server,
                                  .cache = cache,
                                  .must_ask = options->must_ask,
                                  .log = options->log};
    if (status == CM_OK) {
        status = cm_model_uri_fetch(folder, uri, &fetch, err);
    }
    free(cache);
    return status;
}

cm_status cli_fetch_model(char **folder, const char *path, const char *rev,
                          const cm_place_options *options,
                          const cm_config *config, cm_error *err)
{
    cm_fetched_model model = {0};
    if (rev == NULL && cm_is_model_uri(path)) {
        return fetch_from_server(folder, path, options, config, err);
    }
    cm_status status =
        rev != NULL ? cm_model_fetch_revision(&model, rev, path, options, err)
                    : cm_model_fetch(&model, path, options, err);
    *folder = model.folder;
    return status;
}

cm_status cli_model_path(const char **out, cli_context *c, cm_error *err)
{
    cm_place_options options;
    char *folder = NULL;
    const char *rev = cli_text(c, "rev");
    cm_status status = cli_given_model(out, c, err);
    if (status != CM_OK || (rev == NULL && !cli_model_is_remote(*out))) {
        return status;
    }
    cli_place_options(&options, c);
    status = cli_fetch_model(&folder, *out, rev, &options, &c->config, err);
    if (status == CM_OK) {
        *out = cm_arena_strdup(&c->config.arena, folder, strlen(folder), err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    free(folder);
    return status;
}
