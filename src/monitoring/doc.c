/* docs/metrics.md: the table of metrics for people, and what to ask of it. */
#include "monitoring/layout.h"
#include "monitoring/metrics_doc.h"

static const char introduction[] =
    "# Metrics\n\n"
    "Written by `clickmill metrics doc` from `src/monitoring/metrics.def`.\n\n"
    "`GET /metrics` answers in Prometheus' text format 0.0.4, or in\n"
    "OpenMetrics 1.0 when the `Accept` header prefers it (Prometheus' own\n"
    "does), compressed when `Accept-Encoding` takes gzip.\n"
    "`?name[]=predict_proba&name[]=http_requests_total` gives only these;\n"
    "a name is a family's or a sample's (`predicted_proba_hist_count`).\n\n"
    "In OpenMetrics a counter's family has no `_total` and the info family\n"
    "no `_info`; the samples, so the queries below, are the same.\n\n"
    "## Families\n\n"
    "| name | type | labels | meaning |\n"
    "|---|---|---|---|\n";

static const char notes[] =
    "\n`handler` is the route (`/predict/`, `none` where no route matches),\n"
    "`method` the HTTP method, `status` the class of the status (`2xx`).\n"
    "A combination of these three appears with its first request; all other\n"
    "series are there from the start. `model_info` is 1 while a model is\n"
    "loaded. A histogram `x` has the samples `x_bucket` (label `le`, the\n"
    "upper bound, cumulative), `x_sum` and `x_count`; a summary `x_sum` and\n"
    "`x_count`.\n\n"
    "The names of the request metrics, their labels and buckets are those\n"
    "of prometheus-fastapi-instrumentator, so its dashboards work;\n"
    "`http_request_duration_highr_seconds` has buckets below 10 ms as well.\n"
    "The `process_*` names are those of every Prometheus client.\n\n"
    "## Buckets\n\n";

/* Question and query.  The tests ask each of a real Prometheus. */
static const char *const queries[][2] = {
    {"Requests a second, by route", "sum by (handler) (rate(http_requests_total"
                                    "[1m]))"},
    {"Share of requests that failed",
     "(sum(rate(http_requests_total{status=\"5xx\"}[5m])) or vector(0))\n"
     "  / sum(rate(http_requests_total[5m]))"},
    {"Time that 99 % of the requests do not exceed",
     "histogram_quantile(0.99, sum by (le) (\n"
     "  rate(http_request_duration_highr_seconds_bucket[5m])))"},
    {"Share of requests answered within 5 ms",
     "sum(rate(http_request_duration_highr_seconds_bucket{le=\"0.005\"}[5m]))\n"
     "  / sum(rate(http_request_duration_highr_seconds_count[5m]))"},
    {"Mean time of a request, by route",
     "sum by (handler) (rate(http_request_duration_seconds_sum[5m]))\n"
     "  / (sum by (handler) (rate(http_request_duration_seconds_count[5m])) "
     "> 0)"},
    {"Mean size of a request, by route",
     "sum by (handler) (rate(http_request_size_bytes_sum[5m]))\n"
     "  / (sum by (handler) (rate(http_request_size_bytes_count[5m])) > 0)"},
    {"Rows a request", "sum(rate(predicted_rows_total[5m]))\n"
                       "  / sum(rate(http_predict_request_total[5m]))"},
    {"Mean predicted probability",
     "sum(rate(predicted_proba_hist_sum[5m]))\n"
     "  / sum(rate(predicted_proba_hist_count[5m]))"},
    {"Share of rows with a probability above .5",
     "1 - sum(rate(predicted_proba_hist_bucket{le=\"0.5\"}[5m]))\n"
     "  / sum(rate(predicted_proba_hist_count[5m]))"},
    {"Requests turned away, by reason",
     "sum by (reason) (rate(rejected_requests_total[5m]))"},
    {"Bundles refused in the last hour",
     "increase(model_reloads_total{result=\"refused\"}[1h])"},
    {"Age of the model, in days",
     "(time() - model_loaded_timestamp_seconds) / 86400"},
    {"Predicted probability by version of the model",
     "predict_proba * on (instance) group_left (version) model_info"},
    {"Cores in use", "rate(process_cpu_seconds_total[1m])"},
    {"Share of file descriptors in use", "process_open_fds / process_max_fds"},
};

static void add_code_words(cm_buf *out, const char *list, char separator)
{
    for (size_t i = 0; i < list_length(list, separator); i++) {
        cm_buf_addf(out, "%s`%.*s`", i > 0 ? ", " : "",
                    CM_STR_ARG(list_word(list, separator, i)));
    }
}

static void add_row(cm_buf *out, const metric_row *row)
{
    static const char *const types[] = {"counter",   "gauge",   "gauge",
                                        "histogram", "summary", "info"};
    cm_buf_addf(out, "| `%s` | %s | ", row->name, types[row->type]);
    add_code_words(out, row->labels, ',');
    if (row->values[0] != '\0') {
        cm_buf_adds(out, ": ");
        add_code_words(out, row->values, '|');
    }
    cm_buf_addf(out, " | %s |\n", row->help);
}

static void add_buckets(cm_buf *out, const metric_row *row)
{
    size_t line = out->n;
    cm_buf_addf(out, "* `%s`:", row->name);
    for (size_t i = 0; i < list_length(row->buckets, ','); i++) {
        bool wrap = i > 0 && out->n - line > 70;
        line = wrap ? out->n : line;
        cm_buf_addf(out, "%s%.*s", wrap ? "\n  " : " ",
                    CM_STR_ARG(list_word(row->buckets, ',', i)));
    }
    cm_buf_adds(out, "\n");
}

void cm_registry_format_doc(cm_buf *out)
{
    cm_buf_adds(out, introduction);
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        add_row(out, &metric_rows[m]);
    }
    cm_buf_adds(out, notes);
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        if (metric_rows[m].type == METRIC_HISTOGRAM) {
            add_buckets(out, &metric_rows[m]);
        }
    }
    cm_buf_adds(out, "\n## Queries\n");
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        cm_buf_addf(out, "\n%s:\n\n```promql\n%s\n```\n", queries[i][0],
                    queries[i][1]);
    }
}
