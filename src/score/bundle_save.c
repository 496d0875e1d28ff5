/* Writes a bundle: all files into a staging folder, scored through the very
 * files written, then renamed and switched to. */
#include "score/bundle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "clickmill.h"
#include "score/bundle_body.h"
#include "score/bundle_root.h"
#include "score/self_test.h"

/* One save: what is known when the manifest is written. */
typedef struct saving {
    const cm_bundle_parts *parts;
    bundle_root root;
    cm_bundle *staged; /* loaded back from the staging folder */
    self_test test;
    char sha256[N_ROLES][CM_SHA256_HEX];
    int64_t size[N_ROLES];
} saving;

/* ---- checks before anything is written ------------------------------- */

static cm_status check_parts(const cm_bundle_parts *parts,
                             const char *const files[N_ROLES], cm_error *err)
{
    for (int r = 0; r < N_ROLES; r++) {
        if (files[r] != NULL && !bundle_name_is_safe(files[r])) {
            return cm_fail(err, CM_ERR_USAGE,
                           "\"%s\" cannot be the name of a bundle's %s",
                           files[r], bundle_role_names[r]);
        }
        for (int q = 0; q < r; q++) {
            if (files[r] && files[q] && strcmp(files[r], files[q]) == 0) {
                return cm_fail(err, CM_ERR_USAGE,
                               "%s would be both the %s and the %s of the "
                               "bundle; give them different names",
                               files[r], bundle_role_names[q],
                               bundle_role_names[r]);
            }
        }
    }
    CM_ASSERT(files[ROLE_MODEL] != NULL);
    CM_ASSERT(parts->n_self_test <= CM_SELF_TEST_ROWS);
    return CM_OK;
}

static cm_status check_links(const bundle_root *root,
                             const char *const files[N_ROLES], cm_error *err)
{
    cm_status status =
        bundle_root_check_free(root, "current", "versions/", err);
    if (status == CM_OK) {
        status = bundle_root_check_free(root, "previous", "versions/", err);
    }
    for (int r = 0; r < N_ROLES && status == CM_OK; r++) {
        if (files[r] != NULL) {
            status = bundle_root_check_free(root, files[r], "current/", err);
        }
    }
    return status;
}

/* ---- staging --------------------------------------------------------- */

static cm_status write_role(const cm_bundle_parts *parts, bundle_role role,
                            const char *path, cm_error *err)
{
    cm_model_format format = CM_MODEL_JSON;
    switch (role) {
    case ROLE_MODEL:
        (void)!cm_model_format_of_path(&format, path);
        return cm_model_save(parts->model, path, format, err);
    case ROLE_COUNTS:
        return cm_transformers_save(parts->counts, path, err);
    case ROLE_CTR:
        return cm_transformers_save(parts->ctr, path, err);
    default:
        return cm_write_file(path, cm_str_of(parts->metrics_json), err);
    }
}

static cm_status stage_file(saving *s, bundle_role role, const char *name,
                            cm_error *err)
{
    struct stat about;
    char *path = cm_path_join(s->root.stage, name);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", s->root.path);
    }
    cm_status status = write_role(s->parts, role, path, err);
    if (status == CM_OK) {
        status = cm_sha256_file(s->sha256[role], path, err);
    }
    if (status == CM_OK && stat(path, &about) != 0) {
        status = cm_fail_errno(err, "%s: cannot stat", path);
    }
    if (status == CM_OK) {
        s->size[role] = about.st_size;
    }
    free(path);
    return status;
}

/* Writes the files and loads them back. */
static cm_status stage_content(saving *s, const char *const files[N_ROLES],
                               cm_error *err)
{
    const cm_bundle_parts *parts = s->parts;
    cm_status status = cm_make_dirs(s->root.stage, err);
    for (int r = 0; r < N_ROLES && status == CM_OK; r++) {
        if (files[r] != NULL) {
            status = stage_file(s, (bundle_role)r, files[r], err);
        }
    }
    if (status != CM_OK) {
        return status;
    }
    s->staged = cm_alloc_zero(1, sizeof *s->staged, err);
    if (s->staged == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(s->staged->files, files, sizeof s->staged->files);
    status = bundle_load_content(s->staged, s->root.stage, parts->features,
                                 parts->n_features, parts->time_column, err);
    return status == CM_OK
               ? self_test_make(&s->test, s->staged, parts->self_test_rows,
                                parts->n_self_test, err)
               : status;
}

/* ---- the manifest ---------------------------------------------------- */

static void put_text_or_null(cm_json_writer *w, const char *key,
                             const char *text)
{
    if (text == NULL) {
        cm_json_put_null(w, key);
    } else {
        cm_json_put_text(w, key, text);
    }
}

static void put_time(cm_json_writer *w, const char *key, int64_t seconds)
{
    char text[CM_NUM_TEXT];
    if (cm_format_utc(text, seconds) == 0) {
        cm_json_put_null(w, key);
    } else {
        cm_json_put_text(w, key, text);
    }
}

static void put_names(cm_json_writer *w, const char *key,
                      const char *const *names, size_t n)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < n; i++) {
        cm_json_put_text(w, NULL, names[i]);
    }
    cm_json_end_array(w);
}

