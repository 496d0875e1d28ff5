/* The only path from a raw row to a probability. */
#ifndef CM_SCORE_SCORE_H
#define CM_SCORE_SCORE_H

#include "base/str.h"
#include "score/bundle.h"

/* The raw columns a row must have, in the order scoring takes them. */
size_t cm_score_n_columns(const cm_bundle *bundle);
const char *const *cm_score_columns(const cm_bundle *bundle);

/* Probabilities of n rows.  fields (n, n_columns): texts as in the log.  A
 * value never seen in training is no error; a field that is not of its kind
 * (a broken integer or time) is CM_ERR_DATA and *bad_row, *bad_column say
 * which (both may be NULL). */
CM_MUST_USE cm_status cm_score_rows(const cm_bundle *bundle,
                                    const cm_str *fields, size_t n,
                                    int n_threads, double *probabilities,
                                    size_t *bad_row, size_t *bad_column,
                                    cm_error *err);

/* Probabilities of the given rows of a dataset already encoded: the same
 * tables and trees without a second look-up of texts. */
CM_MUST_USE cm_status cm_score_codes(const cm_model *model,
                                     const cm_feature_codes *codes,
                                     const uint32_t *rows, size_t n,
                                     int n_threads, double *probabilities,
                                     cm_error *err);
/* The same up to the raw values: log odds. */
CM_MUST_USE cm_status cm_score_codes_raw(const cm_model *model,
                                         const cm_feature_codes *codes,
                                         const uint32_t *rows, size_t n,
                                         int n_threads, double *raw,
                                         cm_error *err);

#endif
