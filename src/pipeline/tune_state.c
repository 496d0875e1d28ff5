/* The state file of a search: JSON, written whole after every training. */
#include "pipeline/tune_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "codec/json.h"

enum { VERSION = 1, MAX_BYTES = 64 << 20 };

static void format_key(char out[17], uint64_t key)
{
    snprintf(out, 17, "%016" PRIx64, key);
}

static cm_status check_head(const json_t *root, const char *file, uint64_t key,
                            cm_error *err)
{
    char expected[17];
    int64_t version = 0;
    const char *found = NULL;
    format_key(expected, key);
    cm_status status =
        cm_json_integer(&version, root, "tune_version", file, err);
    if (status == CM_OK && version != VERSION) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s: state of version %lld, expected %d", file,
                         (long long)version, (int)VERSION);
    }
    if (status == CM_OK) {
        status = cm_json_string(&found, root, "key", file, err);
    }
    if (status == CM_OK && strcmp(found, expected) != 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the state of another search: the space, the "
                         "seed, the configuration or the log differ; name "
                         "another --state, or remove it to start anew",
                         file);
    }
    return status;
}

static cm_status read_count(uint32_t *out, const json_t *trial,
                            const char *name, uint32_t most, const char *file,
                            cm_error *err)
{
    int64_t value = 0;
    cm_status status = cm_json_integer(&value, trial, name, file, err);
    if (status == CM_OK && (value < 0 || value > most)) {
        status = cm_fail(err, CM_ERR_PARSE,
                         "%s: %s: found %lld, expected 0 "
                         "to %u",
                         file, name, (long long)value, most);
    }
    *out = status == CM_OK ? (uint32_t)value : 0;
    return status;
}

static cm_status read_values(cm_tune_trial *out, const json_t *trial,
                             const char *file, cm_error *err)
{
    const json_t *values = NULL;
    cm_status status = cm_json_array(&values, trial, "values", file, err);
    if (status != CM_OK) {
        return status;
    }
    size_t n = json_array_size(values);
    if (n > CM_TUNE_RUNGS) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: a trial has %zu values, expected at most %d", file,
                       n, (int)CM_TUNE_RUNGS);
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_number(value)) {
            return cm_fail(err, CM_ERR_PARSE, "%s: values: expected numbers",
                           file);
        }
        out->values[i] = json_number_value(value);
    }
    out->rungs = (uint32_t)n;
    return CM_OK;
}

static cm_status read_trial(cm_tune_trial *out, const json_t *trial,
                            const char *file, cm_error *err)
{
    *out = (cm_tune_trial){0};
    cm_status status = read_values(out, trial, file, err);
    if (status == CM_OK) {
        status = read_count(&out->trees, trial, "trees", 1u << 30, file, err);
    }
    if (status == CM_OK) {
        status = read_count(&out->best_trees, trial, "best_trees", out->trees,
                            file, err);
    }
    return status == CM_OK
               ? cm_json_number(&out->seconds, trial, "seconds", file, err)
               : status;
}

static cm_status read_trials(cm_tune_state *out, const json_t *root,
                             const char *file, cm_error *err)
{
    const json_t *trials = NULL;
    cm_status status = cm_json_array(&trials, root, "trials", file, err);
    size_t n = status == CM_OK ? json_array_size(trials) : 0;
    if (n > CM_TUNE_MAX_TRIALS) {
        return cm_fail(err, CM_ERR_PARSE, "%s: %zu trials, expected at most %d",
                       file, n, (int)CM_TUNE_MAX_TRIALS);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = cm_grow(&out->trials, out->n, &out->capacity,
                         sizeof *out->trials, err);
        if (status == CM_OK) {
            status = read_trial(&out->trials[out->n], json_array_get(trials, i),
                                file, err);
            out->n++;
        }
    }
    return status;
}

cm_status cm_tune_state_parse(cm_tune_state *out, cm_str text, const char *file,
                              uint64_t key, cm_error *err)
{
    json_t *root = NULL;
    *out = (cm_tune_state){0};
    cm_status status = cm_json_parse(&root, text, file, err);
    if (status == CM_OK) {
        status = check_head(root, file, key, err);
    }
    if (status == CM_OK) {
        status = read_trials(out, root, file, err);
    }
    json_decref(root);
    return status;
}

cm_status cm_tune_state_load(cm_tune_state *out, const char *path, uint64_t key,
                             cm_error *err)
{
    cm_buf text = {0};
    *out = (cm_tune_state){0};
    if (!cm_file_exists(path)) {
        return CM_OK;
    }
    cm_status status = cm_read_file(&text, path, MAX_BYTES, err);
    if (status == CM_OK) {
        status =
            cm_tune_state_parse(out, (cm_str){text.p, text.n}, path, key, err);
    }
    cm_buf_release(&text);
    return status;
}

static void put_trial(cm_json_writer *w, const cm_tune_trial *trial)
{
    cm_json_begin_object(w, NULL);
    cm_json_begin_array(w, "values");
    for (uint32_t r = 0; r < trial->rungs; r++) {
        cm_json_put_double(w, NULL, trial->values[r]);
    }
    cm_json_end_array(w);
    cm_json_put_u64(w, "trees", trial->trees);
    cm_json_put_u64(w, "best_trees", trial->best_trees);
    cm_json_put_double(w, "seconds", trial->seconds);
    cm_json_end_object(w);
}

cm_status cm_tune_state_save(const cm_tune_state *state, const char *path,
                             uint64_t key, cm_error *err)
{
    char hex[17];
    cm_buf text = {0};
    cm_json_writer w = cm_json_writer_of(&text, 2);
    format_key(hex, key);
    cm_json_begin_object(&w, NULL);
    cm_json_put_i64(&w, "tune_version", VERSION);
    cm_json_put_text(&w, "key", hex);
    cm_json_begin_array(&w, "trials");
    for (size_t i = 0; i < state->n; i++) {
        put_trial(&w, &state->trials[i]);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_buf_addc(&text, '\n');
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_make_parent(path, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

void cm_tune_state_release(cm_tune_state *state)
{
    free(state->trials);
    *state = (cm_tune_state){0};
}
