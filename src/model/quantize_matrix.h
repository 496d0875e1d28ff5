/* A matrix of floats to bins: borders of every column from a sample of its
 * rows, then the bins of all rows, in the order the trainer wants them. */
#ifndef CM_MODEL_QUANTIZE_MATRIX_H
#define CM_MODEL_QUANTIZE_MATRIX_H

#include "codec/array.h"
#include "model/borders.h"
#include "model/model.h"

/* Rows of a matrix.  Bins and whatever lies beside them are in the order of
 * `rows`: row i is row rows[i] of x. */
typedef struct cm_matrix_rows {
    const cm_array *x;
    const uint32_t *rows; /* (n_rows), none twice; NULL: all, as they come */
    size_t n_rows;        /* x->n_rows when rows is NULL; below 2^32 - 1 */
} cm_matrix_rows;

typedef struct cm_border_options {
    uint32_t border_count; /* 254 */
    cm_nan_mode nan_mode;  /* Min */
    uint64_t seed;         /* of the sample */
    int n_threads;
} cm_border_options;

/* Features with full border lists, named and in the order of the columns. */
typedef struct cm_border_set {
    size_t n_features;
    const cm_float_feature *features; /* (m) */
    void *owner;                      /* private */
} cm_border_set;

/* Borders from all rows, or from 200,000 of them spread evenly (as many as
 * CatBoost takes); NaN is looked for in all.  Infinite values count as the
 * largest floats, so borders are finite.  names (m). */
CM_MUST_USE cm_status cm_border_set_fit(cm_border_set **out,
                                        const cm_matrix_rows *rows,
                                        const char *const *names,
                                        const cm_border_options *options,
                                        cm_error *err);
void cm_border_set_free(cm_border_set *set); /* NULL is fine */

/* The layout of boost/'s training set, and of binned evaluation rows. */
typedef struct cm_bin_matrix {
    size_t n_rows, n_features;
    const uint8_t *const *bins; /* (m) pointers to (n), 64-byte aligned */
    const uint16_t *n_bins;     /* (m): borders + 1 */
    void *owner;                /* private */
} cm_bin_matrix;

/* Bins of rows by the borders of features (m): of a border set, or of a model.
 * Reads x once, in its order. */
CM_MUST_USE cm_status cm_bin_matrix_new(cm_bin_matrix **out,
                                        const cm_matrix_rows *rows,
                                        const cm_float_feature *features,
                                        int n_threads, cm_error *err);
void cm_bin_matrix_free(cm_bin_matrix *matrix); /* NULL is fine */

#endif
