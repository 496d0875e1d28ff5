/* Shapley values of a row, the slow way.
 *
 *   S  a coalition: bit f is set when feature f is in it */
#include "ref_shap.h"

#include <math.h>

static bool answer(const cm_model *model, cm_split_condition c,
                   const float *row)
{
    const cm_float_feature *feature = &model->features[c.feature];
    float value = row[c.feature];
    return isnan(value) ? feature->nan_treatment == CM_NAN_AS_TRUE
                        : value > feature->borders[c.border];
}

/* Training weight of the leaves whose bits from `level` up are `above`. */
static double weight_below(const cm_tree *tree, uint32_t level, size_t above)
{
    double sum = 0;
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        sum += l >> level == above ? tree->leaf_weights[l] : 0;
    }
    return sum;
}

/* The tree's value for S in the node that `above` leads to, `level` conditions
 * from the leaves; nothing where no training row went. */
static double walk(const cm_model *model, const cm_tree *tree, unsigned S,
                   const float *row, uint32_t level, size_t above)
{
    double weight = weight_below(tree, level, above);
    if (weight == 0) {
        return 0;
    }
    if (level == 0) {
        return tree->leaf_values[above];
    }
    cm_split_condition c = tree->splits[level - 1];
    if (S >> c.feature & 1) {
        return walk(model, tree, S, row, level - 1,
                    2 * above + answer(model, c, row));
    }
    double sum = 0;
    for (size_t side = 0; side < 2; side++) {
        sum += weight_below(tree, level - 1, 2 * above + side) / weight *
               walk(model, tree, S, row, level - 1, 2 * above + side);
    }
    return sum;
}

static double worth(const cm_model *model, unsigned S, const float *row)
{
    double sum = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        sum += walk(model, tree, S, row, tree->depth, 0);
    }
    return model->scale * sum;
}

static double factorial(int n)
{
    return n < 2 ? 1 : n * factorial(n - 1);
}

void ref_shap(double *out, const cm_model *model, const float *row)
{
    int n = (int)model->n_features;
    double v[1 << REF_SHAP_FEATURES];
    for (unsigned S = 0; S < 1u << n; S++) {
        v[S] = worth(model, S, row);
    }
    for (int f = 0; f < n; f++) {
        out[f] = 0;
        for (unsigned S = 0; S < 1u << n; S++) {
            int size = __builtin_popcount(S);
            if (!(S >> f & 1)) {
                out[f] += factorial(size) * factorial(n - size - 1) /
                          factorial(n) * (v[S | 1u << f] - v[S]);
            }
        }
    }
    out[n] = v[0] + model->bias;
}
