/* The file MLmodel.  Private to tracking. */
#ifndef CM_TRACKING_MLMODEL_H
#define CM_TRACKING_MLMODEL_H

#include "tracking/logged_model.h"

/* What a logged model needs, and what it was tested with. */
#define MLMODEL_MLFLOW   "3.17.2"
#define MLMODEL_CATBOOST "1.2.10"
#define MLMODEL_PYTHON   "3.11"

#define MLMODEL_BUNDLE "bundle" /* folder; the model is in it */
#define MLMODEL_CODE   "code"
#define MLMODEL_LOADER "clickmill_pyfunc"

/* size: bytes of the model's files. */
void mlmodel_format(cm_buf *out, const cm_logged_model *model, uint64_t size);

#endif
