/* Leaves of one tree for a run of rows: a comparison a condition and row. */
#include "model/leaf_index.h"

#include <string.h>

static void add_above(uint32_t *leaves, const float *values, size_t n,
                      float border, uint32_t bit)
{
    for (size_t i = 0; i < n; i++) {
        leaves[i] |= values[i] > border ? bit : 0;
    }
}

/* NaN counts as above. */
static void add_not_below(uint32_t *leaves, const float *values, size_t n,
                          float border, uint32_t bit)
{
    for (size_t i = 0; i < n; i++) {
        leaves[i] |= values[i] <= border ? 0 : bit;
    }
}

void leaf_indexes(uint32_t *leaves, const cm_model *model, const cm_tree *tree,
                  const float *const *columns, size_t first, size_t n)
{
    memset(leaves, 0, n * sizeof *leaves);
    for (uint32_t d = 0; d < tree->depth; d++) {
        cm_split_condition c = tree->splits[d];
        const cm_float_feature *feature = &model->features[c.feature];
        bool nan_above = feature->nan_treatment == CM_NAN_AS_TRUE;
        (nan_above ? add_not_below
                   : add_above)(leaves, columns[c.feature] + first, n,
                                feature->borders[c.border], 1u << d);
    }
}
