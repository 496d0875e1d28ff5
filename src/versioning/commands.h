/* Commands of stages, several stages side by side.  Private to versioning. */
#ifndef CM_VERSIONING_COMMANDS_H
#define CM_VERSIONING_COMMANDS_H

#include <stdio.h>

#include "versioning/graph.h"

typedef struct commands commands;

typedef struct commands_options {
    const cm_repo *repo;
    size_t most;   /* stages at a time */
    bool prefixed; /* each line of output has the stage's name in front */
    FILE *out;     /* where output goes */
} commands_options;

CM_MUST_USE cm_status commands_open(commands **out,
                                    const commands_options *options,
                                    cm_error *err);
/* Ends what still runs. */
void commands_close(commands *c);

size_t commands_running(const commands *c);
bool commands_full(const commands *c);

/* Starts the first command of a stage; id is what commands_wait tells. */
CM_MUST_USE cm_status commands_start(commands *c, size_t id,
                                     const graph_step *step, cm_error *err);

/* Waits until all commands of a stage have run, or one failed: then the status
 * of the call is CM_OK, and *result CM_ERR_DATA with err telling of it.  A
 * signal to stop (Ctrl-C) ends all of them: CM_ERR_INTERRUPTED. */
CM_MUST_USE cm_status commands_wait(commands *c, size_t *id, cm_status *result,
                                    cm_error *err);

/* Whether a signal to stop has come: then all are ended, and it is
 * CM_ERR_INTERRUPTED. */
CM_MUST_USE cm_status commands_check(commands *c, cm_error *err);

#endif
