/* Loading and ordering runs. */
#include "cli/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* ---- loading ------------------------------------------------------------- */

cm_status cli_run_load(cli_run *out, const cli_context *c, const char *id,
                       cm_error *err)
{
    *out = (cli_run){0};
    cm_status status =
        cm_run_record_load(&out->record, c->config.runs_path, id, err);
    if (status == CM_OK) {
        status =
            cm_run_last_metrics(&out->record, &out->last, &out->n_last, err);
    }
    if (status != CM_OK) {
        cli_run_release(out);
    }
    return status;
}

void cli_run_release(cli_run *run)
{
    cm_run_record_release(&run->record);
    *run = (cli_run){0};
}

static cm_status add_run(cli_runs *out, const cli_context *c, const char *id,
                         cm_error *err)
{
    const char *experiment = cli_text(c, "experiment");
    cm_error failure = {0};
    cli_run run;
    cm_status status = cli_run_load(&run, c, id, &failure);
    if (status == CM_ERR_NOMEM) {
        return cm_fail(err, status, "%s", failure.message);
    }
    if (status != CM_OK) {
        cm_warn(&c->log, "a run is left out: %s", failure.message);
        return CM_OK;
    }
    if (experiment != NULL && strcmp(experiment, run.record.experiment) != 0) {
        cli_run_release(&run);
        return CM_OK;
    }
    status = cm_grow(&out->runs, out->n, &out->room, sizeof *out->runs, err);
    if (status != CM_OK) {
        cli_run_release(&run);
        return status;
    }
    out->runs[out->n++] = run;
    return CM_OK;
}

cm_status cli_runs_load(cli_runs *out, cli_context *c, cm_error *err)
{
    const char *const *ids = NULL;
    cm_arena arena = {0};
    size_t n = 0;
    *out = (cli_runs){0};
    cm_status status = cm_run_list(c->config.runs_path, &arena, &ids, &n, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = add_run(out, c, ids[i], err);
    }
    cm_arena_release(&arena);
    if (status != CM_OK) {
        cli_runs_release(out);
    }
    return status;
}

void cli_runs_release(cli_runs *runs)
{
    for (size_t i = 0; i < runs->n; i++) {
        cli_run_release(&runs->runs[i]);
    }
    free(runs->runs);
    *runs = (cli_runs){0};
}

/* ---- values -------------------------------------------------------------- */

double cli_run_metric(const cli_run *run, const char *key)
{
    for (size_t i = 0; i < run->n_last; i++) {
        if (strcmp(run->last[i].key, key) == 0) {
            return run->last[i].value;
        }
    }
    return NAN;
}

const char *cli_run_param(const cli_run *run, const char *key)
{
    const cm_run_record *record = &run->record;
    for (size_t i = 0; i < record->n_params; i++) {
        if (strcmp(record->params[i].key, key) == 0) {
            return record->params[i].value;
        }
    }
    return NULL;
}

double cli_run_seconds(const cli_run *run)
{
    const cm_run_record *record = &run->record;
    return record->end > 0 ? (double)(record->end - record->start) / 1000 : NAN;
}

void cli_format_time(char out[32], int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    out[0] = '\0';
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &parts);
    }
}

/* ---- which is better ----------------------------------------------------- */

typedef enum direction { UNKNOWN, LOWER, HIGHER, NEARER_ONE } direction;

/* By a part of the name; the first that fits counts. */
static const struct {
    const char *part;
    direction better;
} known[] = {{"calibration_ratio", NEARER_ONE},
             {"loss", LOWER},
             {"entropy", LOWER},
             {"seconds", LOWER},
             {"error", LOWER},
             {"auc", HIGHER},
             {"f1", HIGHER},
             {"precision", HIGHER},
             {"recall", HIGHER},
             {"accuracy", HIGHER}};

static cm_status find_direction(direction *out, const cli_context *c,
                                const char *metric, cm_error *err)
{
    const char *better = cli_text(c, "better");
    *out = UNKNOWN;
    if (better != NULL) {
        *out = strcmp(better, "lower") == 0    ? LOWER
               : strcmp(better, "higher") == 0 ? HIGHER
                                               : UNKNOWN;
        return *out != UNKNOWN
                   ? CM_OK
                   : cm_fail(err, CM_ERR_USAGE,
                             "--better %s: found none of lower and higher",
                             better);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(metric, known[i].part) != NULL) {
            *out = known[i].better;
            return CM_OK;
        }
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "%s: more or less of it, which is better? say --better "
                   "lower or --better higher",
                   metric);
}

/* Less is better; what is not there is worst. */
static double badness(direction better, double value)
{
    return isnan(value)           ? INFINITY
           : better == HIGHER     ? -value
           : better == NEARER_ONE ? fabs(log(value))
                                  : value;
}

/* An insertion sort: stable, and there are not many. */
cm_status cli_runs_sort(cli_runs *runs, const cli_context *c,
                        const char *metric, cm_error *err)
{
    direction better;
    cm_status status = find_direction(&better, c, metric, err);
    for (size_t i = 1; i < runs->n && status == CM_OK; i++) {
        cli_run run = runs->runs[i];
        double bad = badness(better, cli_run_metric(&run, metric));
        size_t k = i;
        while (k > 0 && badness(better, cli_run_metric(&runs->runs[k - 1],
                                                       metric)) > bad) {
            runs->runs[k] = runs->runs[k - 1];
            k--;
        }
        runs->runs[k] = run;
    }
    return status;
}

/* ---- printing ------------------------------------------------------------ */

void cli_add_number(cli_table *table, double value)
{
    char text[64] = "-";
    if (!isnan(value)) {
        (void)snprintf(text, sizeof text, "%.6g", value);
    }
    cli_table_add(table, text);
}

cm_status cli_print_table(const cli_table *table, cm_error *err)
{
    cm_buf text = {0};
    cli_table_put(&text, table, false);
    return cli_print_text(&text, err);
}

void cli_run_put(cm_json_writer *w, const cli_run *run)
{
    const cm_run_record *record = &run->record;
    cm_json_put_text(w, "id", record->id);
    cm_json_put_text(w, "name", record->name);
    cm_json_put_text(w, "experiment", record->experiment);
    cm_json_put_text(w, "status", cm_run_status_name(record->status));
    cm_json_put_i64(w, "start", record->start);
    cm_json_put_i64(w, "end", record->end);
    cm_run_put_pairs(w, "params", record->params, record->n_params);
    cm_run_put_pairs(w, "tags", record->tags, record->n_tags);
    cm_json_begin_object(w, "metrics");
    for (size_t i = 0; i < run->n_last; i++) {
        cm_json_put_double(w, run->last[i].key, run->last[i].value);
    }
    cm_json_end_object(w);
}
