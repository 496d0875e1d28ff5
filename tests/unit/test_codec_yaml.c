/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* YAML: the tree, its places, and errors one can act on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "codec/yaml.h"
#include "test_base_faults.h"
#include "test_base_folder.h"

static cm_yaml *parse(const char *text)
{
    cm_yaml *root = NULL;
    cm_error err = {0};
    if (cm_yaml_parse(&root, cm_str_of(text), "f.yaml", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return root;
}

static void tree_and_places(void **state)
{
    (void)state;
    cm_yaml *root = parse("# a comment\n"
                          "train_params:\n"
                          "  depth: 6   # six\n"
                          "  name: \"x y\"\n"
                          "features: [a, 'b', 3]\n"
                          "list:\n"
                          "- k: v\n"
                          "- |\n"
                          "  two\n"
                          "  lines\n");
    assert_int_equal(root->kind, CM_YAML_MAP);
    assert_int_equal(root->n, 3);
    assert_true(cm_str_is(root->keys[1].text, "features"));
    assert_int_equal(root->keys[1].where.line, 5);
    const cm_yaml *depth =
        cm_yaml_get(cm_yaml_get(root, "train_params"), "depth");
    assert_true(cm_str_is(depth->text, "6"));
    assert_false(depth->quoted);
    assert_int_equal(depth->where.line, 3);
    assert_int_equal(depth->where.column, 10);
    assert_string_equal(depth->where.file, "f.yaml");
    const cm_yaml *name =
        cm_yaml_get(cm_yaml_get(root, "train_params"), "name");
    assert_true(cm_str_is(name->text, "x y") && name->quoted);
    const cm_yaml *features = cm_yaml_get(root, "features");
    assert_int_equal(features->kind, CM_YAML_LIST);
    assert_int_equal(features->n, 3);
    assert_null(features->keys);
    assert_true(cm_str_is(features->children[1].text, "b"));
    assert_int_equal(features->children[1].where.column, 15);
    const cm_yaml *list = cm_yaml_get(root, "list");
    assert_true(cm_str_is(cm_yaml_get(&list->children[0], "k")->text, "v"));
    assert_true(cm_str_is(list->children[1].text, "two\nlines\n"));
    assert_true(list->children[1].quoted);
    cm_yaml_free(root);
}

static void text_is_owned(void **state)
{
    (void)state;
    char text[] = "key: value";
    char file[] = "name";
    cm_yaml *root = NULL;
    assert_int_equal(cm_yaml_parse(&root, cm_str_of(text), file, NULL), CM_OK);
    memset(text, 'x', sizeof text - 1);
    memset(file, 'x', sizeof file - 1);
    const cm_yaml *value = cm_yaml_get(root, "key");
    assert_true(cm_str_is(value->text, "value"));
    assert_string_equal(value->where.file, "name");
    cm_yaml_free(root);
}

static void empty_is_an_empty_map(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",           "\n\n", "# only this\n", "---\n",
        "---\n...\n", "{}",   "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cm_yaml *root = parse(texts[i]);
        assert_int_equal(root->kind, CM_YAML_MAP);
        assert_int_equal(root->n, 0);
        assert_null(cm_yaml_get(root, "a"));
        cm_yaml_free(root);
    }
    cm_yaml *root = NULL;
    assert_int_equal(cm_yaml_parse(&root, (cm_str){NULL, 0}, "f", NULL), CM_OK);
    cm_yaml_free(root);
    cm_yaml_free(NULL);
}

static void other_roots(void **state)
{
    (void)state;
    cm_yaml *root = parse("- a\n- b\n");
    assert_int_equal(root->kind, CM_YAML_LIST);
    assert_null(cm_yaml_get(root, "a"));
    cm_yaml_free(root);
    root = parse("just text\n");
    assert_int_equal(root->kind, CM_YAML_SCALAR);
    assert_null(cm_yaml_get(root, "just text"));
    assert_null(cm_yaml_get(NULL, "a"));
    cm_yaml_free(root);
}

static void nulls_and_booleans(void **state)
{
    (void)state;
    cm_yaml *root = parse("[~, null, Null, NULL, 'null', nil, true, True, "
                          "TRUE, false, False, FALSE, yes, 'true', {}]");
    for (size_t i = 0; i < root->n; i++) {
        bool value = i < 9;
        const cm_yaml *node = &root->children[i];
        assert_int_equal(cm_yaml_is_null(node), i < 4);
        assert_int_equal(cm_yaml_bool(node, &value), i >= 6 && i <= 11);
        if (i >= 6 && i <= 11) {
            assert_int_equal(value, i <= 8);
        }
    }
    bool value = false;
    assert_false(cm_yaml_bool(NULL, &value));
    assert_false(cm_yaml_is_null(NULL));
    cm_yaml_free(root);
    root = parse("a:\nb: ''\n");
    assert_true(cm_yaml_is_null(cm_yaml_get(root, "a")));
    assert_false(cm_yaml_is_null(cm_yaml_get(root, "b")));
    cm_yaml_free(root);
}

typedef struct bad_text {
    const char *text;
    const char *place;
    const char *part;
} bad_text;

static void errors_have_place_and_remedy(void **state)
{
    (void)state;
    static const bad_text texts[] = {
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: ",
         "the key a is already given in "
         "line 1"},
        {"x:\n  k: 1\n  'k': 2\n", "f.yaml:3:3: ", "line 2"},
        {"a: 1\nb: c: d\n", "f.yaml:2:5: ", "quotes"},
        {"a: 1\nb\nc: 2\n", "f.yaml:2:1: ", "'key: value'"},
        {"a:\n\tb: 1\n", "f.yaml:2:1: ", "tab"},
        {"a: 1\n  b: 2\n", "f.yaml:2:4: ", "indent"},
        {"a: [1, 2\nb: 3\n", "f.yaml:1:4: ", "']'"},
        {"a: {x: 1\nb: [\n", "f.yaml:1:4: ", "'}'"},
        {"k: 1\na: \"open\nb: 2\n", "f.yaml:2:4: ", "never closed"},
        {"a: 'x\n---\ny'", "f.yaml:1:4: ", "not closed"},
        {"a: @x\n", "f.yaml:1:4: ", "'@'"},
        {"a: \"\\q\"\n", "f.yaml:1:5: ", "escape"},
        {"a: &x 1\n", "f.yaml:1:4: ", "anchor"},
        {"a: *x\n", "f.yaml:1:4: ", "alias"},
        {"a: !!int 1\n", "f.yaml:1:4: ", "tag"},
        {"a: !x [1]\n", "f.yaml:1:4: ", "tag"},
        {"a: &x {b: 1}\n", "f.yaml:1:4: ", "anchor"},
        {"&x a: 1\n", "f.yaml:1:1: ", "anchor"},
        {"*x : 1\n", "f.yaml:1:1: ", "alias"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: ", "second document"},
        {"? [x]\n: 1\n", "f.yaml:1:3: ", "as a key"},
        {"a: - 1\n", "f.yaml:1:4: ", "list"},
        {"- a\nb: 1\n", "f.yaml:2:1: ", "'- '"},
        {"a: b\n}", "f.yaml:2:1: ", "no key"},
        {"a: [\n", "f.yaml:2:1: ", "no value"},
        {"a: 1\n...\nb: 2\n", "f.yaml:3:1: ", "after the end"},
        {"a: 1\nb: \x01\n", "f.yaml:2:4: ", "0x01"},
        {"\xc3\xa4: \xff", "f.yaml:1:4: ", "UTF-8"},
        {"%YAML 3.0\n---\na: 1\n", "f.yaml:1:1: ", "not valid YAML"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cm_yaml *root = NULL;
        cm_error err = {0};
        assert_int_equal(
            cm_yaml_parse(&root, cm_str_of(texts[i].text), "f.yaml", &err),
            CM_ERR_PARSE);
        assert_null(root);
        if (strncmp(err.message, texts[i].place, strlen(texts[i].place)) != 0 ||
            strstr(err.message, texts[i].part) == NULL) {
            fail_msg("for %s: %s", texts[i].text, err.message);
        }
    }
}

static void nul_bytes_are_refused(void **state)
{
    (void)state;
    cm_yaml *root = NULL;
    cm_error err = {0};
    assert_int_equal(
        cm_yaml_parse(&root, CM_STR("a: 1\nb: \0\n"), "f.yaml", &err),
        CM_ERR_PARSE);
    assert_int_equal(strncmp(err.message, "f.yaml:2:4: ", 12), 0);
}

static cm_status parse_buf(cm_buf *buf, cm_error *err)
{
    cm_yaml *root = NULL;
    assert_false(buf->failed);
    cm_status status = cm_yaml_parse(&root, (cm_str){buf->p, buf->n}, "f", err);
    cm_yaml_free(root);
    cm_buf_clear(buf);
    return status;
}

static void limits(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_error err = {0};
    for (int depth = 30; depth <= 34; depth++) {
        for (int i = 0; i < depth; i++) {
            cm_buf_addc(&buf, '[');
        }
        for (int i = 0; i < depth; i++) {
            cm_buf_addc(&buf, ']');
        }
        assert_int_equal(parse_buf(&buf, &err),
                         depth <= 32 ? CM_OK : CM_ERR_PARSE);
    }
    assert_non_null(strstr(err.message, "32 deep"));
    for (int n = 99999; n <= 100001; n++) {
        cm_buf_addc(&buf, '[');
        for (int i = 1; i < n; i++) {
            cm_buf_adds(&buf, "0,");
        }
        cm_buf_addc(&buf, ']');
        assert_int_equal(parse_buf(&buf, &err),
                         n <= 100000 ? CM_OK : CM_ERR_PARSE);
    }
    assert_non_null(strstr(err.message, "100000"));
    for (int i = 0; i < (1 << 20); i++) {
        cm_buf_addc(&buf, '#');
    }
    assert_int_equal(buf.n, 1 << 20);
    assert_int_equal(parse_buf(&buf, &err), CM_OK);
    for (int i = 0; i <= (1 << 20); i++) {
        cm_buf_addc(&buf, '#');
    }
    assert_int_equal(parse_buf(&buf, &err), CM_ERR_PARSE);
    cm_buf_release(&buf);
}

/* Many keys: quadratic work would take minutes. */
static void many_keys_are_quick(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_error err = {0};
    for (int i = 0; i < 49000; i++) {
        cm_buf_addf(&buf, "k%d: %d\n", (i * 7919) % 49000, i);
    }
    cm_str text = {buf.p, buf.n};
    cm_yaml *root = NULL;
    assert_int_equal(cm_yaml_parse(&root, text, "f", &err), CM_OK);
    assert_int_equal(root->n, 49000);
    cm_yaml_free(root);
    cm_buf_adds(&buf, "k7919: 0\nk0: 0\n");
    assert_int_equal(parse_buf(&buf, &err), CM_ERR_PARSE);
    assert_string_equal(err.message, "f:49001:1: the key k7919 is already "
                                     "given in line 2; remove one of them");
    cm_buf_release(&buf);
}

static void load_reads_a_file(void **state)
{
    cm_yaml *root = NULL;
    cm_error err = {0};
    const char *path = path_in(state, "x.yaml");
    assert_int_equal(cm_write_file(path, CM_STR("a: 1\n"), NULL), CM_OK);
    assert_int_equal(cm_yaml_load(&root, path, &err), CM_OK);
    assert_string_equal(cm_yaml_get(root, "a")->where.file, path);
    cm_yaml_free(root);
    assert_int_equal(cm_yaml_load(&root, path_in(state, "none"), &err),
                     CM_ERR_IO);
    assert_null(root);
}

static void parse_survives_any_failure(void **state)
{
    (void)state;
    cm_str text = CM_STR("a: [1, 2, {b: c, d: 'e'}]\nf:\n  g: h\n  i: j\n");
    bool failed = true;
    long n = 0;
    for (; failed; n++) {
        assert_true(n < 1000);
        cm_yaml *root = NULL;
        cm_error err = {0};
        faults_left = n;
        cm_status status = cm_yaml_parse(&root, text, "f", &err);
        failed = faults_left < 0;
        faults_left = -1;
        assert_int_equal(status, failed ? CM_ERR_NOMEM : CM_OK);
        assert_int_equal(root == NULL, failed);
        cm_yaml_free(root);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_and_places),
        cmocka_unit_test(text_is_owned),
        cmocka_unit_test(empty_is_an_empty_map),
        cmocka_unit_test(other_roots),
        cmocka_unit_test(nulls_and_booleans),
        cmocka_unit_test(errors_have_place_and_remedy),
        cmocka_unit_test(nul_bytes_are_refused),
        cmocka_unit_test(limits),
        cmocka_unit_test(many_keys_are_quick),
        cmocka_unit_test(load_reads_a_file),
        cmocka_unit_test(parse_survives_any_failure),
    };
    return cmocka_run_group_tests_name("codec/yaml", tests, folder_setup,
                                       folder_teardown);
}
