/* Configuration to the option structs of the pipeline. */
#ifndef CM_CLI_JOBS_H
#define CM_CLI_JOBS_H

#include "cli/cli.h"
#include "pipeline/report.h"
#include "pipeline/score_log.h"
#include "pipeline/train.h"

/* The texts in the structs belong to the configuration.  output: the file
 * that rows in quarantine are put beside; NULL when there is none. */
CM_MUST_USE cm_status cli_dataset_options(cm_make_dataset_options *out,
                                          cli_context *c, const char *output,
                                          cm_error *err);
void cli_feature_options(cm_feature_options *out, const cli_context *c);
/* All but init_model. */
void cli_fit_options(cm_fit_options *out, const cm_config *config,
                     const cm_log *log);
/* "MVS"; of a cm_bootstrap that is not auto. */
const char *cli_bootstrap_name(int bootstrap);
const char *cli_score_name(cm_score_function score);
CM_MUST_USE cm_status cli_train_job(cm_train_job *out, cli_context *c,
                                    const cm_output_paths *paths,
                                    cm_error *err);
/* folder NULL: no report is asked for. */
void cli_report_options(cm_report_options *out, const cm_config *config);
CM_MUST_USE cm_status cli_score_options(cm_score_log_options *out,
                                        cli_context *c, const char *output,
                                        cm_error *err);

/* train --cv: measures instead of keeping a bundle. */
CM_MUST_USE cm_status cli_cross_validate(cli_context *c,
                                         const cm_train_job *job,
                                         cm_error *err);

/* The bundle of --model, --rev, or of the configuration. */
CM_MUST_USE cm_status cli_load_bundle(cm_bundle **out, cli_context *c,
                                      cm_error *err);

#endif
