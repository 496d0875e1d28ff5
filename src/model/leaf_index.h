/* Which leaf of a tree rows fall into.  Private to model. */
#ifndef CM_MODEL_LEAF_INDEX_H
#define CM_MODEL_LEAF_INDEX_H

#include "model/model.h"

/* leaves (n) of the rows [first, first + n). */
void leaf_indexes(uint32_t *leaves, const cm_model *model, const cm_tree *tree,
                  const float *const *columns, size_t first, size_t n);

#endif
