/* What /model answers: a model told by its manifest.  Private to serving. */
#ifndef CM_SERVING_MODEL_TEXT_H
#define CM_SERVING_MODEL_TEXT_H

#include "serving/live_model.h"

/* Appends a JSON object.  Costs a parse of the manifest: once a model. */
CM_MUST_USE cm_status model_text_write(const served_model *model, cm_buf *out,
                                       cm_error *err);

#endif
