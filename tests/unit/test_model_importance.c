/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Importances by hand and by their definition, and what fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/explain.h"
#include "test_base_faults.h"
#include "test_model_pencil.h"
#include "test_model_random.h"

static void assert_near(double a, double b, double within)
{
    if (!(fabs(a - b) <= within)) {
        fail_msg("%.17g is not %.17g", a, b);
    }
}

static void values_change_of_the_worked_example(void **state)
{
    (void)state;
    pencil p;
    cm_model *model = pencil_build(pencil_init(&p));
    double out[2];
    double site = .01 * 4 * 2 / 6 + .01 * 1 * 3 / 4;
    double app = .04 * 4 * 1 / 5 + .04 * 2 * 3 / 5;
    assert_int_equal(cm_model_values_change(model, NULL, out, NULL), CM_OK);
    assert_near(out[0], 100 * site / (site + app), 1e-12);
    assert_near(out[1], 100 * app / (site + app), 1e-12);
    /* Weighed by rows: one in leaf 0 and one in leaf 1. */
    float sites[] = {.3f, .5f}, apps[] = {1, 1};
    const float *columns[] = {sites, apps};
    cm_explain_rows rows = {.n = 2, .columns = columns, .n_threads = 1};
    assert_int_equal(cm_model_values_change(model, &rows, out, NULL), CM_OK);
    assert_near(out[0], 100, 0);
    assert_near(out[1], 0, 0);
    cm_model_free(model);
}

static void interaction_of_a_conjunction(void **state)
{
    (void)state;
    pencil p;
    cm_interaction *pairs = NULL;
    size_t n = 0;
    pencil_init(&p);
    p.values[0] = p.values[1] = p.values[2] = 0;
    cm_model *model = pencil_build(&p);
    assert_int_equal(cm_model_interaction(model, &pairs, &n, NULL), CM_OK);
    assert_int_equal(n, 1);
    assert_int_equal(pairs[0].first, 0);
    assert_int_equal(pairs[0].second, 1);
    assert_near(pairs[0].score, 100, 0);
    free(pairs);
    cm_model_free(model);
}

/* ---- rows -------------------------------------------------------------- */

enum { N = 300, M = 6 };

typedef struct sample {
    cm_model *model;
    float values[M][N], labels[N], weights[N];
    const float *columns[M];
    cm_explain_rows rows;
} sample;

static void sample_init(sample *s)
{
    static const random_shape shape = {.n_features = M,
                                       .n_trees = 12,
                                       .max_borders = 7,
                                       .max_depth = 5,
                                       .low = -1,
                                       .high = 1};
    cm_rng rng = cm_rng_stream(1, 1);
    s->model = random_model(3, &shape);
    for (size_t f = 0; f < M; f++) {
        s->columns[f] = s->values[f];
        for (size_t i = 0; i < N; i++) {
            s->values[f][i] = (float)cm_rng_unit(&rng) * 2 - 1;
        }
    }
    for (size_t i = 0; i < N; i++) {
        s->labels[i] = (float)below(&rng, 2);
        s->weights[i] = (float)below(&rng, 4);
    }
    s->rows = (cm_explain_rows){.n = N,
                                .columns = s->columns,
                                .labels = s->labels,
                                .weights = s->weights,
                                .n_threads = 1};
}

/* Mean loss of the rows when raw values lose what `input` added (M: nothing).
 */
static double loss_without(const sample *s, const double *shap, size_t input)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < N; i++) {
        const double *row = shap + i * (M + 1);
        double raw = 0;
        for (size_t j = 0; j <= M; j++) {
            raw += j == input && j < M ? 0 : row[j];
        }
        double p = cm_sigmoid(raw);
        double loss = s->labels[i] > 0 ? -log(p) : -log(1 - p);
        sum += loss * (double)s->weights[i];
        weight += (double)s->weights[i];
    }
    return sum / weight;
}

static void loss_change_follows_its_definition(void **state)
{
    (void)state;
    static sample s;
    static double shap[N * (M + 1)];
    double out[M], threads[M];
    sample_init(&s);
    assert_int_equal(cm_model_shap(s.model, &s.rows, shap, NULL), CM_OK);
    assert_int_equal(cm_model_loss_change(s.model, &s.rows, out, NULL), CM_OK);
    for (size_t f = 0; f < M; f++) {
        double grown = loss_without(&s, shap, f) - loss_without(&s, shap, M);
        assert_near(out[f], grown, 1e-13);
    }
    s.rows.n_threads = 3;
    assert_int_equal(cm_model_loss_change(s.model, &s.rows, threads, NULL),
                     CM_OK);
    assert_memory_equal(out, threads, sizeof out);
    cm_model_free(s.model);
}

static void rows_that_have_no_loss_are_refused(void **state)
{
    (void)state;
    static sample s;
    double out[M];
    cm_error err = {0};
    sample_init(&s);
    s.labels[7] = .5f;
    assert_int_equal(cm_model_loss_change(s.model, &s.rows, out, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "label 7"));
    s.labels[7] = 1;
    memset(s.weights, 0, sizeof s.weights);
    assert_int_equal(cm_model_loss_change(s.model, &s.rows, out, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "weights"));
    s.rows.labels = NULL;
    assert_int_equal(cm_model_loss_change(s.model, &s.rows, out, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "labels"));
    cm_model_free(s.model);
}

/* ---- no memory --------------------------------------------------------- */

static cm_status explain_all(const sample *s, cm_error *err)
{
    static double shap[N * (M + 1)];
    cm_interaction *pairs = NULL;
    size_t n = 0;
    cm_status status = cm_model_shap(s->model, &s->rows, shap, err);
    if (status == CM_OK) {
        status = cm_model_values_change(s->model, &s->rows, shap, err);
    }
    if (status == CM_OK) {
        status = cm_model_loss_change(s->model, &s->rows, shap, err);
    }
    if (status == CM_OK) {
        status = cm_model_interaction(s->model, &pairs, &n, err);
    }
    free(pairs);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static sample s;
    sample_init(&s);
    cm_status status = CM_ERR_NOMEM;
    long n_faults = 0;
    for (; status != CM_OK && n_faults < 5000; n_faults++) {
        cm_error err = {0};
        faults_left = n_faults;
        status = explain_all(&s, &err);
        faults_left = -1;
        if (status != CM_OK) {
            assert_non_null(strstr(err.message, "memory"));
        }
    }
    assert_int_equal(status, CM_OK);
    assert_true(n_faults > 50);
    cm_model_free(s.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_change_of_the_worked_example),
        cmocka_unit_test(interaction_of_a_conjunction),
        cmocka_unit_test(loss_change_follows_its_definition),
        cmocka_unit_test(rows_that_have_no_loss_are_refused),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
