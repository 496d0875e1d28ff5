/* Transformers in reference mode: what the seed's DeviceCountTransformer,
 * UserCountTransformer and CtrTransformer compute, equal to pandas to the bit.
 *
 * Everything fitted is a table: values of one input (a raw column, an hour, or
 * a count made by another table) -> a number, with a default for the values it
 * does not hold.  Fit sees labels, apply sees tables only. */
#ifndef CM_FEATURES_TRANSFORMERS_H
#define CM_FEATURES_TRANSFORMERS_H

#include "data/dataset.h"
#include "data/split.h"

/* Which features to build.  Count features are named COLUMN_count (rows per
 * value of that column over the whole input), hour_of_day, day_of_week and
 * hourly_user_count (rows of that hour of day).  A CTR feature names a raw
 * category column or one of the count features. */
typedef struct cm_feature_spec {
    const char *const *count_features;
    size_t n_count;
    const char *const *ctr_features;
    size_t n_ctr;
} cm_feature_spec;

typedef enum cm_table_kind {
    CM_TABLE_COUNT, /* value: rows per key; default 0 */
    CM_TABLE_CTR    /* value: clicks / impressions; default: mean of values */
} cm_table_kind;

typedef enum cm_key_kind {
    CM_KEY_TEXT,   /* a TEXT column's values */
    CM_KEY_INTEGER /* an INTEGER column's, an hour's, a weekday's, a count's */
} cm_key_kind;

/* input: the name of a raw column, of a count feature, or "hour_of_day" or
 * "day_of_week".  keys: ascending.  A CTR table without a key has default
 * NaN, as pandas has. */
typedef struct cm_table {
    const char *name; /* of the feature it computes: "device_ip_count" … */
    const char *input;
    cm_table_kind kind;
    cm_key_kind key_kind;
    cm_dictionary keys;   /* n, offsets + bytes or integers */
    const double *values; /* (keys.n) */
    double fallback;      /* for a value that is not among the keys */
} cm_table;

/* The fitted tables.  Two files as in the seed: the count tables and the CTR
 * tables; both in the one format of docs/formats/transformers.md. */
typedef struct cm_transformers {
    size_t n_tables;
    const cm_table *tables;
    void *owner; /* private */
} cm_transformers;

/* Counts over all rows of dataset. */
CM_MUST_USE cm_status cm_count_transformers_fit(cm_transformers **out,
                                                const cm_dataset *dataset,
                                                const cm_feature_spec *spec,
                                                int n_threads, cm_error *err);
/* CTRs over the rows of `train` (each at most once, in any order), for
 * spec->ctr_features. */
CM_MUST_USE cm_status cm_ctr_transformer_fit(
    cm_transformers **out, const cm_dataset *dataset,
    const cm_transformers *counts, const cm_feature_spec *spec,
    const uint32_t *train, size_t n_train, int n_threads, cm_error *err);
void cm_transformers_free(cm_transformers *transformers); /* NULL is fine */

/* Written whole or not at all; loading reads and verifies the file. */
CM_MUST_USE cm_status cm_transformers_save(const cm_transformers *transformers,
                                           const char *path, cm_error *err);
CM_MUST_USE cm_status cm_transformers_load(cm_transformers **out,
                                           const char *path, cm_error *err);

/* Apply, in two steps that training and serving share.  A feature is a chain
 * of at most two tables over one source: a raw column, the hour of day or the
 * day of week.  The plan resolves the chains once. */
typedef enum cm_source_kind {
    CM_SOURCE_TEXT,
    CM_SOURCE_INTEGER,
    CM_SOURCE_HOUR_OF_DAY,
    CM_SOURCE_DAY_OF_WEEK
} cm_source_kind;

typedef struct cm_source {
    cm_source_kind kind;
    const char *column; /* raw column: the TIME column for the last two */
} cm_source;

typedef struct cm_feature {
    const char *name;
    size_t source;          /* index into the plan's sources */
    const cm_table *first;  /* NULL: the source's own number (hour, weekday) */
    const cm_table *second; /* NULL: the first is the feature */
} cm_feature;

typedef struct cm_feature_plan {
    size_t n_sources;
    const cm_source *sources;
    size_t n_features;
    const cm_feature *features;
    void *owner; /* private */
} cm_feature_plan;

/* The plan of `names` (n of them), each a count or CTR feature of the tables;
 * a name that both have is the CTR when ctr is given.  time_column: the name
 * of the log's TIME column (may be NULL when no feature needs it).  counts or
 * ctr may be NULL.  Both must outlive the plan. */
CM_MUST_USE cm_status cm_feature_plan_new(cm_feature_plan **out,
                                          const cm_transformers *counts,
                                          const cm_transformers *ctr,
                                          const char *const *names, size_t n,
                                          const char *time_column,
                                          cm_error *err);
void cm_feature_plan_free(cm_feature_plan *plan);

/* Value of feature f for one value of its source.  The two front ends below
 * (whole datasets, single texts) both end here. */
double cm_feature_of_text(const cm_feature *feature, cm_str value);
double cm_feature_of_integer(const cm_feature *feature, int64_t value);

/* For a dataset: one table a feature over the codes of its source, so that
 * feature f of row i is tables[f][codes(source)[i]].  Hours and weekdays get
 * code columns of their own. */
typedef struct cm_feature_codes {
    size_t n_rows;
    size_t n_features;
    const double *const *tables; /* (n_features) pointers to n_codes doubles */
    const uint32_t *n_codes;     /* (n_features) */
    const void *const *codes;    /* (n_features) pointers to (n_rows) codes */
    const uint8_t *widths;       /* (n_features): bytes of one code */
    void *owner;                 /* private */
} cm_feature_codes;

CM_MUST_USE cm_status cm_feature_codes_new(cm_feature_codes **out,
                                           const cm_feature_plan *plan,
                                           const cm_dataset *dataset,
                                           int n_threads, cm_error *err);
void cm_feature_codes_free(cm_feature_codes *codes);

/* Feature f of row i as the model sees it. */
double cm_feature_value(const cm_feature_codes *codes, size_t f, size_t row);

#endif
