/* The features of rows as a CSV table, for people and for tests. */
#include "base/num.h"
#include "codec/csv.h"
#include "pipeline/build_features.h"

/* What one line of the table is made of. */
typedef struct feature_table {
    const cm_column *id, *target;
    const cm_feature_codes *counts, *ctr;
} feature_table;

static void add_id(cm_buf *line, const cm_column *id, size_t row)
{
    char digits[CM_NUM_TEXT];
    if (id == NULL) {
        cm_buf_addf(line, "%zu", row);
    } else if (id->dictionary.n > 0) {
        cm_csv_put(line, cm_dictionary_text(&id->dictionary,
                                            cm_column_code(id, row), digits));
    } else {
        uint64_t value = ((const uint64_t *)id->values)[row];
        cm_buf_add(line, digits, cm_format_u64(digits, value));
    }
}

static void add_values(cm_buf *line, const cm_feature_codes *codes, size_t row)
{
    char digits[CM_NUM_TEXT];
    for (size_t f = 0; f < codes->n_features; f++) {
        double value = cm_feature_value(codes, f, row);
        cm_buf_addc(line, ',');
        cm_buf_add(line, digits, cm_format_double(digits, value));
    }
}

static void add_line(cm_buf *line, const feature_table *table, size_t row)
{
    add_id(line, table->id, row);
    if (table->target != NULL) {
        cm_buf_addf(line, ",%u", ((const uint8_t *)table->target->values)[row]);
    }
    add_values(line, table->counts, row);
    add_values(line, table->ctr, row);
    cm_buf_addc(line, '\n');
}

static void add_header(cm_buf *line, const feature_table *table,
                       const cm_feature_spec *spec)
{
    cm_csv_put(line, cm_str_of(table->id != NULL ? table->id->name : "id"));
    if (table->target != NULL) {
        cm_buf_addc(line, ',');
        cm_csv_put(line, cm_str_of(table->target->name));
    }
    for (size_t i = 0; i < spec->n_count; i++) {
        cm_buf_addc(line, ',');
        cm_csv_put(line, cm_str_of(spec->count_features[i]));
    }
    for (size_t i = 0; i < spec->n_ctr; i++) {
        cm_buf_addf(line, ",%s_ctr", spec->ctr_features[i]);
    }
    cm_buf_addc(line, '\n');
}

static cm_status flush(cm_buf *buf, const cm_sink *sink, cm_error *err)
{
    cm_status status = cm_buf_check(buf, err);
    if (status == CM_OK) {
        status = sink->write(sink->context, (cm_str){buf->p, buf->n}, err);
    }
    cm_buf_clear(buf);
    return status;
}

static cm_status write_lines(const cm_sink *sink, const feature_table *table,
                             const cm_feature_spec *spec, const uint32_t *rows,
                             size_t n_rows, cm_error *err)
{
    enum { FLUSH_BYTES = 1 << 16 };
    cm_buf buf = {0};
    cm_status status = CM_OK;
    add_header(&buf, table, spec);
    for (size_t i = 0; i < n_rows && status == CM_OK; i++) {
        add_line(&buf, table, rows[i]);
        if (buf.n >= FLUSH_BYTES) {
            status = flush(&buf, sink, err);
        }
    }
    if (status == CM_OK) {
        status = flush(&buf, sink, err);
    }
    cm_buf_release(&buf);
    return status;
}

cm_status cm_write_features(const cm_sink *sink, const cm_dataset *dataset,
                            const cm_fitted *fitted,
                            const cm_feature_spec *spec, const uint32_t *rows,
                            size_t n_rows, int n_threads, cm_error *err)
{
    cm_feature_plan *plan = NULL;
    cm_feature_codes *counts = NULL;
    cm_status status =
        cm_plan_features(&plan, dataset, fitted->counts, NULL,
                         spec->count_features, spec->n_count, err);
    if (status == CM_OK) {
        status = cm_feature_codes_new(&counts, plan, dataset, n_threads, err);
    }
    if (status == CM_OK) {
        feature_table table = {cm_dataset_of_kind(dataset, CM_COLUMN_ID),
                               cm_dataset_of_kind(dataset, CM_COLUMN_TARGET),
                               counts, fitted->codes};
        status = write_lines(sink, &table, spec, rows, n_rows, err);
    }
    cm_feature_codes_free(counts);
    cm_feature_plan_free(plan);
    return status;
}
