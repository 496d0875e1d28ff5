/* What the names in a feature spec mean on a given log.  Private to features.
 */
#ifndef CM_FEATURES_NAMES_H
#define CM_FEATURES_NAMES_H

#include "features/source.h"

#define CM_USERS_OF_HOUR "hourly_user_count"
#define CM_COUNT_SUFFIX  "_count"

/* hour_of_day and day_of_week are numbers of the row itself and have no table.
 */
typedef struct cm_count_input {
    cm_source source;
    bool has_table;
} cm_count_input;

/* "X_count", hourly_user_count, hour_of_day or day_of_week; anything else is
 * CM_ERR_USAGE, with the nearest name this log can have. */
CM_MUST_USE cm_status cm_count_input_of(cm_count_input *out, const char *name,
                                        const cm_dataset *dataset,
                                        cm_error *err);

/* What a CTR feature is of: a source, or a count of it (count not NULL).  A
 * name in count_features is that feature, otherwise it is a raw category
 * column; anything else is CM_ERR_USAGE, with the nearest known name. */
typedef struct cm_ctr_input {
    cm_source source;
    const cm_table *count;
} cm_ctr_input;

CM_MUST_USE cm_status cm_ctr_input_of(cm_ctr_input *out, const char *name,
                                      const cm_dataset *dataset,
                                      const cm_transformers *counts,
                                      const cm_feature_spec *spec,
                                      cm_error *err);

/* CM_ERR_USAGE when a name of the list stands there twice. */
CM_MUST_USE cm_status cm_names_check(const char *const *names, size_t n,
                                     const char *key, cm_error *err);

/* The source a table's input names, given the kind of its keys. */
cm_source cm_source_of_input(const char *input, cm_key_kind key_kind,
                             const char *time_column);

#endif
