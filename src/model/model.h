/* A trained model as data: borders of float features, statistics of categories,
 * symmetric trees, and what CatBoost keeps beside them.  Immutable once built
 * or loaded.
 *
 * clickmill.h has what programs may do with one: cm_model_load, cm_model_free,
 * cm_model_predict and more.
 *
 * Trees only ask "is this number above that border?".  Where a model has
 * categories, its one-hot and CTR features turn them into numbers first, so a
 * condition's feature counts through all three lists, in CatBoost's order:
 *   [0, n_features)                     float features
 *   [n_features, + n_one_hots)          one-hot features
 *   [n_features + n_one_hots, + n_ctrs) CTR features */
#ifndef CM_MODEL_MODEL_H
#define CM_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { CM_MAX_DEPTH = 16, CM_MAX_BORDERS = 254 };

/* How NaN is treated: as CatBoost's nan_value_treatment. */
typedef enum cm_nan_treatment {
    CM_NAN_AS_IS,    /* no NaN in training: compares false, bin 0 */
    CM_NAN_AS_FALSE, /* nan_mode Min: below every border */
    CM_NAN_AS_TRUE   /* nan_mode Max: above every border */
} cm_nan_treatment;

typedef struct cm_float_feature {
    const char *name;
    const float *borders; /* (n_borders), strictly ascending */
    uint32_t n_borders;
    uint32_t flat_index; /* its column among all inputs */
    cm_nan_treatment nan_treatment;
    bool has_nans;
} cm_float_feature;

/* A categorical input: a text, which the model knows by its 32-bit hash. */
typedef struct cm_cat_feature {
    const char *name;
    uint32_t flat_index; /* its column among all inputs */
} cm_cat_feature;

/* Condition `border` is: the hash equals values[border]. */
typedef struct cm_one_hot_feature {
    uint32_t cat_feature;
    uint32_t n_values;
    const uint32_t *values; /* (n_values) */
} cm_one_hot_feature;

/* Source: catboost libs/model/flatbuffers/ctr_data.fbs, ECtrType. */
typedef enum cm_ctr_type {
    CM_CTR_BORDERS,
    CM_CTR_BUCKETS,
    CM_CTR_BINARIZED_TARGET_MEAN,
    CM_CTR_FLOAT_TARGET_MEAN,
    CM_CTR_COUNTER,
    CM_CTR_FEATURE_FREQ
} cm_ctr_type;

typedef struct cm_float_split {
    uint32_t float_feature;
    float border;
} cm_float_split;

typedef struct cm_one_hot_split {
    uint32_t cat_feature;
    uint32_t value; /* hash */
} cm_one_hot_split;

/* What the keys of a table combine. */
typedef struct cm_projection {
    uint32_t n_cats, n_float_splits, n_one_hot_splits;
    const uint32_t *cats;
    const cm_float_split *float_splits;
    const cm_one_hot_split *one_hot_splits;
} cm_projection;

/* Statistics by key: counts (n_keys, n_classes) of Borders and Buckets, counts
 * (n_keys, 1) of Counter and FeatureFreq, and for the two means counts
 * (n_keys, 1) beside sums (n_keys). */
typedef struct cm_ctr_table {
    cm_projection projection;
    cm_ctr_type type;
    uint32_t target_cut; /* which cut of the target into classes: tells tables
                            apart that are else the same; JSON has it not */
    uint32_t n_classes;
    int32_t denominator; /* Counter, FeatureFreq */
    size_t n_keys;
    const uint64_t *keys;  /* (n_keys), distinct */
    const int32_t *counts; /* (n_keys, n_classes or 1) */
    const float *sums;     /* (n_keys), or NULL */
} cm_ctr_table;

/* value = ((good + prior_num) / (total + prior_denom) + shift) * scale, in
 * single precision; good and total as the table's type says. */
typedef struct cm_ctr_feature {
    uint32_t table;
    uint32_t target_border;
    float prior_num, prior_denom, shift, scale;
    uint32_t n_borders;
    const float *borders; /* (n_borders), strictly ascending */
} cm_ctr_feature;

/* True for a value above the border, or of a one-hot feature equal to it. */
typedef struct cm_split_condition {
    uint32_t feature;
    uint32_t border;
} cm_split_condition;

/* Leaf index: bit d is set when condition d holds.  Source: CatBoost's
 * oblivious trees, leaf_values in the order of the index. */
