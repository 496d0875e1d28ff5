/* Rows of the dataset as the texts they were made from. */
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/num.h"
#include "pipeline/save_bundle.h"

/* 14102100 for a whole hour, else 2014-10-21 00:00:00: the forms the logs
 * have. */
static size_t format_time(char out[CM_NUM_TEXT], int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm parts = {0};
    gmtime_r(&moment, &parts);
    bool hour =
        seconds % 3600 == 0 && parts.tm_year >= 100 && parts.tm_year < 200;
    return strftime(out, CM_NUM_TEXT, hour ? "%y%m%d%H" : "%Y-%m-%d %H:%M:%S",
                    &parts);
}

static cm_str text_of(const cm_column *column, size_t row,
                      char scratch[CM_NUM_TEXT])
{
    if (column->kind == CM_COLUMN_TIME) {
        int64_t seconds = ((const int64_t *)column->values)[row];
        return (cm_str){scratch, format_time(scratch, seconds)};
    }
    return cm_dictionary_text(&column->dictionary, cm_column_code(column, row),
                              scratch);
}

static cm_status copy_row(cm_str *fields, cm_arena *arena,
                          const cm_column *const *columns, size_t n_columns,
                          size_t row, cm_error *err)
{
    for (size_t i = 0; i < n_columns; i++) {
        char scratch[CM_NUM_TEXT];
        cm_str text = text_of(columns[i], row, scratch);
        const char *copy = cm_arena_strdup(arena, text.p, text.n, err);
        if (copy == NULL) {
            return CM_ERR_NOMEM;
        }
        fields[i] = (cm_str){copy, text.n};
    }
    return CM_OK;
}

cm_status cm_self_test_rows(cm_str **fields, size_t *n, cm_arena *arena,
                            const cm_feature_plan *plan,
                            const cm_dataset *dataset, const uint32_t *rows,
                            size_t n_rows, cm_error *err)
{
    size_t width = plan->n_sources;
    size_t count = n_rows < CM_SELF_TEST_ROWS ? n_rows : CM_SELF_TEST_ROWS;
    cm_str *texts = cm_arena_alloc(arena, count * width * sizeof *texts, err);
    const cm_column **columns =
        cm_arena_alloc(arena, width * sizeof *columns, err);
    if (texts == NULL || columns == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < width; i++) {
        columns[i] = cm_dataset_find(dataset, plan->sources[i].column);
        CM_ASSERT(columns[i] != NULL);
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < count && status == CM_OK; i++) {
        size_t row = rows[i * n_rows / count];
        status = copy_row(texts + i * width, arena, columns, width, row, err);
    }
    *fields = texts;
    *n = count;
    return status;
}
