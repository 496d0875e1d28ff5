/* The model that speaks: another takes its place whole or not at all, and
 * nobody reads one that is gone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/bundle_body.h"
#include "score/row_scorer.h"
#include "serving/live_model.h"
#include "test_score_fixture.h"

enum { N_BUNDLES = 2 };

/* A root with two versions, a live model over it, and what it says. */
typedef struct stage {
    scored_folder *folder;
    char *root;
    char versions[N_BUNDLES][65];
    cm_registry *metrics;
    cm_log log;
    char *said;
    size_t n_said;
    live_model *live;
} stage;

static const char *in_root(stage *s, const char *name)
{
    test_folder *folder = &s->folder->folder;
    snprintf(folder->name, sizeof folder->name, "%s/%s", s->root, name);
    return folder->name;
}

/* Path of a file of a version. */
static const char *in_version(stage *s, int bundle, const char *name)
{
    char inside[200];
    snprintf(inside, sizeof inside, "versions/%s/%s", s->versions[bundle],
             name);
    return in_root(s, inside);
}

static void save_bundles(stage *s)
{
    const fixture *f = &s->folder->data;
    for (int i = 0; i < N_BUNDLES; i++) {
        cm_bundle_parts parts = fixture_parts(f);
        cm_model *model = fixture_model((uint64_t)(10 + i));
        cm_error err = {0};
        parts.model = model;
        expect_ok(cm_bundle_save(s->root, &parts, s->versions[i], &err), &err);
        cm_model_free(model);
    }
}

static void switch_to(stage *s, int bundle)
{
    char target[100];
    cm_error err = {0};
    snprintf(target, sizeof target, "versions/%s", s->versions[bundle]);
    expect_ok(cm_switch_link(target, in_root(s, "current"), &err), &err);
}

/* suffix: of the path that is served. */
static void stage_init(stage *s, void **state, const char *name,
                       const char *suffix)
{
    static const char *const words[] = {"none"};
    cm_error err = {0};
    char path[1100];
    *s = (stage){.folder = *state};
    s->root = cm_strdup(path_in(state, name), NULL);
    save_bundles(s);
    switch_to(s, 0);
    s->log = (cm_log){.out = open_memstream(&s->said, &s->n_said),
                      .level = CM_LOG_WARNING};
    cm_label_values none = {words, 1};
    expect_ok(cm_registry_new(&s->metrics, 1, none, none, &err), &err);
    snprintf(path, sizeof path, "%s%s", s->root, suffix);
    expect_ok(live_model_new(&s->live, path, s->metrics, &s->log, &err), &err);
}

static void stage_release(stage *s)
{
    live_model_free(s->live);
    cm_registry_free(s->metrics);
    fclose(s->log.out);
    free(s->said);
    expect_ok(cm_remove_tree(s->root, NULL), &(cm_error){0});
    free(s->root);
}

static double counted(const stage *s, cm_reload_result result)
{
    return cm_registry_total(s->metrics, CM_METRIC_model_reloads,
                             (size_t)result);
}

static size_t lines_said(stage *s)
{
    size_t n = 0;
    fflush(s->log.out);
    for (size_t i = 0; i < s->n_said; i++) {
        n += s->said[i] == '\n';
    }
    return n;
}

static void assert_speaks(stage *s, int bundle, uint64_t generation)
{
    served_model *model = live_model_acquire(s->live);
    assert_non_null(model);
    assert_string_equal(cm_bundle_version(model->bundle), s->versions[bundle]);
    assert_int_equal(model->generation, generation);
    assert_int_equal(live_model_generation(s->live), generation);
    served_model_release(model);
}

static void reload(stage *s)
{
    cm_error err = {0};
    expect_ok(live_model_reload(s->live, &err), &err);
}

/* ---- one thread ---------------------------------------------------------- */

