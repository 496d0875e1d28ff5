/* CatBoost JSON: a model comes back bit for bit, equal models are equal files,
 * and no text, however broken, gets past the reader. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/num.h"
#include "model/catboost_number.h"
#include "test_base_folder.h"
#include "test_model_random.h"

static const random_shape usual = {.n_features = 7,
                                   .n_trees = 12,
                                   .max_borders = 9,
                                   .max_depth = 5,
                                   .low = -1,
                                   .high = 1};

static cm_buf text_of(const cm_model *model)
{
    cm_buf text = {0};
    cm_error err = {0};
    if (cm_model_format_json(model, &text, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return text;
}

static cm_model *parse(const char *text, size_t n)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_parse_json(&model, (cm_str){text, n}, "m.json", &err) !=
        CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void assert_same_tree(const cm_tree *a, const cm_tree *b)
{
    size_t leaves = sizeof(double) << a->depth;
    assert_int_equal(a->depth, b->depth);
    assert_memory_equal(a->leaf_values, b->leaf_values, leaves);
    assert_memory_equal(a->leaf_weights, b->leaf_weights, leaves);
    if (a->depth > 0) {
        assert_memory_equal(a->splits, b->splits, a->depth * sizeof *a->splits);
    }
}

static void assert_same_model(const cm_model *a, const cm_model *b)
{
    assert_int_equal(a->n_features, b->n_features);
    assert_int_equal(a->n_trees, b->n_trees);
    for (size_t f = 0; f < a->n_features; f++) {
        const cm_float_feature *x = &a->features[f], *y = &b->features[f];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->n_borders, y->n_borders);
        assert_int_equal(x->nan_treatment, y->nan_treatment);
        assert_int_equal(x->has_nans, y->has_nans);
        if (x->n_borders > 0) {
            assert_memory_equal(x->borders, y->borders,
                                x->n_borders * sizeof *x->borders);
        }
    }
    for (size_t t = 0; t < a->n_trees; t++) {
        assert_same_tree(&a->trees[t], &b->trees[t]);
    }
    assert_true(a->scale == b->scale && a->bias == b->bias);
    assert_string_equal(a->class_names[0], b->class_names[0]);
    assert_string_equal(a->class_names[1], b->class_names[1]);
    assert_int_equal(a->class_names_are_integers, b->class_names_are_integers);
    assert_string_equal(a->params_json, b->params_json);
    assert_string_equal(a->guid, b->guid);
}

static void a_model_comes_back_bit_for_bit(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        random_shape shape = usual;
        shape.max_borders = (uint32_t)seed * 20;
        shape.max_depth = 4 + (uint32_t)seed % 8;
        cm_model *model = random_model(seed, &shape);
        cm_buf text = text_of(model);
        cm_model *again = parse(text.p, text.n);
        cm_buf twice = text_of(again);
        assert_same_model(model, again);
        assert_int_equal(text.n, twice.n);
        assert_memory_equal(text.p, twice.p, text.n);
        cm_buf_release(&text);
        cm_buf_release(&twice);
        cm_model_free(model);
        cm_model_free(again);
    }
}

static void names_and_params_come_back(void **state)
{
    (void)state;
    const double leaf = .25;
    cm_float_feature feature = {.name = "a \"quoted\" n\xc3\xa4me"};
    cm_tree tree = {0, NULL, &leaf, NULL};
    cm_model_parts parts = {
        .n_features = 1,
        .features = &feature,
        .n_trees = 1,
        .trees = &tree,
        .class_names = {"none", "click"},
        .params_json = "{ \"depth\" : 18446744073709551615, \"}\": \"]\\\"\"}",
    };
    cm_model *model = NULL;
    assert_int_equal(cm_model_build(&model, &parts, NULL), CM_OK);
    cm_buf text = text_of(model);
    cm_model *again = parse(text.p, text.n);
    assert_same_model(model, again);
    assert_string_equal(again->params_json, parts.params_json);
    cm_buf_release(&text);
    cm_model_free(model);
    cm_model_free(again);
}

static void files_are_saved_and_loaded(void **state)
{
    cm_model *model = random_model(3, &usual), *again = NULL;
    cm_error err = {0};
    const char *path = path_in(state, "model.json");
    assert_int_equal(cm_model_save_json(model, path, &err), CM_OK);
    assert_int_equal(cm_model_load_json(&again, path, &err), CM_OK);
    assert_same_model(model, again);
    cm_model_free(model);
    cm_model_free(again);
    assert_int_equal(
        cm_model_load_json(&again, path_in(state, "nothing.json"), &err),
        CM_ERR_IO);
    assert_null(again);
}

/* Doubles CatBoost's quick reader would miss are spelled so that it does not;
 * whatever the spelling, a correct reader gets the value. */
