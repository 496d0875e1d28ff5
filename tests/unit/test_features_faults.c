/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* The n-th allocation fails, n = 0, 1, 2 … until all succeed: every function
 * of features gives back an error and whatever it had. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "features/describe.h"
#include "features/lookup.h"
#include "features/quantize.h"
#include "test_base_faults.h"
#include "test_base_folder.h"
#include "test_features_data.h"

/* Everything the module makes, in the order in which it is made. */
typedef struct chain {
    cm_transformers *counts, *ctr, *loaded_counts, *loaded_ctr;
    cm_feature_plan *plan;
    cm_feature_codes *codes;
    cm_binned *binned;
    cm_lookup *lookup;
    cm_buf json;
} chain;

static cm_status chain_fit(chain *c, const test_data *data, cm_error *err)
{
    cm_status status = cm_count_transformers_fit(&c->counts, &data->dataset,
                                                 &data_spec, 1, err);
    if (status == CM_OK) {
        status = cm_ctr_transformer_fit(&c->ctr, &data->dataset, c->counts,
                                        &data_spec, data->train, data->n_train,
                                        1, err);
    }
    return status;
}

static cm_status chain_apply(chain *c, const test_data *data, cm_error *err)
{
    cm_quantize_options options = {254, CM_NAN_MODE_MIN, 1};
    cm_status status =
        cm_feature_plan_new(&c->plan, c->loaded_counts, c->loaded_ctr,
                            data_ctrs, DATA_N_CTR, "hour", err);
    if (status == CM_OK) {
        status =
            cm_feature_codes_new(&c->codes, c->plan, &data->dataset, 1, err);
    }
    if (status == CM_OK) {
        status = cm_quantize(&c->binned, c->codes, data_ctrs, data->train,
                             data->n_train, data->columns[DATA_CLICK].values,
                             &options, err);
    }
    if (status == CM_OK) {
        status = cm_lookup_new(&c->lookup, c->plan, err);
    }
    if (status == CM_OK) {
        cm_transformers_describe(c->ctr, 5, 0, &c->json);
        status = cm_buf_check(&c->json, err);
    }
    return status;
}

static void chain_release(chain *c)
{
    cm_buf_release(&c->json);
    cm_lookup_free(c->lookup);
    cm_binned_free(c->binned);
    cm_feature_codes_free(c->codes);
    cm_feature_plan_free(c->plan);
    cm_transformers_free(c->loaded_ctr);
    cm_transformers_free(c->loaded_counts);
    cm_transformers_free(c->ctr);
    cm_transformers_free(c->counts);
}

static cm_status chain_run(chain *c, const test_data *data, void **state,
                           cm_error *err)
{
    cm_status status = chain_fit(c, data, err);
    if (status == CM_OK) {
        status = cm_transformers_save(c->counts, path_in(state, "c.cmt"), err);
    }
    if (status == CM_OK) {
        status = cm_transformers_save(c->ctr, path_in(state, "t.cmt"), err);
    }
    if (status == CM_OK) {
        status = cm_transformers_load(&c->loaded_counts,
                                      path_in(state, "c.cmt"), err);
    }
    if (status == CM_OK) {
        status =
            cm_transformers_load(&c->loaded_ctr, path_in(state, "t.cmt"), err);
    }
    return status == CM_OK ? chain_apply(c, data, err) : status;
}

static void every_allocation_may_fail(void **state)
{
    enum { MOST = 2000 };
    test_data data;
    data_init(&data, 200, .3, 11);
    long n = 0;
    for (;; n++) {
        chain c = {0};
        cm_error err = {0};
        faults_left = n;
        cm_status status = chain_run(&c, &data, state, &err);
        bool reached = faults_left < 0;
        faults_left = -1;
        chain_release(&c);
        if (!reached) {
            assert_int_equal(status, CM_OK);
            break;
        }
        if (status != CM_OK) {
            assert_int_equal(status, err.code);
            assert_true(err.message[0] != '\0');
        }
        assert_true(n < MOST);
    }
    assert_true(n > 100);
    data_release(&data);
}

/* Errors about names make lists of names. */
static void wrong_names_without_memory(void **state)
{
    (void)state;
    static const char *const wrong[] = {"wholly_unlike"};
    cm_feature_spec bad_count = {wrong, 1, NULL, 0};
    cm_feature_spec bad_ctr = {NULL, 0, wrong, 1};
    test_data data;
    data_init(&data, 20, .3, 11);
    bool reached = true;
    for (long n = 0; reached; n++) {
        cm_transformers *made = NULL;
        faults_left = n;
        assert_int_not_equal(cm_count_transformers_fit(&made, &data.dataset,
                                                       &bad_count, 1, NULL),
                             CM_OK);
        assert_int_not_equal(cm_ctr_transformer_fit(&made, &data.dataset, NULL,
                                                    &bad_ctr, data.train,
                                                    data.n_train, 1, NULL),
                             CM_OK);
        reached = faults_left < 0;
        faults_left = -1;
        assert_null(made);
    }
    data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(wrong_names_without_memory),
    };
    return cmocka_run_group_tests_name("features/faults", tests, folder_setup,
                                       folder_teardown);
}
