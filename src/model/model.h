/* A trained model as data: borders of float features, symmetric trees, and
 * what CatBoost keeps beside them.  Immutable once built or loaded. */
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
    cm_nan_treatment nan_treatment;
    bool has_nans;
} cm_float_feature;

/* True for value > features[feature].borders[border]. */
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

typedef struct cm_model {
    size_t n_features;
    const cm_float_feature *features;
    size_t n_trees;
    const cm_tree *trees;
    double scale, bias;
    const char *class_names[2]; /* as text: "0", "1" */
    bool class_names_are_integers;
    const char *params_json; /* CatBoost's "params" object as text, or NULL */
    char guid[36]; /* 8-8-8-8 hex, from the content; "" before it is known */
    void *owner;   /* private */
} cm_model;

/* What a trainer hands over: trees over the full border lists.  The model
 * built from it keeps only borders that some tree uses, as CatBoost does,
 * copies everything, and computes the guid. */
typedef struct cm_model_parts {
    size_t n_features;
    const cm_float_feature *features;
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
void cm_model_free(cm_model *model); /* NULL is fine */

/* CatBoost's JSON.  Saving is deterministic: equal models, equal files. */
CM_MUST_USE cm_status cm_model_save_json(const cm_model *model,
                                         const char *path, cm_error *err);
CM_MUST_USE cm_status cm_model_format_json(const cm_model *model, cm_buf *out,
                                           cm_error *err);
CM_MUST_USE cm_status cm_model_load_json(cm_model **out, const char *path,
                                         cm_error *err);
CM_MUST_USE cm_status cm_model_parse_json(cm_model **out, cm_str text,
                                          const char *file, cm_error *err);

/* RawFormulaVal of n rows: scale * (sum of leaves in tree order) + bias, in
 * doubles, bit for bit the same for any n and thread.  columns: one array of n
 * floats a feature. */
void cm_model_apply(const cm_model *model, const float *const *columns,
                    size_t n, double *raw);
/* The same of one row of n_features floats. */
double cm_model_apply_row(const cm_model *model, const float *row);

/* 1 / (1 + exp(-raw)). */
double cm_sigmoid(double raw);

#endif
