/* A space of training parameters to search: values to choose from, or ranges.
 *
 *   depth: [4, 6, 8]
 *   learning_rate: {min: 0.02, max: 0.3, log: true}
 *
 * Keys are those of train_params; every value is checked as one there. */
#ifndef CM_CONFIG_SPACE_H
#define CM_CONFIG_SPACE_H

#include "config/config.h"

enum { CM_MAX_DIMENSIONS = 64 };

typedef struct cm_dimension {
    const cm_param *param;
    size_t n_choices;
    const cm_str *choices; /* (n_choices), or */
    double min, max;       /* a range, when n_choices is 0 */
    bool log;              /* even in the logarithm */
} cm_dimension;

typedef struct cm_space {
    size_t n;
    cm_dimension dimensions[CM_MAX_DIMENSIONS];
    uint64_t key; /* of the file's text */
    cm_arena arena;
} cm_space;

/* Release in every case. */
CM_MUST_USE cm_status cm_space_load(cm_space *out, const char *path,
                                    cm_error *err);
CM_MUST_USE cm_status cm_space_parse(cm_space *out, cm_str text,
                                     const char *file, cm_error *err);
void cm_space_release(cm_space *space);

/* Value of dimension d in point i of the sequence that seed names, as text
 * that the parameter takes: the same for the same three. */
void cm_space_sample(const cm_space *space, size_t d, uint64_t seed, uint64_t i,
                     cm_buf *out);

/* Sets all dimensions of config to point i. */
CM_MUST_USE cm_status cm_space_apply(const cm_space *space, cm_config *config,
                                     uint64_t seed, uint64_t i, cm_error *err);

#endif
