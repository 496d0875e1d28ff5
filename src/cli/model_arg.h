/* A model named on the command line: a bundle, or a model file. */
#ifndef CM_CLI_MODEL_ARG_H
#define CM_CLI_MODEL_ARG_H

#include "score/bundle.h"

typedef struct cli_model {
    const cm_model *model;
    cm_bundle *bundle; /* NULL: a file */
    cm_model *own;     /* NULL: a bundle's */
} cli_model;

/* path: a bundle's folder or bundle.json, or a CatBoost model, JSON or .cbm. */
CM_MUST_USE cm_status cli_model_open(cli_model *out, const char *path,
                                     cm_error *err);
void cli_model_close(cli_model *model);

/* The name of an input, or its number where it has none. */
const char *cli_input_name(const cm_model *model, size_t input,
                           char digits[32]);

#endif
