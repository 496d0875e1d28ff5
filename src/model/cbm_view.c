/* What a writer to .cbm wants to know of a model before it starts. */
#include "model/cbm_view.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/split_index.h"

static void find_used_cats(cbm_view *view)
{
    const cm_model *model = view->model;
    for (size_t o = 0; o < model->n_one_hots; o++) {
        view->cat_is_used[model->one_hots[o].cat_feature] = 1;
    }
    for (size_t t = 0; t < model->n_ctr_tables; t++) {
        const cm_projection *projection = &model->ctr_tables[t].projection;
        for (uint32_t c = 0; c < projection->n_cats; c++) {
            view->cat_is_used[projection->cats[c]] = 1;
        }
    }
}

cm_status cbm_view_init(cbm_view *view, const cm_model *model, cm_error *err)
{
    const cm_model_parts parts = model_parts_of(model);
    size_t n = split_index_features(&parts);
    *view = (cbm_view){
        .model = model,
        .first = cm_alloc(n + 1, sizeof *view->first, err),
        .cat_is_used = cm_alloc_zero(model->n_cat_features,
                                     sizeof *view->cat_is_used, err),
    };
    if (!view->first || !view->cat_is_used) {
        return CM_ERR_NOMEM;
    }
    split_index_fill(view->first, &parts);
    find_used_cats(view);
    return CM_OK;
}

void cbm_view_release(cbm_view *view)
{
    free(view->first);
    free(view->cat_is_used);
}
