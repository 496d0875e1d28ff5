/* Snapshots: what is kept comes back, and nothing else is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/snapshot.h"
#include "pipeline/snapshot_layout.h"
#include "test_boost_data.h"

static cm_error err;

enum { ROWS = 500, FEATURES = 3, TREES = 4 };

typedef struct training {
    boost_data data;
    cm_train_options options;
    cm_trained *trained;
    double losses[TREES];
    char path[64];
    cm_buf bytes; /* of its snapshot */
} training;

static training t;

static int set_up(void **state)
{
    (void)state;
    const uint16_t n_bins[FEATURES] = {10, 3, 50};
    memset(&t, 0, sizeof t);
    boost_data_init(&t.data, ROWS, FEATURES, n_bins, 1);
    cm_train_options_init(&t.options);
    t.options.iterations = TREES;
    t.options.depth = 3;
    cm_train_options_resolve(&t.options, ROWS, FEATURES);
    assert_int_equal(
        cm_train(&t.trained, &t.data.set, &t.options, NULL, NULL, &err), CM_OK);
    snprintf(t.path, sizeof t.path, "/tmp/clickmill-snapshot-%ld",
             (long)getpid());
    for (int i = 0; i < TREES; i++) {
        t.losses[i] = .5 - i * .1;
    }
    cm_snapshot snapshot = {.key = cm_snapshot_key_of(&t.data.set, &t.options),
                            .n_trees = TREES,
                            .n_features = FEATURES,
                            .trees = t.trained->trees,
                            .train_log_losses = t.losses};
    assert_int_equal(cm_snapshot_save(&snapshot, t.path, &err), CM_OK);
    assert_int_equal(cm_read_file(&t.bytes, t.path, 1 << 20, &err), CM_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(t.path);
    cm_buf_release(&t.bytes);
    cm_trained_free(t.trained);
    boost_data_release(&t.data);
    return 0;
}

static void test_trees_come_back(void **state)
{
    (void)state;
    cm_snapshot *s = NULL;
    assert_int_equal(cm_snapshot_load(&s, t.path, &err), CM_OK);
    assert_int_equal(s->n_trees, TREES);
    for (size_t i = 0; i < TREES; i++) {
        const cm_tree *kept = &s->trees[i], *tree = &t.trained->trees[i];
        size_t n = (size_t)1 << tree->depth;
        assert_true(s->train_log_losses[i] == t.losses[i]);
        assert_int_equal(kept->depth, tree->depth);
        assert_memory_equal(kept->splits, tree->splits,
                            tree->depth * sizeof *tree->splits);
        assert_memory_equal(kept->leaf_values, tree->leaf_values,
                            n * sizeof(double));
        assert_memory_equal(kept->leaf_weights, tree->leaf_weights,
                            n * sizeof(double));
    }
    cm_snapshot_free(s);
}

static void expect_other(const cm_train_set *set,
                         const cm_train_options *options, const char *words)
{
    cm_snapshot *s = NULL;
    assert_int_equal(cm_snapshot_load(&s, t.path, &err), CM_OK);
    assert_int_equal(cm_snapshot_check(s, set, cm_snapshot_key_of(set, options),
                                       "file", &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, words));
    cm_snapshot_free(s);
}

static void test_another_training_is_refused(void **state)
{
    (void)state;
    cm_snapshot *s = NULL;
    cm_train_options options = t.options;
    options.iterations = 1000;
    options.n_threads = 7;
    assert_int_equal(cm_snapshot_load(&s, t.path, &err), CM_OK);
    assert_int_equal(
        cm_snapshot_check(s, &t.data.set,
                          cm_snapshot_key_of(&t.data.set, &options), "file",
                          &err),
        CM_OK); /* more trees and other threads are fine */
    cm_snapshot_free(s);
    options.depth++;
    expect_other(&t.data.set, &options, "its train_params differ");
    options = t.options;
    options.random_seed++;
    expect_other(&t.data.set, &options, "its train_params differ");
    cm_train_set set = t.data.set;
    float weights[ROWS] = {0};
    set.weights = weights;
    expect_other(&set, &t.options, "its training rows differ");
    t.data.values[17] ^= 1;
    expect_other(&t.data.set, &t.options, "its training rows differ");
    t.data.values[17] ^= 1;
    t.data.labels[5] ^= 1;
    expect_other(&t.data.set, &t.options, "its training rows differ");
}

static cm_status parse(size_t n)
{
    cm_snapshot *s = NULL;
    cm_status status =
        cm_snapshot_parse(&s, (const uint8_t *)t.bytes.p, n, "file", &err);
    cm_snapshot_free(s);
    return status;
}

static void test_damage_is_seen(void **state)
{
    (void)state;
    for (size_t n = 0; n < t.bytes.n; n++) {
        assert_int_not_equal(parse(n), CM_OK);
    }
    for (size_t i = 0; i < t.bytes.n; i++) {
        t.bytes.p[i] = (char)(t.bytes.p[i] ^ 0x10);
        assert_int_not_equal(parse(t.bytes.n), CM_OK);
        t.bytes.p[i] = (char)(t.bytes.p[i] ^ 0x10);
    }
    assert_int_equal(parse(t.bytes.n), CM_OK);
}

/* Damage that is signed anew, as a hostile file would have it. */
static void sign(void)
{
    cm_snapshot_header header;
    size_t covered = offsetof(cm_snapshot_header, options_key);
    memcpy(&header, t.bytes.p, sizeof header);
    header.checksum = cm_xxh3(t.bytes.p + covered, t.bytes.n - covered);
    memcpy(t.bytes.p, &header, sizeof header);
}

static void put(size_t at, const void *value, size_t n)
{
    memcpy(t.bytes.p + at, value, n);
    sign();
}

static void test_hostile_numbers_are_refused(void **state)
{
    (void)state;
    const size_t trees = offsetof(cm_snapshot_header, n_trees);
    const size_t features = offsetof(cm_snapshot_header, n_features);
    const size_t tree = sizeof(cm_snapshot_header);
    uint32_t many = UINT32_MAX, four = TREES, three = 3, deep = 17, none = 0;
    double nan = 0.0 / 0.0, depth3 = 0;
    memcpy(&depth3, t.bytes.p + tree + 8, sizeof depth3);
    put(trees, &many, 4);
    assert_int_equal(parse(t.bytes.n), CM_ERR_PARSE);
    put(trees, &three, 4);
    assert_int_equal(parse(t.bytes.n), CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "behind the last tree"));
    put(trees, &four, 4);
    put(features, &none, 4);
    assert_int_equal(parse(t.bytes.n), CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "asks for feature"));
    put(features, &three, 4);
    put(tree, &deep, 4);
    assert_int_equal(parse(t.bytes.n), CM_ERR_PARSE);
    put(tree, &t.trained->trees[0].depth, 4);
    put(tree + 8, &nan, 8);
    assert_int_equal(parse(t.bytes.n), CM_ERR_PARSE);
    put(tree + 8, &depth3, 8);
    assert_int_equal(parse(t.bytes.n), CM_OK);
}

static void test_another_file_is_not_a_snapshot(void **state)
{
    (void)state;
    cm_snapshot *s = NULL;
    const char text[] =
        "id,click,hour,and so on: a log that is in the way of a "
        "snapshot\n";
    assert_int_equal(
        cm_snapshot_parse(&s, (const uint8_t *)text, sizeof text, "f", &err),
        CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "does not start with CMSNAPSH"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_trees_come_back), TEST(test_another_training_is_refused),
        TEST(test_damage_is_seen), TEST(test_hostile_numbers_are_refused),
        TEST(test_another_file_is_not_a_snapshot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
