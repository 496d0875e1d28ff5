/* Projections: what the keys of a table combine.  Private to model. */
#ifndef CM_MODEL_PROJECTION_H
#define CM_MODEL_PROJECTION_H

#include "base/mem.h"
#include "model/model.h"

#define NO_PLACE UINT32_MAX

/* An order of projections; 0 means they combine the same in the same order. */
int projection_compare(const cm_projection *a, const cm_projection *b);

/* The same of tables: projections, then types, then cuts of the target.  A
 * model has one of each. */
int ctr_table_compare(const cm_ctr_table *a, const cm_ctr_table *b);
bool ctr_table_same_but_cut(const cm_ctr_table *a, const cm_ctr_table *b);

/* Where a float split's border is among the borders of its feature, and a
 * one-hot split's value among the values of its category (*one_hot says whose);
 * NO_PLACE when the model does not have it.  Their features must exist. */
uint32_t projection_border(const cm_model_parts *parts, cm_float_split split);
uint32_t projection_value(uint32_t *one_hot, const cm_model_parts *parts,
                          cm_one_hot_split split);

/* Copies what from points to. */
CM_MUST_USE cm_status projection_copy(cm_projection *to,
                                      const cm_projection *from,
                                      cm_arena *arena, cm_error *err);

#endif
