/* Where results go: the paths a configuration names, with Python's formats
 * replaced by ours and the bundle's folder found. */
#ifndef CM_CONFIG_PATHS_H
#define CM_CONFIG_PATHS_H

#include "config/config.h"

/* The files of a bundle that a configuration names. */
enum {
    CM_OUTPUT_MODEL,
    CM_OUTPUT_COUNTS,
    CM_OUTPUT_CTR,
    CM_OUTPUT_METRICS,
    CM_N_OUTPUTS
};

/* Texts belong to the configuration. */
typedef struct cm_output_paths {
    const char *dataset; /* NULL: not kept */
    const char *root;    /* folder of the model: the bundle's */
    const char *paths[CM_N_OUTPUTS];
    const char *names[CM_N_OUTPUTS]; /* file names inside the bundle */
    bool outside[CM_N_OUTPUTS];      /* the path is in another folder */
} cm_output_paths;

CM_MUST_USE cm_status cm_config_output_paths(cm_output_paths *out,
                                             cm_config *config, cm_error *err);

/* What a server loads: model_path, with .pkl read as .json.  Belongs to the
 * configuration. */
CM_MUST_USE cm_status cm_config_served_path(const char **out, cm_config *config,
                                            cm_error *err);

/* Says in one line each which of the named paths became another one. */
void cm_config_say_dataset_path(const cm_config *config,
                                const cm_output_paths *paths,
                                const cm_log *log);
void cm_config_say_output_paths(const cm_config *config,
                                const cm_output_paths *paths,
                                const cm_log *log);

#endif
