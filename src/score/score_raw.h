/* Scoring up to the raw value, which is the same to the bit on every machine;
 * a probability is not quite, because exp() is the C library's.  Private to
 * score. */
#ifndef CM_SCORE_SCORE_RAW_H
#define CM_SCORE_SCORE_RAW_H

#include "features/lookup.h"
#include "model/model.h"

/* cm_score_rows without the sigmoid. */
CM_MUST_USE cm_status score_rows_raw(const cm_lookup *lookup,
                                     const cm_model *model,
                                     const cm_str *fields, size_t n,
                                     int n_threads, double *raw,
                                     size_t *bad_row, size_t *bad_column,
                                     cm_error *err);

/* At most BLOCK_ROWS of them on the calling thread, without a word about what
 * is wrong with one.  values (n, n_features) is scratch.  Returns n, or the
 * first row with a field that is not of its kind: then raw is undefined. */
size_t score_block_raw(const cm_lookup *lookup, const cm_model *model,
                       const cm_str *fields, size_t n, float *values,
                       double *raw);

/* In place; same loop for all who turn raw values to probabilities. */
void score_sigmoid(double *values, size_t n);

#endif
