/* Repro without dvc: what is decided, restored and recorded, failures, signals,
 * stages side by side; orders of graphs, values as Python has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_base_folder.h"
#include "versioning/graph.h"
#include "versioning/param_file.h"
#include "versioning/repro.h"
#include "versioning/values_diff.h"

static cm_error err;

/* ---- graphs -------------------------------------------------------------- */

/* Stages of one dep and one out each, "dep>out" a text. */
typedef struct small_graph {
    graph g;
    graph_step steps[8];
    cm_stage stages[8];
    const char *deps[8], *outs[8];
    char texts[8][32];
} small_graph;

static void build(small_graph *s, const char *const *edges, size_t n)
{
    *s = (small_graph){.g = {.steps = s->steps, .n = n}};
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(s->texts[i], sizeof s->texts[i], "%s", edges[i]);
        char *arrow = strchr(s->texts[i], '>');
        *arrow = '\0';
        s->deps[i] = s->texts[i];
        s->outs[i] = arrow + 1;
        s->stages[i] = (cm_stage){.name = s->outs[i],
                                  .file = "dvc.yaml",
                                  .n_outs = s->outs[i][0] != '\0'};
        s->steps[i] = (graph_step){.stage = &s->stages[i],
                                   .address = s->outs[i],
                                   .deps = &s->deps[i],
                                   .n_deps = s->deps[i][0] != '\0',
                                   .outs = &s->outs[i]};
    }
}

static void clean(small_graph *s)
{
    for (size_t i = 0; i < s->g.n; i++) {
        free(s->steps[i].needs);
    }
    cm_arena_release(&s->g.arena);
}

static void expect_order(const char *const *edges, size_t n, size_t chosen,
                         bool downstream, const char *expected)
{
    small_graph s;
    bool choice[8] = {false};
    size_t order[8], n_order = 0;
    char found[128] = "";
    build(&s, edges, n);
    choice[chosen] = true;
    assert_int_equal(graph_connect(&s.g, &err), CM_OK);
    assert_int_equal(
        graph_order(&s.g, choice, downstream, order, &n_order, &err), CM_OK);
    for (size_t i = 0; i < n_order; i++) {
        strncat(found, s.outs[order[i]], sizeof found - strlen(found) - 2);
        strncat(found, " ", 2);
    }
    assert_string_equal(found, expected);
    clean(&s);
}

static void orders(void **state)
{
    (void)state;
    static const char *const edges[] = {"b>c", "a>b", ">a", "a>d", "c/x>e"};
    expect_order(edges, 5, 0, false, "a b c ");
    expect_order(edges, 5, 4, false, "a b c e ");
    expect_order(edges, 5, 3, false, "a d ");
    expect_order(edges, 5, 1, true, "b c e ");
    static const char *const folder[] = {"d>x", ">d/b", ">d/a", ">dz"};
    expect_order(folder, 4, 0, false, "d/b d/a x ");
}

static void expect_refusal(const char *const *edges, size_t n,
                           const char *message)
{
    small_graph s;
    build(&s, edges, n);
    assert_int_equal(graph_connect(&s.g, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, message));
    clean(&s);
}

static void refusals(void **state)
{
    (void)state;
    expect_refusal((const char *const[]){">a", ">a"}, 2,
                   "output 'a' is specified in");
    expect_refusal((const char *const[]){">a/b/c", ">a-", ">a"}, 3,
                   "output 'a/b/c' of 'a/b/c' is inside of output 'a'");
    expect_refusal((const char *const[]){">dvc.yaml"}, 1,
                   "dvc.yaml is inside of the output");
}

/* ---- values -------------------------------------------------------------- */

static json_t *json_of(const char *text)
{
    json_t *out = NULL;
    cm_buf wrapped = {0};
    cm_buf_addf(&wrapped, "[%s]", text);
    assert_int_equal(
        cm_json_parse(&out, (cm_str){wrapped.p, wrapped.n}, "t", &err), CM_OK);
    json_t *value = json_incref(json_array_get(out, 0));
    json_decref(out);
    cm_buf_release(&wrapped);
    return value;
}

static void equality(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"1", "true", true},
        {"0", "false", true},
        {"\"1\"", "1", false},
        {"null", "0", false},
        {"null", "null", true},
        {"[1, 2]", "[1.0, 2]", true},
        {"[1, 2]", "[2, 1]", false},
        {"{\"a\": 1, \"b\": [true]}", "{\"b\": [1], \"a\": 1.0}", true},
        {"{\"a\": 1}", "{\"a\": 1, \"b\": 2}", false},
        {"[]", "{}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *a = json_of(cases[i].a), *b = json_of(cases[i].b);
        assert_int_equal(param_equal(a, b), cases[i].equal);
        assert_int_equal(param_equal(b, a), cases[i].equal);
        json_decref(a);
        json_decref(b);
    }
}

