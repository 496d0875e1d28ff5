/* The paths of results: pickle and CSV names become ours, and all files of
 * the bundle go to the folder of the model. */
#include "config/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* path with its ending replaced, when it has that ending; else a copy. */
static const char *with_ending(cm_config *config, const char *path,
                               const char *from, const char *to, cm_error *err)
{
    size_t n = strlen(path);
    if (!cm_str_ends_with(cm_str_of(path), from)) {
        return path;
    }
    size_t stem = n - strlen(from);
    char *changed = cm_arena_alloc(&config->arena, stem + strlen(to) + 1, err);
    if (changed != NULL) {
        memcpy(changed, path, stem);
        memcpy(changed + stem, to, strlen(to) + 1);
    }
    return changed;
}

static cm_status find_dataset(cm_output_paths *out, cm_config *config,
                              cm_error *err)
{
    static const char *const endings[] = {".csv", ".csv.gz", ".csv.zst"};
    const char *path = config->dataset_path;
    out->dataset = path[0] != '\0' ? path : NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (cm_str_ends_with(cm_str_of(path), endings[i])) {
            out->dataset = with_ending(config, path, endings[i], ".cmds", err);
            return out->dataset != NULL ? CM_OK : CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static const int output_ids[CM_N_OUTPUTS] = {
    [CM_OUTPUT_MODEL] = CM_ID_model_path,
    [CM_OUTPUT_COUNTS] = CM_ID_counts_path,
    [CM_OUTPUT_CTR] = CM_ID_ctr_path,
    [CM_OUTPUT_METRICS] = CM_ID_metric_path};

static const char *const output_endings[CM_N_OUTPUTS] = {
    [CM_OUTPUT_MODEL] = ".json",
    [CM_OUTPUT_COUNTS] = ".cmt",
    [CM_OUTPUT_CTR] = ".cmt",
    [CM_OUTPUT_METRICS] = ".json"};

static const char *output_as_named(const cm_config *config, int output)
{
    const char *const named[CM_N_OUTPUTS] = {
        [CM_OUTPUT_MODEL] = config->model_path,
        [CM_OUTPUT_COUNTS] = config->counts_path,
        [CM_OUTPUT_CTR] = config->ctr_path,
        [CM_OUTPUT_METRICS] = config->metric_path};
    return named[output];
}

static cm_status check_name(const cm_config *config,
                            const cm_output_paths *paths, int output,
                            cm_error *err)
{
    static const char *const taken[] = {
        "", ".", "..", "current", "previous", "versions", "bundle.json"};
    const char *key = cm_params[output_ids[output]].key;
    cm_where where = config->origins[output_ids[output]].where;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(paths->names[output], taken[i]) == 0) {
            return cm_fail_at(err, CM_ERR_USAGE, where,
                              "%s: \"%s\" cannot be the name of a file in a "
                              "bundle",
                              key, paths->paths[output]);
        }
    }
    for (int other = 0; other < output; other++) {
        if (strcmp(paths->names[output], paths->names[other]) == 0) {
            return cm_fail_at(err, CM_ERR_USAGE, where,
                              "%s: %s has the same file name, and both go "
                              "into one bundle",
                              key, cm_params[output_ids[other]].key);
        }
    }
    return CM_OK;
}

static const char *arena_copy(cm_config *config, char *text, cm_error *err)
{
    if (text == NULL) {
        (void)cm_fail(err, CM_ERR_NOMEM, "out of memory");
        return NULL;
    }
    char *copy = cm_arena_strdup(&config->arena, text, strlen(text), err);
    free(text);
    return copy;
}

/* The path that is written: as named, or in the folder of the model. */
static const char *path_of(cm_config *config, const cm_output_paths *paths,
                           int output, cm_error *err)
{
    static const char *const names[CM_N_OUTPUTS] = {
        [CM_OUTPUT_COUNTS] = "transformer.cmt",
        [CM_OUTPUT_CTR] = "ctr_transformer.cmt",
        [CM_OUTPUT_METRICS] = "metrics.json"};
    const char *named = output_as_named(config, output);
    if (named[0] == '\0' && output != CM_OUTPUT_MODEL) {
        return arena_copy(config, cm_path_join(paths->root, names[output]),
                          err);
    }
    return with_ending(config, named, ".pkl", output_endings[output], err);
}

cm_status cm_config_served_path(const char **out, cm_config *config,
                                cm_error *err)
{
    *out = with_ending(config, config->serve_model_path, ".pkl", ".json", err);
    return *out != NULL ? CM_OK : CM_ERR_NOMEM;
}

cm_status cm_config_output_paths(cm_output_paths *out, cm_config *config,
                                 cm_error *err)
{
    memset(out, 0, sizeof *out);
    cm_status status = find_dataset(out, config, err);
    for (int i = 0; i < CM_N_OUTPUTS && status == CM_OK; i++) {
        out->paths[i] = path_of(config, out, i, err);
        const char *folder =
            out->paths[i] != NULL
                ? arena_copy(config, cm_path_dir(out->paths[i]), err)
                : NULL;
        if (folder == NULL) {
            return CM_ERR_NOMEM;
        }
        if (i == CM_OUTPUT_MODEL) {
            out->root = folder;
        }
        out->outside[i] = strcmp(folder, out->root) != 0;
        out->names[i] = cm_path_base(out->paths[i]);
        status = check_name(config, out, i, err);
    }
    return status;
}

void cm_config_say_dataset_path(const cm_config *config,
                                const cm_output_paths *paths, const cm_log *log)
{
    if (paths->dataset != NULL &&
        strcmp(paths->dataset, config->dataset_path) != 0) {
        cm_info(log, "%s: the dataset is written in our format, as %s",
                config->dataset_path, paths->dataset);
    }
}

void cm_config_say_output_paths(const cm_config *config,
                                const cm_output_paths *paths, const cm_log *log)
{
    for (int i = 0; i < CM_N_OUTPUTS; i++) {
        const char *named = output_as_named(config, i);
        if (named[0] != '\0' && strcmp(named, paths->paths[i]) != 0) {
            cm_info(log, "%s: pickle is Python's; written as %s", named,
                    paths->paths[i]);
        }
    }
}
