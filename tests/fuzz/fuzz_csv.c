/* Any bytes as a log: the fast kernels and the portable ones, one thread and
 * two, large chunks and small ones give the same dataset or the same error,
 * and the row reader gives the same rows.
 *
 * The first byte of an input chooses the schema and what to do with bad rows;
 * the log is what follows. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "data/ingest_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const cm_schema_column COLUMNS[] = {{"id", CM_COLUMN_ID, false},
                                           {"y", CM_COLUMN_TARGET, false},
                                           {"t", CM_COLUMN_TIME, false},
                                           {"s", CM_COLUMN_TEXT, true},
                                           {"n", CM_COLUMN_INTEGER, true}};

enum { WITHOUT_HEADER = 1, TAB = 2, EXTRA = 4, SKIP = 8 };

typedef struct outcome {
    cm_status status;
    cm_error err;
    cm_ingest_report report;
    cm_dataset *dataset;
} outcome;

static cm_ingest_options options_of(const cm_schema *schema, uint8_t choice)
{
    return (cm_ingest_options){
        .input = "log",
        .schema = schema,
        .on_bad_row = (choice & SKIP) != 0 ? CM_BAD_ROW_SKIP : CM_BAD_ROW_FAIL,
        .n_threads = 1};
}

static cm_ingest_tuning tuning_of(const cm_str *memory,
                                  const cm_csv_kernels *kernels,
                                  size_t chunk_bytes)
{
    return (cm_ingest_tuning){.memory = memory,
                              .window_bytes = memory->n + 1,
                              .chunk_bytes = chunk_bytes,
                              .kernels = kernels};
}

static outcome ingest(const cm_ingest_options *options,
                      const cm_ingest_tuning *tuning)
{
    outcome o = {0};
    o.status = cm_ingest_tuned(&o.dataset, &o.report, options, tuning, &o.err);
    CM_ASSERT((o.status == CM_OK) == (o.dataset != NULL));
    CM_ASSERT(o.status == CM_OK || o.err.message[0] != '\0');
    return o;
}

static void check_equal_columns(const cm_column *a, const cm_column *b,
                                size_t n_rows)
{
    CM_ASSERT(strcmp(a->name, b->name) == 0 && a->kind == b->kind);
    CM_ASSERT(a->width == b->width && a->dictionary.n == b->dictionary.n);
    CM_ASSERT(memcmp(a->values, b->values, n_rows * a->width) == 0);
    for (uint32_t i = 0; i < a->dictionary.n; i++) {
        char x[CM_NUM_TEXT];
        char y[CM_NUM_TEXT];
        CM_ASSERT(cm_str_equal(cm_dictionary_text(&a->dictionary, i, x),
                               cm_dictionary_text(&b->dictionary, i, y)));
    }
}

static void check_equal(const outcome *a, const outcome *b)
{
    CM_ASSERT(a->status == b->status);
    CM_ASSERT(strcmp(a->err.message, b->err.message) == 0);
    if (a->status != CM_OK) {
        return;
    }
    CM_ASSERT(a->report.rows == b->report.rows);
    CM_ASSERT(a->report.bad_rows == b->report.bad_rows);
    CM_ASSERT(a->dataset->n_columns == b->dataset->n_columns);
    for (size_t c = 0; c < a->dataset->n_columns; c++) {
        check_equal_columns(&a->dataset->columns[c], &b->dataset->columns[c],
                            a->dataset->n_rows);
    }
}

/* The text of a field is the value of the dataset. */
static void check_value(const cm_column *column, size_t row, cm_str field)
{
    char scratch[CM_NUM_TEXT];
    int64_t number = 0;
    if (column->kind == CM_COLUMN_TARGET) {
        CM_ASSERT(((const uint8_t *)column->values)[row] == field.p[0] - '0');
    } else if (column->kind == CM_COLUMN_TIME) {
        CM_ASSERT(cm_parse_time(field, &number));
        CM_ASSERT(((const int64_t *)column->values)[row] == number);
    } else if (column->kind == CM_COLUMN_INTEGER) {
        uint32_t code = cm_column_code(column, row);
        int64_t value = column->dictionary.integers[code];
        CM_ASSERT(field.n == 0
                      ? value == CM_MISSING_INTEGER
                      : cm_parse_i64(field, &number) && number == value);
    } else if (column->width == 8) {
        size_t n =
            cm_format_u64(scratch, ((const uint64_t *)column->values)[row]);
        CM_ASSERT(cm_str_equal(field, (cm_str){scratch, n}));
    } else {
        CM_ASSERT(cm_str_equal(
            field, cm_dictionary_text(&column->dictionary,
                                      cm_column_code(column, row), scratch)));
    }
}

static void check_rows(const outcome *whole, const cm_ingest_options *options,
                       const cm_ingest_tuning *tuning)
{
    const cm_dataset *dataset = whole->dataset;
    const char *wanted[16];
    size_t n = dataset->n_columns < 16 ? dataset->n_columns : 16;
    for (size_t c = 0; c < n; c++) {
        wanted[c] = dataset->columns[c].name;
    }
    cm_row_reader *reader = NULL;
    cm_status status = cm_row_reader_open_tuned(&reader, options, tuning,
                                                wanted, NULL, n, NULL);
    CM_ASSERT(status == CM_OK);
    cm_row_batch batch = {0};
    size_t row = 0;
    do {
        status = cm_row_reader_next(reader, &batch, NULL);
        CM_ASSERT(status == CM_OK);
        for (size_t i = 0; i < batch.n_rows; i++, row++) {
            for (size_t c = 0; c < n && n == dataset->n_columns; c++) {
                check_value(&dataset->columns[c], row, batch.fields[i * n + c]);
            }
        }
    } while (batch.n_rows > 0);
    CM_ASSERT(n < dataset->n_columns || row == dataset->n_rows);
    cm_row_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0) {
        return 0;
    }
    uint8_t choice = bytes[0];
    cm_str memory = {(const char *)bytes + 1, n - 1};
    cm_schema schema = {.name = "fuzz",
                        .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
                        .columns = COLUMNS,
                        .keep_extra = (choice & EXTRA) != 0,
                        .header = (choice & WITHOUT_HEADER) == 0,
                        .delimiter = (choice & TAB) != 0 ? '\t' : ','};
    cm_ingest_options options = options_of(&schema, choice);
    cm_ingest_tuning tuning =
        tuning_of(&memory, cm_csv_kernels_best(), 1 << 16);
    outcome whole = ingest(&options, &tuning);
    if (whole.status == CM_OK) {
        check_rows(&whole, &options, &tuning);
    }
    for (int threads = 1; threads <= 2; threads++) {
        cm_ingest_tuning other = tuning_of(&memory, cm_csv_kernels_portable(),
                                           threads == 1 ? 64 : 100);
        options.n_threads = threads;
        outcome again = ingest(&options, &other);
        check_equal(&whole, &again);
        cm_dataset_free(again.dataset);
    }
    cm_dataset_free(whole.dataset);
    return 0;
}
