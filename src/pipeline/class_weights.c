/* CatBoost's class weights.  Source: catboost private/libs/target
 * (auto_class_weights): Balanced is max_c W_c / W_k, SqrtBalanced its square
 * root, W_k the total weight of the rows of class k as CatBoost counts it: a
 * whole number, rounded down. */
#include "pipeline/class_weights.h"

#include <math.h>

#include "base/mem.h"

static void balance(double by_class[2], const uint8_t *labels,
                    const float *row_weights, size_t n)
{
    double totals[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        totals[labels[i]] += row_weights != NULL ? (double)row_weights[i] : 1;
    }
    double most = fmax(floor(totals[0]), floor(totals[1]));
    for (int k = 0; k < 2; k++) {
        by_class[k] = totals[k] >= 1 ? most / floor(totals[k]) : 1;
    }
}

void cm_class_weights_resolve(cm_class_weights *weights, const uint8_t *labels,
                              const float *row_weights, size_t n)
{
    double *by_class = weights->by_class;
    if (weights->given) {
        return;
    }
    by_class[0] = by_class[1] = 1;
    if (weights->automatic != CM_CLASS_WEIGHTS_NONE) {
        balance(by_class, labels, row_weights, n);
    }
    if (weights->automatic == CM_CLASS_WEIGHTS_SQRT_BALANCED) {
        by_class[0] = sqrt(by_class[0]);
        by_class[1] = sqrt(by_class[1]);
    }
}

bool cm_class_weights_matter(const cm_class_weights *weights)
{
    return weights->by_class[0] != 1 || weights->by_class[1] != 1;
}

cm_status cm_row_weights(float **out, const cm_class_weights *resolved,
                         const uint8_t *labels, const float *row_weights,
                         size_t n, cm_error *err)
{
    *out = NULL;
    if (row_weights == NULL && !cm_class_weights_matter(resolved)) {
        return CM_OK;
    }
    float *weights = cm_alloc(n, sizeof *weights, err);
    if (weights == NULL) {
        return CM_ERR_NOMEM;
    }
    const float of_class[2] = {(float)resolved->by_class[0],
                               (float)resolved->by_class[1]};
    for (size_t i = 0; i < n; i++) {
        float of_row = row_weights != NULL ? row_weights[i] : 1;
        weights[i] = of_row * of_class[labels[i]];
    }
    *out = weights;
    return CM_OK;
}
