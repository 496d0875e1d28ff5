/* Any bytes as a model: what is read can be applied, and is written and read
 * again as the same text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_applying(const cm_model *model)
{
    float *row = cm_alloc_zero(model->n_features, sizeof *row, NULL);
    uint32_t *hashes = cm_alloc(model->n_cat_features, sizeof *hashes, NULL);
    const float **columns = cm_alloc(model->n_features, sizeof *columns, NULL);
    const uint32_t **cats = cm_alloc(model->n_cat_features, sizeof *cats, NULL);
    double batch;
    CM_ASSERT(row != NULL && hashes != NULL && columns != NULL && cats != NULL);
    for (size_t f = 0; f < model->n_features; f++) {
        columns[f] = &row[f];
    }
    for (size_t c = 0; c < model->n_cat_features; c++) {
        hashes[c] = (uint32_t)c * 0x9e3779b9u;
        cats[c] = &hashes[c];
    }
    double single = cm_model_apply_cats_row(model, row, hashes);
    cm_model_apply_cats(model, columns, cats, 1, &batch);
    CM_ASSERT(memcmp(&single, &batch, sizeof single) == 0);
    free(cats);
    free(columns);
    free(hashes);
    free(row);
}

static void check_rewriting(const cm_model *model)
{
    cm_buf once = {0}, twice = {0};
    cm_model *again = NULL;
    CM_ASSERT(cm_model_format_json(model, &once, NULL) == CM_OK);
    CM_ASSERT(cm_model_parse_json(&again, (cm_str){once.p, once.n}, "again",
                                  NULL) == CM_OK);
    CM_ASSERT(cm_model_format_json(again, &twice, NULL) == CM_OK);
    CM_ASSERT(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
    cm_model_free(again);
    cm_buf_release(&once);
    cm_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_model *model = NULL;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_model_parse_json(&model, text, "input", &err);
    if (status == CM_OK) {
        check_applying(model);
        check_rewriting(model);
        cm_model_free(model);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    return 0;
}
