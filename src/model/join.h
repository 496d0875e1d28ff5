/* Two models as one: the trees of a, then those of b. */
#ifndef CM_MODEL_JOIN_H
#define CM_MODEL_JOIN_H

#include "model/model.h"

/* The raw value of the result is that of a plus that of b: borders are merged,
 * trees follow each other, biases are added.  Both must have the same float
 * features in the same order, treat NaN alike and name their classes alike;
 * b must have no categories.  params_json: of the result, NULL: b's. */
CM_MUST_USE cm_status cm_model_join(cm_model **out, const cm_model *a,
                                    const cm_model *b, const char *params_json,
                                    cm_error *err);

#endif