typedef struct cm_tree {
    uint32_t depth;
    const cm_split_condition *splits; /* (depth) */
    const double *leaf_values;        /* (1 << depth) */
    const double *leaf_weights;       /* (1 << depth): training weight */
} cm_tree;

struct cm_model { /* cm_model is declared in clickmill.h */
    size_t n_features;
    const cm_float_feature *features;
    size_t n_cat_features, n_one_hots, n_ctr_tables, n_ctrs;
    const cm_cat_feature *cat_features;
    const cm_one_hot_feature *one_hots;
    const cm_ctr_table *ctr_tables;
    const cm_ctr_feature *ctrs;
    size_t n_trees;
    const cm_tree *trees;
    double scale, bias;
    const char *class_names[2]; /* as text: "0", "1"; NULL: a regression */
    bool class_names_are_integers;
    const char *params_json; /* CatBoost's "params" object as text, or NULL */
    char guid[36]; /* 8-8-8-8 hex, from the content; "" before it is known */
    void *owner;   /* private */
};

/* What a trainer hands over: trees over the full border lists.  The model
 * built from it keeps only borders, one-hot and CTR features and tables that
 * some tree uses, as CatBoost does, copies everything, and computes the guid.
 * Without class_names and params_json it is a regression (RMSE). */
typedef struct cm_model_parts {
    size_t n_features;
    const cm_float_feature *features;
    size_t n_cat_features, n_one_hots, n_ctr_tables, n_ctrs;
    const cm_cat_feature *cat_features;
    const cm_one_hot_feature *one_hots;
    const cm_ctr_table *ctr_tables;
    const cm_ctr_feature *ctrs;
    size_t n_trees;
    const cm_tree *trees;
    double bias;
    const char *class_names[2];
    bool class_names_are_integers;
    const char *params_json;
} cm_model_parts;

CM_MUST_USE cm_status cm_model_build(cm_model **out,
                                     const cm_model_parts *parts,
                                     cm_error *err);

/* CatBoost's JSON.  Saving is deterministic: equal models, equal files. */
CM_MUST_USE cm_status cm_model_save_json(const cm_model *model,
                                         const char *path, cm_error *err);
CM_MUST_USE cm_status cm_model_format_json(const cm_model *model, cm_buf *out,
                                           cm_error *err);
CM_MUST_USE cm_status cm_model_load_json(cm_model **out, const char *path,
                                         cm_error *err);
CM_MUST_USE cm_status cm_model_parse_json(cm_model **out, cm_str text,
                                          const char *file, cm_error *err);

/* CatBoost's binary model, .cbm; saving is deterministic too. */
CM_MUST_USE cm_status cm_model_save_cbm(const cm_model *model, const char *path,
                                        cm_error *err);
CM_MUST_USE cm_status cm_model_format_cbm(const cm_model *model, cm_buf *out,
                                          cm_error *err);
CM_MUST_USE cm_status cm_model_parse_cbm(cm_model **out, cm_str bytes,
                                         const char *file, cm_error *err);

typedef enum cm_model_format { CM_MODEL_JSON, CM_MODEL_CBM } cm_model_format;

/* False when the path ends in neither .json nor .cbm. */
CM_MUST_USE bool cm_model_format_of_path(cm_model_format *out,
                                         const char *path);
CM_MUST_USE cm_status cm_model_save(const cm_model *model, const char *path,
                                    cm_model_format format, cm_error *err);

/* RawFormulaVal of n rows: scale * (sum of leaves in tree order) + bias, in
 * doubles, bit for bit the same for any n and thread.  columns: one array of n
 * floats a feature.  The model must have no one-hot and no CTR features. */
void cm_model_apply(const cm_model *model, const float *const *columns,
                    size_t n, double *raw);
/* The same of one row of n_features floats. */
double cm_model_apply_row(const cm_model *model, const float *row);

/* The same of any model.  cats: one array of n hashes a category, as
 * cm_cat_hash (model/cat_hash.h) makes them of texts; values that training did
 * not see are fine. */
void cm_model_apply_cats(const cm_model *model, const float *const *columns,
                         const uint32_t *const *cats, size_t n, double *raw);
/* The same of rows of n_features floats and n_cat_features hashes; strides
 * count elements from one row to the next. */
void cm_model_apply_cats_rows(const cm_model *model, const float *rows,
                              size_t stride, const uint32_t *cats,
                              size_t cat_stride, size_t n, double *raw);
double cm_model_apply_cats_row(const cm_model *model, const float *row,
                               const uint32_t *cats);

/* 1 / (1 + exp(-raw)). */
double cm_sigmoid(double raw);

#endif
