/* Logs given as text, read whole or row by row. */
#ifndef TEST_DATA_LOG_H
#define TEST_DATA_LOG_H

#include <string.h>

#include "base/num.h"
#include "data/ingest_internal.h"
#include "test_base_folder.h"

/* A schema from its text. */
static cm_schema *schema_of(void **state, const char *text)
{
    cm_schema *schema = NULL;
    cm_error err = {0};
    const char *path = path_in(state, "schema.yaml");
    assert_int_equal(cm_write_file(path, cm_str_of(text), NULL), CM_OK);
    if (cm_schema_load(&schema, path, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return schema;
}

static cm_ingest_tuning small_tuning(const cm_str *memory)
{
    return (cm_ingest_tuning){.memory = memory,
                              .window_bytes = 4096,
                              .chunk_bytes = 256,
                              .kernels = cm_csv_kernels_best()};
}

static cm_ingest_options options_of(const cm_schema *schema, cm_bad_row policy)
{
    return (cm_ingest_options){.input = "log.csv",
                               .schema = schema,
                               .on_bad_row = policy,
                               .require_target = true,
                               .n_threads = 1};
}

/* A schema of three columns. */
static const char TINY_SCHEMA[] =
    "name: tiny\n"
    "columns:\n"
    "  - {name: y, kind: target}\n"
    "  - {name: s, kind: text}\n"
    "  - {name: n, kind: integer, required: false}\n";

/* What came of a log. */
typedef struct reading {
    cm_status status;
    cm_dataset *dataset;
    cm_ingest_report report;
    cm_error err;
} reading;

static inline reading read_as(const cm_ingest_options *options,
                              const char *text)
{
    reading r = {0};
    cm_str memory = cm_str_of(text);
    cm_ingest_tuning tuning = small_tuning(&memory);
    r.status = cm_ingest_tuned(&r.dataset, &r.report, options, &tuning, &r.err);
    return r;
}

/* The text of a value of the dataset, in scratch or in the dataset. */
static inline cm_str value_text(const cm_column *column, size_t row,
                                char *scratch)
{
    if (column->dictionary.n > 0) {
        return cm_dictionary_text(&column->dictionary,
                                  cm_column_code(column, row), scratch);
    }
    size_t n = 0;
    if (column->kind == CM_COLUMN_TARGET) {
        n = cm_format_u64(scratch, ((const uint8_t *)column->values)[row]);
    } else if (column->kind == CM_COLUMN_ID) {
        n = cm_format_u64(scratch, ((const uint64_t *)column->values)[row]);
    } else {
        n = cm_format_i64(scratch, ((const int64_t *)column->values)[row]);
    }
    return (cm_str){scratch, n};
}

#endif
