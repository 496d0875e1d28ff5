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

/* SHAP values, made ready for many rows: immutable, any thread may use it. */
typedef struct cm_explainer cm_explainer;

/* rows: about how many will be explained; many pay for larger tables.  Refuses
 * models whose leaves carry no training weight.  The model must outlive it. */
CM_MUST_USE cm_status cm_explainer_new(cm_explainer **out,
                                       const cm_model *model, size_t rows,
                                       int n_threads, cm_error *err);
void cm_explainer_free(cm_explainer *explainer); /* NULL is fine */

/* CatBoost's ShapValues of n rows: out (n, n_inputs + 1), the last number of
 * a row the expected value; a row's numbers add up to its raw value.  columns
 * as for cm_model_apply. */
CM_MUST_USE cm_status cm_explainer_shap(const cm_explainer *explainer,
                                        const float *const *columns, size_t n,
                                        int n_threads, double *out,
                                        cm_error *err);

/* All three at once. */
CM_MUST_USE cm_status cm_model_shap(const cm_model *model,
                                    const float *const *columns, size_t n,
                                    int n_threads, double *out, cm_error *err);

/* CatBoost's PredictionValuesChange: out (n_inputs), adding up to 100; zeros
 * when no answer ever changes. */
CM_MUST_USE cm_status cm_model_values_change(const cm_model *model, double *out,
                                             cm_error *err);

/* Rows with their labels 0 and 1. */
typedef struct cm_labelled_rows {
    size_t n;
    const float *const *columns; /* as for cm_model_apply */
    const float *labels;         /* (n) */
    const float *weights;        /* (n), or NULL: all 1 */
    int n_threads;
} cm_labelled_rows;

/* CatBoost's LossFunctionChange for Logloss: by how much the loss of the rows
 * grows without an input's share of the answers; out (n_inputs). */
CM_MUST_USE cm_status cm_model_loss_change(const cm_model *model,
                                           const cm_labelled_rows *rows,
                                           double *out, cm_error *err);

/* CatBoost's Interaction: pairs of inputs (first < second) that act together,
 * largest score first; scores are percents. */
typedef struct cm_interaction {
    uint32_t first, second;
    double score;
} cm_interaction;

/* *out (*n) is to be freed. */
CM_MUST_USE cm_status cm_model_interaction(const cm_model *model,
                                           cm_interaction **out, size_t *n,
                                           cm_error *err);

#endif
