/* What a loaded bundle holds, and its manifest's vocabulary.  Private to
 * score. */
#ifndef CM_SCORE_BUNDLE_BODY_H
#define CM_SCORE_BUNDLE_BODY_H

#include "codec/json.h"
#include "features/lookup.h"
#include "score/bundle.h"

#define BUNDLE_FORMAT   "clickmill-bundle"
#define BUNDLE_MANIFEST "bundle.json"

enum { BUNDLE_FORMAT_VERSION = 1, BUNDLE_VERSION_TEXT = 16 };

/* The files beside bundle.json, by what they are for. */
typedef enum bundle_role {
    ROLE_MODEL,
    ROLE_COUNTS,
    ROLE_CTR,
    ROLE_METRICS,
    N_ROLES
} bundle_role;

extern const char *const bundle_role_names[N_ROLES];

/* Owns all of it.  files: file of each role, NULL for none; they and the texts
 * the accessors give live in json. */
struct cm_bundle {
    char version[BUNDLE_VERSION_TEXT + 1];
    const char *files[N_ROLES];
    cm_model *model;
    cm_transformers *counts, *ctr;
    cm_feature_plan *plan;
    cm_lookup *lookup;
    const char **features; /* (model->n_features), the model's names */
    cm_buf manifest;
    json_t *json;
};

/* Loads the model and tables of bundle->files from folder and makes the plan;
 * bundle is zero but for files.  On failure release what it has with
 * cm_bundle_free. */
CM_MUST_USE cm_status bundle_load_content(cm_bundle *bundle, const char *folder,
                                          const char *const *features,
                                          size_t n_features,
                                          const char *time_column,
                                          cm_error *err);

/* The version that a manifest's content has: 16 hex digits of the SHA-256 of
 * all but "version", "created" and "clickmill_version". */
CM_MUST_USE cm_status bundle_version_of(char out[BUNDLE_VERSION_TEXT + 1],
                                        const json_t *manifest, cm_error *err);

/* Whether a name may be a bundle's file: no path, not hidden, not one of the
 * names a bundle and its root use themselves. */
bool bundle_name_is_safe(const char *name);

#endif
