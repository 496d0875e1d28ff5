/* Explaining models: what each input added to a row's answer, and what it
 * matters to a model as a whole; all as CatBoost defines them.
 *
 * Inputs are what clickmill.h calls so: all columns of the data, by flat_index;
 * n_inputs is cm_model_input_count. */
#ifndef CM_MODEL_EXPLAIN_H
#define CM_MODEL_EXPLAIN_H

#include "model/model.h"

/* Rows to explain, or to count by. */
typedef struct cm_explain_rows {
    size_t n;
    const float *const *columns; /* as for cm_model_apply */
    const uint32_t *const *cats; /* as for cm_model_apply_cats, or NULL */
    const float *rows;           /* where columns is NULL: side by side */
    size_t row_stride;
    const uint32_t *cat_rows; /* where cats is NULL: side by side, or NULL */
    size_t cat_stride;
    const float *labels;  /* (n) 0 and 1, or NULL: not known */
    const float *weights; /* (n), or NULL: all 1 */
    int n_threads;
} cm_explain_rows;

/* An explainer (clickmill.h) for rows to be explained, or with NULL for rows
 * not known yet; many pay for larger tables.  What is averaged over is the
 * training weight of leaves.  As in CatBoost the rows' own are added to it
 * where a leaf without weight has a value; without rows, a model whose leaves
 * have no weight is refused.  The rows need not outlive the call. */
CM_MUST_USE cm_status cm_explainer_new_for(cm_explainer **out,
                                           const cm_model *model,
                                           const cm_explain_rows *rows,
                                           cm_error *err);

/* CatBoost's ShapValues: out (n, cm_model_input_count + 1). */
CM_MUST_USE cm_status cm_explainer_shap(const cm_explainer *explainer,
                                        const cm_explain_rows *rows,
                                        double *out, cm_error *err);

/* Both at once. */
CM_MUST_USE cm_status cm_model_shap(const cm_model *model,
                                    const cm_explain_rows *rows, double *out,
                                    cm_error *err);

/* CatBoost's PredictionValuesChange: out (n_inputs), adding up to 100; zeros
 * when no answer ever changes.  rows: weights of leaves in place of the
 * model's own, or NULL. */
CM_MUST_USE cm_status cm_model_values_change(const cm_model *model,
                                             const cm_explain_rows *rows,
                                             double *out, cm_error *err);

/* CatBoost's LossFunctionChange for Logloss: by how much the loss of rows in
 * columns, with labels, grows without an input's share of the answers; out
 * (n_inputs). */
CM_MUST_USE cm_status cm_model_loss_change(const cm_model *model,
                                           const cm_explain_rows *rows,
                                           double *out, cm_error *err);

/* CatBoost's Interaction: pairs of inputs (first < second) that act together,
 * largest score first; scores are percents.  CatBoost names no input for a
 * one-hot feature, so its pairs are missing here too, and the scores of a model
 * that has them add up to less than 100. */
typedef struct cm_interaction {
    uint32_t first, second;
    double score;
} cm_interaction;

/* *out (*n) is to be freed. */
CM_MUST_USE cm_status cm_model_interaction(const cm_model *model,
                                           cm_interaction **out, size_t *n,
                                           cm_error *err);

#endif
