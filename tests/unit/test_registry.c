/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* The registry over a folder: what its names may be, which part of a folder is
 * a bundle, what is said of an object that is wrong; and all of it without
 * memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "registry/model_cache.h"
#include "registry/place.h"
#include "test_base_folder.h"
#include "test_base_until_success.h"

static const char md5_of_a[] = "0cc175b9c0f1b6a831c399e269772661";
static const char md5_of_b[] = "92eb5ffee6ae2fec3ad71c777531578f";

static cm_error err;

/* ---- names --------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    static const char *const good[] = {"latest", "v1.2", "_x", "8d0c1f2a"};
    static const char *const bad[] = {"", ".x", "-x", "a/b", "a b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(record_name_is_good(cm_str_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(record_name_is_good(cm_str_of(bad[i])));
        assert_int_equal(cm_alias_check(bad[i], &err), CM_ERR_USAGE);
    }
    char longest[CM_MODEL_NAME + 1];
    memset(longest, 'a', sizeof longest);
    assert_true(record_name_is_good((cm_str){longest, CM_MODEL_NAME - 1}));
    assert_false(record_name_is_good((cm_str){longest, CM_MODEL_NAME}));
}

static void test_hashes(void **state)
{
    (void)state;
    assert_true(record_is_hash(cm_str_of("8d0c1f2a")));
    assert_true(record_is_hash(cm_str_of(md5_of_a)));
    assert_true(
        record_is_hash(cm_str_of("0cc175b9c0f1b6a831c399e269772661.dir")));
    assert_false(record_is_hash(cm_str_of("8d0c1f2")));
    assert_false(record_is_hash(cm_str_of("8d0c1f2g")));
    assert_false(record_is_hash(cm_str_of("8d0c1f2a.dir")));
    assert_int_equal(cm_alias_check("deadbeef", &err), CM_ERR_USAGE);
}

static void test_places(void **state)
{
    static const struct {
        const char *name, *place, *which;
    } cases[] = {{"s3://b/p@champion", "s3://b/p", "champion"},
                 {"s3://b/p", "s3://b/p", "latest"},
                 {"s3://me@b/p", "s3://me@b/p", "latest"},
                 {"a@b/c@v1.0", "a@b/c", "v1.0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *place = NULL;
        const char *which = NULL;
        assert_int_equal(place_split(&place, &which, cases[i].name, &err),
                         CM_OK);
        assert_string_equal(place, cases[i].place);
        assert_string_equal(which, cases[i].which);
        free(place);
    }
    char *place = NULL;
    const char *which = NULL;
    assert_int_equal(place_split(&place, &which, "s3://b/p@", &err),
                     CM_ERR_USAGE);
    free(place);
    assert_true(cm_model_is_remote("s3://b/p"));
    assert_true(cm_model_is_remote("nothing-of-that-name@v1"));
    assert_false(cm_model_is_remote("models/catclf.json"));
    const char *file = path_in(state, "with@sign");
    assert_int_equal(cm_write_file(file, cm_str_of("x"), &err), CM_OK);
    assert_false(cm_model_is_remote(file));
}

/* ---- which part is the bundle -------------------------------------------- */

/* names: "path=a" or "path=b", the content. */
static void fill(cm_listing *listing, const char *const *names)
{
    for (; *names != NULL; names++) {
        size_t n = strlen(*names) - 2;
        const char *md5 = (*names)[n + 1] == 'a' ? md5_of_a : md5_of_b;
        assert_int_equal(
            cm_listing_add(listing, (cm_str){*names, n}, md5, 0, &err), CM_OK);
    }
}

static void expect_within(const char *const *names, const char *wanted,
                          const char *expected)
{
    char *within = NULL;
    cm_listing listing = {0};
    fill(&listing, names);
    cm_status status =
        bundle_find_within(&within, &listing, wanted, "here", &err);
    if (expected == NULL) {
        assert_int_equal(status, CM_ERR_DATA);
        assert_null(within);
    } else {
        assert_int_equal(status, CM_OK);
        assert_string_equal(within, expected);
    }
    free(within);
    cm_listing_release(&listing);
}

static void test_within(void **state)
{
    (void)state;
    static const char *const whole[] = {"bundle.json=a", "m.json=b", NULL};
    static const char *const one[] = {"x/bundle.json=a", "x/m.json=b", NULL};
    static const char *const two[] = {".lock=b",
                                      "m.json=b",
                                      "v/1/m.json=a",
                                      "v/1/bundle.json=a",
                                      "v/2/m.json=b",
                                      "v/2/bundle.json=b",
                                      NULL};
    static const char *const neither[] = {"m.json=b", "v/1/bundle.json=a",
                                          "v/2/bundle.json=b", NULL};
    static const char *const none[] = {"data.csv=a", NULL};
    expect_within(whole, NULL, "");
    expect_within(one, NULL, "x/");
    expect_within(two, NULL, "v/2/");
    expect_within(two, "v/1", "v/1/");
    expect_within(two, "m.json", "v/2/");
    expect_within(neither, NULL, NULL);
    expect_within(none, NULL, NULL);
}

/* ---- push and fetch ------------------------------------------------------ */

static const char *const file_names[] = {"bundle.json", "m.json"};

/* A bundle of version "one" as far as the registry knows one, in
 * FOLDER/bundle. */
