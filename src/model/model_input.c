/* What is wrong with rows, and hashes of their texts. */
#include "model/model_input.h"

#include "model/cat_hash.h"

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

cm_status model_input_check(cm_model_input *rows, const cm_model *model,
                            cm_error *err)
{
    cm_status status = check_part("numbers", rows->numbers, model->n_features,
                                  &rows->number_stride, err);
    if (status != CM_OK) {
        return status;
    }
    if (rows->hashes != NULL || rows->texts == NULL) {
        return check_part("categories", rows->hashes, model->n_cat_features,
                          &rows->hash_stride, err);
    }
    if (model->n_cat_features > MODEL_INPUT_HASHES) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the model has %zu categories; give hashes instead of "
                       "texts where it has more than %d",
                       model->n_cat_features, (int)MODEL_INPUT_HASHES);
    }
    return check_part("categories", rows->texts, model->n_cat_features,
                      &rows->text_stride, err);
}

cm_status model_input_hash_row(uint32_t *hashes, const cm_model *model,
                               const char *const *texts, size_t row,
                               cm_error *err)
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
