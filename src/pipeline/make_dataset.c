/* A click log into a dataset, kept as a file when asked to. */
#include "pipeline/make_dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

/* The named column becomes the target; the schema's own target becomes a
 * column like others, or is renamed when the schema has no such column. */
static void retarget(cm_schema_column *columns, size_t n, bool named,
                     const char *target)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(columns[i].name, target) == 0) {
            columns[i].kind = CM_COLUMN_TARGET;
        } else if (columns[i].kind == CM_COLUMN_TARGET && named) {
            columns[i].kind = CM_COLUMN_INTEGER;
            columns[i].required = false;
        } else if (columns[i].kind == CM_COLUMN_TARGET) {
            columns[i].name = target;
        }
    }
}

cm_status cm_target_schema_init(cm_target_schema *out, const cm_schema *base,
                                const char *target, cm_error *err)
{
    const cm_schema_column *own = cm_schema_of_kind(base, CM_COLUMN_TARGET);
    *out = (cm_target_schema){*base, NULL};
    if (target == NULL || target[0] == '\0' ||
        (own != NULL && strcmp(own->name, target) == 0)) {
        return CM_OK;
    }
    bool named = cm_schema_find(base, cm_str_of(target)) != NULL;
    if (!named && own == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "target_col: schema %s has no column %s", base->name,
                       target);
    }
    out->columns = cm_alloc(base->n_columns, sizeof *out->columns, err);
    if (out->columns == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(out->columns, base->columns, base->n_columns * sizeof *out->columns);
    retarget(out->columns, base->n_columns, named, target);
    out->schema.columns = out->columns;
    return CM_OK;
}

void cm_target_schema_release(cm_target_schema *schema)
{
    free(schema->columns);
    *schema = (cm_target_schema){0};
}

static cm_status ingest_log(cm_dataset **out, cm_ingest_report *report,
                            const cm_make_dataset_options *options,
                            cm_error *err)
{
    cm_schema *base = NULL;
    cm_target_schema schema = {0};
    cm_status status = cm_schema_load(&base, options->schema, err);
    if (status == CM_OK) {
        status = cm_target_schema_init(&schema, base, options->target, err);
    }
    if (status == CM_OK && options->quarantine != NULL) {
        status = cm_make_parent(options->quarantine, err);
    }
    if (status == CM_OK) {
        cm_ingest_options ingest = {.input = options->input,
                                    .schema = &schema.schema,
                                    .on_bad_row = options->on_bad_row,
                                    .quarantine = options->quarantine,
                                    .require_target = options->require_target,
                                    .n_threads = options->n_threads,
                                    .log = options->log};
        status = cm_ingest(out, report, &ingest, err);
    }
    cm_target_schema_release(&schema);
    cm_schema_free(base);
    return status;
}

/* A dataset file has its target already: it must be the one asked for. */
static cm_status check_target(const cm_dataset *dataset,
                              const cm_make_dataset_options *options,
                              cm_error *err)
{
    const cm_column *target = cm_dataset_of_kind(dataset, CM_COLUMN_TARGET);
    const char *wanted = options->target;
    if (target == NULL && options->require_target) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: this dataset was made from a log without a target "
                       "column; make it again from a labelled log",
                       options->input);
    }
    if (target != NULL && wanted != NULL && wanted[0] != '\0' &&
        strcmp(target->name, wanted) != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the target of this dataset is %s, target_col says "
                       "%s; make it again from the log",
                       options->input, target->name, wanted);
    }
    return CM_OK;
}

static cm_status load_file(cm_dataset **out,
                           const cm_make_dataset_options *options,
                           cm_error *err)
{
    cm_status status = cm_dataset_load(out, options->input, err);
    if (status == CM_OK) {
        status = check_target(*out, options, err);
    }
    return status;
}

cm_status cm_keep_dataset(const cm_dataset *dataset, const char *path,
                          cm_error *err)
{
    cm_status status = cm_make_parent(path, err);
    return status == CM_OK ? cm_dataset_save(dataset, path, err) : status;
}

cm_status cm_make_dataset(cm_dataset **out, cm_make_dataset_report *report,
                          const cm_make_dataset_options *options, cm_error *err)
{
    cm_dataset *dataset = NULL;
    double start = cm_seconds();
    *report = (cm_make_dataset_report){0};
    report->was_dataset = cm_is_dataset_file(options->input);
    cm_status status =
        report->was_dataset
            ? load_file(&dataset, options, err)
            : ingest_log(&dataset, &report->ingest, options, err);
    double loaded = cm_seconds();
    if (status == CM_OK && options->output != NULL && !report->was_dataset) {
        status = cm_keep_dataset(dataset, options->output, err);
    }
    report->load_seconds = loaded - start;
    report->save_seconds = cm_seconds() - loaded;
    if (status != CM_OK) {
        cm_dataset_free(dataset);
        dataset = NULL;
    }
    *out = dataset;
    return status;
}