static void a_switch_is_noticed(void **state)
{
    stage s;
    char reason[1024];
    stage_init(&s, state, "models", "");
    assert_null(live_model_acquire(s.live));
    assert_int_equal(live_model_generation(s.live), 0);
    reload(&s);
    assert_speaks(&s, 0, 1);
    live_model_check(s.live);
    assert_speaks(&s, 0, 1);
    switch_to(&s, 1);
    live_model_check(s.live);
    assert_speaks(&s, 1, 2);
    assert_true(counted(&s, CM_RELOAD_LOADED) == 2);
    assert_true(counted(&s, CM_RELOAD_UNCHANGED) == 0);
    assert_int_equal(lines_said(&s), 0);
    live_model_reason(s.live, reason);
    assert_string_equal(reason, "");
    stage_release(&s);
}

static void metrics_name_the_model(void **state)
{
    stage s;
    cm_buf text = {0};
    char info[200];
    stage_init(&s, state, "models", "");
    reload(&s);
    cm_registry_format(s.metrics, CM_EXPOSITION_TEXT, NULL, 0, &text);
    snprintf(info, sizeof info,
             "model_info{version=\"%s\",created=\"2014-10-21T00:00:00Z\","
             "trees=\"30\",features=\"%d\"} 1\n",
             s.versions[0], FIXTURE_FEATURES);
    assert_non_null(strstr(text.p, info));
    assert_non_null(strstr(text.p, "model_reloads_total{result=\"loaded\"} 1"));
    assert_true(cm_registry_total(s.metrics, CM_METRIC_model_loaded, 0) >
                1.5e9);
    cm_buf_release(&text);
    stage_release(&s);
}

static void every_path_into_a_bundle_will_do(void **state)
{
    static const char *const suffixes[] = {"", "/", "/current", "/catclf.json",
                                           "/current/metrics.json"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        stage s;
        stage_init(&s, state, "models", suffixes[i]);
        reload(&s);
        assert_speaks(&s, 0, 1);
        switch_to(&s, 1);
        live_model_check(s.live);
        assert_speaks(&s, 1, 2);
        stage_release(&s);
    }
}

static void a_version_s_folder_stays(void **state)
{
    stage s;
    cm_error err = {0};
    live_model *live = NULL;
    stage_init(&s, state, "models", "");
    expect_ok(live_model_new(&live, in_version(&s, 0, "bundle.json"), NULL,
                             NULL, &err),
              &err);
    expect_ok(live_model_reload(live, &err), &err);
    switch_to(&s, 1);
    live_model_check(live);
    assert_int_equal(live_model_generation(live), 1);
    live_model_free(live);
    stage_release(&s);
}

static void the_same_version_is_left_alone(void **state)
{
    stage s;
    live_reload told;
    cm_error err = {0};
    stage_init(&s, state, "models", "");
    expect_ok(live_model_exchange(s.live, &told, &err), &err);
    assert_int_equal(told.result, CM_RELOAD_LOADED);
    assert_string_equal(told.previous, "");
    assert_string_equal(told.version, s.versions[0]);
    expect_ok(live_model_exchange(s.live, &told, &err), &err);
    assert_int_equal(told.result, CM_RELOAD_UNCHANGED);
    assert_string_equal(told.previous, s.versions[0]);
    assert_string_equal(told.version, s.versions[0]);
    assert_speaks(&s, 0, 1);
    assert_true(counted(&s, CM_RELOAD_UNCHANGED) == 1);
    switch_to(&s, 1);
    expect_ok(live_model_exchange(s.live, &told, &err), &err);
    assert_int_equal(told.result, CM_RELOAD_LOADED);
    assert_string_equal(told.previous, s.versions[0]);
    assert_string_equal(told.version, s.versions[1]);
    stage_release(&s);
}

