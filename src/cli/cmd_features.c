/* clickmill features */
#include <stdlib.h>
#include <string.h>

#include "cli/jobs.h"
#include "base/num.h"
#include "cli/output.h"

/* One part of the split into DIR/NAME. */
static cm_status write_part(const cli_context *c, const cm_dataset *dataset,
                            const cm_fitted *fitted,
                            const cm_feature_spec *spec, const char *name,
                            const uint32_t *rows, size_t n, cm_error *err)
{
    cli_output output = {0};
    char *path = cm_path_join(cli_text(c, "output"), name);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = cli_output_open(&output, path, err);
    if (status == CM_OK) {
        status = cm_write_features(&output.sink, dataset, fitted, spec, rows, n,
                                   (int)c->config.thread_count, err);
    }
    status = cli_output_close(&output, status, err);
    free(path);
    return status;
}

static cm_status print(const cli_context *c, const cm_fitted *fitted,
                       const cm_feature_spec *spec, cm_error *err)
{
    const char *folder = cli_text(c, "output");
    if (cli_switch(c, "json")) {
        cm_buf json = {0};
        cm_json_writer w = cm_json_writer_of(&json, 2);
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "output", folder);
        cm_json_put_u64(&w, "train_rows", fitted->split.n_train);
        cm_json_put_u64(&w, "validation_rows", fitted->split.n_val);
        cm_json_put_u64(&w, "count_features", spec->n_count);
        cm_json_put_u64(&w, "ctr_features", spec->n_ctr);
        cm_json_end_object(&w);
        return cli_print_json(&json, err);
    }
    char train[32], val[32];
    cm_format_count(train, fitted->split.n_train);
    cm_format_count(val, fitted->split.n_val);
    printf("  %s/train.csv       %10s rows\n  %s/validation.csv  %10s rows\n",
           folder, train, folder, val);
    return CM_OK;
}

static cm_status check(const cli_context *c, cm_error *err)
{
    const char *format = cli_text(c, "format");
    if (cli_text(c, "output") == NULL) {
        return cm_fail(err, CM_ERR_USAGE, "no output: give --output DIR");
    }
    if (strcmp(format, "csv") != 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--format: found \"%s\", expected csv", format);
    }
    return CM_OK;
}

cm_status cli_features(cli_context *c, cm_error *err)
{
    cm_make_dataset_options load = {0};
    cm_make_dataset_report report = {0};
    cm_feature_options options = {0};
    cm_dataset *dataset = NULL;
    cm_fitted fitted = {0};
    cm_status status = check(c, err);
    if (status == CM_OK) {
        status = cli_dataset_options(&load, c, cli_text(c, "output"), err);
        load.require_target = true;
    }
    if (status == CM_OK) {
        status = cm_make_dataset(&dataset, &report, &load, err);
    }
    if (status == CM_OK) {
        cli_feature_options(&options, c);
        status = cm_build_features(&fitted, dataset, &options, err);
    }
    const cm_split *split = &fitted.split;
    if (status == CM_OK) {
        status = write_part(c, dataset, &fitted, &options.spec, "train.csv",
                            split->train, split->n_train, err);
    }
    if (status == CM_OK) {
        status = write_part(c, dataset, &fitted, &options.spec,
                            "validation.csv", split->val, split->n_val, err);
    }
    if (status == CM_OK) {
        status = print(c, &fitted, &options.spec, err);
    }
    cm_fitted_release(&fitted);
    cm_dataset_free(dataset);
    return status;
}
