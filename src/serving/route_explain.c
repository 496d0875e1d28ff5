/* POST /explain: why one row gets its probability.  The row is read and scored
 * as /predict does it, but is not counted among the predictions: who asks why
 * is looking, not serving an ad. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "serving/route_rows.h"

typedef struct explanation {
    double probability;
    double raw;            /* log odds */
    double *values, *shap; /* (n), (n + 1): the last is the expected value */
    bool *seen;            /* (n) */
    size_t n;
} explanation;

/* ---- what is wrong ------------------------------------------------------ */

static void add_count(problems *list, size_t n_rows)
{
    const problem_place at = {.name = CM_STR("data")};
    char ctx[96], msg[96];
    int n_ctx = snprintf(ctx, sizeof ctx,
                         "{\"field_type\":\"List\",\"%s\":1,"
                         "\"actual_length\":%zu}",
                         n_rows == 0 ? "min_length" : "max_length", n_rows);
    (void)snprintf(msg, sizeof msg,
                   "List should have at %s 1 item after validation, not %zu",
                   n_rows == 0 ? "least" : "most", n_rows);
    problems_add(list, n_rows == 0 ? "too_short" : "too_long", msg, &at, 1,
                 (cm_str){0}, (cm_str){ctx, (size_t)n_ctx});
}

/* ---- the answer --------------------------------------------------------- */

/* Raw column of each feature, NULL where the plan does not tell. */
static const char *column_of(const cm_feature_plan *plan, const char *feature)
{
    for (size_t f = 0; f < plan->n_features; f++) {
        if (strcmp(plan->features[f].name, feature) == 0) {
            return plan->sources[plan->features[f].source].column;
        }
    }
    return NULL;
}

static void put_feature(cm_json_writer *w, const char *name, const char *column,
                        const explanation *e, size_t f)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", name);
    if (column != NULL) {
        cm_json_put_text(w, "column", column);
    }
    cm_json_put_bool(w, "seen", e->seen[f]);
    cm_json_put_double(w, "value", e->values[f]);
    cm_json_put_double(w, "contribution", e->shap[f]);
    cm_json_end_object(w);
}

static void write_explanation(const explanation *e, const cm_bundle *bundle,
                              cm_buf *out)
{
    size_t n = 0;
    const char *const *names = cm_score_features(bundle, &n);
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "version", cm_bundle_version(bundle));
    cm_json_put_double(&w, "click_proba", e->probability);
    cm_json_put_double(&w, "raw", e->raw);
    cm_json_put_double(&w, "expected", e->shap[n]);
    cm_json_begin_array(&w, "features");
    for (size_t f = 0; f < n; f++) {
        put_feature(&w, names[f], column_of(cm_bundle_plan(bundle), names[f]),
                    e, f);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}

/* ---- the work ----------------------------------------------------------- */

static cm_status explain(server_thread *thread, const cm_str *fields,
                         explanation *e, cm_error *err)
{
    (void)cm_score_features(thread->model->bundle, &e->n);
    e->values = cm_alloc(e->n, sizeof *e->values, err);
    e->shap = cm_alloc(e->n + 1, sizeof *e->shap, err);
    e->seen = cm_alloc_zero(e->n, sizeof *e->seen, err);
    if (e->values == NULL || e->shap == NULL || e->seen == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_row_scorer_rows(thread->scorer, fields, 1,
                                          &e->probability, NULL, NULL, err);
    if (status == CM_OK) {
        status = cm_row_scorer_explain(thread->scorer, fields, e->values,
                                       e->shap, &e->raw, NULL, err);
    }
    if (status == CM_OK) {
        cm_row_scorer_seen(thread->scorer, fields, e->seen);
    }
    return status;
}

static void answer(server_thread *thread, const cm_str *fields,
                   http_reply *reply)
{
    cm_error err = {0};
    explanation e = {0};
    cm_status status = explain(thread, fields, &e, &err);
    if (status == CM_OK) {
        write_explanation(&e, thread->model->bundle, &reply->body);
    } else if (status == CM_ERR_DATA) {
        rows_list_bad_values(thread->rows, thread->scorer, &e.probability,
                             &thread->problems);
        server_thread_problems(thread, reply);
    } else {
        http_reply_detail(reply, 503, "%s", err.message);
    }
    free(e.values);
    free(e.shap);
    free(e.seen);
}

void route_explain(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    rows_format format = ROWS_JSON;
    rows sent = {0};
    problems_clear(&thread->problems);
    if (!route_rows_format(request, ROWS_JSON, &format, reply) ||
        !server_thread_model(thread, reply)) {
        return;
    }
    bool read = rows_read(thread->rows, format, request->body, &sent,
                          &thread->problems);
    if (read && sent.n == 1) {
        answer(thread, sent.fields, reply);
        return;
    }
    if (read) {
        add_count(&thread->problems, sent.n);
    }
    server_thread_problems(thread, reply);
}
