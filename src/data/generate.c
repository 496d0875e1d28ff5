/* A deterministic Avazu-like click log: chunks of rows made by all threads,
 * written in order.  A chunk is a function of the seed, its number and the
 * number of rows alone. */
#include "data/generate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "data/generate_row.h"

enum {
    CHUNK_ROWS = 8192,
    WINDOW_MAX = 32 /* chunks made at once */
};

static const uint64_t rows_max = 1ull << 40;

static const char header[] =
    "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,"
    "app_domain,app_category,device_id,device_ip,device_model,device_type,"
    "device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21\n";

/* Where the bytes go: a file that appears when complete, or a pipe. */
typedef struct sink {
    cm_atomic_file *file; /* NULL: standard output */
    uint64_t bytes;
    int error; /* errno of the first failed write to standard output */
} sink;

typedef struct chunk {
    char *text; /* (CHUNK_ROWS * CM_ROW_MAX) */
    size_t size;
    uint64_t clicks;
} chunk;

/* Two windows of chunks: while one is made, the other is written. */
typedef struct job {
    const cm_world *world;
    uint64_t rows, n_chunks;
    uint64_t hour_end[CM_WORLD_HOURS]; /* the first row after each hour */
    sink sink;
    size_t window;    /* chunks in a window */
    chunk *chunks[2]; /* (window) each */
    int making;       /* which of the two is being made */
    uint64_t first;   /* number of the first chunk being made */
    size_t n_made;    /* chunks being made */
    size_t n_waiting; /* chunks of the other window, to be written */
} job;

static void sink_write(sink *out, const char *bytes, size_t n)
{
    out->bytes += n;
    if (out->file != NULL) {
        cm_atomic_write(out->file, bytes, n);
        return;
    }
    while (n > 0 && out->error == 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, n);
        if (done >= 0) {
            bytes += done;
            n -= (size_t)done;
        } else if (errno != EINTR) {
            out->error = errno;
        }
    }
}

static cm_status sink_close(sink *out, cm_error *err)
{
    if (out->file != NULL) {
        cm_atomic_file *file = out->file;
        out->file = NULL;
        return cm_atomic_commit(file, err);
    }
    if (out->error != 0) {
        errno = out->error;
        return cm_fail_errno(err, "cannot write to standard output");
    }
    return CM_OK;
}

static void make_chunk(const job *j, chunk *out, uint64_t number)
{
    uint64_t row = number * CHUNK_ROWS;
    uint64_t end = row + CHUNK_ROWS < j->rows ? row + CHUNK_ROWS : j->rows;
    cm_rng rng = cm_rng_stream(j->world->seed, number);
    char *at = out->text;
    uint32_t hour = 0;
    out->clicks = 0;
    for (; row < end; row++) {
        while (row >= j->hour_end[hour]) {
            hour++;
        }
        cm_impression x;
        cm_impression_draw(&x, j->world, hour, &rng);
        bool click = cm_impression_click(&x, j->world);
        out->clicks += click;
        at += cm_impression_write(at, &x, j->world, row, click);
    }
    out->size = (size_t)(at - out->text);
}

/* Task 0 writes the waiting window, task 1 + i makes chunk i of the other. */
static void run_task(void *context, size_t task, int thread)
{
    job *j = context;
    (void)thread;
    if (task == 0) {
        const chunk *waiting = j->chunks[!j->making];
        for (size_t i = 0; i < j->n_waiting; i++) {
            sink_write(&j->sink, waiting[i].text, waiting[i].size);
        }
    } else {
        make_chunk(j, &j->chunks[j->making][task - 1], j->first + task - 1);
    }
}

/* Makes the next window while the last one is written; returns its clicks. */
static uint64_t run_window(job *j, int n_threads)
{
    uint64_t left = j->n_chunks - j->first, clicks = 0;
    j->n_made = left < j->window ? (size_t)left : j->window;
    cm_parallel(1 + j->n_made, n_threads, run_task, j);
    for (size_t i = 0; i < j->n_made; i++) {
        clicks += j->chunks[j->making][i].clicks;
    }
    j->first += j->n_made;
    j->n_waiting = j->n_made;
    j->making = !j->making;
    return clicks;
}

