/* The public side of a loaded model: what it takes, and its predictions. */
#include <string.h>

#include "model/cat_hash.h"
#include "model/model.h"

enum {
    BLOCK_HASHES = 4096 /* of texts that are hashed before they are used */
};

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

/* ---- what is wrong with rows ---------------------------------------- */

static cm_status check_part(const char *what, const void *given, size_t count,
                            size_t *stride, cm_error *err)
{
    if (count > 0 && given == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the model takes %zu %s a row, and none are given",
                       count, what);
    }
    *stride = *stride == 0 ? count : *stride;
    if (*stride < count) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the model takes %zu %s a row; a stride of %zu lets "
                       "rows overlap",
                       count, what, *stride);
    }
    return CM_OK;
}

/* Fills in the strides that are 0. */
static cm_status check_rows(const cm_model *model, cm_model_input *rows,
                            cm_prediction what, cm_error *err)
{
    if (what == CM_PREDICT_PROBABILITY && model->class_names[0] == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the model is a regression; ask for raw values, it has "
                       "no probabilities");
    }
    cm_status status = check_part("numbers", rows->numbers, model->n_features,
                                  &rows->number_stride, err);
    if (status != CM_OK) {
        return status;
    }
    if (rows->hashes != NULL || rows->texts == NULL) {
        return check_part("categories", rows->hashes, model->n_cat_features,
                          &rows->hash_stride, err);
    }
    if (model->n_cat_features > BLOCK_HASHES) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the model has %zu categories; give hashes instead of "
                       "texts where it has more than %d",
                       model->n_cat_features, (int)BLOCK_HASHES);
    }
    return check_part("categories", rows->texts, model->n_cat_features,
                      &rows->text_stride, err);
}

/* ---- prediction
 * --------------------------------------------------------------- */

static cm_status hash_row(uint32_t *hashes, const cm_model *model,
                          const char *const *texts, size_t row, cm_error *err)
{
    for (size_t c = 0; c < model->n_cat_features; c++) {
        if (texts[c] == NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "row %zu: category %zu (%s) is NULL; a missing "
                           "value is a text too, the one that training saw",
                           row, c, model->cat_features[c].name);
        }
        hashes[c] = cm_cat_hash(cm_str_of(texts[c]));
    }
    return CM_OK;
}

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
    uint32_t hashes[BLOCK_HASHES];
    size_t width = model->n_cat_features, count;
    for (size_t first = 0; first < rows->count; first += count) {
        size_t left = rows->count - first, most = BLOCK_HASHES / width;
        count = left < most ? left : most;
        for (size_t i = 0; i < count; i++) {
            const char *const *texts =
                rows->texts + (first + i) * rows->text_stride;
            cm_status status =
                hash_row(hashes + i * width, model, texts, first + i, err);
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
    cm_status status = check_rows(model, &filled, what, err);
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
