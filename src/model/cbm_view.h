/* A model as its writer to .cbm sees it.  Private to model. */
#ifndef CM_MODEL_CBM_VIEW_H
#define CM_MODEL_CBM_VIEW_H

#include "model/flatbuffer_write.h"
#include "model/model.h"

typedef struct cbm_view {
    const cm_model *model;
    uint64_t *first;      /* as in split_index.h */
    uint8_t *cat_is_used; /* (n_cat_features): by a one-hot feature or table */
} cbm_view;

/* Release it in any case. */
CM_MUST_USE cm_status cbm_view_init(cbm_view *view, const cm_model *model,
                                    cm_error *err);
void cbm_view_release(cbm_view *view);

/* A part of the file is its size, four bytes, and a flatbuffer.  Returns where
 * the size is; close ends the flatbuffer and fills it in. */
size_t cbm_open_part(cm_buf *out);
CM_MUST_USE cm_status cbm_close_part(fb_writer *w, size_t root, size_t size_at,
                                     cm_error *err);

/* What a table's keys combine and what it counts: a feature refers to its
 * table by repeating this. */
size_t cbm_put_ctr_base(fb_writer *w, const cm_ctr_table *table);

/* The part "static_provider_v1": how many tables, then each as a part. */
CM_MUST_USE cm_status cbm_format_ctr_part(const cm_model *model, cm_buf *out,
                                          cm_error *err);

#endif