/* Stops early when standard output has failed; a file keeps its error for the
 * commit. */
static uint64_t run(job *j, int n_threads, const cm_log *log)
{
    uint64_t clicks = 0, done = 0;
    cm_progress *progress = cm_progress_new(log, "generate", "rows", j->rows);
    do {
        clicks += run_window(j, n_threads);
        uint64_t made = j->first * CHUNK_ROWS;
        made = made < j->rows ? made : j->rows;
        cm_progress_add(progress, made - done);
        done = made;
    } while (j->n_waiting > 0 && j->sink.error == 0);
    cm_progress_free(progress);
    return clicks;
}

static cm_status allocate_windows(job *j, cm_error *err)
{
    for (int side = 0; side < 2; side++) {
        j->chunks[side] =
            cm_alloc_zero(j->window, sizeof *j->chunks[side], err);
        for (size_t i = 0; j->chunks[side] != NULL && i < j->window; i++) {
            chunk *c = &j->chunks[side][i];
            c->text = cm_alloc(CHUNK_ROWS, CM_ROW_MAX, err);
            if (c->text == NULL) {
                return CM_ERR_NOMEM;
            }
        }
        if (j->chunks[side] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static void free_windows(job *j)
{
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; j->chunks[side] != NULL && i < j->window; i++) {
            free(j->chunks[side][i].text);
        }
        free(j->chunks[side]);
    }
}

static void set_hours(job *j)
{
    for (int h = 0; h < CM_WORLD_HOURS; h++) {
        double share = j->world->hour_end[h] * (double)j->rows;
        j->hour_end[h] = (uint64_t)share;
    }
    j->hour_end[CM_WORLD_HOURS - 1] = j->rows;
}

static bool ends_with(const char *name, const char *suffix)
{
    return cm_str_ends_with(cm_str_of(name), suffix);
}

static cm_status check(const cm_generate_options *options, cm_error *err)
{
    const char *name = options->output;
    if (options->rows == 0 || options->rows > rows_max) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%" PRIu64 " rows to generate, expected 1 to %" PRIu64,
                       options->rows, rows_max);
    }
    if (ends_with(name, ".gz") || ends_with(name, ".zst")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: generate writes plain CSV; give a name that ends "
                       "in .csv, or write to standard output (-) and pipe it "
                       "through gzip or zstd",
                       name);
    }
    return CM_OK;
}

static cm_status job_prepare(job *j, cm_world *world,
                             const cm_generate_options *options, int n_threads,
                             cm_error *err)
{
    size_t window = 2 * (size_t)n_threads;
    j->world = world;
    j->rows = options->rows;
    j->n_chunks = (options->rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
    j->window = window < WINDOW_MAX ? window : WINDOW_MAX;
    set_hours(j);
    cm_status status = cm_world_calibrate(world, err);
    if (status == CM_OK) {
        status = allocate_windows(j, err);
    }
    if (status == CM_OK && strcmp(options->output, "-") != 0) {
        status = cm_atomic_open(&j->sink.file, options->output, err);
    }
    return status;
}

cm_status cm_generate(cm_generate_report *report,
                      const cm_generate_options *options, cm_error *err)
{
    *report = (cm_generate_report){0};
    job j = {0};
    cm_world *world = NULL;
    int n_threads = cm_thread_count(options->n_threads);
    cm_status status = check(options, err);
    if (status != CM_OK) {
        goto done;
    }
    status = cm_world_new(&world, options->seed, err);
    if (status != CM_OK) {
        goto done;
    }
    status = job_prepare(&j, world, options, n_threads, err);
    if (status != CM_OK) {
        goto done;
    }
    sink_write(&j.sink, header, sizeof header - 1);
    report->clicks = run(&j, n_threads, options->log);
    report->rows = options->rows;
    report->bytes = j.sink.bytes;
    status = sink_close(&j.sink, err);
done:
    free_windows(&j);
    cm_world_free(world);
    return status;
}
