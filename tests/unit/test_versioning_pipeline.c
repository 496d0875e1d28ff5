/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* dvc.yaml: what it makes of texts, where its errors are, its limits, and
 * loading without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_base_faults.h"
#include "versioning/pipeline.h"

static const char params_text[] = "lr: 0.1\n"
                                  "quick: true\n"
                                  "names: [us, uk]\n"
                                  "train: {layers: [1, 2.5], name: \"it's\"}\n";

static cm_status read_text(const cm_snapshot *snapshot, const char *path,
                           cm_buf *out, bool *found, cm_error *err)
{
    const char *text = strcmp(path, "dvc.yaml") == 0      ? snapshot->state
                       : strcmp(path, "params.yaml") == 0 ? params_text
                                                          : NULL;
    *found = text != NULL;
    cm_buf_adds(out, *found ? text : "");
    return cm_buf_check(out, err);
}

static cm_status load(cm_pipeline *out, const char *text, cm_error *err)
{
    cm_snapshot snapshot = {.read = read_text, .state = (void *)text};
    return pipeline_load(out, &snapshot, NULL, "dvc.yaml", err);
}

static void expect_stages(const char *text, const char *const *names,
                          const char *const *commands, size_t n)
{
    cm_pipeline p;
    cm_error err = {0};
    if (load(&p, text, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(p.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(p.stages[i].name, names[i]);
        assert_string_equal(p.stages[i].commands[0], commands[i]);
    }
    cm_pipeline_release(&p);
}

#define EXPECT_ONE(text, command)                                             \
    expect_stages("stages: {a: {cmd: \"" text "\"}}",                         \
                  (const char *const[]){"a"}, (const char *const[]){command}, \
                  1)

static void texts(void **state)
{
    (void)state;
    EXPECT_ONE("go", "go");
    EXPECT_ONE("go ${lr} ${ quick } x", "go 0.1 true x");
    EXPECT_ONE("${names[1]}-${names[-2]}-${names.0}", "uk-us-us");
    EXPECT_ONE("go \\\\${lr} $${lr} ${lr", "go ${lr} $0.1 ${lr");
    EXPECT_ONE("go ${train} end", "go --layers 1 2.5 --name 'it'\"'\"'s' end");
}

static void groups(void **state)
{
    (void)state;
    expect_stages("stages: {g: {foreach: [x, 2, true, x], do: {cmd: \"c "
                  "${item}\"}}}",
                  (const char *const[]){"g@x", "g@2", "g@true"},
                  (const char *const[]){"c x", "c 2", "c true"}, 3);
    expect_stages("stages: {g: {foreach: {k: {v: 1}}, do: {cmd: \"${key} "
                  "${item.v}\"}}}",
                  (const char *const[]){"g@k"}, (const char *const[]){"k 1"},
                  1);
    expect_stages(
        "stages: {g: {matrix: {m: \"${names}\", s: [1, [2]]}, cmd: "
        "\"${item.m} ${key}\"}}",
        (const char *const[]){"g@us-1", "g@us-s1", "g@uk-1", "g@uk-s1"},
        (const char *const[]){"us us-1", "us us-s1", "uk uk-1", "uk uk-s1"}, 4);
}

static void refused(const char *text, const char *message)
{
    cm_pipeline p;
    cm_error err = {0};
    assert_int_not_equal(load(&p, text, &err), CM_OK);
    assert_non_null(strstr(err.message, message));
    cm_pipeline_release(&p);
}

static void errors(void **state)
{
    (void)state;
    refused("stages:\n  a:\n    cmd: go\n    dep: [x]\n",
            "dvc.yaml:4:5: found the key 'dep' in stage 'a', which DVC does "
            "not know; did you mean 'deps'?");
    refused("stages:\n  a:\n    cmd: go ${none.x}\n",
            "stage 'a': dvc.yaml:3:10: could not find 'none.x'");
    refused("stages:\n  a:\n    cmd: go ${a..b}\n", "dvc.yaml:3:10: found");
    refused("vars: [lr: 1]\nstages: {}\n",
            "cannot redefine 'lr' from 'vars[0]' "
            "as it already exists in "
            "'params.yaml'");
    refused("stages: {a: {cmd: go, wdir: ..}}", "outside of the repository");
    refused("stages: {a: {cmd: \"${train}\"}}", "is a map, expected a value");
    refused("stages: {a: {cmd: ''}}", "found no text in cmd");
    refused("stages: {a: {cmd: []}}", "expected a text");
}

static void limits(void **state)
{
    (void)state;
    cm_buf text = {0};
    cm_buf_adds(&text, "stages: {a: {cmd: x, matrix: {");
    for (int i = 0; i < 20; i++) {
        cm_buf_addf(&text, "k%d: [0, 1, 2, 3, 4, 5, 6, 7],", i);
    }
    cm_buf_adds(&text, "}}}");
    refused(text.p, "matrix makes more than 10000 stages");
    cm_buf_clear(&text);
    cm_buf_adds(&text, "vars: [x: \"");
    for (int i = 0; i < 100000; i++) {
        cm_buf_addc(&text, 'x');
    }
    cm_buf_adds(&text, "\"]\nstages: {a: {cmd: \"");
    for (int i = 0; i < 1000; i++) {
        cm_buf_adds(&text, "${x}");
    }
    cm_buf_adds(&text, "\"}}");
    refused(text.p, "more than 32 MB");
    cm_buf_release(&text);
}

/* A stage that could be loaded has all its parts, whatever failed before. */
static void without_memory(void **state)
{
    (void)state;
    static const char text[] =
        "vars: [v: {w: 1}]\n"
        "stages:\n"
        "  g:\n"
        "    foreach: \"${names}\"\n"
        "    do:\n"
        "      cmd: [\"go ${train} ${v.w}\", \"${item}\"]\n"
        "      vars: [own: 1]\n"
        "      deps: [a, \"${item}\"]\n"
        "      params: [lr, o.yaml: [k], p.yaml: null]\n"
        "      outs: [o: {cache: false}, p]\n"
        "      metrics: [m]\n";
    for (long n = 0;; n++) {
        cm_pipeline p;
        cm_error err = {0};
        faults_left = n;
        cm_status status = load(&p, text, &err);
        bool all_went_well = faults_left >= 0;
        faults_left = -1;
        assert_true(status == CM_OK || status == CM_ERR_NOMEM ||
                    status == CM_ERR_PARSE);
        for (size_t i = 0; i < p.n && status == CM_OK; i++) {
            const cm_stage *s = &p.stages[i];
            assert_int_equal(s->n_commands, 2);
            assert_int_equal(s->n_deps, 2);
            assert_int_equal(s->n_params, 3);
            assert_int_equal(s->n_outs, 3);
        }
        assert_true(status != CM_OK || p.n == 2);
        cm_pipeline_release(&p);
        if (all_went_well) {
            assert_int_equal(status, CM_OK);
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),          cmocka_unit_test(groups),
        cmocka_unit_test(errors),         cmocka_unit_test(limits),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
