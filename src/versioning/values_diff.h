/* What differs between two sets of files of values.  Private to versioning. */
#ifndef CM_VERSIONING_VALUES_DIFF_H
#define CM_VERSIONING_VALUES_DIFF_H

#include "versioning/values.h"

/* old, new: as cm_values_show gives them. */
CM_MUST_USE cm_status values_diff(json_t **out, const json_t *old,
                                  const json_t *new, bool all, cm_error *err);

#endif
