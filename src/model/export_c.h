/* A model as C source that needs nothing else. */
#ifndef CM_MODEL_EXPORT_C_H
#define CM_MODEL_EXPORT_C_H

#include "model/model.h"

/* Appends NAME.h and NAME.c, C99, to header and source: double NAME_raw(const
 * float *x), the same bits as cm_model_apply_row, and of a classifier
 * NAME_probability.  name: a C identifier.  Refuses models whose trees ask for
 * categories. */
CM_MUST_USE cm_status cm_model_format_c(const cm_model *model, const char *name,
                                        cm_buf *header, cm_buf *source,
                                        cm_error *err);

#endif
