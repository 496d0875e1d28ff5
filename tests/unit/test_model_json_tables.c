/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Categories and CTR tables in CatBoost's JSON: the spellings that are read,
 * and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "test_base_faults.h"
#include "test_model_categories.h"

static cm_model *parse(cm_str text)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_parse_json(&model, text, "m.json", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

#define KEY(type)                                              \
    "\"{\\\"identifier\\\":[{\\\"cat_feature_index\\\":0,"     \
    "\\\"combination_element\\\":\\\"cat_feature_value\\\"}]," \
    "\\\"type\\\":\\\"" type "\\\"}\""
#define TABLE(type, map, stride)                           \
    KEY(type)                                              \
    ": {\"hash_map\": [" map "] , \"hash_stride\":" stride \
    ", \"counter_denominator\":9}"
#define MODEL(type, tables)                                   \
    "{\"ctr_data\":\n{" tables "},\"features_info\":{"        \
    "\"categorical_features\":[{\"feature_index\":0,"         \
    "\"flat_feature_index\":1,\"feature_id\":\"site\"}],"     \
    "\"ctrs\":[{\"elements\":[{\"combination_element\":"      \
    "\"cat_feature_value\",\"cat_feature_index\":0}],"        \
    "\"ctr_type\":\"" type "\",\"prior_numerator\":1,"        \
    "\"prior_denomerator\":2,\"shift\":0,\"scale\":1,"        \
    "\"target_border_idx\":0,\"borders\":[0.5]}]},"           \
    "\"oblivious_trees\":[{\"splits\":[{\"split_index\":0}]," \
    "\"leaf_values\":[1,2]}]}"

/* Keys as CatBoost writes them and as numbers, counts as reals, and its empty
 * bucket. */
static void numbers_of_tables_are_read(void **state)
{
    (void)state;
    cm_model *model = parse(CM_STR(
        MODEL("Borders", TABLE("Borders",
                               "\"18446744073709551615\",5,5,\n 12 ,1, 1e+03,"
                               "\"13\",2147483647.0,0",
                               "3"))));
    const cm_ctr_table *table = &model->ctr_tables[0];
    assert_int_equal(table->n_keys, 2);
    assert_int_equal(table->keys[0], 12);
    assert_int_equal(table->counts[1], 1000);
    assert_int_equal(table->counts[2], INT32_MAX);
    assert_int_equal(model->n_features, 0);
    assert_true(cm_model_apply_cats_row(model, NULL, (uint32_t[]){3}) == 1);
    cm_model_free(model);
    model = parse(
        CM_STR(MODEL("FloatTargetMeanValue",
                     TABLE("FloatTargetMeanValue", "\"12\",-2.5e-1,7", "3"))));
    assert_true(model->ctr_tables[0].sums[0] == -.25f);
    cm_model_free(model);
    model = parse(CM_STR(MODEL("Counter", TABLE("Counter", "", "2"))));
    assert_int_equal(model->ctr_tables[0].n_keys, 0);
    assert_int_equal(model->ctr_tables[0].denominator, 9);
    cm_model_free(model);
}

static void assert_refused(const char *text, const char *part)
{
    cm_model *model = NULL;
    cm_error err = {0};
    assert_int_not_equal(
        cm_model_parse_json(&model, cm_str_of(text), "m.json", &err), CM_OK);
    assert_null(model);
    if (strncmp(err.message, "m.json", 6) != 0 ||
        strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    assert_refused(MODEL("Borders", ""), "no Borders table");
    assert_refused(MODEL("Borders", TABLE("Buckets", "", "3")),
                   "no Borders table");
    assert_refused(MODEL("Beta", TABLE("Borders", "", "3")), "\"Beta\"");
    assert_refused(MODEL("Borders", TABLE("Beta", "", "3")), "\"Beta\"");
    assert_refused(MODEL("Borders", TABLE("Borders", "", "2")), "hash_stride");
    assert_refused(MODEL("Counter", TABLE("Counter", "", "3")), "hash_stride");
    assert_refused(MODEL("Borders", TABLE("Borders", "", "99999999999")),
                   "hash_stride");
    assert_refused(MODEL("Borders", TABLE("Borders", "\"1\",2", "3")),
                   "multiple");
    assert_refused(MODEL("Borders", TABLE("Borders", "\"1\",2,", "3")),
                   "damaged");
    assert_refused(
        MODEL("Borders", TABLE("Borders", "\"1\",2,2147483648", "3")), "row 0");
    assert_refused(MODEL("Borders", TABLE("Borders", "\"1\",2,-3", "3")),
                   "row 0");
    assert_refused(MODEL("Borders", TABLE("Borders", "\"x\",2,3", "3")),
                   "row 0");
    assert_refused(MODEL("Borders", TABLE("Borders", "\"1\",2,.5", "3")),
                   "row 0");
    assert_refused(
        MODEL("Borders", TABLE("Borders", "\"1\",2,3,\"1\",2,3", "3")),
        "twice");
    assert_refused(MODEL("Borders", "\"{}\":{}"), "identifier");
    assert_refused(MODEL("Borders", KEY("Borders") ":{}"), "hash_map");
    assert_refused(MODEL("Borders", KEY("Borders") ":[1,2]"), "hash_map");
    assert_refused("{\"ctr_data\":{\"a\":1,2},\"features_info\":{}}",
                   "ctr_data");
    assert_refused("{\"ctr_data\":\n{\"a\":\n1},\n!", "m.json:4");
}

static void reading_survives_every_failed_allocation(void **state)
{
    (void)state;
    cm_model *model = category_model(2, 8);
    cm_buf text = {0};
    assert_int_equal(cm_model_format_json(model, &text, NULL), CM_OK);
    bool reached = true;
    for (long n = 0; reached; n++) {
        cm_model *again = NULL;
        cm_error err = {0};
        faults_left = n;
        cm_status status = cm_model_parse_json(&again, (cm_str){text.p, text.n},
                                               "m.json", &err);
        reached = faults_left < 0;
        faults_left = -1;
        assert_true(status == CM_OK || again == NULL);
        assert_true(reached || status == CM_OK);
        cm_model_free(again);
    }
    cm_buf_release(&text);
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_tables_are_read),
        cmocka_unit_test(wrong_texts_are_refused),
        cmocka_unit_test(reading_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
