/* Cuts a window at ends of records.  A newline ends a record when the number
 * of quotes before it is even, so quotes are counted first, in parallel. */
#include "data/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

cm_status cm_chunks_init(cm_chunks *chunks, size_t window, size_t chunk_bytes,
                         const cm_csv_kernels *kernels, int n_threads,
                         cm_error *err)
{
    *chunks = (cm_chunks){.kernels = kernels,
                          .chunk_bytes = chunk_bytes,
                          .n_threads = n_threads,
                          .capacity = window / chunk_bytes + 1};
    chunks->list = cm_alloc(chunks->capacity, sizeof *chunks->list, err);
    chunks->surveys = cm_alloc(chunks->capacity, sizeof *chunks->surveys, err);
    chunks->before =
        cm_alloc_zero(chunks->capacity + 1, sizeof *chunks->before, err);
    return chunks->list == NULL || chunks->surveys == NULL ||
                   chunks->before == NULL
               ? CM_ERR_NOMEM
               : CM_OK;
}

void cm_chunks_release(cm_chunks *chunks)
{
    free(chunks->list);
    free(chunks->surveys);
    free(chunks->before);
    *chunks = (cm_chunks){0};
}

typedef struct survey_job {
    cm_chunks *chunks;
    const cm_log_text *text;
} survey_job;

static void survey_task(void *context, size_t task, int thread)
{
    (void)thread;
    survey_job *job = context;
    size_t from = task * job->chunks->chunk_bytes;
    size_t left = job->text->n - from;
    size_t n =
        left < job->chunks->chunk_bytes ? left : job->chunks->chunk_bytes;
    job->chunks->surveys[task] =
        job->chunks->kernels->survey(job->text->p + from, n);
}

static bool is_odd(uint64_t n)
{
    return n % 2 != 0;
}

/* Behind the first newline outside quotes in p[from, n); n when there is none.
 * inside: whether p[from] is inside. */
static size_t record_end_after(const char *p, size_t from, size_t n,
                               bool inside)
{
    while (from < n) {
        const char *found = memchr(p + from, '\n', n - from);
        size_t end = found == NULL ? n : (size_t)(found - p);
        for (const char *q = p + from;
             (q = memchr(q, '"', (size_t)(p + end - q))) != NULL; q++) {
            inside = !inside;
        }
        if (found != NULL && !inside) {
            return end + 1;
        }
        from = end + 1;
    }
    return n;
}

/* Behind the last newline outside quotes in p[0, n); 0 when there is none.
 * inside: whether p[n] would be inside. */
static size_t last_record_end(const char *p, size_t n, bool inside)
{
    for (; n > 0; n--) {
        char c = p[n - 1];
        if (c == '\n' && !inside) {
            return n;
        }
        inside ^= c == '"';
    }
    return 0;
}

/* Length of p[0, n) without the empty lines at its end. */
static size_t without_empty_lines(const char *p, size_t n)
{
    while (n > 0 && p[n - 1] == '\n') {
        size_t before = n - 1;
        before -= before > 0 && p[before - 1] == '\r';
        if (before > 0 && p[before - 1] != '\n') {
            break;
        }
        n = before;
    }
    return n;
}

static void add_chunk(cm_chunks *chunks, const cm_log_text *text, size_t from,
                      size_t to)
{
    size_t first = from / chunks->chunk_bytes;
    size_t last = (to - 1) / chunks->chunk_bytes;
    size_t base = first * chunks->chunk_bytes;
    const char *p = text->p;
    cm_chunk chunk = {
        .p = p + from,
        .n = to - from,
        .line = text->line + chunks->before[first].newlines +
                chunks->kernels->survey(p + base, from - base).newlines,
        .has_before = cm_log_text_has_before(text, p + from, 8),
        .quotes =
            chunks->before[last + 1].quotes != chunks->before[first].quotes};
    for (size_t k = first; k <= last; k++) {
        chunk.nul |= chunks->surveys[k].nul;
        chunk.high |= chunks->surveys[k].high;
    }
    chunks->list[chunks->n++] = chunk;
}

/* Sums the surveys up; returns their number. */
static size_t survey_window(cm_chunks *chunks, const cm_log_text *text)
{
    size_t n = (text->n + chunks->chunk_bytes - 1) / chunks->chunk_bytes;
    CM_ASSERT(n <= chunks->capacity);
    survey_job job = {chunks, text};
    cm_parallel(n, chunks->n_threads, survey_task, &job);
    for (size_t k = 0; k < n; k++) {
        const cm_csv_survey *before = &chunks->before[k];
        chunks->before[k + 1] = (cm_csv_survey){
            .quotes = before->quotes + chunks->surveys[k].quotes,
            .newlines = before->newlines + chunks->surveys[k].newlines};
    }
    return n;
}

void cm_chunks_cut(cm_chunks *chunks, const cm_log_text *text)
{
    size_t n_surveys = survey_window(chunks, text);
    const cm_csv_survey *all = &chunks->before[n_surveys];
    const char *p = text->p;
    size_t n =
        text->last ? text->n : last_record_end(p, text->n, is_odd(all->quotes));
    n = without_empty_lines(p, n);
    chunks->n = 0;
    for (size_t k = 1, from = 0; from < n; k++) {
        size_t to = n;
        if (k < n_surveys && k * chunks->chunk_bytes < n) {
            bool inside = is_odd(chunks->before[k].quotes);
            to = record_end_after(p, k * chunks->chunk_bytes, n, inside);
        }
        if (to > from) {
            add_chunk(chunks, text, from, to);
            from = to;
        }
    }
    chunks->used = text->last ? text->n : n;
    size_t left = text->n - chunks->used;
    chunks->lines = all->newlines -
                    chunks->kernels->survey(p + chunks->used, left).newlines;
}
