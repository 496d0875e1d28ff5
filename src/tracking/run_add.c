/* What a run is given: params, tags, datasets, files, a model. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tracking/run_body.h"
#include "tracking/run_file.h"
#include "tracking/run_files.h"
#include "tracking/run_limits.h"

/* ---- params and tags ----------------------------------------------------- */

typedef struct pair_list {
    const char *what;
    size_t longest; /* value, in characters */
    cm_run_pair **pairs;
    size_t *n, *room;
} pair_list;

static cm_run_pair *find_pair(const pair_list *list, const char *key)
{
    for (size_t i = 0; i < *list->n; i++) {
        if (strcmp((*list->pairs)[i].key, key) == 0) {
            return &(*list->pairs)[i];
        }
    }
    return NULL;
}

static cm_status add_pair(cm_run *run, const pair_list *list, const char *key,
                          cm_error *err)
{
    const char *kept = run_copy(&run->record.arena, key, err);
    cm_status status = kept == NULL ? CM_ERR_NOMEM
                                    : cm_grow(list->pairs, *list->n, list->room,
                                              sizeof **list->pairs, err);
    if (status == CM_OK) {
        (*list->pairs)[(*list->n)++] = (cm_run_pair){kept, ""};
    }
    return status;
}

static cm_status set_pair(cm_run *run, const pair_list *list, const char *key,
                          const char *value, cm_error *err)
{
    CM_ASSERT(!run->ended);
    cm_status status = run_check_key(list->what, key, err);
    if (status == CM_OK && find_pair(list, key) == NULL) {
        status = add_pair(run, list, key, err);
    }
    if (status != CM_OK) {
        return status;
    }
    const char *kept = cm_arena_strdup(&run->record.arena, value,
                                       run_cut(value, list->longest), err);
    if (kept == NULL) {
        return CM_ERR_NOMEM;
    }
    find_pair(list, key)->value = kept;
    return CM_OK;
}

cm_status cm_run_param(cm_run *run, const char *key, const char *value,
                       cm_error *err)
{
    cm_run_record *record = &run->record;
    pair_list list = {"param", RUN_MAX_PARAM, &record->params,
                      &record->n_params, &run->param_room};
    return set_pair(run, &list, key, value, err);
}

cm_status cm_run_tag(cm_run *run, const char *key, const char *value,
                     cm_error *err)
{
    cm_run_record *record = &run->record;
    pair_list list = {"tag", RUN_MAX_TAG, &record->tags, &record->n_tags,
                      &run->tag_room};
    return set_pair(run, &list, key, value, err);
}

/* ---- datasets ------------------------------------------------------------ */

static cm_status check_dataset(const cm_run_dataset *dataset, cm_error *err)
{
    const struct {
        const char *what, *text;
        size_t longest;
    } fields[] = {
        {"dataset's name", dataset->name, RUN_MAX_DATASET_NAME},
        {"dataset's digest", dataset->digest, RUN_MAX_DIGEST},
        {"dataset's context", dataset->context, RUN_MAX_CONTEXT},
        {"dataset's kind of source", dataset->source_type, RUN_MAX_KEY},
        {"dataset's source", dataset->source, RUN_MAX_SOURCE},
    };
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof fields / sizeof *fields && status == CM_OK;
         i++) {
        status = run_check_text(fields[i].what, fields[i].text,
                                fields[i].longest, err);
    }
    return status;
}

static cm_status copy_dataset(cm_run_dataset *out, cm_arena *arena,
                              const cm_run_dataset *dataset, cm_error *err)
{
    const struct {
        const char **to;
        const char *from;
    } texts[] = {
        {&out->name, dataset->name},
        {&out->digest, dataset->digest},
        {&out->context, dataset->context},
        {&out->source_type, dataset->source_type},
        {&out->source, dataset->source},
        {&out->schema, dataset->schema},
        {&out->profile, dataset->profile},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i].to = NULL;
        if (texts[i].from != NULL) {
            *texts[i].to = run_copy(arena, texts[i].from, err);
        }
        if (texts[i].from != NULL && *texts[i].to == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

cm_status cm_run_add_dataset(cm_run *run, const cm_run_dataset *dataset,
                             cm_error *err)
{
    cm_run_record *record = &run->record;
    CM_ASSERT(!run->ended);
    cm_status status = check_dataset(dataset, err);
    if (status == CM_OK) {
        status = cm_grow(&record->datasets, record->n_datasets,
                         &run->dataset_room, sizeof *record->datasets, err);
    }
    if (status == CM_OK) {
        status = copy_dataset(&record->datasets[record->n_datasets],
                              &record->arena, dataset, err);
        record->n_datasets += status == CM_OK;
    }
    return status;
}

/* ---- files --------------------------------------------------------------- */

static char *artifacts_of(const cm_run *run, cm_error *err)
{
    CM_ASSERT(!run->ended);
    char *folder = cm_path_join(run->folder, RUN_FILES);
    if (folder == NULL) {
        (void)cm_fail(err, CM_ERR_NOMEM, "out of memory for a file of a run");
    }
    return folder;
}

cm_status cm_run_add_artifact(cm_run *run, const char *file, const char *path,
                              cm_error *err)
{
    char *folder = artifacts_of(run, err);
    cm_status status =
        folder == NULL ? CM_ERR_NOMEM : run_files_copy(folder, path, file, err);
    free(folder);
    return status;
}

cm_status cm_run_add_text(cm_run *run, cm_str text, const char *path,
                          cm_error *err)
{
    char *folder = artifacts_of(run, err);
    cm_status status = folder == NULL
                           ? CM_ERR_NOMEM
                           : run_files_write(folder, path, text, err);
    free(folder);
    return status;
}

/* ---- the model ----------------------------------------------------------- */

cm_status cm_run_set_model(cm_run *run, const cm_run_model *model,
                           cm_error *err)
{
    const struct {
        const char *what, *from;
        const char **to;
    } texts[] = {
        {"model's name", model->name, &run->record.model.name},
        {"registered model", model->register_as,
         &run->record.model.register_as},
        {"alias", model->alias, &run->record.model.alias},
    };
    CM_ASSERT(!run->ended && model->name != NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i].to = NULL;
        if (texts[i].from == NULL) {
            continue;
        }
        cm_status status =
            run_check_text(texts[i].what, texts[i].from, RUN_MAX_KEY, err);
        if (status == CM_OK) {
            *texts[i].to = run_copy(&run->record.arena, texts[i].from, err);
            status = *texts[i].to != NULL ? CM_OK : CM_ERR_NOMEM;
        }
        if (status != CM_OK) {
            return status;
        }
    }
    run->record.has_model = true;
    return CM_OK;
}
