/* Bundles: several small features written as one code of at most 256 values,
 * so that one histogram update serves all of them.
 *
 * The bin of part k of a bundle is code / divisor % n_bins; its histogram is a
 * marginal of the bundle's, exactly, because the statistics are integers. */
#ifndef CM_BOOST_BUNDLE_H
#define CM_BOOST_BUNDLE_H

#include "base/thread.h"
#include "boost/train.h"

enum {
    CM_MAX_CODES = 256,
    /* Cells from one bundle's histogram to the next: eight more than needed,
     * so that equal codes of several bundles fall into different sets of the
     * first-level cache. */
    CM_BUNDLE_CELLS = 264,
    CM_GROUP_MAX = 16,
    CM_WIDTH_UNIT = 16 /* the width of a row is a multiple */
};

typedef struct cm_part {
    uint32_t feature;
    uint16_t n_bins;
    uint16_t divisor;
} cm_part;

typedef struct cm_bundle {
    uint32_t first_part, n_parts;
    uint16_t n_codes;
} cm_bundle;

/* Bundles whose histograms fit the first-level cache together. */
typedef struct cm_group {
    uint32_t first_bundle, n_bundles;
} cm_group;

typedef struct cm_bundles {
    size_t n_parts, n_bundles, n_groups;
    cm_part *parts;      /* (n_parts), a bundle's parts side by side */
    cm_bundle *bundles;  /* (n_bundles) */
    cm_group *groups;    /* (n_groups) */
    size_t width;        /* bytes of a row's codes: bundle b at b */
    uint32_t *part_of;   /* (m): part of a feature, UINT32_MAX: not used */
    uint32_t *bundle_of; /* (n_parts) */
} cm_bundles;

/* CM_ERR_DATA when every feature is constant. */
CM_MUST_USE cm_status cm_bundles_init(cm_bundles *bundles,
                                      const cm_train_set *set, cm_error *err);
void cm_bundles_release(cm_bundles *bundles);

#endif
