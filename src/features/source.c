/* Sources as codes: columns as they are, hours and weekdays computed. */
#include "features/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

static const int64_t small_integers[CM_HOURS] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
    12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
};

const cm_dictionary cm_hour_dictionary = {.n = CM_HOURS,
                                          .integers = small_integers};
const cm_dictionary cm_weekday_dictionary = {.n = CM_WEEKDAYS,
                                             .integers = small_integers};

const char *cm_column_kind_name(cm_column_kind kind)
{
    static const char *const names[] = {
        [CM_COLUMN_ID] = "id",           [CM_COLUMN_TARGET] = "target",
        [CM_COLUMN_TIME] = "time",       [CM_COLUMN_TEXT] = "text",
        [CM_COLUMN_INTEGER] = "integer",
    };
    return names[kind];
}

bool cm_source_equal(const cm_source *a, const cm_source *b)
{
    return a->kind == b->kind && strcmp(a->column, b->column) == 0;
}

size_t cm_source_index(cm_source *sources, size_t *n, cm_source source)
{
    size_t i = 0;
    while (i < *n && !cm_source_equal(&sources[i], &source)) {
        i++;
    }
    if (i == *n) {
        sources[(*n)++] = source;
    }
    return i;
}

enum { CHUNK_ROWS = 1 << 16 };

typedef struct time_codes {
    const int64_t *times;
    size_t n_rows;
    unsigned (*code_of)(int64_t seconds);
    uint8_t *codes;
} time_codes;

/* Neighbours mostly share their hour, so a time is looked at when it changes.
 */
static void encode_times(void *context, size_t chunk, int thread)
{
    (void)thread;
    const time_codes *job = context;
    size_t begin = chunk * CHUNK_ROWS;
    size_t end =
        job->n_rows - begin < CHUNK_ROWS ? job->n_rows : begin + CHUNK_ROWS;
    int64_t last = job->times[begin];
    uint8_t code = (uint8_t)job->code_of(last);
    for (size_t row = begin; row < end; row++) {
        if (job->times[row] != last) {
            last = job->times[row];
            code = (uint8_t)job->code_of(last);
        }
        job->codes[row] = code;
    }
}

static cm_status encode_time_source(cm_source_codes *out, cm_source_kind kind,
                                    const cm_column *column, int n_threads,
                                    cm_error *err)
{
    bool hour = kind == CM_SOURCE_HOUR_OF_DAY;
    out->own = cm_alloc(out->n_rows, 1, err);
    if (out->own == NULL) {
        return CM_ERR_NOMEM;
    }
    time_codes job = {column->values, out->n_rows,
                      hour ? cm_hour_of_day : cm_day_of_week, out->own};
    size_t n_chunks = out->n_rows / CHUNK_ROWS + (out->n_rows % CHUNK_ROWS > 0);
    cm_parallel(n_chunks, cm_thread_count(n_threads), encode_times, &job);
    out->codes = out->own;
    out->width = 1;
    out->dictionary = hour ? &cm_hour_dictionary : &cm_weekday_dictionary;
    return CM_OK;
}

static cm_column_kind kind_needed(cm_source_kind kind)
{
    switch (kind) {
    case CM_SOURCE_TEXT:
        return CM_COLUMN_TEXT;
    case CM_SOURCE_INTEGER:
        return CM_COLUMN_INTEGER;
    default:
        return CM_COLUMN_TIME;
    }
}

static cm_status encode_source(cm_source_codes *out, const cm_source *source,
                               const cm_dataset *dataset, int n_threads,
                               cm_error *err)
{
    const cm_column *column = cm_dataset_find(dataset, source->column);
    cm_column_kind needed = kind_needed(source->kind);
    if (column == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "the log has no column \"%s\" (%s), which the features "
                       "need",
                       source->column, cm_column_kind_name(needed));
    }
    if (column->kind != needed) {
        return cm_fail(err, CM_ERR_DATA,
                       "column \"%s\" is of kind %s, and the features need "
                       "kind %s: use the schema they were fitted with",
                       source->column, cm_column_kind_name(column->kind),
                       cm_column_kind_name(needed));
    }
    *out = (cm_source_codes){.n_rows = dataset->n_rows};
    if (needed == CM_COLUMN_TIME) {
        return encode_time_source(out, source->kind, column, n_threads, err);
    }
    out->codes = column->values;
    out->width = column->width;
    out->dictionary = &column->dictionary;
    return CM_OK;
}

cm_status cm_sources_encode(cm_source_codes **out, const cm_source *sources,
                            size_t n, const cm_dataset *dataset, int n_threads,
                            cm_error *err)
{
    cm_source_codes *codes = cm_alloc_zero(n, sizeof *codes, err);
    if (codes == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        cm_status status =
            encode_source(&codes[i], &sources[i], dataset, n_threads, err);
        if (status != CM_OK) {
            cm_sources_release(codes, n);
            return status;
        }
    }
    *out = codes;
    return CM_OK;
}

void cm_sources_release(cm_source_codes *codes, size_t n)
{
    for (size_t i = 0; codes != NULL && i < n; i++) {
        free(codes[i].own);
    }
    free(codes);
}
