/* CatBoost's binary model: a model comes back bit for bit, equal models are
 * equal files, and wrong ones are named. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/cbm_format.h"
#include "model/cbm_view.h"
#include "test_base_folder.h"
#include "test_model_categories.h"
#include "test_model_random.h"

static const random_shape usual = {.n_features = 7,
                                   .n_trees = 12,
                                   .max_borders = 300,
                                   .max_depth = 9,
                                   .low = -1,
                                   .high = 1};

static cm_buf bytes_of(const cm_model *model)
{
    cm_buf bytes = {0};
    cm_error err = {0};
    if (cm_model_format_cbm(model, &bytes, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return bytes;
}

static cm_model *parse(const cm_buf *bytes)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_parse_cbm(&model, (cm_str){bytes->p, bytes->n}, "m.cbm",
                           &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void assert_same_bytes(const cm_buf *a, const cm_buf *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->p, b->p, a->n);
}

static void a_model_comes_back_bit_for_bit(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 12; seed++) {
        random_shape shape = usual;
        shape.n_trees = seed % 3 == 0 ? 0 : 12;
        cm_model *model = random_model(seed, &shape);
        cm_buf bytes = bytes_of(model);
        cm_model *again = parse(&bytes);
        cm_buf twice = bytes_of(again), text = {0}, text_again = {0};
        assert_same_bytes(&bytes, &twice);
        assert_int_equal(cm_model_format_json(model, &text, NULL), CM_OK);
        assert_int_equal(cm_model_format_json(again, &text_again, NULL), CM_OK);
        assert_same_bytes(&text, &text_again);
        cm_buf_release(&bytes);
        cm_buf_release(&twice);
        cm_buf_release(&text);
        cm_buf_release(&text_again);
        cm_model_free(model);
        cm_model_free(again);
    }
}

static void assert_same_table(const cm_ctr_table *a, const cm_ctr_table *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(model_ctr_width(a), model_ctr_width(b));
    assert_int_equal(a->denominator, b->denominator);
    assert_int_equal(a->n_keys, b->n_keys);
    assert_int_equal(a->projection.n_float_splits,
                     b->projection.n_float_splits);
    if (a->n_keys > 0) {
        assert_memory_equal(a->keys, b->keys, a->n_keys * sizeof *a->keys);
        assert_memory_equal(a->counts, b->counts,
                            a->n_keys * model_ctr_width(a) * sizeof *a->counts);
    }
    assert_int_equal(a->sums == NULL, b->sums == NULL);
    if (a->sums != NULL && a->n_keys > 0) {
        assert_memory_equal(a->sums, b->sums, a->n_keys * sizeof *a->sums);
    }
}

static void categories_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 64, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cm_model *model = category_model(i, sizes[i]);
        cm_buf bytes = bytes_of(model);
        cm_model *again = parse(&bytes);
        cm_buf twice = bytes_of(again);
        assert_same_bytes(&bytes, &twice);
        assert_int_equal(again->n_ctr_tables, CATEGORY_TABLES);
        for (size_t t = 0; t < CATEGORY_TABLES; t++) {
            assert_same_table(&model->ctr_tables[t], &again->ctr_tables[t]);
        }
        assert_string_equal(again->cat_features[1].name, "d\xc3\xa9vice");
        assert_int_equal(again->cat_features[1].flat_index, 3);
        assert_int_equal(again->features[1].flat_index, 2);
        assert_int_equal(again->one_hots[0].values[1], 0xfffffff0u);
        assert_string_equal(again->guid, "1-2-3-4");
        assert_string_equal(again->class_names[1], "click");
        for (uint32_t row = 0; row < 50; row++) {
            const float floats[] = {(float)row / 10 - 2, 1};
            const uint32_t cats[] = {row % 9, row};
            assert_true(cm_model_apply_cats_row(model, floats, cats) ==
                        cm_model_apply_cats_row(again, floats, cats));
        }
        cm_buf_release(&bytes);
        cm_buf_release(&twice);
        cm_model_free(model);
        cm_model_free(again);
    }
}

static void a_regression_stays_one(void **state)
{
    (void)state;
    const double leaf = 2.5;
    const cm_tree tree = {0, NULL, &leaf, NULL};
    const cm_model_parts parts = {.n_trees = 1, .trees = &tree, .bias = 1};
    cm_model *model = NULL;
    assert_int_equal(cm_model_build(&model, &parts, NULL), CM_OK);
    cm_buf bytes = bytes_of(model);
    cm_model *again = parse(&bytes);
    assert_null(again->class_names[0]);
    assert_true(cm_model_apply_row(again, NULL) == 3.5);
    assert_non_null(strstr(again->params_json, "RMSE"));
    cm_buf_release(&bytes);
    cm_model_free(model);
    cm_model_free(again);
}

/* ---- files ----------------------------------------------------------- */