static void python_texts(void **state)
{
    (void)state;
    static const char text[] =
        "{\"b\": [1, 0.1, 1e-05, 1e16, true, null], \"a\": \"\xc3\xa9\\n\\\"'"
        "\xf0\x9f\x98\x80\"}";
    json_t *value = json_of(text);
    cm_buf out = {0};
    cm_python_json(&out, value, true);
    cm_buf_addc(&out, '\n');
    cm_python_str(&out, value);
    cm_buf_addc(&out, '\0');
    assert_string_equal(
        out.p,
        "{\"a\": \"\\u00e9\\n\\\"'\\ud83d\\ude00\", \"b\": [1, 0.1, "
        "1e-05, 1e+16, true, null]}\n"
        "{'b': [1, 0.1, 1e-05, 1e+16, True, None], 'a': '\xc3\xa9\\n\"\\'"
        "\xf0\x9f\x98\x80'}");
    cm_buf_release(&out);
    json_decref(value);
}

static void differences(void **state)
{
    (void)state;
    json_t *old = json_of("{\"m\": {\"data\": {\"a\": {\"b\": 1, \"c\": 2}, "
                          "\"l\": [1]}}, \"n\": {\"data\": 3}}");
    json_t *new = json_of("{\"m\": {\"data\": {\"a\": {\"b\": 1.5, \"c\": 2}, "
                          "\"l\": [1, 2]}}, \"o\": {\"data\": {\"x\": 1}}}");
    json_t *expected =
        json_of("{\"m\": {\"a.b\": {\"old\": 1, \"new\": 1.5, \"diff\": 0.5}, "
                "\"l\": {\"old\": \"[1]\", \"new\": \"[1, 2]\"}}, "
                "\"o\": {\"x\": {\"old\": null, \"new\": 1}}}");
    json_t *found = NULL;
    assert_int_equal(values_diff(&found, old, new, false, &err), CM_OK);
    assert_true(json_equal(found, expected));
    json_decref(found);
    json_decref(expected);
    json_decref(old);
    json_decref(new);
}

/* ---- repositories -------------------------------------------------------- */

static void put(void **state, const char *name, const char *text)
{
    assert_int_equal(cm_write_file(path_in(state, name), cm_str_of(text), &err),
                     CM_OK);
}

static bool there(void **state, const char *name)
{
    return cm_file_exists(path_in(state, name));
}

/* A new repository in the folder, with this dvc.yaml; what was there goes. */
static void renew(void **state, cm_repo *repo, const char *pipeline)
{
    static const cm_init_options options = {.no_scm = true, .force = true};
    setenv("DVC_GLOBAL_CONFIG_DIR", path_in(state, "global"), 1);
    setenv("DVC_SYSTEM_CONFIG_DIR", path_in(state, "system"), 1);
    setenv("SHELL", "/bin/sh", 1);
    assert_int_equal(cm_remove_tree(path_in(state, "r"), &err), CM_OK);
    assert_int_equal(cm_make_dirs(path_in(state, "r"), &err), CM_OK);
    assert_int_equal(cm_repo_init(path_in(state, "r"), &options, &err), CM_OK);
    put(state, "r/dvc.yaml", pipeline);
    assert_int_equal(cm_repo_open(repo, path_in(state, "r"), NULL, &err),
                     CM_OK);
}

/* "name:action " of every stage. */
static cm_status run(cm_repo *repo, cm_repro_options options, char *out,
                     size_t room)
{
    cm_repro_report report;
    FILE *sink = fopen("/dev/null", "we");
    assert_non_null(sink);
    options.all = true;
    options.out = sink;
    cm_status status = cm_repro(repo, &options, &report, &err);
    out[0] = '\0';
    for (size_t i = 0; i < report.n; i++) {
        size_t n = strlen(out);
        (void)snprintf(out + n, room - n, "%s:%s ", report.stages[i].name,
                       cm_repro_action_name(report.stages[i].action));
    }
    cm_repro_report_release(&report);
    (void)fclose(sink);
    return status;
}

