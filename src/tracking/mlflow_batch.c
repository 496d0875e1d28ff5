/* Parameters, metrics and tags cut into requests of log-batch. */
#include <math.h>
#include <string.h>

#include "tracking/mlflow.h"

/* What MLflow takes in one request: as many of a kind, of all together, and
 * bytes of JSON. */
enum {
    MOST_METRICS = 1000,
    MOST_PARAMS = 100,
    MOST_TAGS = 100,
    MOST_ENTITIES = 1000,
    MOST_BYTES = 1000 * 1000,
    ROOM = 16 /* for what closes the request */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether what was written since `before` still fits; else it is taken back. */
static bool fits(cm_json_writer *w, size_t before, bool comma)
{
    if (w->buf->n + ROOM <= MOST_BYTES || w->buf->failed) {
        return true;
    }
    w->buf->n = before;
    w->buf->p[before] = '\0';
    w->comma = comma;
    return false;
}

/* From *at on at most `most`; returns how many went. */
static size_t put_pairs(cm_json_writer *w, const char *key,
                        const cm_run_pair *pairs, size_t n, size_t most,
                        size_t *at)
{
    size_t begin = *at, end = least(n, *at + most);
    cm_json_begin_array(w, key);
    while (*at < end) {
        size_t before = w->buf->n;
        bool comma = w->comma;
        mlflow_put_pair(w, pairs[*at].key, pairs[*at].value);
        if (!fits(w, before, comma)) {
            break;
        }
        ++*at;
    }
    cm_json_end_array(w);
    return *at - begin;
}

/* JSON has no NaN and no infinity; MLflow reads them as texts. */
static void put_value(cm_json_writer *w, double value)
{
    if (isfinite(value)) {
        cm_json_put_double(w, "value", value);
    } else {
        cm_json_put_text(w, "value",
                         isnan(value)  ? "NaN"
                         : value > 0.0 ? "Infinity"
                                       : "-Infinity");
    }
}

static void put_metric(cm_json_writer *w, const cm_run_metric *metric,
                       const char *model_id)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "key", metric->key);
    put_value(w, metric->value);
    cm_json_put_i64(w, "timestamp", metric->time);
    cm_json_put_i64(w, "step", metric->step);
    if (model_id != NULL) {
        cm_json_put_text(w, "model_id", model_id);
    }
    cm_json_end_object(w);
}

static void put_metrics(cm_json_writer *w, const cm_run_record *record,
                        size_t most, size_t *at)
{
    size_t end = least(record->n_metrics, *at + most);
    cm_json_begin_array(w, "metrics");
    while (*at < end) {
        size_t before = w->buf->n;
        bool comma = w->comma;
        put_metric(w, &record->metrics[*at], NULL);
        if (!fits(w, before, comma)) {
            break;
        }
        ++*at;
    }
    cm_json_end_array(w);
}

bool mlflow_batch_is_over(const cm_run_record *record, const mlflow_cursor *at)
{
    return at->params >= record->n_params && at->tags >= record->n_tags &&
           at->metrics >= record->n_metrics;
}

void mlflow_batch(cm_buf *out, const cm_run_record *record, const char *run_id,
                  mlflow_cursor *at)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    size_t n = 0;
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "run_id", run_id);
    n += put_pairs(&w, "params", record->params, record->n_params, MOST_PARAMS,
                   &at->params);
    n += put_pairs(&w, "tags", record->tags, record->n_tags, MOST_TAGS,
                   &at->tags);
    put_metrics(&w, record, least(MOST_METRICS, MOST_ENTITIES - n),
                &at->metrics);
    cm_json_end_object(&w);
}

static bool is_last(const cm_run_record *record, size_t i)
{
    for (size_t k = i + 1; k < record->n_metrics; k++) {
        if (strcmp(record->metrics[k].key, record->metrics[i].key) == 0) {
            return false;
        }
    }
    return true;
}

void mlflow_model_batch(cm_buf *out, const cm_run_record *record,
                        const char *run_id, const char *model_id)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "run_id", run_id);
    cm_json_begin_array(&w, "metrics");
    size_t n = 0;
    for (size_t i = record->n_metrics; i-- > 0 && n < MOST_METRICS;) {
        if (is_last(record, i)) {
            put_metric(&w, &record->metrics[i], model_id);
            n++;
        }
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}
