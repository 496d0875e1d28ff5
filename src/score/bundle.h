/* The bundle: what train leaves behind and predict, evaluate and a server
 * take.  A folder, versioned by its content, that appears as a whole:
 *
 *   ROOT/versions/VERSION/   bundle.json, the model, the transformers, metrics
 *   ROOT/current             symbolic link to versions/VERSION
 *   ROOT/previous            the one before, for rollback
 *   ROOT/catclf.json …       symbolic links into current/, so that the paths
 *                            a configuration names stay valid
 *
 * docs/formats/bundle.md describes bundle.json. */
#ifndef CM_SCORE_BUNDLE_H
#define CM_SCORE_BUNDLE_H

#include "features/transformers.h"
#include "model/model.h"

enum { CM_SELF_TEST_ROWS = 100, CM_PROFILE_BINS = 20 };

/* What production is compared with: the validation predictions. */
typedef struct cm_training_profile {
    double base_rate;
    double mean_prediction;
    uint64_t histogram[CM_PROFILE_BINS]; /* equal bins of [0, 1] */
} cm_training_profile;

/* What is written; everything is borrowed for the call. */
typedef struct cm_bundle_parts {
    const cm_model *model;
    const cm_transformers *counts, *ctr;
    const char *const *features; /* (n_features) in the order of the model */
    size_t n_features;
    const char *id_column, *target_column, *time_column; /* NULL: none */
    const char *schema;       /* the schema's name or path */
    const char *config_json;  /* the configuration, as one object */
    const char *metrics_json; /* the whole metrics object */
    cm_training_profile profile;
    const cm_str *self_test_rows; /* (n_self_test, n_sources) raw fields */
    size_t n_self_test;           /* at most CM_SELF_TEST_ROWS */
    int64_t created;              /* seconds since 1970 UTC */
    /* file names inside the bundle: "catclf.json", "transformer.cmt" … */
    const char *model_file, *counts_file, *ctr_file, *metrics_file;
} cm_bundle_parts;

/* Writes ROOT/versions/VERSION, scores the self-test rows through the very
 * files written, and switches `current`.  version_out (65 bytes) gets the
 * version.  Writing the same content again changes nothing.  The newest five
 * versions are kept.  A file of others where a link has to be is CM_ERR_DATA
 * and nothing is written. */
CM_MUST_USE cm_status cm_bundle_save(const char *root,
                                     const cm_bundle_parts *parts,
                                     char version_out[65], cm_error *err);

/* A loaded bundle: immutable, usable from many threads. */
typedef struct cm_bundle cm_bundle;

/* path: ROOT, a version's folder, or a file in either (the model a
 * configuration names).  Verifies sizes, SHA-256 and the self-test. */
CM_MUST_USE cm_status cm_bundle_load(cm_bundle **out, const char *path,
                                     cm_error *err);
void cm_bundle_free(cm_bundle *bundle); /* NULL is fine */

/* The version's folder that path means, links resolved once, so that a switch
 * afterwards changes nothing; malloc'ed. */
CM_MUST_USE cm_status cm_bundle_find(char **folder, const char *path,
                                     cm_error *err);

/* Whether path is a file that, links resolved, lies in no bundle: a model that
 * came from elsewhere. */
bool cm_bundle_is_apart(const char *path);

/* How what path leads to looks, for those who wait for another: by its folder,
 * and by names, sizes and times of its files.  Reads none of them.  All zero:
 * no bundle there. */
typedef struct cm_bundle_look {
    uint64_t folder, files;
} cm_bundle_look;
cm_bundle_look cm_bundle_look_at(const char *path);

const char *cm_bundle_version(const cm_bundle *bundle);
const cm_model *cm_bundle_model(const cm_bundle *bundle);
const cm_transformers *cm_bundle_counts(const cm_bundle *bundle);
const cm_transformers *cm_bundle_ctr(const cm_bundle *bundle);
const cm_feature_plan *cm_bundle_plan(const cm_bundle *bundle);
const char *cm_bundle_schema(const cm_bundle *bundle);
/* When it was written, as "2014-10-21T00:00:00Z"; "" when it does not say. */
const char *cm_bundle_created(const cm_bundle *bundle);
const char *cm_bundle_id_column(const cm_bundle *bundle);     /* or NULL */
const char *cm_bundle_target_column(const cm_bundle *bundle); /* or NULL */
/* bundle.json as text. */
cm_str cm_bundle_manifest(const cm_bundle *bundle);

/* Makes the previous version current and the current one previous. */
CM_MUST_USE cm_status cm_bundle_rollback(const char *root, char version_out[65],
                                         cm_error *err);

#endif