static void a_server_may_start_before_its_bundle(void **state)
{
    stage s;
    char reason[1024];
    cm_error err = {0};
    stage_init(&s, state, "models", "/catclf.json");
    char *away = cm_strdup(path_in(state, "away"), NULL);
    assert_int_equal(rename(s.root, away), 0);
    assert_int_equal(live_model_reload(s.live, &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "train a model first"));
    live_model_reason(s.live, reason);
    assert_string_equal(reason, err.message);
    for (int i = 0; i < 5; i++) {
        live_model_check(s.live);
    }
    assert_null(live_model_acquire(s.live));
    assert_true(counted(&s, CM_RELOAD_REFUSED) == 1);
    assert_int_equal(lines_said(&s), 1);
    assert_int_equal(rename(away, s.root), 0);
    live_model_check(s.live);
    assert_speaks(&s, 0, 1);
    live_model_reason(s.live, reason);
    assert_string_equal(reason, "");
    free(away);
    stage_release(&s);
}

/* ---- what is broken ------------------------------------------------------ */

static void write_at(const char *path, long offset, const char *bytes)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, offset, SEEK_SET);
    fputs(bytes, file);
    fclose(file);
}

static long size_of(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return (long)about.st_size;
}

static void cut(const char *path, double share)
{
    off_t size = (off_t)((double)size_of(path) * share);
    assert_int_equal(truncate(path, size), 0);
}

/* Bundle 1 is broken and current: 0 goes on, which is said and counted once. */
static void assert_refused(stage *s, const char *reason_has)
{
    char reason[1024];
    reload(s);
    switch_to(s, 1);
    for (int i = 0; i < 5; i++) {
        live_model_check(s->live);
        assert_speaks(s, 0, 1);
    }
    assert_true(counted(s, CM_RELOAD_REFUSED) == 1);
    assert_int_equal(lines_said(s), 1);
    assert_non_null(strstr(s->said, s->versions[0])); /* that goes on */
    assert_non_null(strstr(s->said, reason_has));
    live_model_reason(s->live, reason);
    assert_non_null(strstr(reason, reason_has));
    assert_int_not_equal(live_model_reload(s->live, NULL), CM_OK);
    assert_true(counted(s, CM_RELOAD_REFUSED) == 2);
    switch_to(s, 0);
    live_model_check(s->live);
    live_model_reason(s->live, reason);
    assert_string_equal(reason, "");
    assert_speaks(s, 0, 1);
}

static void a_cut_file_is_refused(void **state)
{
    stage s;
    stage_init(&s, state, "models", "");
    cut(in_version(&s, 1, "catclf.json"), .5);
    assert_refused(&s, "bytes");
    stage_release(&s);
}

static void a_changed_byte_is_refused(void **state)
{
    static const char *const files[] = {"catclf.json", "transformer.cmt",
                                        "ctr_transformer.cmt"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        stage s;
        stage_init(&s, state, "models", "");
        const char *path = in_version(&s, 1, files[i]);
        write_at(path, size_of(path) / 2, "~");
        assert_refused(&s, "it was changed");
        stage_release(&s);
    }
}

/* The manifest with another first probability of the self-test, and the
 * version that goes with it. */
static void change_self_test(stage *s)
{
    char version[17];
    cm_buf text = {0};
    json_t *manifest = NULL;
    cm_error err = {0};
    char *path = cm_strdup(in_version(s, 1, "bundle.json"), NULL);
    expect_ok(cm_json_load(&manifest, path, 1 << 26, &err), &err);
    json_t *raw =
        json_object_get(json_object_get(manifest, "self_test"), "raw");
    assert_int_equal(json_array_size(raw), CM_SELF_TEST_ROWS);
    json_array_set_new(raw, 0, json_real(.125));
    expect_ok(bundle_version_of(version, manifest, &err), &err);
    json_object_set_new(manifest, "version", json_string(version));
    cm_json_writer w = cm_json_writer_of(&text, 2);
    cm_json_put_value(&w, NULL, manifest);
    expect_ok(cm_write_file(path, (cm_str){text.p, text.n}, &err), &err);
    cm_buf_release(&text);
    json_decref(manifest);
    free(path);
}

static void another_self_test_is_refused(void **state)
{
    stage s;
    stage_init(&s, state, "models", "");
    change_self_test(&s);
    assert_refused(&s, "self-test row 0");
    stage_release(&s);
}

