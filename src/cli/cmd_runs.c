/* clickmill runs list, runs show, runs best */
#include <math.h>
#include <string.h>

#include "cli/runs.h"

/* ---- list ---------------------------------------------------------------- */

static void add_row(cli_table *table, const cli_run *run)
{
    const cm_run_record *record = &run->record;
    char id[9] = "", started[32];
    (void)snprintf(id, sizeof id, "%.8s", record->id);
    cli_format_time(started, record->start);
    cli_table_add(table, id);
    cli_table_add(table, record->name);
    cli_table_add(table, record->experiment);
    cli_table_add(table, started);
    cli_table_add(table, cm_run_status_name(record->status));
    cli_add_number(table, cli_run_metric(run, "log_loss"));
    cli_add_number(table, cli_run_metric(run, "roc_auc_score"));
    cli_add_number(table, cli_run_seconds(run));
}

static cm_status print_list(const cli_runs *runs, cm_error *err)
{
    static const char *const headings[] = {
        "Run",    "Name",     "Experiment",    "Started (UTC)",
        "Status", "log_loss", "roc_auc_score", "Seconds"};
    cli_table table = {.columns = sizeof headings / sizeof *headings};
    for (size_t i = 0; i < table.columns; i++) {
        cli_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < runs->n; i++) {
        add_row(&table, &runs->runs[i]);
    }
    cm_status status = cli_print_table(&table, err);
    cli_table_release(&table);
    return status;
}

