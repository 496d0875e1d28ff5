/* Scoring for a server's thread: the same probabilities as cm_score_rows, to
 * the bit, with scratch memory that is made once. */
#ifndef CM_SCORE_ROW_SCORER_H
#define CM_SCORE_ROW_SCORER_H

#include "score/score.h"

/* For one thread at a time. */
typedef struct cm_row_scorer cm_row_scorer;

/* The bundle must outlive it. */
CM_MUST_USE cm_status cm_row_scorer_new(cm_row_scorer **out,
                                        const cm_bundle *bundle, cm_error *err);
void cm_row_scorer_free(cm_row_scorer *scorer); /* NULL is fine */

/* As cm_score_rows on the calling thread.  Allocates nothing. */
CM_MUST_USE cm_status cm_row_scorer_rows(cm_row_scorer *scorer,
                                         const cm_str *fields, size_t n,
                                         double *probabilities, size_t *bad_row,
                                         size_t *bad_column, cm_error *err);

/* Names of the model's features, (*n), as long as the bundle lives. */
const char *const *cm_score_features(const cm_bundle *bundle, size_t *n);

/* Why one row gets its probability: values (n_features) are its features,
 * shap (n_features + 1) what each added to the log odds, the last one the
 * expected value; *raw the log odds, which they add up to.  Prepares the
 * explainer when first asked, which takes some milliseconds. */
CM_MUST_USE cm_status cm_row_scorer_explain(cm_row_scorer *scorer,
                                            const cm_str *fields,
                                            double *values, double *shap,
                                            double *raw, size_t *bad_column,
                                            cm_error *err);

/* seen (n_features): whether training saw the value that a feature is made of;
 * where not, the feature is its tables' fallback.  fields: of a row that was
 * scored. */
void cm_row_scorer_seen(const cm_row_scorer *scorer, const cm_str *fields,
                        bool *seen);

#endif