/* As a copy by file goes: the manifest first, the rest later. */
static void a_half_copied_folder_is_taken_when_it_is_whole(void **state)
{
    stage s;
    stage_init(&s, state, "models", "");
    char *aside = cm_strdup(path_in(state, "aside.json"), NULL);
    assert_int_equal(rename(in_version(&s, 1, "catclf.json"), aside), 0);
    reload(&s);
    switch_to(&s, 1);
    live_model_check(s.live);
    assert_speaks(&s, 0, 1);
    /* More of it comes at every look: nobody is told again. */
    for (int i = 0; i < 4; i++) {
        char name[20];
        cm_error err = {0};
        snprintf(name, sizeof name, "part%d", i);
        expect_ok(cm_write_file(in_version(&s, 1, name), CM_STR("x"), &err),
                  &err);
        live_model_check(s.live);
    }
    assert_int_equal(lines_said(&s), 1);
    assert_true(counted(&s, CM_RELOAD_REFUSED) == 1);
    assert_int_equal(rename(aside, in_version(&s, 1, "catclf.json")), 0);
    live_model_check(s.live);
    live_model_check(s.live);
    assert_speaks(&s, 1, 2);
    assert_int_equal(lines_said(&s), 1);
    free(aside);
    stage_release(&s);
}

/* ---- what becomes of the files of a model that speaks ---------------------
 */

static void score_all(const fixture *f, const cm_bundle *bundle, double *out)
{
    cm_error err = {0};
    cm_str *fields = fixture_rows_for(f, bundle);
    expect_ok(
        cm_score_rows(bundle, fields, FIXTURE_ROWS, 1, out, NULL, NULL, &err),
        &err);
    free(fields);
}

static void its_files_may_be_cut_or_removed(void **state)
{
    static double before[FIXTURE_ROWS], after[FIXTURE_ROWS];
    static const char *const files[] = {
        "bundle.json", "catclf.json", "transformer.cmt", "ctr_transformer.cmt"};
    stage s;
    stage_init(&s, state, "models", "");
    reload(&s);
    served_model *model = live_model_acquire(s.live);
    score_all(&s.folder->data, model->bundle, before);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        cut(in_version(&s, 0, files[i]), 0);
    }
    live_model_check(s.live);
    score_all(&s.folder->data, model->bundle, after);
    assert_memory_equal(before, after, sizeof before);
    expect_ok(cm_remove_tree(s.root, NULL), &(cm_error){0});
    live_model_check(s.live);
    live_model_check(s.live);
    assert_speaks(&s, 0, 1);
    score_all(&s.folder->data, model->bundle, after);
    assert_memory_equal(before, after, sizeof before);
    assert_true(counted(&s, CM_RELOAD_REFUSED) == 2);
    served_model_release(model);
    stage_release(&s);
}

/* ---- threads ------------------------------------------------------------- */

enum {
    N_READERS = 3,
    N_RELOADS = 1000,
    READER_ROWS = 20,
    PAUSE_MICROSECONDS = 100
};

typedef struct reader {
    stage *stage;
    const cm_str *fields;
    double expected[N_BUNDLES][READER_ROWS];
    atomic_bool *stop;
    size_t n_wrong, n_changes;
} reader;

static void keep_reading(reader *r, served_model **model,
                         cm_row_scorer **scorer)
{
    double found[READER_ROWS] = {0};
    cm_error err = {0};
    if (*model == NULL ||
        (*model)->generation != live_model_generation(r->stage->live)) {
        cm_row_scorer_free(*scorer);
        served_model_release(*model);
        *model = live_model_acquire(r->stage->live);
        expect_ok(cm_row_scorer_new(scorer, (*model)->bundle, &err), &err);
        r->n_changes++;
    }
    expect_ok(cm_row_scorer_rows(*scorer, r->fields, READER_ROWS, found, NULL,
                                 NULL, &err),
              &err);
    int bundle =
        strcmp(cm_bundle_version((*model)->bundle), r->stage->versions[0]) != 0;
    r->n_wrong += memcmp(found, r->expected[bundle], sizeof found) != 0;
}

