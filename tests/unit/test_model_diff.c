/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Two models side by side, and models as C. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/export_c.h"
#include "model/model_diff.h"
#include "test_base_faults.h"
#include "test_model_pencil.h"

static cm_model_diff diff_of(const cm_model *a, const cm_model *b)
{
    cm_model_diff diff;
    cm_error err = {0};
    if (cm_model_diff_init(&diff, a, b, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return diff;
}

static void a_model_equals_its_copies(void **state)
{
    (void)state;
    pencil p;
    cm_buf json = {0};
    cm_model *model = NULL, *copy = NULL;
    assert_int_equal(cm_model_load(&model, "examples/clicks.cbm", NULL), CM_OK);
    assert_int_equal(cm_model_format_json(model, &json, NULL), CM_OK);
    assert_int_equal(
        cm_model_parse_json(&copy, (cm_str){json.p, json.n}, "copy", NULL),
        CM_OK);
    cm_model_diff diff = diff_of(model, copy);
    assert_true(diff.equal);
    assert_int_equal(diff.n_same, model->n_trees);
    cm_model_diff_release(&diff);
    cm_model_free(copy);
    copy = pencil_build(pencil_init(&p));
    diff = diff_of(model, copy);
    assert_false(diff.equal);
    assert_int_equal(diff.n_same, 0);
    assert_true(diff.n_ctrs > 0 || diff.n_borders > 0);
    cm_model_diff_release(&diff);
    cm_model_free(model);
    cm_model_free(copy);
    cm_buf_release(&json);
}

static void a_leaf_and_a_setting_are_told(void **state)
{
    (void)state;
    pencil p;
    cm_model *a = pencil_build(pencil_init(&p));
    p.values[2] += .5;
    p.parts.params_json = "{\"loss_function\":{\"params\":{},\"type\":\"X\"}}";
    cm_model *b = pencil_build(&p);
    cm_model_diff diff = diff_of(a, b);
    bool told = false;
    assert_false(diff.equal);
    assert_int_equal(diff.n_same, 0);
    assert_int_equal(diff.n_comparable, 1);
    assert_int_equal(diff.n_borders, 0);
    assert_true(fabs(diff.max_leaf - .5) < 1e-15);
    assert_true(fabs(diff.mean_leaf - .125) < 1e-15);
    for (size_t i = 0; i < diff.n_settings; i++) {
        const cm_setting_change *change = &diff.settings[i];
        told = told || (strcmp(change->path, "loss_function.type") == 0 &&
                        strcmp(change->a, "\"Logloss\"") == 0 &&
                        strcmp(change->b, "\"X\"") == 0);
    }
    assert_true(told);
    cm_model_diff_release(&diff);
    cm_model_free(a);
    cm_model_free(b);
}

/* The same two features in another order: names count, not places. */
static void borders_are_told_by_name(void **state)
{
    (void)state;
    pencil p;
    cm_model *a = pencil_build(pencil_init(&p));
    cm_float_feature site = p.features[0];
    p.features[0] = p.features[1];
    p.features[1] = site;
    p.splits[0].feature = 1;
    p.splits[1].feature = 0;
    cm_model *same = pencil_build(&p);
    cm_model_diff diff = diff_of(a, same);
    assert_true(diff.equal);
    cm_model_diff_release(&diff);
    p.site[0] = .45f;
    cm_model *moved = pencil_build(&p);
    diff = diff_of(a, moved);
    assert_false(diff.equal);
    assert_int_equal(diff.n_borders, 1);
    assert_string_equal(diff.borders[0].feature, "site");
    assert_int_equal(diff.borders[0].added, 1);
    assert_int_equal(diff.borders[0].removed, 1);
    assert_int_equal(diff.n_comparable, 0);
    cm_model_diff_release(&diff);
    cm_model_free(a);
    cm_model_free(same);
    cm_model_free(moved);
}

static void scores_are_compared(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4}, b[] = {1, 2 + 1e-12, 3.5, 3};
    cm_score_distance d = cm_score_distance_of(a, b, 4);
    assert_true(d.max == 1);
    assert_true(fabs(d.mean - .375) < 1e-12);
    assert_true(d.share_apart == .5);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    pencil p;
    cm_model *a = pencil_build(pencil_init(&p)), *b = NULL;
    assert_int_equal(cm_model_load(&b, "examples/clicks.cbm", NULL), CM_OK);
    cm_status status = CM_ERR_NOMEM;
    long n_faults = 0;
    for (; status != CM_OK && n_faults < 5000; n_faults++) {
        cm_model_diff diff;
        cm_error err = {0};
        faults_left = n_faults;
        status = cm_model_diff_init(&diff, a, b, &err);
        faults_left = -1;
        assert_true(status == CM_OK || strstr(err.message, "memory") != NULL);
        cm_model_diff_release(&diff);
    }
    assert_int_equal(status, CM_OK);
    cm_model_free(a);
    cm_model_free(b);
}

/* ---- C ----------------------------------------------------------------- */

static void what_c_cannot_say_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "1st", "a-b", "a b", "\xc3\xa9"};
    pencil p;
    cm_error err = {0};
    cm_buf header = {0}, source = {0};
    cm_model *model = pencil_build(pencil_init(&p));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(
            cm_model_format_c(model, names[i], &header, &source, &err),
            CM_ERR_USAGE);
        assert_int_equal(header.n + source.n, 0);
    }
    cm_model_free(model);
    assert_int_equal(cm_model_load(&model, "examples/clicks.cbm", NULL), CM_OK);
    assert_int_equal(cm_model_format_c(model, "m", &header, &source, &err),
                     CM_ERR_UNSUPPORTED);
    assert_true(strstr(err.message, "\"site\"") != NULL ||
                strstr(err.message, "\"device\"") != NULL);
    cm_model_free(model);
}

static void a_model_without_trees_is_a_constant(void **state)
{
    (void)state;
    pencil p;
    cm_buf header = {0}, source = {0};
    pencil_init(&p)->parts.n_trees = 0;
    cm_model *model = pencil_build(&p);
    assert_int_equal(cm_model_format_c(model, "m", &header, &source, NULL),
                     CM_OK);
    assert_non_null(strstr(source.p, "return sum + 1.0;"));
    assert_null(strstr(source.p, "leaves"));
    assert_non_null(strstr(header.p, "double m_raw(const float *x);"));
    cm_buf_release(&header);
    cm_buf_release(&source);
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_equals_its_copies),
        cmocka_unit_test(a_leaf_and_a_setting_are_told),
        cmocka_unit_test(borders_are_told_by_name),
        cmocka_unit_test(scores_are_compared),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(what_c_cannot_say_is_refused),
        cmocka_unit_test(a_model_without_trees_is_a_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