static void files_are_told_by_their_start(void **state)
{
    cm_model *model = random_model(3, &usual), *again = NULL;
    cm_error err = {0};
    cm_buf bytes = bytes_of(model);
    const cm_model_format formats[] = {CM_MODEL_JSON, CM_MODEL_CBM};
    for (size_t i = 0; i < 2; i++) {
        const char *path = path_in(state, "model");
        assert_int_equal(cm_model_save(model, path, formats[i], &err), CM_OK);
        assert_int_equal(cm_model_load(&again, path, &err), CM_OK);
        cm_buf twice = bytes_of(again);
        assert_same_bytes(&bytes, &twice);
        cm_buf_release(&twice);
        cm_model_free(again);
    }
    const char *path = path_in(state, "other");
    static const char *const others[] = {"", "CBM2....", "PK", "CBM"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(cm_write_file(path, cm_str_of(others[i]), &err),
                         CM_OK);
        assert_int_equal(cm_model_load(&again, path, &err), CM_ERR_DATA);
        assert_non_null(strstr(err.message, "CBM1"));
        assert_null(again);
    }
    assert_int_equal(cm_model_load(&again, path_in(state, "none"), &err),
                     CM_ERR_IO);
    cm_buf_release(&bytes);
    cm_model_free(model);
}

static void paths_name_formats(void **state)
{
    (void)state;
    cm_model_format format;
    assert_true(cm_model_format_of_path(&format, "a/b.cbm"));
    assert_int_equal(format, CM_MODEL_CBM);
    assert_true(cm_model_format_of_path(&format, "a.cbm.json"));
    assert_int_equal(format, CM_MODEL_JSON);
    assert_false(cm_model_format_of_path(&format, "a/b.bin"));
}

/* ---- what is refused ------------------------------------------------- */

/* A core with one slot of its trees' table set to a vector of one table, or
 * with a number. */
static cm_buf core_with(unsigned slot, size_t n, int32_t dimension)
{
    cm_buf out = {0};
    fb_writer w;
    fb_field fields[N_TREES_SLOTS] = {[TREES_APPROX_DIMENSION] =
                                          fb_int(dimension)};
    const fb_field core_fields[] = {fb_link(), fb_link()};
    fields[slot] = slot == TREES_APPROX_DIMENSION ? fields[slot] : fb_link();
    cm_buf_adds(&out, CBM_MAGIC);
    size_t size_at = cbm_open_part(&out);
    fb_begin(&w, &out);
    size_t core = fb_put_table(&w, core_fields, 2);
    fb_set_link(&w, core, CORE_FORMAT_VERSION,
                fb_put_string(&w, CM_STR(CBM_FORMAT_VERSION)));
    size_t trees = fb_put_table(&w, fields, N_TREES_SLOTS);
    fb_set_link(&w, core, CORE_MODEL_TREES, trees);
    if (slot != TREES_APPROX_DIMENSION) {
        static const double zeros[2];
        fb_set_link(&w, trees, slot, fb_put_vector(&w, zeros, n, 8, 8));
    }
    assert_int_equal(cbm_close_part(&w, core, size_at, NULL), CM_OK);
    return out;
}

static void assert_refused(const cm_buf *bytes, cm_status wanted,
                           const char *part)
{
    cm_model *model = NULL;
    cm_error err = {0};
    assert_int_equal(
        cm_model_parse_cbm(&model, (cm_str){bytes->p, bytes->n}, "m.cbm", &err),
        wanted);
    assert_null(model);
    if (strncmp(err.message, "m.cbm: byte ", 12) != 0 ||
        strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static void foreign_models_are_named(void **state)
{
    (void)state;
    static const struct {
        unsigned slot;
        size_t n;
        int32_t dimension;
        const char *part;
    } cases[] = {
        {TREES_STEP_NODES, 1, 1, "not symmetric"},
        {TREES_TEXT_FEATURES, 1, 1, "text features"},
        {TREES_EMBEDDING_FEATURES, 1, 1, "embedding features"},
        {TREES_APPROX_DIMENSION, 0, 3, "several outputs"},
        {TREES_MULTI_BIAS, 2, 1, "several outputs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cm_buf bytes = core_with(cases[i].slot, cases[i].n, cases[i].dimension);
        assert_refused(&bytes, CM_ERR_UNSUPPORTED, cases[i].part);
        cm_buf_release(&bytes);
    }
}

static void damage_is_named(void **state)
{
    (void)state;
    cm_model *model = category_model(1, 100);
    cm_buf bytes = bytes_of(model);
    cm_buf text = {0};
    for (size_t n = 0; n < bytes.n; n++) {
        cm_buf_clear(&text);
        cm_buf_add(&text, bytes.p, n);
        assert_refused(&text, CM_ERR_DATA, "byte");
    }
    cm_buf_clear(&text);
    cm_buf_add(&text, bytes.p, bytes.n);
    char *version = memmem(text.p, text.n, "Flabuffers", 10);
    version[2] = 'x';
    assert_refused(&text, CM_ERR_UNSUPPORTED, "FlxbuffersModel_v1");
    cm_buf_clear(&text);
    cm_buf_add(&text, bytes.p, bytes.n);
    char *part = memmem(text.p, text.n, CBM_CTR_PART, 10);
    part[0] = 'x';
    assert_refused(&text, CM_ERR_UNSUPPORTED, "unknown part");
    cm_buf_release(&text);
    cm_buf_release(&bytes);
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_comes_back_bit_for_bit),
        cmocka_unit_test(categories_come_back),
        cmocka_unit_test(a_regression_stays_one),
        cmocka_unit_test(files_are_told_by_their_start),
        cmocka_unit_test(paths_name_formats),
        cmocka_unit_test(foreign_models_are_named),
        cmocka_unit_test(damage_is_named),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
