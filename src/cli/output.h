/* Printing results: sinks for rows, and the tables people read. */
#ifndef CM_CLI_OUTPUT_H
#define CM_CLI_OUTPUT_H

#include "base/file.h"
#include "cli/cli.h"
#include "pipeline/build_features.h"
#include "pipeline/metrics_json.h"

/* Rows to a file that appears whole, or to standard output for "-". */
typedef struct cli_output {
    cm_sink sink;
    cm_atomic_file *file; /* NULL: standard output */
} cli_output;

CM_MUST_USE cm_status cli_output_open(cli_output *out, const char *path,
                                      cm_error *err);
/* Commits when status is CM_OK, else leaves nothing; returns what to return. */
CM_MUST_USE cm_status cli_output_close(cli_output *out, cm_status status,
                                       cm_error *err);

/* Prints what was written to a buffer, and frees it; behind JSON comes a line
 * end. */
CM_MUST_USE cm_status cli_print_text(cm_buf *text, cm_error *err);
CM_MUST_USE cm_status cli_print_json(cm_buf *json, cm_error *err);

/* The metrics beside what the base rate alone would give. */
void cli_print_metrics(const cm_metrics *metrics);

/* Most memory this process has had, in bytes. */
uint64_t cli_peak_memory(void);

#endif
