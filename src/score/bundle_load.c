/* Loads a bundle and believes nothing: format, version, sizes, hashes, and the
 * self-test scored again. */
#include "score/bundle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "score/bundle_body.h"
#include "score/self_test.h"

enum {
    MAX_MANIFEST_BYTES = 64 << 20,
    MAX_FEATURES = 1 << 16,
    MAX_ATTEMPTS = 5
};

#define WHAT_TO_DO "run `clickmill model rollback` or train again"

/* ---- the manifest ---------------------------------------------------- */

static cm_status check_format(const json_t *json, const char *file,
                              cm_error *err)
{
    const char *format = "";
    int64_t version = 0;
    cm_status status = cm_json_string(&format, json, "format", file, err);
    if (status == CM_OK && strcmp(format, BUNDLE_FORMAT) != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: found format \"%.60s\", expected \"" BUNDLE_FORMAT
                       "\"",
                       file, format);
    }
    if (status == CM_OK) {
        status = cm_json_integer(&version, json, "format_version", file, err);
    }
    if (status == CM_OK && version != BUNDLE_FORMAT_VERSION) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s: found format_version %lld, this program reads "
                         "%d; use the program that wrote it or train again",
                         file, (long long)version, (int)BUNDLE_FORMAT_VERSION);
    }
    return status;
}

/* The version is the manifest's own checksum. */
static cm_status check_version(cm_bundle *bundle, const char *file,
                               cm_error *err)
{
    char content[BUNDLE_VERSION_TEXT + 1];
    const char *named = "";
    cm_status status =
        cm_json_string(&named, bundle->json, "version", file, err);
    if (status == CM_OK) {
        status = bundle_version_of(content, bundle->json, err);
    }
    if (status == CM_OK && strcmp(named, content) != 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: its content has version %s, but it says %.64s: "
                         "it was changed; " WHAT_TO_DO,
                         file, content, named);
    }
    if (status == CM_OK) {
        memcpy(bundle->version, content, sizeof content);
    }
    return status;
}

static cm_status read_manifest(cm_bundle *bundle, const char *file,
                               cm_error *err)
{
    cm_status status =
        cm_read_file(&bundle->manifest, file, MAX_MANIFEST_BYTES, err);
    if (status == CM_OK) {
        status =
            cm_json_parse(&bundle->json, cm_bundle_manifest(bundle), file, err);
    }
    if (status == CM_OK) {
        status = check_format(bundle->json, file, err);
    }
    return status == CM_OK ? check_version(bundle, file, err) : status;
}

/* ---- files ----------------------------------------------------------- */

static cm_status check_file(const char *path, int64_t size, const char *sha256,
                            cm_error *err)
{
    struct stat about;
    char found[CM_SHA256_HEX];
    if (stat(path, &about) != 0) {
        return cm_fail_errno(err, "%s: missing; " WHAT_TO_DO, path);
    }
    if (about.st_size != size) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: found %lld bytes, " BUNDLE_MANIFEST
                       " says %lld; " WHAT_TO_DO,
                       path, (long long)about.st_size, (long long)size);
    }
    cm_status status = cm_sha256_file(found, path, err);
    if (status == CM_OK && strcmp(found, sha256) != 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: found SHA-256 %.16s..., " BUNDLE_MANIFEST
                         " says %.16s...: it was changed; " WHAT_TO_DO,
                         path, found, sha256);
    }
    return status;
}

static cm_status check_entry(cm_bundle *bundle, const char *folder,
                             const char *name, const json_t *entry,
                             const char *file, cm_error *err)
{
    int64_t size = 0;
    const char *sha256 = "", *role = "";
    if (!bundle_name_is_safe(name)) {
        return cm_fail(err, CM_ERR_DATA, "%s: files: \"%.60s\" is no file name",
                       file, name);
    }
    cm_status status = cm_json_integer(&size, entry, "size", file, err);
    if (status == CM_OK) {
        status = cm_json_string(&sha256, entry, "sha256", file, err);
    }
    if (status == CM_OK) {
        status = cm_json_string(&role, entry, "role", file, err);
    }
    if (status != CM_OK) {
        return status;
    }
    for (int r = 0; r < N_ROLES; r++) {
        if (strcmp(role, bundle_role_names[r]) == 0) {
            bundle->files[r] = name;
        }
    }
    char *path = cm_path_join(folder, name);
    status = path == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                          : check_file(path, size, sha256, err);
    free(path);
    return status;
}

