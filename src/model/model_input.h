/* Rows as clickmill.h takes them.  Private to model. */
#ifndef CM_MODEL_MODEL_INPUT_H
#define CM_MODEL_MODEL_INPUT_H

#include "model/model.h"

enum {
    MODEL_INPUT_HASHES =
        4096 /* of texts that are hashed before they are used */
};

/* Whether everything the model takes is there; fills in the strides that are
 * 0. */
CM_MUST_USE cm_status model_input_check(cm_model_input *rows,
                                        const cm_model *model, cm_error *err);

/* hashes (n_cat_features) of one row's texts; row is for the message. */
CM_MUST_USE cm_status model_input_hash_row(uint32_t *hashes,
                                           const cm_model *model,
                                           const char *const *texts, size_t row,
                                           cm_error *err);

#endif
