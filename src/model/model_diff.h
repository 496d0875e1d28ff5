/* Two models side by side. */
#ifndef CM_MODEL_MODEL_DIFF_H
#define CM_MODEL_MODEL_DIFF_H

#include "model/model.h"

/* A setting of one model or both: "boosting_options.learning_rate", "bias". */
typedef struct cm_setting_change {
    char *path;
    char *a, *b; /* as JSON; NULL: that model does not have it */
} cm_setting_change;

/* Borders of a float feature, values of a one-hot one. */
typedef struct cm_border_change {
    const char *feature; /* of one of the models */
    uint32_t index;      /* of its list there */
    uint32_t added, removed;
} cm_border_change;

typedef struct cm_model_diff {
    bool equal; /* nothing below says otherwise */
    size_t n_settings, n_borders;
    cm_setting_change *settings; /* params, scale, bias, class names */
    cm_border_change *borders;
    size_t n_ctrs; /* CTR features or tables that differ, by their place */
    size_t n_same; /* trees from the first on that are the same */
    size_t n_comparable; /* trees with the same conditions at the same place */
    double max_leaf, mean_leaf; /* |a - b| of the leaves of those */
} cm_model_diff;

/* Points into the models; trees and features are taken for the same when their
 * names, borders and values are. */
CM_MUST_USE cm_status cm_model_diff_init(cm_model_diff *out, const cm_model *a,
                                         const cm_model *b, cm_error *err);
void cm_model_diff_release(cm_model_diff *diff);

/* How far two lists of scores (n) are apart. */
typedef struct cm_score_distance {
    double max, mean;   /* |a - b| */
    double share_apart; /* of rows whose scores differ by more than 1e-9 */
} cm_score_distance;

cm_score_distance cm_score_distance_of(const double *a, const double *b,
                                       size_t n);

#endif
