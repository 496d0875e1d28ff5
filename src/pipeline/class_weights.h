/* How much rows count by their class. */
#ifndef CM_PIPELINE_CLASS_WEIGHTS_H
#define CM_PIPELINE_CLASS_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum cm_auto_class_weights {
    CM_CLASS_WEIGHTS_NONE,
    CM_CLASS_WEIGHTS_BALANCED,
    CM_CLASS_WEIGHTS_SQRT_BALANCED
} cm_auto_class_weights;

/* At most one of the two is in effect.  CatBoost's scale_pos_weight w is
 * class_weights 1, w. */
typedef struct cm_class_weights {
    bool given;         /* by_class is the user's */
    double by_class[2]; /* of label 0 and 1, not negative */
    cm_auto_class_weights automatic;
} cm_class_weights;

/* Sets by_class from the training rows: what the user gave, what `automatic`
 * makes of the classes' total weights, or 1 and 1.  row_weights (n) may be
 * NULL. */
void cm_class_weights_resolve(cm_class_weights *weights, const uint8_t *labels,
                              const float *row_weights, size_t n);

/* Do rows count differently? */
bool cm_class_weights_matter(const cm_class_weights *weights);

/* A new array of n weights: of the row (NULL: 1) times that of its class; *out
 * is NULL when all would be 1.  Release with free. */
CM_MUST_USE cm_status cm_row_weights(float **out,
                                     const cm_class_weights *resolved,
                                     const uint8_t *labels,
                                     const float *row_weights, size_t n,
                                     cm_error *err);

#endif
