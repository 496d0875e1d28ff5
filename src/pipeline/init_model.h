/* The model whose trees a training continues. */
#ifndef CM_PIPELINE_INIT_MODEL_H
#define CM_PIPELINE_INIT_MODEL_H

#include "boost/train.h"
#include "score/bundle.h"

typedef struct cm_init_model {
    const cm_model *model;
    cm_bundle *bundle; /* owns it, or */
    cm_model *file;    /* is it */
} cm_init_model;

/* path: a bundle's folder, or a model file.  Release in every case. */
CM_MUST_USE cm_status cm_init_model_load(cm_init_model *out, const char *path,
                                         cm_error *err);
void cm_init_model_release(cm_init_model *init);

/* Can a training on these features continue the model? */
CM_MUST_USE cm_status cm_init_model_check(const cm_model *model,
                                          const char *const *names, size_t n,
                                          const cm_train_options *options,
                                          cm_error *err);

#endif