static void make_bundle(void **state)
{
    static const char manifest[] = "{\"version\": \"one\"}";
    assert_int_equal(cm_make_dirs(path_in(state, "bundle"), &err), CM_OK);
    assert_int_equal(cm_write_file(path_in(state, "bundle/bundle.json"),
                                   cm_str_of(manifest), &err),
                     CM_OK);
    assert_int_equal(
        cm_write_file(path_in(state, "bundle/m.json"), cm_str_of("{}"), &err),
        CM_OK);
}

typedef struct scene {
    char place[1024], cache[1024], bundle[1024], name[1040];
    cm_place_options options;
    cm_model_files files;
} scene;

static void scene_set(scene *s, void **state, const char *version)
{
    *s = (scene){0};
    (void)snprintf(s->place, sizeof s->place, "%s", path_in(state, "place"));
    (void)snprintf(s->cache, sizeof s->cache, "%s", path_in(state, "cache"));
    (void)snprintf(s->bundle, sizeof s->bundle, "%s", path_in(state, "bundle"));
    (void)snprintf(s->name, sizeof s->name, "%s@latest", s->place);
    s->options = (cm_place_options){.cache = s->cache};
    s->files = (cm_model_files){.folder = s->bundle,
                                .names = file_names,
                                .n = 2,
                                .version = version,
                                .created = "",
                                .metrics = "{\"log_loss\": 0.5, \"x\": [1]}"};
}

static void scene_clear(const scene *s)
{
    assert_int_equal(cm_remove_tree(s->place, &err), CM_OK);
    assert_int_equal(cm_remove_tree(s->cache, &err), CM_OK);
}

static cm_status push(const scene *s, const char *version)
{
    cm_place *place = NULL;
    cm_push_told told;
    cm_alias_move move;
    cm_status status = cm_place_open(&place, s->place, &s->options, &err);
    if (status == CM_OK) {
        status = cm_place_push(place, &s->files, &told, &err);
    }
    if (status == CM_OK) {
        status =
            cm_place_move_alias(place, "latest", version, true, &move, &err);
    }
    cm_place_close(place);
    return status;
}

static void test_there_and_back(void **state)
{
    scene s;
    cm_fetched_model model;
    cm_model_list list;
    cm_place *place = NULL;
    scene_set(&s, state, "one");
    assert_int_equal(push(&s, "one"), CM_OK);
    assert_int_equal(cm_model_fetch(&model, s.name, &s.options, &err), CM_OK);
    assert_string_equal(model.version, "one");
    assert_true(model.fetched);
    free(model.folder);
    assert_int_equal(cm_model_fetch(&model, s.name, &s.options, &err), CM_OK);
    assert_false(model.fetched);
    free(model.folder);
    assert_int_equal(cm_place_open(&place, s.place, &s.options, &err), CM_OK);
    assert_int_equal(cm_place_list(place, &list, &err), CM_OK);
    assert_int_equal(list.n_records, 1);
    assert_string_equal(list.records[0].metrics, "{\"log_loss\":0.5}");
    assert_int_equal(list.n_aliases, 1);
    cm_model_list_release(&list);
    cm_place_close(place);
    scene_clear(&s);
}

/* A record that says another version than the bundle does. */
static void test_wrong_record(void **state)
{
    scene s;
    cm_fetched_model model;
    scene_set(&s, state, "one");
    s.files.version = "two";
    assert_int_equal(push(&s, "two"), CM_OK);
    assert_int_equal(cm_model_fetch(&model, s.name, &s.options, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "version one"));
    assert_null(model.folder);
    scene_clear(&s);
}

/* One that stands under a name that is not its own is none. */
static void test_moved_record(void **state)
{
    scene s;
    cm_fetched_model model;
    cm_buf text = {0};
    scene_set(&s, state, "one");
    assert_int_equal(push(&s, "one"), CM_OK);
    assert_int_equal(
        cm_read_file(&text, path_in(state, "place/models/versions/one.json"),
                     RECORD_MAX_BYTES, &err),
        CM_OK);
    assert_int_equal(
        cm_write_file(path_in(state, "place/models/versions/two.json"),
                      (cm_str){text.p, text.n}, &err),
        CM_OK);
    (void)snprintf(s.name, sizeof s.name, "%s@two", s.place);
    assert_int_equal(cm_model_fetch(&model, s.name, &s.options, &err),
                     CM_ERR_DATA);
    cm_buf_release(&text);
    scene_clear(&s);
}

/* ---- without memory ------------------------------------------------------ */

static cm_status push_once(void **state)
{
    scene s;
    long left = faults_left;
    faults_left = -1;
    scene_set(&s, state, "one");
    scene_clear(&s);
    faults_left = left;
    return push(&s, "one");
}

static void test_push_without_memory(void **state)
{
    until_success_within(push_once, state, 2000);
}

static cm_status fetch_once(void **state)
{
    scene s;
    cm_fetched_model model;
    long left = faults_left;
    faults_left = -1;
    scene_set(&s, state, "one");
    scene_clear(&s);
    assert_int_equal(push(&s, "one"), CM_OK);
    faults_left = left;
    cm_status status = cm_model_fetch(&model, s.name, &s.options, &err);
    assert_true((status == CM_OK) == (model.folder != NULL));
    free(model.folder);
    return status;
}

static void test_fetch_without_memory(void **state)
{
    until_success_within(fetch_once, state, 2000);
}

static int bundle_setup(void **state)
{
    int code = folder_setup(state);
    if (code == 0) {
        make_bundle(state);
    }
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_wrong_record),
        cmocka_unit_test(test_moved_record),
        cmocka_unit_test(test_push_without_memory),
        cmocka_unit_test(test_fetch_without_memory),
    };
    return cmocka_run_group_tests(tests, bundle_setup, folder_teardown);
}