static cm_status print_list_json(const cli_runs *runs, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_array(&w, NULL);
    for (size_t i = 0; i < runs->n; i++) {
        cm_json_begin_object(&w, NULL);
        cli_run_put(&w, &runs->runs[i]);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    return cli_print_json(&json, err);
}

cm_status cli_runs_list(cli_context *c, cm_error *err)
{
    cli_runs runs;
    const char *metric = cli_text(c, "sort");
    cm_status status = cli_runs_load(&runs, c, err);
    if (status == CM_OK && metric != NULL) {
        status = cli_runs_sort(&runs, c, metric, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_list_json(&runs, err);
    } else if (status == CM_OK && runs.n > 0) {
        status = print_list(&runs, err);
    } else if (status == CM_OK) {
        cm_info(&c->log, "no run in %s", c->config.runs_path);
    }
    cli_runs_release(&runs);
    return status;
}

/* ---- show ---------------------------------------------------------------- */

/* The points of the metrics that have more than one. */
static void put_history(cm_json_writer *w, const cli_run *run)
{
    const cm_run_record *record = &run->record;
    cm_json_begin_object(w, "history");
    for (size_t k = 0; k < run->n_last; k++) {
        cm_json_begin_array(w, run->last[k].key);
        for (size_t i = 0; i < record->n_metrics; i++) {
            const cm_run_metric *m = &record->metrics[i];
            if (m->key == run->last[k].key) {
                cm_json_begin_object(w, NULL);
                cm_json_put_i64(w, "step", m->step);
                cm_json_put_double(w, "value", m->value);
                cm_json_put_i64(w, "time", m->time);
                cm_json_end_object(w);
            }
        }
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

static void put_datasets(cm_json_writer *w, const cm_run_record *record)
{
    cm_json_begin_array(w, "datasets");
    for (size_t i = 0; i < record->n_datasets; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "name", record->datasets[i].name);
        cm_json_put_text(w, "digest", record->datasets[i].digest);
        cm_json_put_text(w, "context", record->datasets[i].context);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static void put_files(cm_json_writer *w, const char *name,
                      const cm_run_artifact *files, size_t n)
{
    cm_json_begin_object(w, name);
    for (size_t i = 0; i < n; i++) {
        cm_json_put_u64(w, files[i].path, files[i].size);
    }
    cm_json_end_object(w);
}

static cm_status print_json(const cli_run *run, cm_error *err)
{
    const cm_run_record *record = &run->record;
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "folder", record->folder);
    cli_run_put(&w, run);
    put_datasets(&w, record);
    put_files(&w, "artifacts", record->artifacts, record->n_artifacts);
    put_files(&w, "model", record->model_files, record->n_model_files);
    put_history(&w, run);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void add_head(cm_buf *out, const cli_run *run)
{
    const cm_run_record *record = &run->record;
    char started[32];
    double seconds = cli_run_seconds(run);
    cli_format_time(started, record->start);
    cm_buf_addf(out, "run         %s\nname        %s\nexperiment  %s\n",
                record->id, record->name, record->experiment);
    cm_buf_addf(out, "status      %s\nstarted     %s UTC",
                cm_run_status_name(record->status), started);
    if (!isnan(seconds)) {
        cm_buf_addf(out, ", %.2f s", seconds);
    }
    cm_buf_addf(out, "\nfolder      %s\n", record->folder);
}

static void add_pairs(cm_buf *out, const char *heading,
                      const cm_run_pair *pairs, size_t n)
{
    cm_buf_addf(out, "%s%s\n", n > 0 ? "\n" : "", n > 0 ? heading : "");
    for (size_t i = 0; i < n; i++) {
        bool empty = pairs[i].value[0] == '\0';
        cm_buf_addf(out, empty ? "  %s%s\n" : "  %-42s %s\n", pairs[i].key,
                    pairs[i].value);
    }
}

static void add_metrics(cm_buf *out, const cli_run *run)
{
    cm_buf_adds(out, run->n_last > 0 ? "\nmetrics\n" : "");
    for (size_t i = 0; i < run->n_last; i++) {
        const cm_run_metric *m = &run->last[i];
        cm_buf_addf(out, "  %-42s %.6g", m->key, m->value);
        if (m->step > 0) {
            cm_buf_addf(out, " at step %lld", (long long)m->step);
        }
        cm_buf_addc(out, '\n');
    }
}

static void add_data(cm_buf *out, const cm_run_record *record)
{
    for (size_t i = 0; i < record->n_datasets; i++) {
        const cm_run_dataset *dataset = &record->datasets[i];
        cm_buf_addf(out, "%s  %-42s %s, %s\n", i == 0 ? "\ndata\n" : "",
                    dataset->context, dataset->name, dataset->digest);
    }
    for (size_t i = 0; i < record->n_artifacts; i++) {
        cm_buf_addf(out, "%s  %-42s %llu bytes\n", i == 0 ? "\nfiles\n" : "",
                    record->artifacts[i].path,
                    (unsigned long long)record->artifacts[i].size);
    }
    if (record->has_model) {
        cm_buf_addf(out, "\nmodel       %s/model, %zu files\n", record->folder,
                    record->n_model_files);
    }
}

cm_status cli_run_print(const cli_context *c, const cli_run *run, cm_error *err)
{
    const cm_run_record *record = &run->record;
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        return print_json(run, err);
    }
    add_head(&text, run);
    add_metrics(&text, run);
    add_pairs(&text, "params", record->params, record->n_params);
    add_pairs(&text, "tags", record->tags, record->n_tags);
    add_data(&text, record);
    return cli_print_text(&text, err);
}

cm_status cli_runs_show(cli_context *c, cm_error *err)
{
    cli_run run;
    cm_status status = cli_run_load(&run, c, c->words[0], err);
    if (status == CM_OK) {
        status = cli_run_print(c, &run, err);
        cli_run_release(&run);
    }
    return status;
}

/* ---- best ---------------------------------------------------------------- */

/* The first that ended well and has the metric. */
static const cli_run *first_good(const cli_runs *runs, const char *metric)
{
    for (size_t i = 0; i < runs->n; i++) {
        if (runs->runs[i].record.status == CM_RUN_FINISHED &&
            !isnan(cli_run_metric(&runs->runs[i], metric))) {
            return &runs->runs[i];
        }
    }
    return NULL;
}

cm_status cli_runs_best(cli_context *c, cm_error *err)
{
    cli_runs runs;
    const char *metric = cli_text(c, "metric");
    cm_status status = cli_runs_load(&runs, c, err);
    if (status == CM_OK) {
        status = cli_runs_sort(&runs, c, metric, err);
    }
    if (status == CM_OK) {
        const cli_run *best = first_good(&runs, metric);
        status = best != NULL
                     ? cli_run_print(c, best, err)
                     : cm_fail(err, CM_ERR_DATA,
                               "no finished run of %s has the metric %s; see "
                               "`clickmill runs list`",
                               c->config.runs_path, metric);
    }
    cli_runs_release(&runs);
    return status;
}
