/* A matrix of numbers, labels and weights for training: .npy or CSV. */
#ifndef CM_DATA_MATRIX_H
#define CM_DATA_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "codec/array.h"

typedef struct cm_matrix {
    cm_array array;           /* a .npy as it is mapped, a CSV as floats */
    const char *const *names; /* (m): of the header, or "0", "1", ... */
    void *owner;              /* private */
} cm_matrix;

CM_MUST_USE cm_status cm_matrix_load(cm_matrix **out, const char *path,
                                     cm_error *err);
void cm_matrix_free(cm_matrix *matrix); /* NULL is fine */

/* Labels 0 and 1 of any numeric type, one a row.  malloc'ed. */
CM_MUST_USE cm_status cm_labels_load(uint8_t **out, size_t *n, const char *path,
                                     cm_error *err);
/* Finite weights, not negative, not all 0.  malloc'ed. */
CM_MUST_USE cm_status cm_weights_load(float **out, size_t *n, const char *path,
                                      cm_error *err);

#endif
