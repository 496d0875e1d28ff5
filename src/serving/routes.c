/* The table of routes and the search in it. */
#include "serving/routes.h"

#include <string.h>

#define ANSWERS(...) ((const route_answer[]){__VA_ARGS__, {0, NULL}})
#define GET(path, name, tag, summary, ...)                       \
    {                                                            \
        HTTP_GET, path, #name, route_##name, tag, summary, NULL, \
            ANSWERS(__VA_ARGS__)                                 \
    }
#define POST(path, name, tag, summary, body, ...)                 \
    {                                                             \
        HTTP_POST, path, #name, route_##name, tag, summary, body, \
            ANSWERS(__VA_ARGS__)                                  \
    }
/* Not in /openapi.json. */
#define HIDDEN(path, name)                                          \
    {                                                               \
        HTTP_GET, path, #name, route_##name, NULL, NULL, NULL, NULL \
    }

#define SCORING    "Scoring"
#define MODEL      "Model"
#define HEALTH     "Health"
#define MONITORING "Monitoring"
#define MLFLOW     "MLflow and SageMaker"
#define V2         "Open Inference Protocol v2"
#define V2_MODEL   "/v2/models/{model}"
#define V2_VERSION V2_MODEL "/versions/{version}"

/* The routes that are hot come first. */
const route routes[] = {
    POST("/predict/", predict, SCORING,
         "The probability of a click for every row", "Rows",
         {200, "Predictions"}, {415, "UnsupportedType"}, {422, "Invalid"}),
    POST("/explain", explain, SCORING,
         "Why one row gets its probability: SHAP values of its features",
         "Rows", {200, "Explanation"}, {415, "UnsupportedType"},
         {422, "Invalid"}),
    POST("/check_schema", check_schema, SCORING,
         "Whether the features of a request are those of the model", "Names",
         {200, "SchemaFits"}, {400, "SchemaDiffers"}, {415, "UnsupportedType"},
         {422, "Invalid"}),
    GET("/model", model, MODEL,
        "The model that speaks: its metrics, columns and example rows",
        {200, "Model"}),
    POST("/admin/reload", reload, MODEL,
         "Looks for another model and lets it speak; needs the admin token",
         NULL, {200, "Reloaded"}, {401, "NotAuthenticated"}, {403, "Forbidden"},
         {404, "NotOffered"}, {409, "Refused"}),
    GET("/health", health, HEALTH,
        "Can it answer? 400 with the reason when no model is loaded",
        {200, "Ok"}, {400, "NotWell"}),
    GET("/livez", livez, HEALTH, "Is the process alive?", {200, "Ok"}),
    GET("/healthz", livez, HEALTH, "The same, under its older name",
        {200, "Ok"}),
    GET("/readyz", readyz, HEALTH,
        "Does it take requests? 503 while loading or draining", {200, "Ok"},
        {503, "NotReady"}),
    GET("/metrics", metrics, MONITORING,
        "Metrics as Prometheus reads them: text, or OpenMetrics by Accept",
        {200, "Metrics"}, {400, "BadQuery"}),
    GET("/stats", stats, MONITORING,
        "Totals since the start, which the page's charts are drawn from",
        {200, "Stats"}),
    GET("/ping", ping, MLFLOW, "Does it take requests?", {200, "Ok"},
        {503, "NotReady"}),
    POST("/invocations", invocations, MLFLOW,
         "The probability of a click for every row, as MLflow has it",
         "Invocation", {200, "InvocationPredictions"}, {415, "UnsupportedType"},
         {422, "Invalid"}),
    GET("/v2", v2_server, V2, "Name and version of the server",
        {200, "V2Server"}),
    GET("/v2/health/live", v2_live, V2, "Is the process alive?",
        {200, "V2Live"}),
    GET("/v2/health/ready", v2_ready, V2, "Does it take requests?",
        {200, "V2Ready"}, {503, "V2Unavailable"}),
    GET(V2_MODEL, v2_model, V2, "Inputs and outputs of the model",
        {200, "V2Model"}, {404, "V2Error"}, {503, "V2Unavailable"}),
    GET(V2_VERSION, v2_model, V2, "The same of a version", {200, "V2Model"},
        {404, "V2Error"}, {503, "V2Unavailable"}),
    GET(V2_MODEL "/ready", v2_model_ready, V2, "Can the model answer?",
        {200, "V2ModelReady"}, {404, "V2Error"}, {503, "V2Unavailable"}),
    GET(V2_VERSION "/ready", v2_model_ready, V2, "The same of a version",
        {200, "V2ModelReady"}, {404, "V2Error"}, {503, "V2Unavailable"}),
    POST(V2_MODEL "/infer", v2_infer, V2,
         "The probability of a click for every row, as a tensor", "Inference",
         {200, "V2Inference"}, {400, "V2Error"}, {404, "V2Error"},
         {415, "V2Error"}, {503, "V2Unavailable"}),
    POST(V2_VERSION "/infer", v2_infer, V2, "The same by a version",
         "Inference", {200, "V2Inference"}, {400, "V2Error"}, {404, "V2Error"},
         {415, "V2Error"}, {503, "V2Unavailable"}),
    HIDDEN("/", page),
    HIDDEN("/assets/{name}", asset),
    HIDDEN("/docs", docs),
    HIDDEN("/openapi.json", openapi),
};

const size_t n_routes = sizeof routes / sizeof *routes;

/* Whether one part of a pattern, up to its next "/", is that of the path;
 * moves both behind it. */
static bool part_matches(const char **pattern, const char **path)
{
    size_t n_pattern = strcspn(*pattern, "/");
    size_t n_path = strcspn(*path, "/");
    bool any = (*pattern)[0] == '{' && n_path > 0;
    bool same = n_pattern == n_path && memcmp(*pattern, *path, n_path) == 0;
    *pattern += n_pattern;
    *path += n_path;
    return any || same;
}

static bool matches(const char *pattern, const char *path)
{
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        if (!part_matches(&pattern, &path)) {
            return false;
        }
    }
    return strcmp(path, pattern) == 0 || strcmp(path, "/") == 0 ||
           (strcmp(pattern, "/") == 0 && *path == '\0');
}

const route *route_find(http_method method, const char *path, unsigned *allowed)
{
    http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    *allowed = 0;
    for (size_t i = 0; i < n_routes; i++) {
        if (!matches(routes[i].path, path)) {
            continue;
        }
        if (routes[i].method == wanted) {
            return &routes[i];
        }
        *allowed |= 1u << routes[i].method;
    }
    return NULL;
}

cm_str route_part(const char *path, size_t i)
{
    for (;; i--) {
        path += *path == '/';
        size_t n = strcspn(path, "/");
        if (i == 0) {
            return (cm_str){path, n};
        }
        path += n;
    }
}