static void numbers_read_back(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(5, 5);
    for (int i = 0; i < 20000; i++) {
        char text[CATBOOST_NUMBER_TEXT];
        double value =
                   cm_rng_normal_at(rng, (uint64_t)i) * (i % 2 ? 1e-3 : 1e9),
               back = 0;
        size_t n = catboost_format_double(text, value);
        assert_int_equal(n, strlen(text));
        assert_true(cm_parse_double((cm_str){text, n}, &back));
        assert_memory_equal(&value, &back, sizeof value);
    }
}

/* ---- what is refused ------------------------------------------------- */

#define FEATURE(borders)                                                 \
    "{\"borders\":" borders ",\"feature_id\":\"f\",\"feature_index\":0," \
    "\"flat_feature_index\":0,\"has_nans\":false,"                       \
    "\"nan_value_treatment\":\"AsIs\"}"
#define MODEL(features, trees)                                \
    "{\"features_info\":{\"float_features\":[" features "]}," \
    "\"model_info\":{},\"oblivious_trees\":[" trees "],"      \
    "\"scale_and_bias\":[1,[0]]}"
#define TREE(splits, leaves) \
    "{\"leaf_values\":" leaves ",\"splits\":" splits "}"

static void the_smallest_model_is_read(void **state)
{
    (void)state;
    const char *text =
        MODEL(FEATURE("[1,2]"), TREE("[{\"split_index\":1}]", "[0.5,1]"));
    cm_model *model = parse(text, strlen(text));
    assert_true(cm_model_apply_row(model, (float[]){2.5f}) == 1);
    assert_true(cm_model_apply_row(model, (float[]){2}) == .5);
    assert_int_equal(model->features[0].n_borders, 2);
    assert_int_equal(strlen(model->guid), 35);
    assert_true(model->trees[0].leaf_weights[1] == 0);
    cm_model_free(model);
    text = MODEL("", TREE("null", "[7]"));
    model = parse(text, strlen(text));
    assert_true(cm_model_apply_row(model, NULL) == 7);
    cm_model_free(model);
}

