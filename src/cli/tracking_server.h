/* Runs and their server as the configuration names them. */
#ifndef CM_CLI_TRACKING_SERVER_H
#define CM_CLI_TRACKING_SERVER_H

#include "cli/cli.h"
#include "tracking/push.h"

/* Of the configuration, else of the environment. */
void cli_tracking_server(cm_tracking_server *out, const cm_config *config);

/* Sends a run that a command has ended ("": it kept none), when the
 * configuration or the environment wants that.  What goes wrong is said in one
 * line, and fails nothing: the run is kept. */
void cli_send_run(const cli_context *c, const char *id);

#endif