static void put_profile(cm_json_writer *w, const cm_training_profile *profile)
{
    cm_json_begin_object(w, "training_profile");
    cm_json_put_double(w, "base_rate", profile->base_rate);
    cm_json_put_double(w, "mean_prediction", profile->mean_prediction);
    cm_json_begin_array(w, "histogram");
    for (int i = 0; i < CM_PROFILE_BINS; i++) {
        cm_json_put_u64(w, NULL, profile->histogram[i]);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static void put_files(cm_json_writer *w, const saving *s)
{
    cm_json_begin_object(w, "files");
    for (int r = 0; r < N_ROLES; r++) {
        if (s->staged->files[r] != NULL) {
            cm_json_begin_object(w, s->staged->files[r]);
            cm_json_put_text(w, "role", bundle_role_names[r]);
            cm_json_put_text(w, "sha256", s->sha256[r]);
            cm_json_put_i64(w, "size", s->size[r]);
            cm_json_end_object(w);
        }
    }
    cm_json_end_object(w);
}

/* A member whose text the caller gave: parsed, to be laid out like the rest. */
static cm_status put_parsed(cm_json_writer *w, const char *key,
                            const char *text, cm_error *err)
{
    json_t *value = NULL;
    cm_status status =
        cm_json_parse(&value, cm_str_of(text == NULL ? "{}" : text), key, err);
    if (status == CM_OK) {
        cm_json_put_value(w, key, value);
    }
    json_decref(value);
    return status;
}

static cm_status format_manifest(cm_buf *out, const saving *s,
                                 const char *version, cm_error *err)
{
    const cm_bundle_parts *parts = s->parts;
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "format", BUNDLE_FORMAT);
    cm_json_put_i64(&w, "format_version", BUNDLE_FORMAT_VERSION);
    cm_json_put_text(&w, "version", version);
    put_time(&w, "created", parts->created);
    cm_json_put_text(&w, "clickmill_version", cm_version());
    put_text_or_null(&w, "schema", parts->schema);
    put_text_or_null(&w, "id_column", parts->id_column);
    put_text_or_null(&w, "target_column", parts->target_column);
    put_text_or_null(&w, "time_column", parts->time_column);
    put_names(&w, "features", parts->features, parts->n_features);
    put_names(&w, "columns", s->test.columns, s->test.n_columns);
    cm_status status = put_parsed(&w, "config", parts->config_json, err);
    if (status == CM_OK) {
        status = put_parsed(&w, "metrics", parts->metrics_json, err);
    }
    put_profile(&w, &parts->profile);
    put_files(&w, s);
    self_test_put(&w, &s->test);
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
    return status == CM_OK ? cm_buf_check(out, err) : status;
}

/* The version is of the text's content, so the text is made twice. */
static cm_status find_version(char out[BUNDLE_VERSION_TEXT + 1],
                              const saving *s, cm_error *err)
{
    cm_buf text = {0};
    json_t *json = NULL;
    cm_status status = format_manifest(&text, s, "", err);
    if (status == CM_OK) {
        status = cm_json_parse(&json, (cm_str){text.p, text.n}, BUNDLE_MANIFEST,
                               err);
    }
    if (status == CM_OK) {
        status = bundle_version_of(out, json, err);
    }
    json_decref(json);
    cm_buf_release(&text);
    return status;
}

static cm_status stage_manifest(const saving *s, const char *version,
                                cm_error *err)
{
    cm_buf text = {0};
    char *path = cm_path_join(s->root.stage, BUNDLE_MANIFEST);
    cm_status status = path == NULL ? cm_fail(err, CM_ERR_NOMEM,
                                              "%s: out of memory", s->root.path)
                                    : format_manifest(&text, s, version, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    free(path);
    cm_buf_release(&text);
    return status;
}

/* ---- the whole ------------------------------------------------------- */

static cm_status publish(const bundle_root *root,
                         const char *const files[N_ROLES], const char *version,
                         cm_error *err)
{
    cm_status status = bundle_root_publish(root, version, err);
    if (status == CM_OK) {
        status = bundle_root_switch(root, version, err);
    }
    for (int r = 0; r < N_ROLES && status == CM_OK; r++) {
        if (files[r] != NULL) {
            status = bundle_root_link(root, files[r], err);
        }
    }
    return status == CM_OK ? bundle_root_prune(root, err) : status;
}

static cm_status save_locked(saving *s, const char *const files[N_ROLES],
                             char version[BUNDLE_VERSION_TEXT + 1],
                             cm_error *err)
{
    cm_status status = check_links(&s->root, files, err);
    if (status == CM_OK) {
        status = stage_content(s, files, err);
    }
    if (status == CM_OK) {
        status = find_version(version, s, err);
    }
    if (status == CM_OK) {
        status = stage_manifest(s, version, err);
    }
    if (status == CM_OK) {
        status = publish(&s->root, files, version, err);
    }
    if (status != CM_OK && cm_remove_tree(s->root.stage, NULL) != CM_OK) {
        return status; /* the next save removes it */
    }
    return status;
}

cm_status cm_bundle_save(const char *root, const cm_bundle_parts *parts,
                         char version_out[65], cm_error *err)
{
    const char *const files[N_ROLES] = {
        [ROLE_MODEL] = parts->model_file,
        [ROLE_COUNTS] = parts->counts ? parts->counts_file : NULL,
        [ROLE_CTR] = parts->ctr ? parts->ctr_file : NULL,
        [ROLE_METRICS] = parts->metrics_json ? parts->metrics_file : NULL,
    };
    saving s = {.parts = parts, .root = {.lock = -1}};
    version_out[0] = '\0';
    cm_status status = check_parts(parts, files, err);
    if (status == CM_OK) {
        status = bundle_root_open(&s.root, root, err);
    }
    if (status == CM_OK) {
        status = save_locked(&s, files, version_out, err);
    }
    self_test_release(&s.test);
    cm_bundle_free(s.staged);
    bundle_root_release(&s.root);
    return status;
}
