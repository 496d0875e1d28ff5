/* DVC's formats, without the real DVC: tests/versioning compares with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dvc/ignore.h"
#include "dvc/ini.h"
#include "dvc/lock_file.h"
#include "dvc/yaml_text.h"

#define MD5   "764efa883dda1e11db47671c4a3bbd9e"
#define OTHER "d41d8cd98f00b204e9800998ecf8427e"

static cm_error err;

static void take_text(cm_buf *out, const char *expected)
{
    cm_buf_addc(out, '\0');
    assert_false(out->failed);
    assert_string_equal(out->p, expected);
    cm_buf_release(out);
}

/* ---- YAML ------------------------------------------------------------------
 */

static void expect_yaml(const char *json, const char *expected)
{
    json_t *value = NULL;
    cm_buf out = {0};
    assert_int_equal(cm_json_parse(&value, cm_str_of(json), "test", &err),
                     CM_OK);
    cm_yaml_put_document(&out, value);
    json_decref(value);
    take_text(&out, expected);
}

static void test_yaml_quotes(void **state)
{
    (void)state;
    expect_yaml(
        "{\"a\": \"yes\", \"b\": \"true\", \"c\": \"1e5\", \"d\": \"\"}",
        "a: yes\nb: 'true'\nc: '1e5'\nd: ''\n");
    expect_yaml("{\"a\": \"x: y\", \"b\": \"x #\", \"c\": \" x\"}",
                "a: 'x: y'\nb: 'x #'\nc: ' x'\n");
    expect_yaml("{\"a\": \"it's\", \"b\": \"'x\", \"c\": \"l\\n2\"}",
                "a: it's\nb: \"'x\"\nc: \"l\\n2\"\n");
    expect_yaml("{\"2020-01-01\": \"2020-1-1 1:00:00Z\", \"k\": \"-\"}",
                "'2020-01-01': '2020-1-1 1:00:00Z'\nk: '-'\n");
}

static void test_yaml_values(void **state)
{
    (void)state;
    expect_yaml("{}", "{}\n");
    expect_yaml("{\"a\": [], \"b\": {}, \"c\": null, \"d\": [1, [2, {\"x\": "
                "3}], {\"y\": [4]}]}",
                "a: []\nb: {}\nc:\nd:\n- 1\n- - 2\n  - x: 3\n- y:\n  - 4\n");
    expect_yaml("{\"a\": 1.0, \"b\": 1e-5, \"c\": 1e16, \"d\": 0.1, \"e\": "
                "true}",
                "a: 1.0\nb: 1e-05\nc: 1e+16\nd: 0.1\ne: true\n");
}

/* Behind column 80, where the next word begins. */
static void test_yaml_folding(void **state)
{
    (void)state;
    expect_yaml("{\"cmd\": \"python src/models/train_model.py --config "
                "configs/train_config.yaml --iterations 1000\"}",
                "cmd: python src/models/train_model.py --config "
                "configs/train_config.yaml \n  --iterations 1000\n");
}

/* ---- listings --------------------------------------------------------------
 */

/* The check value of DVC's own documents. */
static void test_listing_id(void **state)
{
    (void)state;
    cm_listing listing = {0};
    cm_buf text = {0};
    char id[CM_OBJECT_TEXT];
    assert_int_equal(cm_listing_add(&listing, CM_STR("foo"),
                                    "acbd18db4cc2f85cedef654fccc4a4d8", 3,
                                    &err),
                     CM_OK);
    assert_int_equal(cm_listing_add(&listing, CM_STR("bar"),
                                    "37b51d194a7513e45b56f6524f2d51f2", 3,
                                    &err),
                     CM_OK);
    assert_int_equal(cm_listing_format(&listing, &text, id, &err), CM_OK);
    assert_string_equal(id, "5ea40360f5b4ec688df672a4db9c17d1.dir");
    take_text(&text,
              "[{\"md5\": \"37b51d194a7513e45b56f6524f2d51f2\", \"relpath\": "
              "\"bar\"}, {\"md5\": \"acbd18db4cc2f85cedef654fccc4a4d8\", "
              "\"relpath\": \"foo\"}]");
    cm_listing_release(&listing);
}

static void test_listing_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "[",
        "[{}]",
        "[{\"md5\": \"" MD5 "\"}]",
        "[{\"md5\": \"" MD5 "0\", \"relpath\": \"a\"}]",
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"../a\"}]",
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"/a\"}]",
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"a\\u0000\"}]",
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"a\"}] x",
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"a\n\"}]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cm_listing listing = {0};
        cm_status status =
            cm_listing_parse(&listing, cm_str_of(texts[i]), "x.dir", &err);
        assert_true(status == CM_ERR_PARSE || status == CM_ERR_DATA);
        assert_non_null(strstr(err.message, "x.dir"));
        cm_listing_release(&listing);
    }
}

