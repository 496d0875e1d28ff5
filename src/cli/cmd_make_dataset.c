/* clickmill make-dataset */
#include "cli/jobs.h"
#include "base/num.h"
#include "cli/output.h"

static const char *kind_name(cm_column_kind kind)
{
    static const char *const names[] = {[CM_COLUMN_ID] = "id",
                                        [CM_COLUMN_TARGET] = "target",
                                        [CM_COLUMN_TIME] = "time",
                                        [CM_COLUMN_TEXT] = "text",
                                        [CM_COLUMN_INTEGER] = "integer"};
    return names[kind];
}

static double megabytes_a_second(const cm_make_dataset_report *report)
{
    return (double)report->ingest.bytes / 1e6 / report->load_seconds;
}

static cm_status print_json(const cm_make_dataset_options *options,
                            const cm_dataset *dataset,
                            const cm_make_dataset_report *report, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "input", options->input);
    cm_json_put_text(&w, "output", options->output);
    cm_json_put_u64(&w, "rows", dataset->n_rows);
    cm_json_put_u64(&w, "bad_rows", report->ingest.bad_rows);
    cm_json_put_u64(&w, "bytes", report->ingest.bytes);
    cm_json_begin_array(&w, "columns");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const cm_column *column = &dataset->columns[i];
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "name", column->name);
        cm_json_put_text(&w, "kind", kind_name(column->kind));
        if (column->dictionary.n > 0) {
            cm_json_put_u64(&w, "distinct", column->dictionary.n);
        }
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_begin_object(&w, "seconds");
    cm_json_put_double(&w, "load", report->load_seconds);
    cm_json_put_double(&w, "save", report->save_seconds);
    cm_json_end_object(&w);
    cm_json_put_double(&w, "megabytes_per_second", megabytes_a_second(report));
    cm_json_put_u64(&w, "peak_memory_bytes", cli_peak_memory());
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void print_table(const cm_dataset *dataset)
{
    printf("  %-20s %-8s %12s\n", "column", "kind", "distinct");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const cm_column *column = &dataset->columns[i];
        char distinct[32] = "";
        if (column->dictionary.n > 0) {
            cm_format_count(distinct, column->dictionary.n);
        }
        printf(distinct[0] != '\0' ? "  %-20s %-8s %12s\n" : "  %-20s %s\n",
               column->name, kind_name(column->kind), distinct);
    }
}

static cm_status print(const cli_context *c,
                       const cm_make_dataset_options *options,
                       const cm_dataset *dataset,
                       const cm_make_dataset_report *report, cm_error *err)
{
    if (cli_switch(c, "json")) {
        return print_json(options, dataset, report, err);
    }
    char rows[32], bad[32];
    cm_format_count(rows, dataset->n_rows);
    cm_format_count(bad, report->ingest.bad_rows);
    print_table(dataset);
    printf("\n  %s rows in %s", rows, options->output);
    if (report->ingest.bad_rows > 0) {
        printf(", %s bad rows left out", bad);
    }
    if (report->ingest.bad_rows > 0 &&
        options->on_bad_row == CM_BAD_ROW_QUARANTINE) {
        printf(" and kept in %s", options->quarantine);
    }
    putchar('\n');
    cm_info(&c->log,
            "%.1f MB of text read in %.2f s (%.0f MB/s), written in "
            "%.2f s",
            (double)report->ingest.bytes / 1e6, report->load_seconds,
            megabytes_a_second(report), report->save_seconds);
    return CM_OK;
}

/* There must be somewhere to write, and the input must be a log. */
static cm_status check(const cm_make_dataset_options *options, cm_error *err)
{
    if (options->output == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "no output: give --output PATH, or a --config with "
                       "input_preprocessed_data_path");
    }
    if (cm_is_dataset_file(options->input)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s is a dataset file already; give --input a log",
                       options->input);
    }
    return CM_OK;
}

cm_status cli_make_dataset(cli_context *c, cm_error *err)
{
    cm_output_paths paths = {0};
    cm_make_dataset_options options = {0};
    cm_make_dataset_report report = {0};
    cm_dataset *dataset = NULL;
    cm_status status = cm_config_output_paths(&paths, &c->config, err);
    if (status == CM_OK) {
        status = cli_dataset_options(&options, c, paths.dataset, err);
        options.output = paths.dataset;
    }
    if (status == CM_OK) {
        status = check(&options, err);
    }
    if (status == CM_OK) {
        cm_config_say_dataset_path(&c->config, &paths, &c->log);
        status = cm_make_dataset(&dataset, &report, &options, err);
    }
    if (status == CM_OK) {
        status = print(c, &options, dataset, &report, err);
    }
    cm_dataset_free(dataset);
    return status;
}
