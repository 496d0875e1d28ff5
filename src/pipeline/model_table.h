/* A table of numbers and texts (data/frame.h) as the rows of a model: columns
 * are found by the names of its inputs, or by their places where one of the two
 * has no names. */
#ifndef CM_PIPELINE_MODEL_TABLE_H
#define CM_PIPELINE_MODEL_TABLE_H

#include "base/log.h"
#include "model/explain.h"

typedef struct cm_model_table cm_model_table;

CM_MUST_USE cm_status cm_model_table_open(cm_model_table **out,
                                          const cm_model *model,
                                          const char *path, const cm_log *log,
                                          cm_error *err);
void cm_model_table_close(cm_model_table *table); /* NULL is fine */

typedef struct cm_model_block {
    uint64_t first_row;          /* counted from 0 */
    size_t n_rows;               /* at most CM_FRAME_BLOCK; 0: the end */
    const float *const *columns; /* as for cm_model_apply_cats */
    const uint32_t *const *cats;
} cm_model_block;

/* Valid until the next call. */
CM_MUST_USE cm_status cm_model_table_next(cm_model_table *table,
                                          cm_model_block *block, cm_error *err);

/* All rows in memory.  labels and weights: paths, or NULL. */
typedef struct cm_table_rows {
    cm_explain_rows rows;
    void *owner; /* private */
} cm_table_rows;

typedef struct cm_table_paths {
    const char *input, *labels, *weights;
} cm_table_paths;

CM_MUST_USE cm_status cm_table_rows_load(cm_table_rows *out,
                                         const cm_model *model,
                                         const cm_table_paths *paths,
                                         const cm_log *log, cm_error *err);
void cm_table_rows_release(cm_table_rows *rows);

#endif
