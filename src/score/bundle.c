/* A loaded bundle: its parts, what is read of them, their release. */
#include "score/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "score/bundle_body.h"

const char *const bundle_role_names[N_ROLES] = {
    [ROLE_MODEL] = "model",
    [ROLE_COUNTS] = "count_transformers",
    [ROLE_CTR] = "ctr_transformer",
    [ROLE_METRICS] = "metrics",
};

bool bundle_name_is_safe(const char *name)
{
    static const char *const taken[] = {BUNDLE_MANIFEST, "current", "previous",
                                        "versions"};
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ||
        strlen(name) > 200) {
        return false;
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(name, taken[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_content(const char *key)
{
    return strcmp(key, "version") != 0 && strcmp(key, "created") != 0 &&
           strcmp(key, "clickmill_version") != 0;
}

cm_status bundle_version_of(char out[BUNDLE_VERSION_TEXT + 1],
                            const json_t *manifest, cm_error *err)
{
    char hex[CM_SHA256_HEX];
    cm_buf text = {0};
    cm_json_writer w = cm_json_writer_of(&text, 0);
    json_t *object = (json_t *)(uintptr_t)manifest; /* only read */
    cm_json_begin_object(&w, NULL);
    for (void *i = json_object_iter(object); i != NULL;
         i = json_object_iter_next(object, i)) {
        if (is_content(json_object_iter_key(i))) {
            cm_json_put_value(&w, json_object_iter_key(i),
                              json_object_iter_value(i));
        }
    }
    cm_json_end_object(&w);
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_sha256(hex, text.p, text.n, err);
    }
    if (status == CM_OK) {
        (void)snprintf(out, BUNDLE_VERSION_TEXT + 1, "%.*s",
                       (int)BUNDLE_VERSION_TEXT, hex);
    }
    cm_buf_release(&text);
    return status;
}

/* NULL when the bundle has no file of that role. */
static cm_status load_tables(cm_transformers **out, const char *folder,
                             const char *name, cm_error *err)
{
    if (name == NULL) {
        return CM_OK;
    }
    char *path = cm_path_join(folder, name);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_transformers_load(out, path, err);
    free(path);
    return status;
}

static cm_status load_model(cm_bundle *bundle, const char *folder,
                            cm_error *err)
{
    char *path = cm_path_join(folder, bundle->files[ROLE_MODEL]);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_model_load(&bundle->model, path, err);
    free(path);
    return status;
}

/* The model's features must be the plan's, in its order. */
static cm_status check_features(const cm_model *model,
                                const char *const *features, size_t n,
                                cm_error *err)
{
    if (model->n_cat_features > 0) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the bundle's model takes %zu categories of its own; "
                       "a bundle's model takes the bundle's features only",
                       model->n_cat_features);
    }
    if (model->n_features != n) {
        return cm_fail(err, CM_ERR_DATA,
                       "the bundle names %zu features, but its model takes "
                       "%zu; train again",
                       n, model->n_features);
    }
    for (size_t f = 0; f < n; f++) {
        if (strcmp(model->features[f].name, features[f]) != 0) {
            return cm_fail(err, CM_ERR_DATA,
                           "feature %zu of the bundle is %s, but its model "
                           "was trained on %s there; train again",
                           f, features[f], model->features[f].name);
        }
    }
    return CM_OK;
}

static cm_status name_features(cm_bundle *bundle, cm_error *err)
{
    const cm_model *model = bundle->model;
    bundle->features =
        cm_alloc(model->n_features, sizeof *bundle->features, err);
    if (bundle->features == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < model->n_features; f++) {
        bundle->features[f] = model->features[f].name;
    }
    return CM_OK;
}

cm_status bundle_load_content(cm_bundle *bundle, const char *folder,
                              const char *const *features, size_t n_features,
                              const char *time_column, cm_error *err)
{
    cm_status status = load_model(bundle, folder, err);
    if (status == CM_OK) {
        status = check_features(bundle->model, features, n_features, err);
    }
    if (status == CM_OK) {
        status = load_tables(&bundle->counts, folder,
                             bundle->files[ROLE_COUNTS], err);
    }
    if (status == CM_OK) {
        status =
            load_tables(&bundle->ctr, folder, bundle->files[ROLE_CTR], err);
    }
    if (status == CM_OK) {
        status = cm_feature_plan_new(&bundle->plan, bundle->counts, bundle->ctr,
                                     features, n_features, time_column, err);
    }
    if (status == CM_OK) {
        status = cm_lookup_new(&bundle->lookup, bundle->plan, err);
    }
    return status == CM_OK ? name_features(bundle, err) : status;
}

void cm_bundle_free(cm_bundle *bundle)
{
    if (bundle == NULL) {
        return;
    }
    free(bundle->features);
    cm_lookup_free(bundle->lookup);
    cm_feature_plan_free(bundle->plan);
    cm_transformers_free(bundle->ctr);
    cm_transformers_free(bundle->counts);
    cm_model_free(bundle->model);
    cm_buf_release(&bundle->manifest);
    json_decref(bundle->json);
    free(bundle);
}

const char *cm_bundle_version(const cm_bundle *bundle)
{
    return bundle->version;
}

const cm_model *cm_bundle_model(const cm_bundle *bundle)
{
    return bundle->model;
}

const cm_transformers *cm_bundle_counts(const cm_bundle *bundle)
{
    return bundle->counts;
}

const cm_transformers *cm_bundle_ctr(const cm_bundle *bundle)
{
    return bundle->ctr;
}

const cm_feature_plan *cm_bundle_plan(const cm_bundle *bundle)
{
    return bundle->plan;
}

static const char *manifest_text(const cm_bundle *bundle, const char *key)
{
    return json_string_value(json_object_get(bundle->json, key));
}

const char *cm_bundle_schema(const cm_bundle *bundle)
{
    const char *schema = manifest_text(bundle, "schema");
    return schema == NULL ? "" : schema;
}

const char *cm_bundle_created(const cm_bundle *bundle)
{
    const char *created = manifest_text(bundle, "created");
    return created == NULL ? "" : created;
}

const char *cm_bundle_id_column(const cm_bundle *bundle)
{
    return manifest_text(bundle, "id_column");
}

const char *cm_bundle_target_column(const cm_bundle *bundle)
{
    return manifest_text(bundle, "target_column");
}

cm_str cm_bundle_manifest(const cm_bundle *bundle)
{
    return (cm_str){bundle->manifest.p, bundle->manifest.n};
}