/* ---- .dvc files ------------------------------------------------------------
 */

static void expect_update(const char *before, const char *after)
{
    cm_dvc_file file;
    cm_buf out = {0};
    assert_int_equal(cm_dvc_file_parse(&file, cm_str_of(before), "x.dvc", &err),
                     CM_OK);
    memcpy(file.out.md5, OTHER, sizeof OTHER);
    file.out.size = 0;
    file.out.old_hash = false;
    assert_int_equal(cm_dvc_file_format(&file, &out, &err), CM_OK);
    cm_dvc_file_release(&file);
    take_text(&out, after);
}

static void test_dvc_file_new(void **state)
{
    (void)state;
    cm_dvc_file file = {.out = {.path = "a b",
                                .md5 = MD5 ".dir",
                                .has_size = true,
                                .size = 3,
                                .has_nfiles = true,
                                .nfiles = 2,
                                .no_cache = true}};
    cm_buf out = {0};
    assert_int_equal(cm_dvc_file_format(&file, &out, &err), CM_OK);
    take_text(&out, "outs:\n- md5: " MD5 ".dir\n  size: 3\n  nfiles: 2\n"
                    "  hash: md5\n  path: a b\n  cache: false\n");
}

static void test_dvc_file_update(void **state)
{
    (void)state;
    expect_update("outs:\n- md5: " MD5 "\n  size: 3\n  path: a\n",
                  "outs:\n- md5: " OTHER "\n  size: 0\n  path: a\n  hash: "
                  "md5\n");
    expect_update(
        "# head\nouts:\n  - path: a  # here\n\n    # why\n    size: 3\n"
        "    md5: " MD5 " # hash\nmeta:\n  owner: me\n# end\n",
        "# head\nouts:\n- path: a    # here\n\n    # why\n  size: 0\n"
        "  md5: " OTHER "   # hash\n  hash: md5\nmeta:\n  owner: me\n"
        "# end\n");
}

static void test_dvc_file_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "outs: 1\n",
                                        "outs: []\n",
                                        "outs:\n- md5: " MD5 "\n",
                                        "outs:\n- path: a\n  md5: 12\n",
                                        "outs:\n- path: a\n  size: -1\n",
                                        "outs:\n- path: a\n- path: b\n",
                                        "outs:\n- path: a\n  cache: 1\n",
                                        "- a\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cm_dvc_file file;
        assert_int_equal(
            cm_dvc_file_parse(&file, cm_str_of(texts[i]), "x.dvc", &err),
            CM_ERR_PARSE);
        assert_non_null(strstr(err.message, "x.dvc:"));
        cm_dvc_file_release(&file);
    }
}

/* ---- dvc.lock --------------------------------------------------------------
 */

static const char lock_text[] =
    "schema: '2.0'\nstages:\n  a:\n    cmd: echo   # odd\n    deps:\n"
    "    - path: x\n      md5: " MD5 "\n  b:\n    cmd:\n    - one\n    - two\n"
    "    params:\n      params.yaml:\n        lr: 0.10\ndatasets:\n- name: d\n";

static void test_lock_file(void **state)
{
    (void)state;
    cm_lock_file lock;
    cm_buf out = {0};
    const char *commands[] = {"run"};
    cm_out outs[] = {{.path = "z", .md5 = MD5, .has_size = true, .size = 1},
                     {.path = "o"}};
    cm_locked_stage stage = {.name = "a",
                             .commands = commands,
                             .n_commands = 1,
                             .one_command = true,
                             .outs = outs,
                             .n_outs = 2};
    assert_int_equal(
        cm_lock_file_parse(&lock, cm_str_of(lock_text), "dvc.lock", &err),
        CM_OK);
    assert_int_equal(lock.n, 2);
    assert_int_equal(cm_lock_file_find(&lock, "b")->n_commands, 2);
    assert_int_equal(cm_lock_file_format(&lock, &out, &err), CM_OK);
    take_text(&out, lock_text);
    assert_int_equal(cm_lock_file_set(&lock, &stage, &err), CM_OK);
    stage.name = "c";
    stage.n_outs = 0;
    assert_int_equal(cm_lock_file_set(&lock, &stage, &err), CM_OK);
    assert_int_equal(cm_lock_file_format(&lock, &out, &err), CM_OK);
    take_text(&out,
              "schema: '2.0'\nstages:\n  a:\n    cmd: run\n    outs:\n"
              "    - path: o\n      hash: md5\n    - path: z\n      hash: md5\n"
              "      md5: " MD5 "\n      size: 1\n  b:\n    cmd:\n    - one\n"
              "    - two\n    params:\n      params.yaml:\n        lr: 0.10\n"
              "  c:\n    cmd: run\ndatasets:\n- name: d\n");
    cm_lock_file_release(&lock);
}

