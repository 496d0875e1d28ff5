/* make_dataset: windows of a log, cut into chunks; chunks, parsed by whichever
 * thread is free into parts of columns; parts, assembled into a dataset. */
#include "data/ingest.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "data/assemble.h"
#include "data/ingest_internal.h"
#include "data/log_reader.h"
#include "data/rows.h"

/* What a thread needs for itself. */
typedef struct worker {
    cm_chunk_rows rows;
    uint32_t *codes;
} worker;

/* How a chunk of the window at hand went. */
typedef struct outcome {
    cm_bad_rows bad;
    cm_error error; /* code CM_OK: none */
} outcome;

typedef struct ingestion {
    const cm_ingest_options *options;
    cm_log_reader reader;
    cm_read_log log;
    worker *workers;
    outcome *outcomes; /* of the window; the last is the preparation's */
    size_t capacity;   /* of the arrays by chunk in log */
} ingestion;

static cm_status allocate(ingestion *in, const cm_ingest_tuning *tuning,
                          cm_error *err)
{
    const cm_log_plan *plan = &in->reader.plan;
    size_t n_threads = (size_t)in->log.n_threads;
    in->log.plan = plan;
    in->workers = cm_alloc_zero(n_threads, sizeof *in->workers, err);
    in->log.parts =
        cm_alloc_zero(n_threads * plan->n_columns, sizeof *in->log.parts, err);
    in->outcomes = cm_alloc_zero(in->reader.chunks.capacity + 1,
                                 sizeof *in->outcomes, err);
    if (in->workers == NULL || in->log.parts == NULL || in->outcomes == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_threads * plan->n_columns; i++) {
        cm_part_init(&in->log.parts[i],
                     plan->columns[i % plan->n_columns].kind);
    }
    for (size_t t = 0; t < n_threads; t++) {
        worker *w = &in->workers[t];
        cm_status status = cm_chunk_rows_init(&w->rows, plan, tuning, err);
        /* As many as a chunk can have rows; untouched memory is free. */
        w->codes = cm_alloc(w->rows.capacity, sizeof *w->codes, err);
        if (status != CM_OK || w->codes == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static void release(ingestion *in)
{
    size_t n_threads = (size_t)in->log.n_threads;
    for (size_t t = 0; in->workers != NULL && t < n_threads; t++) {
        cm_chunk_rows_release(&in->workers[t].rows);
        free(in->workers[t].codes);
    }
    size_t n_parts = n_threads * in->reader.plan.n_columns;
    for (size_t i = 0; in->log.parts != NULL && i < n_parts; i++) {
        cm_part_release(&in->log.parts[i]);
    }
    size_t n_outcomes = in->reader.chunks.capacity + 1;
    for (size_t i = 0; in->outcomes != NULL && i < n_outcomes; i++) {
        cm_bad_rows_release(&in->outcomes[i].bad);
    }
    free(in->workers);
    free(in->outcomes);
    free(in->log.parts);
    free(in->log.n_rows);
    free(in->log.threads);
    free(in->log.pieces);
    cm_log_reader_close(&in->reader);
}

/* Room for the chunks of one more window. */
static cm_status make_room(ingestion *in, size_t n_more, cm_error *err)
{
    cm_read_log *log = &in->log;
    size_t wanted = log->n_chunks + n_more;
    if (wanted <= in->capacity) {
        return CM_OK;
    }
    size_t capacity = wanted * 2;
    void *n_rows = cm_realloc(log->n_rows, capacity, sizeof *log->n_rows, err);
    if (n_rows == NULL) {
        return CM_ERR_NOMEM;
    }
    log->n_rows = n_rows;
    void *threads =
        cm_realloc(log->threads, capacity, sizeof *log->threads, err);
    if (threads == NULL) {
        return CM_ERR_NOMEM;
    }
    log->threads = threads;
    void *pieces = cm_realloc(log->pieces, capacity * log->plan->n_columns,
                              sizeof *log->pieces, err);
    if (pieces == NULL) {
        return CM_ERR_NOMEM;
    }
    log->pieces = pieces;
    in->capacity = capacity;
    return CM_OK;
}

/* Encodes all columns of the rows at hand, or, when a value is none of its
 * kind, leaves everything as it was and sets *bad. */
static cm_status encode(ingestion *in, size_t chunk, int thread, bool *bad,
                        cm_error *err)
{
    size_t n = in->log.plan->n_columns;
    worker *w = &in->workers[thread];
    cm_part *parts = &in->log.parts[(size_t)thread * n];
    cm_status status = CM_OK;
    size_t c = 0;
    for (; c < n && status == CM_OK && !*bad; c++) {
        status =
            cm_part_encode(&parts[c], &w->rows, in->log.plan->columns[c].field,
                           w->codes, &in->log.pieces[chunk * n + c], bad, err);
    }
    while (*bad && c > 0) {
        cm_part_undo(&parts[--c]);
    }
    return status;
}

static cm_status parse_chunk(ingestion *in, size_t task, int thread)
{
    worker *w = &in->workers[thread];
    outcome *result = &in->outcomes[task];
    const cm_chunk *chunk = &in->reader.chunks.list[task];
    size_t index = in->log.n_chunks + task;
    cm_error *err = &result->error;
    bool bad = false;
    cm_status status =
        cm_chunk_rows_read(&w->rows, chunk, false, &result->bad, err);
    if (status == CM_OK) {
        status = encode(in, index, thread, &bad, err);
    }
    if (status == CM_OK && bad) {
        bad = false;
        status = cm_chunk_rows_read(&w->rows, chunk, true, &result->bad, err);
        if (status == CM_OK) {
            status = encode(in, index, thread, &bad, err);
        }
        CM_ASSERT(!bad);
    }
    in->log.n_rows[index] = w->rows.n_rows;
    in->log.threads[index] = thread;
    return status;
}

/* The first task of a window reads on while the others parse it. */
static void window_task(void *context, size_t task, int thread)
{
    ingestion *in = context;
    if (task == 0) {
        outcome *result = &in->outcomes[in->reader.chunks.n];
        result->error.code = cm_log_reader_prepare(&in->reader, &result->error);
        return;
    }
    in->outcomes[task - 1].error.code = parse_chunk(in, task - 1, thread);
}

/* Bad rows and failures in the order of the log. */
static cm_status take_outcomes(ingestion *in, cm_ingest_report *report,
                               cm_error *err)
{
    size_t n = in->reader.chunks.n;
    for (size_t i = 0; i <= n; i++) {
        outcome *result = &in->outcomes[i];
        cm_status status = cm_quarantine_take(&in->reader.quarantine,
                                              &result->bad, report, err);
        if (status != CM_OK) {
            return status;
        }
        if (result->error.code != CM_OK) {
            return cm_fail(err, result->error.code, "%s",
                           result->error.message);
        }
        if (i < n) {
            report->rows += in->log.n_rows[in->log.n_chunks + i];
        }
    }
    return CM_OK;
}

static cm_status read_window(ingestion *in, cm_ingest_report *report,
                             cm_error *err)
{
    size_t n = in->reader.chunks.n;
    cm_status status = make_room(in, n, err);
    if (status != CM_OK) {
        return status;
    }
    for (size_t i = 0; i <= n; i++) {
        in->outcomes[i].bad.policy = in->options->on_bad_row;
        in->outcomes[i].error.code = CM_OK;
    }
    cm_parallel(n + 1, in->log.n_threads, window_task, in);
    status = take_outcomes(in, report, err);
    if (status != CM_OK) {
        return status;
    }
    in->log.n_chunks += n;
    return cm_log_reader_advance(&in->reader, err);
}

/* Parses the whole log into parts. */
static cm_status read_log(ingestion *in, cm_ingest_report *report,
                          const cm_ingest_tuning *tuning, cm_error *err)
{
    const cm_ingest_options *options = in->options;
    cm_status status = cm_log_reader_open(
        &in->reader, options, tuning, in->log.n_threads, "make-dataset", err);
    if (status == CM_OK) {
        status = cm_log_plan_all(&in->reader.plan, options->schema,
                                 options->require_target, err);
    }
    if (status == CM_OK) {
        status = allocate(in, tuning, err);
    }
    while (status == CM_OK && cm_log_reader_cut(&in->reader)) {
        status = read_window(in, report, err);
    }
    report->bytes = in->reader.text.bytes;
    return status == CM_OK ? cm_log_reader_finish(&in->reader, report, err)
                           : status;
}

cm_status cm_ingest_tuned(cm_dataset **out, cm_ingest_report *report,
                          const cm_ingest_options *options,
                          const cm_ingest_tuning *tuning, cm_error *err)
{
    ingestion in = {.options = options};
    cm_ingest_report unwanted;
    report = report == NULL ? &unwanted : report;
    *report = (cm_ingest_report){0};
    *out = NULL;
    in.log.n_threads = cm_thread_count(options->n_threads);
    cm_status status = read_log(&in, report, tuning, err);
    if (status == CM_OK) {
        status = cm_assemble(out, &in.log, err);
    }
    release(&in);
    return status;
}

cm_status cm_ingest(cm_dataset **out, cm_ingest_report *report,
                    const cm_ingest_options *options, cm_error *err)
{
    cm_ingest_tuning tuning = cm_ingest_tuning_default();
    return cm_ingest_tuned(out, report, options, &tuning, err);
}
