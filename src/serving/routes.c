/* The table of routes and the search in it. */
#include "serving/routes.h"

#include <string.h>

/* The search is linear, so what is asked most stands first. */
const route routes[] = {
    {HTTP_POST, "/predict/", route_predict, "Prediction",
     "The probability of a click, for each row", NULL, NULL},
    {HTTP_GET, "/", route_page, "Page", NULL, NULL, NULL},
    {HTTP_GET, "/assets/{name}", route_asset, "Page", NULL, NULL, NULL},
    {HTTP_GET, "/stats", route_stats, "Page",
     "Totals since the start, which the page's charts are drawn from", NULL,
     NULL},
    {HTTP_GET, "/model", route_model, "Page",
     "The model that speaks: its metrics, columns and example rows", NULL,
     NULL},
    {HTTP_POST, "/explain", route_explain, "Prediction",
     "Why one row gets its probability: SHAP values of its features", NULL,
     NULL},
    {HTTP_POST, "/invocations", route_invocations, "Prediction",
     "The same as MLflow and SageMaker ask for it", NULL, NULL},
    {HTTP_GET, "/health", route_health, "Health",
     "200 when the server can answer, 400 with the reason when not", NULL,
     NULL},
    {HTTP_GET, "/livez", route_livez, "Health", "Is the process alive?", NULL,
     NULL},
    {HTTP_GET, "/readyz", route_readyz, "Health",
     "Does it take requests? 503 while loading or draining", NULL, NULL},
    {HTTP_GET, "/ping", route_ping, "Health", "As SageMaker asks for health",
     NULL, NULL},
    {HTTP_GET, "/metrics", route_metrics, "Monitoring",
     "Metrics as Prometheus reads them: text, or OpenMetrics by Accept", NULL,
     "{\"200\":{\"description\":\"Metrics\",\"content\":{\"text/plain\":"
     "{\"schema\":{\"type\":\"string\"}},\"application/openmetrics-text\":"
     "{\"schema\":{\"type\":\"string\"}}}}}"},
    {HTTP_POST, "/admin/reload", route_reload, "Admin",
     "Looks for another model and lets it speak; needs the admin token", NULL,
     NULL},
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
