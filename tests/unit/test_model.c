/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Models: what building keeps and what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "test_base_faults.h"
#include "test_model_random.h"

static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

/* ---- building -------------------------------------------------------- */

typedef struct small {
    float borders[2][4];
    cm_float_feature features[2];
    cm_split_condition splits[3];
    double values[4], weights[4], one_value, one_weight;
    cm_tree trees[2];
    cm_model_parts parts;
} small;

/* Two features with 4 and 3 borders, of which the trees use 3: 0.2, 0.4; 5. */
static small *small_parts(small *s)
{
    *s = (small){
        .borders = {{.1f, .2f, .3f, .4f}, {4, 5, 6}},
        .splits = {{0, 3}, {1, 1}, {0, 1}},
        .values = {.1, .2, .3, .4},
        .weights = {1, 2, 3, 4},
        .one_value = .5,
        .one_weight = 10,
    };
    s->features[0] = (cm_float_feature){.name = "site", .n_borders = 4};
    s->features[0].borders = s->borders[0];
    s->features[1] =
        (cm_float_feature){.name = "app", .n_borders = 3, .flat_index = 1};
    s->features[1].borders = s->borders[1];
    s->trees[0] = (cm_tree){2, s->splits, s->values, s->weights};
    s->trees[1] = (cm_tree){0, s->splits, &s->one_value, &s->one_weight};
    s->parts = (cm_model_parts){.n_features = 2,
                                .features = s->features,
                                .n_trees = 2,
                                .trees = s->trees,
                                .bias = -1,
                                .class_names = {"0", "1"},
                                .class_names_are_integers = true};
    return s;
}

static cm_model *build(const cm_model_parts *parts)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_build(&model, parts, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void building_keeps_used_borders_only(void **state)
{
    (void)state;
    small s;
    cm_model *model = build(&small_parts(&s)->parts);
    assert_int_equal(model->features[0].n_borders, 1);
    assert_true(model->features[0].borders[0] == .4f);
    assert_int_equal(model->features[1].n_borders, 1);
    assert_true(model->features[1].borders[0] == 5);
    assert_int_equal(model->trees[0].splits[0].feature, 0);
    assert_int_equal(model->trees[0].splits[0].border, 0);
    assert_string_equal(model->class_names[1], "1");
    assert_non_null(strstr(model->params_json, "Logloss"));
    assert_same_bits(cm_model_apply_row(model, (float[]){.5f, 5}), .2 + .5 - 1);
    cm_model_free(model);
}

static void a_model_owns_its_content(void **state)
{
    (void)state;
    small s;
    cm_model *model = build(&small_parts(&s)->parts);
    memset(&s, 0x55, sizeof s);
    assert_string_equal(model->features[0].name, "site");
    assert_same_bits(cm_model_apply_row(model, (float[]){.3f, 6}), .3 + .5 - 1);
    cm_model_free(model);
}

static void the_guid_follows_the_content(void **state)
{
    (void)state;
    small s;
    cm_model *a = build(&small_parts(&s)->parts);
    s.borders[0][0] = .15f; /* not used by a tree */
    cm_model *b = build(&s.parts);
    s.values[1] += 1e-9;
    cm_model *c = build(&s.parts);
    assert_int_equal(strlen(a->guid), 35);
    assert_int_equal(strspn(a->guid, "0123456789abcdef-"), 35);
    assert_string_equal(a->guid, b->guid);
    assert_string_not_equal(a->guid, c->guid);
    cm_model_free(a);
    cm_model_free(b);
    cm_model_free(c);
}

static void assert_not_built(const cm_model_parts *parts, cm_status wanted,
                             const char *part)
{
    cm_model *model = NULL;
    cm_error err = {0};
    assert_int_equal(cm_model_build(&model, parts, &err), wanted);
    assert_null(model);
    if (strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static void wrong_parts_are_refused(void **state)
{
    (void)state;
    small s;
    small_parts(&s)->splits[1].border = 3;
    assert_not_built(&s.parts, CM_ERR_DATA, "border 3 of feature 1");
    small_parts(&s)->splits[0].feature = 2;
    assert_not_built(&s.parts, CM_ERR_DATA, "feature 2");
    small_parts(&s)->borders[0][2] = .2f;
    assert_not_built(&s.parts, CM_ERR_DATA, "ascend");
    small_parts(&s)->borders[1][2] = INFINITY;
    assert_not_built(&s.parts, CM_ERR_DATA, "finite");
    small_parts(&s)->values[3] = (double)NAN;
    assert_not_built(&s.parts, CM_ERR_DATA, "leaf 3");
    small_parts(&s)->trees[0].depth = 17;
    assert_not_built(&s.parts, CM_ERR_UNSUPPORTED, "depth 17");
    small_parts(&s)->parts.bias = (double)INFINITY;
    assert_not_built(&s.parts, CM_ERR_DATA, "bias");
    small_parts(&s)->parts.params_json = "[1]";
    assert_not_built(&s.parts, CM_ERR_DATA, "object");
    small_parts(&s)->parts.params_json = "{\"a\":";
    assert_not_built(&s.parts, CM_ERR_PARSE, "model params");
}

static void building_survives_every_failed_allocation(void **state)
{
    (void)state;
    small s;
    small_parts(&s);
    for (long n = 0;; n++) {
        cm_model *model = NULL;
        cm_error err = {0};
        faults_left = n;
        cm_status status = cm_model_build(&model, &s.parts, &err);
        bool reached = faults_left < 0;
        faults_left = -1;
        if (!reached) {
            assert_int_equal(status, CM_OK);
            cm_model_free(model);
            return;
        }
        if (status == CM_OK) {
            cm_model_free(model); /* not an allocation it depends on */
        } else {
            assert_int_equal(status, CM_ERR_NOMEM);
            assert_null(model);
        }
    }
}

static void the_sigmoid_is_the_definition(void **state)
{
    (void)state;
    assert_same_bits(cm_sigmoid(0), .5);
    assert_same_bits(cm_sigmoid(-1.5), 1 / (1 + exp(1.5)));
    assert_same_bits(cm_sigmoid(-1000), 0);
    assert_same_bits(cm_sigmoid(1000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building_keeps_used_borders_only),
        cmocka_unit_test(a_model_owns_its_content),
        cmocka_unit_test(the_guid_follows_the_content),
        cmocka_unit_test(wrong_parts_are_refused),
        cmocka_unit_test(building_survives_every_failed_allocation),
        cmocka_unit_test(the_sigmoid_is_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
