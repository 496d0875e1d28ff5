/* What holds for every model that was read, from whatever bytes. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model.h"

typedef cm_status (*model_parser)(cm_model **out, cm_str bytes,
                                  const char *file, cm_error *err);
typedef cm_status (*model_formatter)(const cm_model *model, cm_buf *out,
                                     cm_error *err);

/* One row gets the same bits alone and in a block. */
static inline void check_applying(const cm_model *model)
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

/* What is written is read, and written again as the same bytes. */
static inline void check_rewriting(const cm_model *model, model_parser parse,
                                   model_formatter format)
{
    cm_buf once = {0}, twice = {0};
    cm_model *again = NULL;
    CM_ASSERT(format(model, &once, NULL) == CM_OK);
    CM_ASSERT(parse(&again, (cm_str){once.p, once.n}, "again", NULL) == CM_OK);
    CM_ASSERT(format(again, &twice, NULL) == CM_OK);
    CM_ASSERT(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
    cm_model_free(again);
    cm_buf_release(&once);
    cm_buf_release(&twice);
}

/* A whole input. */
static inline void check_model(const uint8_t *bytes, size_t n,
                               model_parser parse, model_formatter format)
{
    cm_model *model = NULL;
    cm_error err = {0};
    cm_status status =
        parse(&model, (cm_str){(const char *)bytes, n}, "input", &err);
    if (status == CM_OK) {
        check_applying(model);
        check_rewriting(model, parse, format);
        cm_model_free(model);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
}

#endif
