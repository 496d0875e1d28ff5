/* The tracking server of a command. */
#include "cli/tracking_server.h"

void cli_tracking_server(cm_tracking_server *out, const cm_config *config)
{
    const char *uri = config->mlflow_tracking_uri;
    *out = (cm_tracking_server){.uri = uri[0] != '\0' ? uri : NULL};
    cm_tracking_server_from_environment(out);
}

/* use_mlflow decides where it is said; else whether a server is named. */
static bool is_wanted(const cm_config *config, const cm_tracking_server *server)
{
    return cm_config_is_set(config, CM_ID_use_mlflow) ? config->use_mlflow
                                                      : server->uri != NULL;
}

void cli_send_run(const cli_context *c, const char *id)
{
    const cm_config *config = &c->config;
    cm_tracking_server server;
    cm_pushed pushed = {0};
    cm_error error;
    double begin = cm_seconds();
    cli_tracking_server(&server, config);
    if (id[0] == '\0' || !is_wanted(config, &server)) {
        return;
    }
    cm_status status =
        cm_run_push(&pushed, config->runs_path, id, &server,
                    begin + config->tracking_timeout, &c->log, &error);
    if (status == CM_OK) {
        cm_info(&c->log, "run %s is at the MLflow server, after %.2f s",
                pushed.run_id, cm_seconds() - begin);
    } else {
        cm_warn(&c->log,
                "%s; the run is kept in %s/%s, clickmill runs push %.8s sends "
                "it",
                error.message, config->runs_path, id, id);
    }
    cm_pushed_release(&pushed);
}
