/* Reads a log in batches, scores each, and hands it on.  A row that cannot be
 * used ends the job or is left out, as the options say. */
#include "pipeline/scorer.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "score/score.h"

/* One batch without the extra column, rows that are left out removed. */
typedef struct score_batch {
    size_t n, capacity;
    cm_str *fields; /* (n, n_columns) */
    cm_str *extra;  /* (n) */
    size_t *source; /* (n): row of the reader's batch */
    double *probabilities;
} score_batch;

typedef struct scorer {
    const cm_bundle *bundle;
    const cm_score_log_options *options;
    const cm_score_consumer *consumer;
    size_t n_columns;
    cm_extra_column extra;
    cm_row_reader *reader;
    score_batch batch;
    uint64_t row; /* of the log */
    cm_score_log_report *report;
} scorer;

static void batch_release(score_batch *batch)
{
    free(batch->fields);
    free(batch->extra);
    free(batch->source);
    free(batch->probabilities);
}

static cm_status batch_reserve(score_batch *batch, size_t n, size_t n_columns,
                               cm_error *err)
{
    if (n <= batch->capacity) {
        return CM_OK;
    }
    batch_release(batch);
    *batch = (score_batch){
        .capacity = n,
        .fields = cm_alloc(n * (n_columns + 1), sizeof(cm_str), err),
        .extra = cm_alloc(n, sizeof(cm_str), err),
        .source = cm_alloc(n, sizeof(size_t), err),
        .probabilities = cm_alloc(n, sizeof(double), err)};
    bool ok = batch->fields != NULL && batch->extra != NULL &&
              batch->source != NULL && batch->probabilities != NULL;
    return ok ? CM_OK : CM_ERR_NOMEM;
}

/* A row that cannot be used: an error, or counted and left out. */
static cm_status bad_row(scorer *s, size_t source, const char *column,
                         const char *reason, cm_error *err)
{
    cm_where where = {s->options->input, cm_row_reader_line(s->reader, source),
                      0};
    if (s->options->on_bad_row == CM_BAD_ROW_FAIL) {
        return cm_fail_at(err, CM_ERR_DATA, where, "%s: %s", column, reason);
    }
    s->report->bad_rows++;
    cm_log_say(s->options->log, CM_LOG_DEBUG, "%s:%llu: left out: %s: %s",
               where.file, (unsigned long long)where.line, column, reason);
    return CM_OK;
}

static cm_status batch_fill(scorer *s, const cm_row_batch *rows, cm_error *err)
{
    score_batch *batch = &s->batch;
    size_t width = rows->n_fields;
    cm_status status = batch_reserve(batch, rows->n_rows, s->n_columns, err);
    batch->n = 0;
    for (size_t i = 0; i < rows->n_rows && status == CM_OK; i++) {
        const cm_str *fields = rows->fields + i * width;
        cm_str extra =
            s->extra.name != NULL ? fields[s->n_columns] : CM_STR("");
        const char *reason =
            s->consumer->refuse != NULL ? s->consumer->refuse(extra) : NULL;
        if (reason != NULL) {
            status = bad_row(s, i, s->extra.name, reason, err);
            continue;
        }
        memcpy(batch->fields + batch->n * s->n_columns, fields,
               s->n_columns * sizeof *fields);
        batch->extra[batch->n] = extra;
        batch->source[batch->n++] = i;
    }
    return status;
}

static void batch_remove(score_batch *batch, size_t i, size_t n_columns)
{
    size_t after = batch->n - i - 1;
    cm_str *at = batch->fields + i * n_columns;
    memmove(at, at + n_columns, after * n_columns * sizeof *at);
    memmove(batch->extra + i, batch->extra + i + 1,
            after * sizeof *batch->extra);
    memmove(batch->source + i, batch->source + i + 1,
            after * sizeof *batch->source);
    batch->n--;
}

/* Scores the batch; a row with a broken field is taken out and the rest tried
 * again. */
