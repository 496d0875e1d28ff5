/* The distinct values of one column of a matrix, by sorting a sample of its
 * rows.  Private to model. */
#ifndef CM_MODEL_MATRIX_SAMPLE_H
#define CM_MODEL_MATRIX_SAMPLE_H

#include "model/quantize_matrix.h"

/* Most rows that borders are chosen from, as in CatBoost. */
enum { MATRIX_SAMPLE_ROWS = 200000 };

/* Ascending numbers of rows of x, spread evenly over those that are taken:
 * one of each run of n_rows / n at random.  malloc'ed; NULL for all of x. */
CM_MUST_USE cm_status matrix_sample_rows(uint32_t **out, size_t *n,
                                         const cm_matrix_rows *rows,
                                         uint64_t seed, cm_error *err);

/* Distinct values of a sample, ascending, NaN left out, and their counts. */
typedef struct distinct_values {
    float *values;    /* (capacity) */
    uint64_t *counts; /* (capacity) */
    size_t n;
    uint32_t *keys[2]; /* (capacity): scratch of the sort */
} distinct_values;

CM_MUST_USE cm_status distinct_values_init(distinct_values *d, size_t capacity,
                                           cm_error *err);
void distinct_values_release(distinct_values *d);
/* values (n): n <= capacity. */
void distinct_values_find(distinct_values *d, const float *values, size_t n);

#endif
