/* Explaining models: what each input added to a row's answer, and what it
 * matters to a model as a whole; all as CatBoost defines them.
 *
 * An input is a column of the data the model was trained on, as CatBoost
 * counts them: floats and categories together (flat_index). */
#ifndef CM_MODEL_EXPLAIN_H
#define CM_MODEL_EXPLAIN_H

#include "model/model.h"

size_t cm_model_n_inputs(const cm_model *model);
/* NULL: an input the model does not know. */
const char *cm_model_input_name(const cm_model *model, size_t input);

/* Rows to explain, or to count by. */
typedef struct cm_explain_rows {
    size_t n;
    const float *const *columns; /* as for cm_model_apply */
    const uint32_t *const *cats; /* as for cm_model_apply_cats, or NULL */
    const float *labels;         /* (n) 0 and 1, or NULL: not known */
    const float *weights;        /* (n), or NULL: all 1 */
    int n_threads;
} cm_explain_rows;

/* SHAP values, made ready for many rows: immutable, any thread may use it. */
typedef struct cm_explainer cm_explainer;

/* rows: those to be explained, or NULL when they are not known yet; many pay
 * for larger tables.  What is averaged over is the training weight of leaves.
 * As in CatBoost the rows' own are added to it where a leaf without weight has
 * a value; without rows, a model whose leaves have no weight is refused.  The
 * model must outlive the explainer, rows need not. */
CM_MUST_USE cm_status cm_explainer_new(cm_explainer **out,
                                       const cm_model *model,
                                       const cm_explain_rows *rows,
                                       cm_error *err);
void cm_explainer_free(cm_explainer *explainer); /* NULL is fine */

/* CatBoost's ShapValues: out (n, n_inputs + 1), the last number of a row the
 * expected value; a row's numbers add up to its raw value. */
CM_MUST_USE cm_status cm_explainer_shap(const cm_explainer *explainer,
                                        const cm_explain_rows *rows,
                                        double *out, cm_error *err);

/* All three at once. */
CM_MUST_USE cm_status cm_model_shap(const cm_model *model,
                                    const cm_explain_rows *rows, double *out,
                                    cm_error *err);

/* CatBoost's PredictionValuesChange: out (n_inputs), adding up to 100; zeros
 * when no answer ever changes.  rows: weights of leaves in place of the
 * model's own, or NULL. */
CM_MUST_USE cm_status cm_model_values_change(const cm_model *model,
                                             const cm_explain_rows *rows,
                                             double *out, cm_error *err);

/* CatBoost's LossFunctionChange for Logloss: by how much the loss of rows with
 * labels grows without an input's share of the answers; out (n_inputs). */
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