static cm_status batch_score(scorer *s, cm_error *err)
{
    score_batch *batch = &s->batch;
    const char *const *names = cm_score_columns(s->bundle);
    for (;;) {
        size_t row = SIZE_MAX, column = 0;
        cm_error why = {0};
        cm_status status = cm_score_rows(
            s->bundle, batch->fields, batch->n, s->options->n_threads,
            batch->probabilities, &row, &column, &why);
        if (status == CM_OK) {
            return CM_OK;
        }
        if (status != CM_ERR_DATA || row >= batch->n ||
            column >= s->n_columns) {
            return cm_fail(err, status, "%s", why.message);
        }
        status =
            bad_row(s, batch->source[row], names[column], why.message, err);
        if (status != CM_OK) {
            return status;
        }
        batch_remove(batch, row, s->n_columns);
    }
}

static cm_status batch_hand_on(scorer *s, cm_error *err)
{
    bool has =
        s->extra.name != NULL && cm_row_reader_has(s->reader, s->n_columns);
    const score_batch *batch = &s->batch;
    cm_status status =
        s->consumer->take(s->consumer->context, s->row, has, batch->extra,
                          batch->probabilities, batch->n, err);
    s->row += batch->n;
    return status;
}

static cm_status score_all(scorer *s, cm_error *err)
{
    cm_status status = CM_OK;
    while (status == CM_OK) {
        cm_row_batch rows = {0};
        status = cm_row_reader_next(s->reader, &rows, err);
        if (status != CM_OK || rows.n_rows == 0) {
            break;
        }
        status = batch_fill(s, &rows, err);
        if (status == CM_OK) {
            status = batch_score(s, err);
        }
        if (status == CM_OK) {
            status = batch_hand_on(s, err);
        }
    }
    return status;
}

static cm_status open_reader(scorer *s, const cm_schema *schema, cm_error *err)
{
    size_t n = s->n_columns + (s->extra.name != NULL);
    const char **wanted = cm_alloc(n, sizeof *wanted, err);
    bool *optional = cm_alloc_zero(n, sizeof *optional, err);
    cm_status status = CM_ERR_NOMEM;
    if (wanted != NULL && optional != NULL) {
        for (size_t i = 0; i < s->n_columns; i++) {
            wanted[i] = cm_score_columns(s->bundle)[i];
        }
        if (s->extra.name != NULL) {
            wanted[s->n_columns] = s->extra.name;
            optional[s->n_columns] = s->extra.optional;
        }
        cm_ingest_options ingest = {.input = s->options->input,
                                    .schema = schema,
                                    .on_bad_row = s->options->on_bad_row,
                                    .quarantine = s->options->quarantine,
                                    .n_threads = s->options->n_threads,
                                    .log = s->options->log};
        status =
            cm_row_reader_open(&s->reader, &ingest, wanted, optional, n, err);
    }
    free(wanted);
    free(optional);
    return status;
}

cm_status cm_score_log(cm_score_log_report *report, const cm_bundle *bundle,
                       const cm_score_log_options *options,
                       cm_extra_column extra, const cm_score_consumer *consumer,
                       cm_error *err)
{
    scorer s = {.bundle = bundle,
                .options = options,
                .consumer = consumer,
                .n_columns = cm_score_n_columns(bundle),
                .extra = extra,
                .report = report};
    cm_schema *schema = NULL;
    double start = cm_seconds();
    *report = (cm_score_log_report){0};
    cm_status status = cm_schema_load(
        &schema,
        options->schema != NULL ? options->schema : cm_bundle_schema(bundle),
        err);
    if (status == CM_OK && options->quarantine != NULL) {
        status = cm_make_parent(options->quarantine, err);
    }
    if (status == CM_OK) {
        status = open_reader(&s, schema, err);
    }
    if (status == CM_OK) {
        status = score_all(&s, err);
        report->bad_rows += cm_row_reader_report(s.reader)->bad_rows;
    }
    report->rows = s.row;
    report->seconds = cm_seconds() - start;
    cm_row_reader_close(s.reader);
    batch_release(&s.batch);
    cm_schema_free(schema);
    return status;
}
