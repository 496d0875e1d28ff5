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
    size_t n;
} explanation;

/* ---- what is wrong ------------------------------------------------------ */

static void answer_problems(const problems *list, http_reply *reply)
{
    if (list->n == 0) {
        http_reply_detail(reply, 503, "The server is out of memory.");
        return;
    }
    reply->status = 422;
    problems_write(list, &reply->body);
}

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

/* A field that is not of its column's kind. */
static void add_bad_field(server_thread *thread, cm_str name, cm_str field,
                          const char *msg)
{
    const problem_place at[] = {
        {.name = CM_STR("data")}, {.index = 0}, {.name = name}};
    cm_buf *input = &thread->scratch;
    cm_buf_clear(input);
    cm_json_quote(input, field);
    problems_add(&thread->problems, "value_error", msg, at, 3,
                 (cm_str){input->p, input->n}, (cm_str){0});
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
                        double value, double contribution)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", name);
    if (column != NULL) {
        cm_json_put_text(w, "column", column);
    }
    cm_json_put_double(w, "value", value);
    cm_json_put_double(w, "contribution", contribution);
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
                    e->values[f], e->shap[f]);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}

/* ---- the work ----------------------------------------------------------- */

static cm_status explain(server_thread *thread, const cm_str *fields,
                         explanation *e, size_t *bad_column, cm_error *err)
{
    (void)cm_score_features(thread->model->bundle, &e->n);
    e->values = cm_alloc(e->n, sizeof *e->values, err);
    e->shap = cm_alloc(e->n + 1, sizeof *e->shap, err);
    if (e->values == NULL || e->shap == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_row_scorer_rows(
        thread->scorer, fields, 1, &e->probability, NULL, bad_column, err);
    if (status == CM_OK) {
        status = cm_row_scorer_explain(thread->scorer, fields, e->values,
                                       e->shap, &e->raw, bad_column, err);
    }
    return status;
}

static void answer(server_thread *thread, const cm_str *fields,
                   http_reply *reply)
{
    const cm_bundle *bundle = thread->model->bundle;
    size_t column = SIZE_MAX;
    cm_error err = {0};
    explanation e = {0};
    cm_status status = explain(thread, fields, &e, &column, &err);
    if (status == CM_OK) {
        write_explanation(&e, bundle, &reply->body);
    } else if (column < cm_score_n_columns(bundle)) {
        add_bad_field(thread, cm_str_of(cm_score_columns(bundle)[column]),
                      fields[column], err.message);
        answer_problems(&thread->problems, reply);
    } else {
        http_reply_detail(reply, 503, "%s", err.message);
    }
    free(e.values);
    free(e.shap);
}

void route_explain(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    rows sent = {0};
    rows_format format = ROWS_JSON;
    problems_clear(&thread->problems);
    if (!route_rows_format(request, ROWS_JSON, &format, reply) ||
        !server_thread_model(thread, reply)) {
        return;
    }
    bool read = rows_read(thread->rows, format, request->body, &sent,
                          &thread->problems);
    if (read && sent.n != 1) {
        add_count(&thread->problems, sent.n);
    }
    if (read && sent.n == 1) {
        answer(thread, sent.fields, reply);
    } else {
        answer_problems(&thread->problems, reply);
    }
}
