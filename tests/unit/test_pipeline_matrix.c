/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* fit and predict over a matrix: what they say of the same rows is the same,
 * and with the n-th allocation failing, n = 0, 1, 2 …, they give an error back
 * and no file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/num.h"
#include "pipeline/fit_matrix.h"
#include "pipeline/score_log.h"
#include "test_base_faults.h"
#include "test_base_folder.h"

enum { ROWS = 300, MAX_FAULTS = 5000 };

typedef struct files {
    char x[1024], y[1024], w[1024], model[1024];
} files;

static int label_of(int i)
{
    return i % 13 + i % 5 > 9;
}

static void write_files(files *f, void **state)
{
    cm_buf x = {0}, y = {0}, w = {0};
    cm_buf_adds(&x, "a,b\n");
    for (int i = 0; i < ROWS; i++) {
        cm_buf_addf(&x, "%d,%d\n", i % 13, i % 7);
        cm_buf_addf(&y, "%d\n", label_of(i));
        cm_buf_addf(&w, "%d\n", 1 + i % 3);
    }
    snprintf(f->x, sizeof f->x, "%s", path_in(state, "X.csv"));
    snprintf(f->y, sizeof f->y, "%s", path_in(state, "y.csv"));
    snprintf(f->w, sizeof f->w, "%s", path_in(state, "w.csv"));
    snprintf(f->model, sizeof f->model, "%s", path_in(state, "m.cbm"));
    assert_int_equal(cm_write_file(f->x, (cm_str){x.p, x.n}, NULL), CM_OK);
    assert_int_equal(cm_write_file(f->y, (cm_str){y.p, y.n}, NULL), CM_OK);
    assert_int_equal(cm_write_file(f->w, (cm_str){w.p, w.n}, NULL), CM_OK);
    cm_buf_release(&x);
    cm_buf_release(&y);
    cm_buf_release(&w);
}

static cm_fit_matrix_job job_of(const files *f, uint32_t iterations)
{
    cm_fit_matrix_job job = {.x = f->x,
                             .y = f->y,
                             .weights = f->w,
                             .eval_x = f->x,
                             .eval_y = f->y,
                             .model = f->model,
                             .fit = {.border_count = 254,
                                     .nan_mode = CM_NAN_MODE_MIN,
                                     .class_names = {"0", "1"}}};
    cm_train_options_init(&job.fit.train);
    job.fit.train.iterations = iterations;
    job.fit.train.depth = 2;
    job.fit.train.bootstrap = CM_BOOTSTRAP_STRATIFIED;
    job.fit.train.n_threads = 1;
    return job;
}

static cm_status append(void *context, cm_str bytes, cm_error *err)
{
    cm_buf_add(context, bytes.p, bytes.n);
    return cm_buf_check(context, err);
}

static cm_status predict(cm_buf *out, const files *f, cm_error *err)
{
    cm_sink sink = {out, append};
    cm_score_log_report report;
    cm_model *model = NULL;
    cm_status status = cm_model_load(&model, f->model, err);
    if (status == CM_OK) {
        status = cm_predict_table(&report, model, f->x, CM_PREDICTION_CSV,
                                  &sink, NULL, err);
    }
    cm_model_free(model);
    return status;
}

static double log_loss_of(const cm_buf *csv)
{
    const char *line = strchr(csv->p, '\n') + 1;
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
        const char *comma = strchr(line, ','), *end = strchr(line, '\n');
        double p = 0;
        assert_true(cm_parse_double(
            (cm_str){comma + 1, (size_t)(end - comma) - 1}, &p));
        sum -= log(label_of(i) ? p : 1 - p);
        line = end + 1;
    }
    assert_int_equal(*line, '\0');
    return sum / ROWS;
}

static void the_log_loss_is_that_of_the_predictions(void **state)
{
    files f;
    cm_fit_matrix_result result;
    cm_error err = {0};
    cm_buf csv = {0};
    write_files(&f, state);
    cm_fit_matrix_job job = job_of(&f, 30);
    if (cm_fit_matrix(&result, &job, &err) != CM_OK ||
        predict(&csv, &f, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(result.n_trees, 30);
    assert_int_equal(result.n_eval, ROWS);
    assert_true(fabs(log_loss_of(&csv) - result.log_loss) < 1e-12);
    assert_true(result.log_loss < .9 * result.metrics.base_log_loss);
    cm_buf_release(&csv);
}

static void every_allocation_may_fail(void **state)
{
    files f;
    cm_status status = CM_ERR_NOMEM;
    write_files(&f, state);
    cm_fit_matrix_job job = job_of(&f, 2);
    long n = 0;
    for (; status != CM_OK; n++) {
        cm_fit_matrix_result result;
        cm_error err = {0};
        cm_buf csv = {0};
        assert_int_equal(cm_remove_tree(f.model, NULL), CM_OK);
        assert_true(n < MAX_FAULTS);
        faults_left = n;
        status = cm_fit_matrix(&result, &job, &err);
        if (status == CM_OK) {
            status = predict(&csv, &f, &err);
        } else {
            faults_left = -1;
            assert_false(cm_file_exists(f.model));
        }
        faults_left = -1;
        assert_true(status == CM_OK || err.message[0] != '\0');
        cm_buf_release(&csv);
    }
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_loss_is_that_of_the_predictions),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