static void assert_refused(const char *text, cm_status wanted, const char *part)
{
    cm_model *model = NULL;
    cm_error err = {0};
    assert_int_equal(
        cm_model_parse_json(&model, cm_str_of(text), "m.json", &err), wanted);
    assert_null(model);
    if (strncmp(err.message, "m.json: ", 8) != 0 ||
        strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static void wrong_models_are_refused(void **state)
{
    (void)state;
    assert_refused("[]", CM_ERR_DATA, "object");
    assert_refused("{}", CM_ERR_DATA, "features_info");
    assert_refused(MODEL(FEATURE("[2,1]"), ""), CM_ERR_DATA, "ascend");
    assert_refused(MODEL(FEATURE("[1,1]"), ""), CM_ERR_DATA, "ascend");
    assert_refused(MODEL(FEATURE("[1e39]"), ""), CM_ERR_DATA, "finite");
    assert_refused(MODEL(FEATURE("[\"1\"]"), ""), CM_ERR_DATA,
                   "float_features[0].borders[0]");
    assert_refused(MODEL("3", ""), CM_ERR_DATA, "float_features[0]");
    assert_refused(MODEL("", TREE("[{\"split_index\":0}]", "[1,2]")),
                   CM_ERR_DATA, "oblivious_trees[0].splits[0].split_index");
    const char *const indexes[] = {"2", "-1", "99999999999999999999", "1e300"};
    for (int i = 0; i < 4; i++) {
        char text[512];
        snprintf(
            text, sizeof text,
            MODEL(FEATURE("[1,2]"), TREE("[{\"split_index\":%s}]", "[1,2]")),
            indexes[i]);
        assert_refused(text, CM_ERR_DATA, "split_index");
    }
    assert_refused(MODEL(FEATURE("[1]"), TREE("[{\"split_index\":0}]", "[1]")),
                   CM_ERR_DATA, "ask for 2");
    assert_refused(MODEL("", TREE("[]", "[null]")), CM_ERR_DATA,
                   "leaf_values[0]");
    assert_refused("{\"features_info\":{},\"oblivious_trees\":[],"
                   "\"scale_and_bias\":[1,[\"0\"]]}",
                   CM_ERR_DATA, "scale_and_bias");
}

static void foreign_models_are_named(void **state)
{
    (void)state;
    assert_refused("{\"features_info\":{\"text_features\":[{}]}}",
                   CM_ERR_UNSUPPORTED, "text features");
    assert_refused("{\"features_info\":{\"embedding_features\":[{}]}}",
                   CM_ERR_UNSUPPORTED, "embedding features");
    assert_refused("{\"features_info\":{},\"trees\":[]}", CM_ERR_UNSUPPORTED,
                   "not symmetric");
    assert_refused("{\"features_info\":{},\"oblivious_trees\":[],"
                   "\"scale_and_bias\":[1,[0,0,0]]}",
                   CM_ERR_UNSUPPORTED, "multi-class");
    assert_refused("{\"model_info\":{\"params\":{\"loss_function\":{\"type\":"
                   "\"MultiClass\"}}}}",
                   CM_ERR_UNSUPPORTED, "several outputs");
    assert_refused("{\"model_info\":{\"class_params\":{\"class_names\":[1,2,3]"
                   "}}}",
                   CM_ERR_UNSUPPORTED, "two classes");
    char text[4096] = "";
    size_t n = (size_t)snprintf(text, sizeof text, "%s",
                                "{\"features_info\":{},\"oblivious_trees\":["
                                "{\"leaf_values\":[],\"splits\":[0");
    for (int i = 0; i < 16; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, ",0");
    }
    snprintf(text + n, sizeof text - n, "]}]}");
    assert_refused(text, CM_ERR_UNSUPPORTED, "17 splits");
}

/* A changed text is refused or gives a model that can be applied. */
static void try_text(const char *text, size_t n)
{
    cm_model *model = NULL;
    cm_error err = {0};
    char *copy = malloc(n + 1); /* of its own size, for sanitizers */
    memcpy(copy, text, n);
    cm_status status =
        cm_model_parse_json(&model, (cm_str){copy, n}, "m.json", &err);
    if (status == CM_OK) {
        float *row = calloc(model->n_features + 1, sizeof *row);
        (void)cm_model_apply_row(model, row);
        free(row);
    } else {
        assert_null(model);
        assert_true(err.message[0] != '\0');
    }
    cm_model_free(model);
    free(copy);
}

static void broken_texts_do_no_harm(void **state)
{
    (void)state;
    random_shape shape = usual;
    shape.n_trees = 4;
    shape.max_depth = 3;
    cm_model *model = random_model(9, &shape);
    cm_buf text = text_of(model);
    cm_rng rng = cm_rng_stream(9, 9);
    for (size_t n = 0; n < text.n; n += 3) {
        try_text(text.p, n);
    }
    for (int i = 0; i < 3000; i++) {
        size_t at = cm_rng_next(&rng) % text.n;
        char before = text.p[at];
        static const char usual_bytes[] = "0123456789-e.,:[]{}\" \nx";
        char bit = (char)(1 << below(&rng, 7));
        char other = usual_bytes[below(&rng, sizeof usual_bytes - 1)];
        text.p[at] = i % 2 ? (char)(before ^ bit) : other;
        try_text(text.p, text.n);
        text.p[at] = before;
    }
    cm_buf_release(&text);
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_comes_back_bit_for_bit),
        cmocka_unit_test(names_and_params_come_back),
        cmocka_unit_test(files_are_saved_and_loaded),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(the_smallest_model_is_read),
        cmocka_unit_test(wrong_models_are_refused),
        cmocka_unit_test(foreign_models_are_named),
        cmocka_unit_test(broken_texts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
