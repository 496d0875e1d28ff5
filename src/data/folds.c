/* Dealing rows out to folds. */
#include "data/folds.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* Fisher and Yates, from the end. */
static void shuffle(uint32_t *rows, size_t n, cm_rng rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(cm_rng_unit(&rng) * (double)i);
        uint32_t row = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = row;
    }
}

/* dealt: cards that other classes have had, so that folds stay equal in
 * size. */
static cm_status deal(uint8_t *fold, uint32_t *rows, size_t n, size_t dealt,
                      uint32_t n_folds, uint8_t label, uint64_t seed,
                      cm_error *err)
{
    if (n < n_folds) {
        return cm_fail(err, CM_ERR_DATA,
                       "%zu rows are labelled %u, fewer than the %u folds", n,
                       label, n_folds);
    }
    shuffle(rows, n, cm_rng_stream(seed, label));
    for (size_t i = 0; i < n; i++) {
        fold[rows[i]] = (uint8_t)((dealt + i) % n_folds);
    }
    return CM_OK;
}

cm_status cm_folds_assign(uint8_t *fold, const uint8_t *labels, size_t n,
                          uint32_t n_folds, uint64_t seed, cm_error *err)
{
    CM_ASSERT(n_folds >= 2 && n_folds <= CM_MAX_FOLDS);
    uint32_t *rows = cm_alloc(n, sizeof *rows, err);
    if (rows == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = CM_OK;
    size_t dealt = 0;
    for (uint8_t label = 0; label < 2 && status == CM_OK; label++) {
        size_t of_class = 0;
        for (size_t i = 0; i < n; i++) {
            rows[of_class] = (uint32_t)i;
            of_class += labels[i] == label;
        }
        status = deal(fold, rows, of_class, dealt, n_folds, label, seed, err);
        dealt += of_class;
    }
    free(rows);
    return status;
}

cm_status cm_split_by_fold(cm_split *out, const uint8_t *fold, size_t n,
                           uint32_t k, cm_error *err)
{
    *out = (cm_split){0};
    for (size_t i = 0; i < n; i++) {
        out->n_val += fold[i] == k;
    }
    out->n_train = n - out->n_val;
    out->train = cm_alloc(out->n_train, sizeof *out->train, err);
    out->val = cm_alloc(out->n_val, sizeof *out->val, err);
    if (out->train == NULL || out->val == NULL) {
        cm_split_release(out);
        return CM_ERR_NOMEM;
    }
    size_t n_train = 0, n_val = 0;
    for (size_t i = 0; i < n; i++) {
        if (fold[i] == k) {
            out->val[n_val++] = (uint32_t)i;
        } else {
            out->train[n_train++] = (uint32_t)i;
        }
    }
    return CM_OK;
}