static void expect_run(cm_repo *repo, cm_repro_options options,
                       const char *expected)
{
    char found[512];
    if (run(repo, options, found, sizeof found) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(found, expected);
}

static void decides(void **state)
{
    cm_repo repo;
    renew(state, &repo,
          "stages:\n"
          "  b: {cmd: cat a > b, deps: [a], outs: [b]}\n"
          "  a: {cmd: cat in > a, deps: [in], outs: [a]}\n");
    put(state, "r/in", "1\n");
    expect_run(&repo, (cm_repro_options){.dry = true},
               "a:would run b:would run ");
    assert_false(there(state, "r/dvc.lock"));
    expect_run(&repo, (cm_repro_options){0}, "a:ran b:ran ");
    expect_run(&repo, (cm_repro_options){0}, "a:unchanged b:unchanged ");
    put(state, "r/in", "2\n");
    expect_run(&repo, (cm_repro_options){0}, "a:ran b:ran ");
    put(state, "r/in", "1\n");
    expect_run(&repo, (cm_repro_options){0}, "a:restored b:restored ");
    expect_run(&repo, (cm_repro_options){.force = true}, "a:ran b:ran ");
    cm_repo_close(&repo);
}

/* Each of two stages waits until the other one has begun. */
static void side_by_side(void **state)
{
    cm_repo repo;
    renew(state, &repo,
          "stages:\n"
          "  a: {cmd: 'mkfifo p; echo x > p', outs: [{p: {cache: false}}]}\n"
          "  b:\n"
          "    cmd: 'until read x < p 2> /dev/null; do :; done; echo $x > b'\n"
          "    outs: [b]\n");
    cm_repro_options options = {.jobs = 2};
    char found[256];
    /* A pipe cannot be an out, so a fails, after both have met. */
    assert_int_not_equal(run(&repo, options, found, sizeof found), CM_OK);
    assert_string_equal(found, "a:failed b:ran ");
    cm_repo_close(&repo);
}

static void failures(void **state)
{
    static const char pipeline[] =
        "stages:\n"
        "  bad: {cmd: ['echo x > o', exit 3], outs: [o]}\n"
        "  after: {cmd: cp o p, deps: [o], outs: [p]}\n"
        "  beside: {cmd: echo x > q, outs: [q]}\n";
    cm_repo repo;
    char found[256];
    renew(state, &repo, pipeline);
    assert_int_equal(
        run(&repo, (cm_repro_options){.jobs = 1}, found, sizeof found),
        CM_ERR_DATA);
    assert_string_equal(err.message, "failed to reproduce 'bad': failed to "
                                     "run: exit 3, exited with 3");
    assert_string_equal(found, "bad:failed after:left beside:left ");
    assert_false(there(state, "r/dvc.lock"));
    assert_int_equal(run(&repo,
                         (cm_repro_options){.jobs = 1, .keep_going = true},
                         found, sizeof found),
                     CM_ERR_DATA);
    assert_string_equal(found, "bad:failed after:left beside:ran ");
    assert_true(there(state, "r/dvc.lock"));
    cm_repo_close(&repo);
}

static void stopped(void **state)
{
    cm_repo repo;
    char found[256];
    renew(state, &repo,
          "stages:\n"
          "  a: {cmd: 'kill -TERM $PPID; exec sleep 600', outs: [o]}\n");
    assert_int_equal(run(&repo, (cm_repro_options){0}, found, sizeof found),
                     CM_ERR_INTERRUPTED);
    assert_false(there(state, "r/dvc.lock"));
    cm_repo_close(&repo);
}

/* The command sees where it is, and that others are told of it. */
static void surroundings(void **state)
{
    cm_repo repo;
    renew(state, &repo,
          "stages:\n"
          "  a:\n"
          "    cmd: echo $DVC_STAGE; test \"$DVC_ROOT\" = \"$(cd ..; pwd)\"\n"
          "      && grep -q '/s/o\"' ../.dvc/tmp/rwlock && echo x > o\n"
          "    wdir: s\n"
          "    outs: [o]\n");
    assert_int_equal(cm_make_dirs(path_in(state, "r/s"), &err), CM_OK);
    expect_run(&repo, (cm_repro_options){0}, "a:ran ");
    cm_buf text = {0};
    assert_int_equal(
        cm_read_file(&text, path_in(state, "r/.dvc/tmp/rwlock"), 1 << 10, &err),
        CM_OK);
    cm_buf_addc(&text, '\0');
    assert_string_equal(text.p, "{\"write\": {}, \"read\": {}}");
    cm_buf_release(&text);
    cm_repo_close(&repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders),       cmocka_unit_test(refusals),
        cmocka_unit_test(equality),     cmocka_unit_test(python_texts),
        cmocka_unit_test(differences),  cmocka_unit_test(decides),
        cmocka_unit_test(side_by_side), cmocka_unit_test(failures),
        cmocka_unit_test(stopped),      cmocka_unit_test(surroundings),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
