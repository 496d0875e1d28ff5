/* The OpenAPI document (/openapi.json): the table of routes, with what the
 * file openapi.json says of bodies and answers.  Private to serving. */
#ifndef CM_SERVING_OPENAPI_H
#define CM_SERVING_OPENAPI_H

#include "codec/json.h"
#include "score/bundle.h"

/* Appends the document.  bundle: whose columns the examples and the schema of
 * a row have; NULL: those of the Avazu log. */
CM_MUST_USE cm_status openapi_write(const cm_bundle *bundle,
                                    const char *model_name, cm_buf *out,
                                    cm_error *err);

/* What the document says of the model.  Borrowed. */
typedef struct openapi_model {
    const char *name, *version;
    const json_t *columns, *row; /* a row of texts */
    const cm_feature_plan *plan; /* NULL: none is loaded */
} openapi_model;

/* Writes what "@NAME" in openapi.json stands for. */
void openapi_put_example(cm_json_writer *w, const char *key, const char *name,
                         const openapi_model *model);

#endif
