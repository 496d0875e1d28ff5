/* The table of routes: from it come dispatch, 404 and 405, the labels of the
 * request metrics, /openapi.json and /docs.  Private to serving. */
#ifndef CM_SERVING_ROUTES_H
#define CM_SERVING_ROUTES_H

#include "serving/http.h"

typedef struct server_thread server_thread;

typedef void (*route_handler)(server_thread *thread,
                              const http_request *request, http_reply *reply);

/* A path matches with and without a "/" at its end; "{model}" and
 * "{version}" match one part of a path. */
typedef struct route {
    http_method method;
    const char *path; /* as the metrics and /openapi.json call it */
    route_handler handler;
    const char *tag;     /* heading in /docs */
    const char *summary; /* one line; NULL: not in /openapi.json */
    /* OpenAPI: operation's requestBody and responses, as JSON texts; NULL:
     * no body; an object of any kind. */
    const char *request_json, *responses_json;
} route;

extern const route routes[];
extern const size_t n_routes;

/* The route of a request.  NULL: none; *allowed then has the bits
 * 1 << HTTP_… of the methods that the path does take (0: unknown path). */
const route *route_find(http_method method, const char *path,
                        unsigned *allowed);

/* The handlers, a file each (route_predict.c …). */
#define ROUTE(name)                                                       \
    void route_##name(server_thread *thread, const http_request *request, \
                      http_reply *reply)
ROUTE(page);
ROUTE(asset);
ROUTE(stats);
ROUTE(model);
ROUTE(predict);
ROUTE(explain);
ROUTE(check_schema);
ROUTE(health);
ROUTE(livez);
ROUTE(readyz);
ROUTE(metrics);
ROUTE(docs);
ROUTE(openapi);
ROUTE(v2_server);
ROUTE(v2_live);
ROUTE(v2_ready);
ROUTE(v2_model);
ROUTE(v2_model_ready);
ROUTE(v2_infer);
ROUTE(ping);
ROUTE(invocations);
ROUTE(reload);
#undef ROUTE

#endif
