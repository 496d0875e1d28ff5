/* From the texts of one raw row to its feature values: what scoring asks for
 * every row it is given.  A plan with an index by value beside each source, so
 * that a field costs one hash and one look, whatever the number of features
 * that are made of it. */
#ifndef CM_FEATURES_LOOKUP_H
#define CM_FEATURES_LOOKUP_H

#include <stdbool.h>

#include "features/transformers.h"

/* Immutable: any number of threads may look at the same time. */
typedef struct cm_lookup cm_lookup;

/* The plan and its tables must outlive the lookup. */
CM_MUST_USE cm_status cm_lookup_new(cm_lookup **out,
                                    const cm_feature_plan *plan, cm_error *err);
void cm_lookup_free(cm_lookup *lookup); /* NULL is fine */

/* The raw columns a row must have, each once (the TIME column too, even when
 * both hour and weekday are used), in the order cm_lookup_row takes them. */
const char *const *cm_lookup_columns(const cm_lookup *lookup,
                                     size_t *n_columns);
size_t cm_lookup_n_features(const cm_lookup *lookup);

/* fields (n_columns): texts as in the log, unquoted.  row_out (n_features):
 * the values in the order of the plan, as the model sees them: (float)double.
 * A value that no table holds gives the tables' fallbacks, a missing one (an
 * empty text) is a value like any other.  A field that is not of its kind (a
 * broken integer or time) is CM_ERR_DATA, *bad_column (may be NULL) its index;
 * row_out is then undefined.  Allocates nothing. */
CM_MUST_USE cm_status cm_lookup_row(const cm_lookup *lookup,
                                    const cm_str *fields, float *row_out,
                                    size_t *bad_column, cm_error *err);

/* seen (n_features): whether the value that a feature is made of was there when
 * the tables of its column were fitted; of a time it always was.  fields: as
 * cm_lookup_row has taken them. */
void cm_lookup_seen(const cm_lookup *lookup, const cm_str *fields, bool *seen);

#endif