static void *read_on(void *context)
{
    reader *r = context;
    served_model *model = NULL;
    cm_row_scorer *scorer = NULL;
    while (!atomic_load(r->stop)) {
        keep_reading(r, &model, &scorer);
        (void)usleep(PAUSE_MICROSECONDS);
    }
    cm_row_scorer_free(scorer);
    served_model_release(model);
    return NULL;
}

static void expect_of_bundles(stage *s, reader *r)
{
    for (int i = 0; i < N_BUNDLES; i++) {
        served_model *model;
        cm_error err = {0};
        switch_to(s, i);
        reload(s);
        model = live_model_acquire(s->live);
        expect_ok(cm_score_rows(model->bundle, r->fields, READER_ROWS, 1,
                                r->expected[i], NULL, NULL, &err),
                  &err);
        served_model_release(model);
    }
    assert_memory_not_equal(r->expected[0], r->expected[1],
                            sizeof r->expected[0]);
}

/* Bytes allocated and not freed; 0 under sanitizers, whose allocators do not
 * say and which look for leaks themselves. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 about = mallinfo2();
    return about.uordblks + about.hblkhd;
}

/* As often as the time allows, at most N_RELOADS times; *before: bytes in use
 * after a tenth of them.  Returns how often. */
static int reload_to_and_fro(stage *s, size_t *before)
{
    static const double seconds = 5;
    double end = cm_seconds() + seconds;
    int n = 0;
    while (n < N_RELOADS && cm_seconds() < end) {
        switch_to(s, n % N_BUNDLES);
        live_model_check(s->live);
        n++;
        *before = n == N_RELOADS / 10 ? bytes_in_use() : *before;
    }
    return n;
}

static void readers_never_see_a_model_that_is_gone(void **state)
{
    stage s;
    reader readers[N_READERS], first = {.stage = &s};
    pthread_t threads[N_READERS];
    atomic_bool stop = false;
    size_t before = SIZE_MAX / 2;
    stage_init(&s, state, "models", "");
    reload(&s);
    served_model *model = live_model_acquire(s.live);
    cm_str *fields = fixture_rows_for(&s.folder->data, model->bundle);
    served_model_release(model);
    first.fields = fields;
    first.stop = &stop;
    expect_of_bundles(&s, &first);
    for (int i = 0; i < N_READERS; i++) {
        readers[i] = first;
        pthread_create(&threads[i], NULL, read_on, &readers[i]);
    }
    int n = reload_to_and_fro(&s, &before);
    size_t after = bytes_in_use();
    atomic_store(&stop, true);
    for (int i = 0; i < N_READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].n_wrong, 0);
        assert_true(readers[i].n_changes > 1);
    }
    assert_true(counted(&s, CM_RELOAD_LOADED) == n + N_BUNDLES);
    /* Readers may hold a model each that speaks no longer. */
    assert_true(after <= before + before / 2);
    free(fields);
    stage_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_switch_is_noticed),
        cmocka_unit_test(metrics_name_the_model),
        cmocka_unit_test(every_path_into_a_bundle_will_do),
        cmocka_unit_test(a_version_s_folder_stays),
        cmocka_unit_test(the_same_version_is_left_alone),
        cmocka_unit_test(a_server_may_start_before_its_bundle),
        cmocka_unit_test(a_cut_file_is_refused),
        cmocka_unit_test(a_changed_byte_is_refused),
        cmocka_unit_test(another_self_test_is_refused),
        cmocka_unit_test(a_half_copied_folder_is_taken_when_it_is_whole),
        cmocka_unit_test(its_files_may_be_cut_or_removed),
        cmocka_unit_test(readers_never_see_a_model_that_is_gone),
    };
    return cmocka_run_group_tests(tests, scored_setup, scored_teardown);
}
