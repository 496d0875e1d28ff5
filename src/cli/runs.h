/* Runs of the store as the commands `runs …` show them. */
#ifndef CM_CLI_RUNS_H
#define CM_CLI_RUNS_H

#include "cli/output.h"
#include "cli/table.h"
#include "tracking/run.h"

typedef struct cli_run {
    cm_run_record record;
    const cm_run_metric *last; /* (n_last), sorted by key */
    size_t n_last;
} cli_run;

typedef struct cli_runs {
    cli_run *runs; /* newest first */
    size_t n, room;
} cli_runs;

CM_MUST_USE cm_status cli_run_load(cli_run *out, const cli_context *c,
                                   const char *id, cm_error *err);
void cli_run_release(cli_run *run);

/* All runs of --experiment, or all; one that cannot be read is a warning. */
CM_MUST_USE cm_status cli_runs_load(cli_runs *out, cli_context *c,
                                    cm_error *err);
void cli_runs_release(cli_runs *runs);

/* NaN: it has none. */
double cli_run_metric(const cli_run *run, const char *key);
const char *cli_run_param(const cli_run *run, const char *key); /* or NULL */

/* Puts the runs with the better values of a metric first, those without one
 * last.  CM_ERR_USAGE when it is not known what is better. */
CM_MUST_USE cm_status cli_runs_sort(cli_runs *runs, const cli_context *c,
                                    const char *metric, cm_error *err);

/* "0.440425", "-" for NaN. */
void cli_add_number(cli_table *table, double value);
/* "2026-11-25 22:03:10", of UTC. */
void cli_format_time(char out[32], int64_t ms);
double cli_run_seconds(const cli_run *run); /* NaN: not ended */

CM_MUST_USE cm_status cli_print_table(const cli_table *table, cm_error *err);

/* Id, name, experiment, status, times, params, tags and last metrics, into an
 * object already begun. */
void cli_run_put(cm_json_writer *w, const cli_run *run);
CM_MUST_USE cm_status cli_run_print(const cli_context *c, const cli_run *run,
                                    cm_error *err);

#endif
