/* A reader of rows for the bundle of the scoring fixture, and bodies of its
 * log in every format. */
#ifndef TEST_SERVING_DATA_H
#define TEST_SERVING_DATA_H

#include "codec/csv.h"
#include "codec/json.h"
#include "serving/rows.h"
#include "test_score_fixture.h"

/* First a scored_folder: scored_setup and path_in take it. */
typedef struct serving_fixture {
    scored_folder scored;
    cm_bundle *bundle;
    rows_reader *reader;
    problems problems;
    cm_buf text;
} serving_fixture;

static const rows_limits serving_limits = {
    .max_rows = 5000, .max_depth = 20, .max_columns = 64};

static inline int serving_setup(void **state)
{
    void *scored = NULL;
    cm_bundle_parts parts;
    char version[65];
    cm_error err = {0};
    serving_fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scored_setup(&scored) != 0) {
        return -1;
    }
    f->scored = *(scored_folder *)scored;
    free(scored);
    *state = f;
    parts = fixture_parts(&f->scored.data);
    const char *root = path_in(state, "models");
    expect_ok(cm_bundle_save(root, &parts, version, &err), &err);
    expect_ok(cm_bundle_load(&f->bundle, root, &err), &err);
    expect_ok(rows_reader_new(&f->reader, serving_limits, "device_ip", &err),
              &err);
    expect_ok(rows_reader_bind(f->reader, f->bundle, &err), &err);
    return 0;
}

static inline int serving_teardown(void **state)
{
    serving_fixture *f = *state;
    rows_reader_free(f->reader);
    problems_release(&f->problems);
    cm_buf_release(&f->text);
    cm_bundle_free(f->bundle);
    return scored_teardown(state);
}

#endif
