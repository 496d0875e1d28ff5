/* Settings of two models side by side.  Private to model. */
#ifndef CM_MODEL_SETTINGS_DIFF_H
#define CM_MODEL_SETTINGS_DIFF_H

#include "model/model_diff.h"

CM_MUST_USE cm_status compare_settings(cm_setting_change **out, size_t *n,
                                       const cm_model *a, const cm_model *b,
                                       cm_error *err);
void free_settings(cm_setting_change *changes, size_t n);

#endif
