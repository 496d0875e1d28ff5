/* SHAP values by their definition: every coalition of features, every tree
 * walked from its root.  For models of few float features. */
#ifndef REF_SHAP_H
#define REF_SHAP_H

#include "model/model.h"

enum { REF_SHAP_FEATURES = 12 };

/* out (n_features + 1): the features' values, then the expected value. */
void ref_shap(double *out, const cm_model *model, const float *row);

#endif
