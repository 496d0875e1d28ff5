/* The public side of explanations: rows as a program has them. */
#include <stdlib.h>

#include "base/mem.h"
#include "model/explain.h"
#include "model/model_input.h"
#include "model/shap_body.h"

/* Rows of a checked input; *hashes, which they may point to, is to be freed. */
static cm_status rows_of(cm_explain_rows *out, uint32_t **hashes,
                         const cm_model *model, const cm_model_input *input,
                         cm_error *err)
{
    size_t width = model->n_cat_features;
    cm_model_input filled = *input;
    cm_status status = model_input_check(&filled, model, err);
    *out = (cm_explain_rows){.n = filled.count,
                             .rows = filled.numbers,
                             .row_stride = filled.number_stride,
                             .cat_rows = filled.hashes,
                             .cat_stride = filled.hash_stride,
                             .n_threads = 1};
    if (status != CM_OK || width == 0 || filled.hashes != NULL) {
        return status;
    }
    *hashes = cm_alloc(filled.count, width * sizeof **hashes, err);
    status = *hashes ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < filled.count && status == CM_OK; i++) {
        status =
            model_input_hash_row(*hashes + i * width, model,
                                 filled.texts + i * filled.text_stride, i, err);
    }
    out->cat_rows = *hashes;
    out->cat_stride = width;
    return status;
}

cm_status cm_explainer_new(cm_explainer **out, const cm_model *model,
                           cm_error *err)
{
    return cm_explainer_new_for(out, model, NULL, err);
}

cm_status cm_explainer_explain(const cm_explainer *explainer,
                               const cm_model_input *input, double *out,
                               cm_error *err)
{
    uint32_t *hashes = NULL;
    cm_explain_rows rows;
    cm_status status = rows_of(&rows, &hashes, explainer->model, input, err);
    if (status == CM_OK) {
        status = cm_explainer_shap(explainer, &rows, out, err);
    }
    free(hashes);
    return status;
}

cm_status cm_model_explain(const cm_model *model, const cm_model_input *input,
                           double *out, cm_error *err)
{
    uint32_t *hashes = NULL;
    cm_explain_rows rows;
    cm_status status = rows_of(&rows, &hashes, model, input, err);
    if (status == CM_OK) {
        status = cm_model_shap(model, &rows, out, err);
    }
    free(hashes);
    return status;
}
