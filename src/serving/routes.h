/* The table of routes: from it come dispatch, 404 and 405, the labels of the
 * request metrics, /openapi.json and /docs.  Private to serving. */
#ifndef CM_SERVING_ROUTES_H
#define CM_SERVING_ROUTES_H

#include "serving/http.h"

typedef struct server_thread server_thread;

typedef void (*route_handler)(server_thread *thread,
                              const http_request *request, http_reply *reply);

/* An answer of a route as /openapi.json tells it.  Its name, as that of the
 * body a route takes, is one of the components in openapi.json. */
typedef struct route_answer {
    unsigned status; /* 0: behind the last one */
    const char *name;
} route_answer;

/* A path matches with and without a "/" at its end; "{model}" and
 * "{version}" match one part of a path.  What the server may answer to every
 * request (413, 503) need not be among the answers. */
typedef struct route {
    http_method method;
    const char *path; /* as the metrics and /openapi.json call it */
    const char *name; /* of the handler */
    route_handler handler;
    const char *tag;     /* heading in /docs; NULL: not in /openapi.json */
    const char *summary; /* one line */
    const char *body;    /* NULL: takes none */
    const route_answer *answers;
} route;

extern const route routes[];
extern const size_t n_routes;

/* The route of a request.  NULL: none; *allowed then has the bits
 * 1 << HTTP_… of the methods that the path does take (0: unknown path). */
const route *route_find(http_method method, const char *path,
                        unsigned *allowed);

/* Part i (0, 1, …) of a path, "/v2/models/ctr": "v2", "models", "ctr"; empty
 * when there are fewer. */
cm_str route_part(const char *path, size_t i);

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