static void test_lock_file_new(void **state)
{
    (void)state;
    cm_lock_file lock = {0};
    cm_buf out = {0};
    const char *commands[] = {"x"};
    cm_locked_stage stage = {.name = "s",
                             .commands = commands,
                             .n_commands = 1,
                             .one_command = true};
    stage.params = json_pack("{s{sb}s{s[i]sf}}", "b.yaml", "k", 1,
                             "params.yaml", "z", 1, "a", 0.5);
    assert_non_null(stage.params);
    assert_int_equal(cm_lock_file_set(&lock, &stage, &err), CM_OK);
    assert_int_equal(cm_lock_file_format(&lock, &out, &err), CM_OK);
    take_text(&out, "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    params:\n"
                    "      params.yaml:\n        a: 0.5\n        z:\n"
                    "        - 1\n      b.yaml:\n        k: true\n");
    cm_lock_file_release(&lock);
}

/* ---- configuration ---------------------------------------------------------
 */

static void test_ini(void **state)
{
    (void)state;
    cm_ini_file ini;
    cm_buf out = {0};
    static const char text[] =
        "# by hand\n[Core]\nRemote=a # here\n[ 'remote  \"A b\"' ]\n"
        "\turl = 's3://b/#x'\n x = '''l\n2''' # c\n[cache]\ntype = a , "
        "\"b,c\"\n"
        "[empty]\n";
    assert_int_equal(cm_ini_parse(&ini, cm_str_of(text), "config", &err),
                     CM_OK);
    assert_string_equal(cm_ini_get(cm_ini_find(&ini, "core"), "remote")->text,
                        "a");
    assert_string_equal(cm_ini_get(cm_ini_find(&ini, "cache"), "type")->text,
                        "a,b,c");
    assert_int_equal(cm_ini_format(&ini, &out, &err), CM_OK);
    take_text(&out, "[core]\n    remote = a\n[cache]\n    type = a, \"b,c\"\n"
                    "['remote \"a b\"']\n    url = \"s3://b/#x\"\n"
                    "    x = '''l\n2'''\n");
    cm_ini_release(&ini);
}

static void test_ini_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[a]\n[a]\n",     "x = 1\nX = 2\n", "word\n",        "[a\n",
        "[[a]]\n",        "x = 'a\n",       "x = '''a\n\n",  "x = 'a' b\n",
        "x = ,,\n",       "[]\n",           "x = '''a''' b", "= 1\n",
        "x = \xff\xfe\n", "x = a,,b\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cm_ini_file ini;
        assert_int_equal(
            cm_ini_parse(&ini, cm_str_of(texts[i]), "config", &err),
            CM_ERR_PARSE);
        assert_non_null(strstr(err.message, "config"));
        cm_ini_release(&ini);
    }
}

/* ---- rules and paths -------------------------------------------------------
 */

static bool matches(const char *line, const char *path, bool is_folder)
{
    ignore_rule rule;
    cm_arena arena = {0};
    bool valid = false;
    assert_int_equal(
        ignore_rule_parse(&rule, &valid, cm_str_of(line), &arena, &err), CM_OK);
    bool answer = valid && ignore_rule_matches(&rule, path, is_folder);
    cm_arena_release(&arena);
    return answer;
}

static void test_rules(void **state)
{
    (void)state;
    assert_true(matches("*.log", "a/b.log", false));
    assert_false(matches("/*.log", "a/b.log", false));
    assert_true(matches("a/", "x/a", true));
    assert_false(matches("a/", "x/a", false));
    assert_true(matches("a/**/c", "a/c", false));
    assert_true(matches("a/**/c", "a/b/b/c", false));
    assert_false(matches("a/*/c", "a/b/b/c", false));
    assert_true(matches("[!a]b", "xb", false));
    assert_false(matches("[!a]b", "ab", false));
    assert_true(matches("?", "ж", false));
    assert_true(matches("\\#a", "#a", false));
    assert_false(matches("# a", "# a", false));
    assert_false(matches("a[", "a[", false));
    assert_false(matches("a\\", "a\\", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_yaml_quotes),
                                       cmocka_unit_test(test_yaml_values),
                                       cmocka_unit_test(test_yaml_folding),
                                       cmocka_unit_test(test_listing_id),
                                       cmocka_unit_test(test_listing_refused),
                                       cmocka_unit_test(test_dvc_file_new),
                                       cmocka_unit_test(test_dvc_file_update),
                                       cmocka_unit_test(test_dvc_file_refused),
                                       cmocka_unit_test(test_lock_file),
                                       cmocka_unit_test(test_lock_file_new),
                                       cmocka_unit_test(test_ini),
                                       cmocka_unit_test(test_ini_refused),
                                       cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
