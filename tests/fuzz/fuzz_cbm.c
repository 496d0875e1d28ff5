/* Any bytes as a binary model: what is read can be applied, and is written and
 * read again as the same bytes. */
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
    uint32_t *cats = cm_alloc_zero(model->n_cat_features, sizeof *cats, NULL);
    CM_ASSERT(row != NULL && cats != NULL);
    double once = cm_model_apply_cats_row(model, row, cats);
    double twice = cm_model_apply_cats_row(model, row, cats);
    CM_ASSERT(memcmp(&once, &twice, sizeof once) == 0);
    free(cats);
    free(row);
}

static void check_rewriting(const cm_model *model)
{
    cm_buf once = {0}, twice = {0};
    cm_model *again = NULL;
    CM_ASSERT(cm_model_format_cbm(model, &once, NULL) == CM_OK);
    CM_ASSERT(cm_model_parse_cbm(&again, (cm_str){once.p, once.n}, "again",
                                 NULL) == CM_OK);
    CM_ASSERT(cm_model_format_cbm(again, &twice, NULL) == CM_OK);
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
    cm_status status = cm_model_parse_cbm(&model, text, "input", &err);
    if (status == CM_OK) {
        check_applying(model);
        check_rewriting(model);
        cm_model_free(model);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    return 0;
}
