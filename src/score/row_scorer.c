/* Scores a server's rows: the blocks of cm_score_rows, one after the other, in
 * memory that stays between calls. */
#include "score/row_scorer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/explain.h"
#include "score/blocks.h"
#include "score/bundle_body.h"
#include "score/score_raw.h"

struct cm_row_scorer {
    const cm_bundle *bundle;
    size_t n_columns, n_features;
    float *values;           /* (BLOCK_ROWS, n_features) */
    cm_explainer *explainer; /* NULL until it is asked for */
};

cm_status cm_row_scorer_new(cm_row_scorer **out, const cm_bundle *bundle,
                            cm_error *err)
{
    size_t n_features = bundle->model->n_features;
    cm_row_scorer *scorer = cm_alloc_zero(1, sizeof *scorer, err);
    float *values =
        cm_alloc(n_features, BLOCK_ROWS * sizeof *scorer->values, err);
    if (scorer == NULL || values == NULL) {
        free(scorer);
        free(values);
        return CM_ERR_NOMEM;
    }
    *scorer = (cm_row_scorer){.bundle = bundle,
                              .n_columns = cm_score_n_columns(bundle),
                              .n_features = n_features,
                              .values = values};
    *out = scorer;
    return CM_OK;
}

void cm_row_scorer_free(cm_row_scorer *scorer)
{
    if (scorer != NULL) {
        cm_explainer_free(scorer->explainer);
        free(scorer->values);
        free(scorer);
    }
}

/* Looks the row up again, for its message. */
static cm_status bad_row_failed(cm_row_scorer *scorer, const cm_str *fields,
                                size_t row, size_t *bad_row, size_t *bad_column,
                                cm_error *err)
{
    if (bad_row != NULL) {
        *bad_row = row;
    }
    return cm_lookup_row(scorer->bundle->lookup,
                         fields + row * scorer->n_columns, scorer->values,
                         bad_column, err);
}

cm_status cm_row_scorer_rows(cm_row_scorer *scorer, const cm_str *fields,
                             size_t n, double *probabilities, size_t *bad_row,
                             size_t *bad_column, cm_error *err)
{
    const cm_bundle *bundle = scorer->bundle;
    for (size_t first = 0; first < n; first += BLOCK_ROWS) {
        size_t count = score_block_size(n, first / BLOCK_ROWS);
        size_t good = score_block_raw(bundle->lookup, bundle->model,
                                      fields + first * scorer->n_columns, count,
                                      scorer->values, probabilities + first);
        if (good < count) {
            return bad_row_failed(scorer, fields, first + good, bad_row,
                                  bad_column, err);
        }
    }
    score_sigmoid(probabilities, n);
    return CM_OK;
}

const char *const *cm_score_features(const cm_bundle *bundle, size_t *n)
{
    *n = bundle->model->n_features;
    return bundle->features;
}

/* SHAP values are those of inputs: all columns of the data a model was trained
 * on.  A bundle's model has no other inputs than its features. */
static cm_status prepare_explainer(cm_row_scorer *scorer, cm_error *err)
{
    const cm_model *model = scorer->bundle->model;
    if (scorer->explainer != NULL) {
        return CM_OK;
    }
    for (size_t f = 0; f < scorer->n_features; f++) {
        if (model->features[f].flat_index != f) {
            return cm_fail(err, CM_ERR_UNSUPPORTED,
                           "feature %s is column %u of the data the model was "
                           "trained on, expected %zu: this model's answers "
                           "cannot be explained; train it again",
                           model->features[f].name,
                           model->features[f].flat_index, f);
        }
    }
    return cm_explainer_new(&scorer->explainer, model, err);
}

cm_status cm_row_scorer_explain(cm_row_scorer *scorer, const cm_str *fields,
                                double *values, double *shap, double *raw,
                                size_t *bad_column, cm_error *err)
{
    const cm_bundle *bundle = scorer->bundle;
    cm_explain_rows row = {.n = 1,
                           .rows = scorer->values,
                           .row_stride = scorer->n_features,
                           .n_threads = 1};
    cm_status status =
        cm_lookup_row(bundle->lookup, fields, scorer->values, bad_column, err);
    if (status == CM_OK) {
        status = prepare_explainer(scorer, err);
    }
    if (status == CM_OK) {
        status = cm_explainer_shap(scorer->explainer, &row, shap, err);
    }
    if (status == CM_OK) {
        *raw = cm_model_apply_row(bundle->model, scorer->values);
        for (size_t f = 0; f < scorer->n_features; f++) {
            values[f] = (double)scorer->values[f];
        }
    }
    return status;
}

void cm_row_scorer_seen(const cm_row_scorer *scorer, const cm_str *fields,
                        bool *seen)
{
    cm_lookup_seen(scorer->bundle->lookup, fields, seen);
}