static cm_status check_files(cm_bundle *bundle, const char *folder,
                             const char *file, cm_error *err)
{
    const json_t *files = NULL;
    cm_status status = cm_json_object(&files, bundle->json, "files", file, err);
    if (status != CM_OK) {
        return status;
    }
    json_t *object = (json_t *)(uintptr_t)files; /* only read */
    for (void *i = json_object_iter(object); i != NULL && status == CM_OK;
         i = json_object_iter_next(object, i)) {
        status = check_entry(bundle, folder, json_object_iter_key(i),
                             json_object_iter_value(i), file, err);
    }
    if (status == CM_OK && bundle->files[ROLE_MODEL] == NULL) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: files: none has the role \"model\"", file);
    }
    return status;
}

/* ---- the whole ------------------------------------------------------- */

/* The array of names is the caller's, the names are the manifest's. */
static cm_status read_features(const char ***out, size_t *n,
                               const cm_bundle *bundle, const char *file,
                               cm_error *err)
{
    const json_t *features = NULL;
    cm_status status =
        cm_json_array(&features, bundle->json, "features", file, err);
    if (status != CM_OK) {
        return status;
    }
    *n = json_array_size(features);
    const char **names = cm_alloc(*n, sizeof *names, err);
    *out = names;
    if (names == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < *n; f++) {
        names[f] = json_string_value(json_array_get(features, f));
        if (names[f] == NULL || f >= MAX_FEATURES) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: features[%zu]: expected a name", file, f);
        }
    }
    return CM_OK;
}

static cm_status load_from(cm_bundle *bundle, const char *folder,
                           const char *file, cm_error *err)
{
    const char **features = NULL;
    size_t n_features = 0;
    cm_status status = read_manifest(bundle, file, err);
    if (status == CM_OK) {
        status = check_files(bundle, folder, file, err);
    }
    if (status == CM_OK) {
        status = read_features(&features, &n_features, bundle, file, err);
    }
    if (status == CM_OK) {
        const char *time_column =
            json_string_value(json_object_get(bundle->json, "time_column"));
        status = bundle_load_content(bundle, folder, features, n_features,
                                     time_column, err);
    }
    free(features);
    return status == CM_OK ? self_test_check(bundle, file, err) : status;
}

static cm_status load_folder(cm_bundle **out, const char *folder, cm_error *err)
{
    cm_status status = CM_OK;
    char *file = cm_path_join(folder, BUNDLE_MANIFEST);
    cm_bundle *bundle = cm_alloc_zero(1, sizeof *bundle, err);
    if (file == NULL || bundle == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", folder);
    } else {
        status = load_from(bundle, folder, file, err);
    }
    free(file);
    if (status != CM_OK) {
        cm_bundle_free(bundle);
        return status;
    }
    *out = bundle;
    return CM_OK;
}

/* Writers may switch and remove old versions meanwhile: when path has come to
 * lead elsewhere, a failure says nothing. */
cm_status cm_bundle_load(cm_bundle **out, const char *path, cm_error *err)
{
    char *folder = NULL, *now = NULL;
    *out = NULL;
    cm_status status = cm_bundle_find(&folder, path, err);
    for (int i = 0; status == CM_OK && i < MAX_ATTEMPTS; i++) {
        status = load_folder(out, folder, err);
        if (status == CM_OK || cm_bundle_find(&now, path, NULL) != CM_OK ||
            strcmp(folder, now) == 0) {
            break;
        }
        free(folder);
        folder = now;
        now = NULL;
        status = i + 1 < MAX_ATTEMPTS ? CM_OK : status;
    }
    free(now);
    free(folder);
    return status;
}
