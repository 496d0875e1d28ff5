/* Makes, writes and checks the rows that prove a bundle answers as it did. */
#include "score/self_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "score/score_raw.h"

static const double probability_tolerance = 1e-15;

static cm_status self_test_init(self_test *test, const cm_bundle *bundle,
                                size_t n, cm_error *err)
{
    *test = (self_test){.n = n};
    test->columns = cm_lookup_columns(bundle->lookup, &test->n_columns);
    test->fields = cm_alloc(n, test->n_columns * sizeof *test->fields, err);
    test->raw = cm_alloc(n, sizeof *test->raw, err);
    test->probabilities = cm_alloc(n, sizeof *test->probabilities, err);
    return test->fields && test->raw && test->probabilities ? CM_OK
                                                            : CM_ERR_NOMEM;
}

void self_test_release(self_test *test)
{
    free(test->fields);
    free(test->raw);
    free(test->probabilities);
}

static cm_status self_test_score(self_test *test, const cm_bundle *bundle,
                                 cm_error *err)
{
    size_t row = 0;
    cm_status status =
        score_rows_raw(bundle->lookup, bundle->model, test->fields, test->n, 1,
                       test->raw, &row, NULL, err);
    if (status != CM_OK) {
        cm_error_prefix(err, "row %zu of the self-test", row);
        return status;
    }
    if (test->n > 0) {
        memcpy(test->probabilities, test->raw, test->n * sizeof *test->raw);
    }
    score_sigmoid(test->probabilities, test->n);
    return CM_OK;
}

/* The first source that reads a column: hour and weekday share one. */
static size_t source_of_column(const cm_feature_plan *plan, const char *column)
{
    for (size_t s = 0; s < plan->n_sources; s++) {
        if (strcmp(plan->sources[s].column, column) == 0) {
            return s;
        }
    }
    cm_assert_failed("a lookup's column is a plan's source", __FILE__,
                     __LINE__);
}

cm_status self_test_make(self_test *test, const cm_bundle *bundle,
                         const cm_str *rows, size_t n, cm_error *err)
{
    const cm_feature_plan *plan = bundle->plan;
    cm_status status = self_test_init(test, bundle, n, err);
    if (status != CM_OK) {
        return status;
    }
    for (size_t c = 0; c < test->n_columns; c++) {
        size_t source = source_of_column(plan, test->columns[c]);
        for (size_t i = 0; i < n; i++) {
            cm_str field = rows[i * plan->n_sources + source];
            if (cm_utf8_valid(field) != field.n) {
                return cm_fail(err, CM_ERR_DATA,
                               "row %zu of the self-test: %s is not UTF-8", i,
                               test->columns[c]);
            }
            test->fields[i * test->n_columns + c] = field;
        }
    }
    return self_test_score(test, bundle, err);
}

static void put_numbers(cm_json_writer *w, const char *key,
                        const double *values, size_t n)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < n; i++) {
        cm_json_put_double(w, NULL, values[i]);
    }
    cm_json_end_array(w);
}

void self_test_put(cm_json_writer *w, const self_test *test)
{
    cm_json_begin_object(w, "self_test");
    cm_json_begin_array(w, "columns");
    for (size_t c = 0; c < test->n_columns; c++) {
        cm_json_put_text(w, NULL, test->columns[c]);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "rows");
    for (size_t i = 0; i < test->n; i++) {
        cm_json_begin_array(w, NULL);
        for (size_t c = 0; c < test->n_columns; c++) {
            cm_json_put_str(w, NULL, test->fields[i * test->n_columns + c]);
        }
        cm_json_end_array(w);
    }
    cm_json_end_array(w);
    put_numbers(w, "raw", test->raw, test->n);
    put_numbers(w, "probabilities", test->probabilities, test->n);
    cm_json_end_object(w);
}

static cm_status malformed(const char *file, const char *what, cm_error *err)
{
    return cm_fail(err, CM_ERR_DATA,
                   "%s: self_test: %s; run `clickmill model rollback` or "
                   "train again",
                   file, what);
}

static cm_status read_columns(const self_test *test, const json_t *columns,
                              const char *file, cm_error *err)
{
    if (json_array_size(columns) != test->n_columns) {
        return malformed(file, "other columns than the features need", err);
    }
    for (size_t c = 0; c < test->n_columns; c++) {
        const char *name = json_string_value(json_array_get(columns, c));
        if (name == NULL || strcmp(name, test->columns[c]) != 0) {
            return malformed(file, "other columns than the features need", err);
        }
    }
    return CM_OK;
}

static cm_status read_rows(self_test *test, const json_t *rows,
                           const char *file, cm_error *err)
{
    for (size_t i = 0; i < test->n; i++) {
        const json_t *row = json_array_get(rows, i);
        for (size_t c = 0; c < test->n_columns; c++) {
            const json_t *field = json_array_get(row, c);
            if (!json_is_string(field)) {
                return malformed(file, "a row with a field that is no text",
                                 err);
            }
            test->fields[i * test->n_columns + c] =
                (cm_str){json_string_value(field), json_string_length(field)};
        }
    }
    return CM_OK;
}

static cm_status compare(const self_test *test, const json_t *raw,
                         const json_t *probabilities, const char *file,
                         cm_error *err)
{
    for (size_t i = 0; i < test->n; i++) {
        double wanted_raw = json_number_value(json_array_get(raw, i));
        double wanted = json_number_value(json_array_get(probabilities, i));
        if (wanted_raw != test->raw[i] ||
            !(fabs(wanted - test->probabilities[i]) <= probability_tolerance)) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: self-test row %zu gives %.17g (raw %.17g), "
                           "but gave %.17g (raw %.17g) when the bundle was "
                           "written; do not use it: run `clickmill model "
                           "rollback` or train again",
                           file, i, test->probabilities[i], test->raw[i],
                           wanted, wanted_raw);
        }
    }
    return CM_OK;
}

cm_status self_test_check(const cm_bundle *bundle, const char *file,
                          cm_error *err)
{
    const json_t *object = json_object_get(bundle->json, "self_test");
    const json_t *rows = json_object_get(object, "rows");
    const json_t *raw = json_object_get(object, "raw");
    const json_t *probabilities = json_object_get(object, "probabilities");
    size_t n = json_array_size(rows);
    self_test test = {0};
    if (!json_is_array(rows) || n > CM_SELF_TEST_ROWS ||
        json_array_size(raw) != n || json_array_size(probabilities) != n) {
        return malformed(file, "not at most 100 rows with their answers", err);
    }
    cm_status status = self_test_init(&test, bundle, n, err);
    if (status == CM_OK) {
        status =
            read_columns(&test, json_object_get(object, "columns"), file, err);
    }
    if (status == CM_OK) {
        status = read_rows(&test, rows, file, err);
    }
    if (status == CM_OK) {
        status = self_test_score(&test, bundle, err);
    }
    if (status == CM_OK) {
        status = compare(&test, raw, probabilities, file, err);
    }
    self_test_release(&test);
    return status;
}
