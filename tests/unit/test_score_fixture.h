/* A small log, its transformers and a random model over them: all a bundle is
 * made of, and the same rows as texts and as codes. */
#ifndef TEST_SCORE_FIXTURE_H
#define TEST_SCORE_FIXTURE_H

#include "data/generate.h"
#include "data/ingest.h"
#include "score/score.h"
#include "test_base_folder.h"
#include "test_model_random.h"

enum { FIXTURE_ROWS = 3000, FIXTURE_FEATURES = 9 };

static const char *const fixture_counts[] = {
    "device_ip_count", "device_id_count", "hour_of_day", "day_of_week",
    "hourly_user_count"};
static const char *const fixture_features[FIXTURE_FEATURES] = {
    "site_id",     "device_ip_count", "C14",
    "hour_of_day", "device_model",    "day_of_week",
    "banner_pos",  "device_id_count", "hourly_user_count"};

typedef struct fixture {
    cm_schema *schema;
    cm_dataset *dataset;
    cm_transformers *counts, *ctr;
    cm_feature_plan *plan;
    cm_feature_codes *codes;
    cm_model *model;
    uint32_t *rows; /* 0, 1, 2 … */
    cm_str *fields; /* (FIXTURE_ROWS, n_sources): texts of the log */
    cm_arena arena;
} fixture;

static inline void expect_ok(cm_status status, const cm_error *err)
{
    if (status != CM_OK) {
        fprintf(stderr, "%s\n", err->message);
        abort();
    }
}

/* All rows as texts, in the order of the plan's sources. */
static inline void fixture_read_rows(fixture *f, const char *log)
{
    cm_ingest_options options = {.input = log, .schema = f->schema};
    cm_row_reader *reader = NULL;
    cm_row_batch batch;
    cm_error err = {0};
    size_t n = f->plan->n_sources, done = 0;
    const char *wanted[32];
    for (size_t s = 0; s < n; s++) {
        wanted[s] = f->plan->sources[s].column;
    }
    f->fields = calloc(FIXTURE_ROWS * n, sizeof *f->fields);
    expect_ok(cm_row_reader_open(&reader, &options, wanted, NULL, n, &err),
              &err);
    do {
        expect_ok(cm_row_reader_next(reader, &batch, &err), &err);
        for (size_t i = 0; i < batch.n_rows * n; i++) {
            cm_str text = batch.fields[i];
            f->fields[done++] = (cm_str){
                cm_arena_strdup(&f->arena, text.p, text.n, NULL), text.n};
        }
    } while (batch.n_rows > 0);
    cm_row_reader_close(reader);
}

static inline void fixture_fit(fixture *f)
{
    cm_error err = {0};
    cm_feature_spec spec = {fixture_counts,
                            sizeof fixture_counts / sizeof *fixture_counts,
                            fixture_features, FIXTURE_FEATURES};
    expect_ok(cm_count_transformers_fit(&f->counts, f->dataset, &spec, 2, &err),
              &err);
    expect_ok(cm_ctr_transformer_fit(&f->ctr, f->dataset, f->counts, &spec,
                                     f->rows, FIXTURE_ROWS * 4 / 5, 2, &err),
              &err);
    expect_ok(cm_feature_plan_new(&f->plan, f->counts, f->ctr, fixture_features,
                                  FIXTURE_FEATURES, "hour", &err),
              &err);
    expect_ok(cm_feature_codes_new(&f->codes, f->plan, f->dataset, 2, &err),
              &err);
}

static inline cm_model *fixture_model(uint64_t seed)
{
    random_shape shape = {.n_features = FIXTURE_FEATURES,
                          .n_trees = 30,
                          .max_borders = 30,
                          .max_depth = 6,
                          .low = 0,
                          .high = .4f,
                          .names = fixture_features};
    return random_model(seed, &shape);
}

static inline void fixture_init(fixture *f, const char *log)
{
    cm_error err = {0};
    cm_generate_options generate = {
        .rows = FIXTURE_ROWS, .seed = 1, .output = log, .n_threads = 2};
    cm_generate_report report;
    *f = (fixture){0};
    expect_ok(cm_generate(&report, &generate, &err), &err);
    expect_ok(cm_schema_load(&f->schema, "avazu", &err), &err);
    cm_ingest_options options = {
        .input = log, .schema = f->schema, .n_threads = 2};
    expect_ok(cm_ingest(&f->dataset, NULL, &options, &err), &err);
    f->rows = calloc(FIXTURE_ROWS, sizeof *f->rows);
    for (uint32_t i = 0; i < FIXTURE_ROWS; i++) {
        f->rows[i] = i;
    }
    fixture_fit(f);
    f->model = fixture_model(1);
    fixture_read_rows(f, log);
}

static inline void fixture_release(fixture *f)
{
    cm_model_free(f->model);
    cm_feature_codes_free(f->codes);
    cm_feature_plan_free(f->plan);
    cm_transformers_free(f->ctr);
    cm_transformers_free(f->counts);
    cm_dataset_free(f->dataset);
    cm_schema_free(f->schema);
    cm_arena_release(&f->arena);
    free(f->fields);
    free(f->rows);
}

static inline cm_bundle_parts fixture_parts(const fixture *f)
{
    return (cm_bundle_parts){
        .model = f->model,
        .counts = f->counts,
        .ctr = f->ctr,
        .features = fixture_features,
        .n_features = FIXTURE_FEATURES,
        .id_column = "id",
        .target_column = "click",
        .time_column = "hour",
        .schema = "avazu",
        .config_json = "{\"a\":1}",
        .metrics_json = "{\"log_loss\":0.4}",
        .profile = {.base_rate = .17, .mean_prediction = .171},
        .self_test_rows = f->fields,
        .n_self_test = CM_SELF_TEST_ROWS,
        .created = 1413849600,
        .model_file = "catclf.json",
        .counts_file = "transformer.cmt",
        .ctr_file = "ctr_transformer.cmt",
        .metrics_file = "metrics.json",
    };
}

/* Rows in the order scoring takes their columns; strings stay the fixture's. */
static inline cm_str *fixture_rows_for(const fixture *f,
                                       const cm_bundle *bundle)
{
    size_t n = cm_score_n_columns(bundle);
    cm_str *fields = calloc(FIXTURE_ROWS * n, sizeof *fields);
    for (size_t c = 0; c < n; c++) {
        size_t s = 0;
        while (strcmp(f->plan->sources[s].column,
                      cm_score_columns(bundle)[c]) != 0) {
            s++;
        }
        for (size_t i = 0; i < FIXTURE_ROWS; i++) {
            fields[i * n + c] = f->fields[i * f->plan->n_sources + s];
        }
    }
    return fields;
}

/* cmocka's group setup and teardown: a folder and a fixture. */
typedef struct scored_folder {
    test_folder folder; /* first: path_in takes it */
    fixture data;
} scored_folder;

static inline int scored_setup(void **state)
{
    void *folder = NULL;
    scored_folder *both = calloc(1, sizeof *both);
    if (both == NULL || folder_setup(&folder) != 0) {
        return -1;
    }
    both->folder = *(test_folder *)folder;
    free(folder);
    *state = both;
    fixture_init(&both->data, path_in(state, "log.csv"));
    return 0;
}

static inline int scored_teardown(void **state)
{
    scored_folder *both = *state;
    fixture_release(&both->data);
    return folder_teardown(state);
}

#endif
