/* The public side of a loaded model: what it takes, and its predictions. */
#include <string.h>

#include "model/cat_hash.h"
#include "model/model_input.h"

size_t cm_model_number_count(const cm_model *model)
{
    return model->n_features;
}

const char *cm_model_number_name(const cm_model *model, size_t index)
{
    return index < model->n_features ? model->features[index].name : NULL;
}

size_t cm_model_category_count(const cm_model *model)
{
    return model->n_cat_features;
}

const char *cm_model_category_name(const cm_model *model, size_t index)
{
    return index < model->n_cat_features ? model->cat_features[index].name
                                         : NULL;
}

uint32_t cm_category_hash(const char *text, size_t length)
{
    return cm_cat_hash((cm_str){text, length});
}

/* ---- prediction ------------------------------------------------------- */

static void apply(const cm_model *model, const cm_model_input *rows,
                  double *raw)
{
    cm_model_apply_cats_rows(model, rows->numbers, rows->number_stride,
                             rows->hashes, rows->hash_stride, rows->count, raw);
}

/* The same of texts, hashed block by block. */
static cm_status apply_texts(const cm_model *model, const cm_model_input *rows,
                             double *raw, cm_error *err)
{
    uint32_t hashes[MODEL_INPUT_HASHES];
    size_t width = model->n_cat_features, count;
    for (size_t first = 0; first < rows->count; first += count) {
        size_t left = rows->count - first, most = MODEL_INPUT_HASHES / width;
        count = left < most ? left : most;
        for (size_t i = 0; i < count; i++) {
            const char *const *texts =
                rows->texts + (first + i) * rows->text_stride;
            cm_status status = model_input_hash_row(hashes + i * width, model,
                                                    texts, first + i, err);
            if (status != CM_OK) {
                return status;
            }
        }
        const cm_model_input block = {
            .count = count,
            .numbers = model->n_features == 0
                           ? NULL
                           : rows->numbers + first * rows->number_stride,
            .number_stride = rows->number_stride,
            .hashes = hashes,
            .hash_stride = width,
        };
        apply(model, &block, raw + first);
    }
    return CM_OK;
}

cm_status cm_model_predict(const cm_model *model, const cm_model_input *rows,
                           cm_prediction what, double *out, cm_error *err)
{
    cm_model_input filled = *rows;
    if (what == CM_PREDICT_PROBABILITY && model->class_names[0] == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the model is a regression; ask for raw values, it has "
                       "no probabilities");
    }
    cm_status status = model_input_check(&filled, model, err);
    if (status != CM_OK || rows->count == 0) {
        return status;
    }
    if (rows->hashes != NULL || model->n_cat_features == 0) {
        apply(model, &filled, out);
    } else {
        status = apply_texts(model, &filled, out, err);
    }
    for (size_t i = 0;
         status == CM_OK && what == CM_PREDICT_PROBABILITY && i < rows->count;
         i++) {
        out[i] = cm_sigmoid(out[i]);
    }
    return status;
}
