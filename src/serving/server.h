/* The server: threads, each with a web server's event loop of its own, and the
 * control loop of the caller.  docs/serving.md tells it to users. */
#ifndef CM_SERVING_SERVER_H
#define CM_SERVING_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

/* Every limit of the server in one place; params.def has their ranges and
 * defaults.  Times in seconds. */
typedef struct cm_serve_limits {
    size_t body_bytes;
    size_t header_bytes; /* request line and headers */
    size_t rows;         /* of a request */
    size_t json_depth;
    size_t connections;
    size_t connections_per_address;
    double idle_timeout;    /* of a connection between requests */
    double request_timeout; /* from a request's first byte to its last */
    double queue_timeout;   /* a request that waited longer gets 503 */
    double drain_delay;     /* new connections are taken after SIGTERM */
    double drain_timeout;   /* for requests in flight after SIGTERM */
    size_t memory_bytes;    /* of bodies being received; more: 503 */
} cm_serve_limits;

/* Who knows where the model is, when that is no path of this machine. */
typedef struct cm_model_source {
    /* *path, malloc'ed, is as cm_bundle_load takes it.  May take long; from any
     * thread, one at a time. */
    cm_status (*find)(void *context, char **path, cm_error *err);
    void *context;
    double interval;   /* seconds between questions */
    atomic_bool *stop; /* true at the end: find returns soon */
} cm_model_source;

typedef struct cm_serve_options {
    const char *model_path;        /* as cm_bundle_load takes it */
    const cm_model_source *source; /* instead of it; NULL: the path */
    const char *host;              /* "127.0.0.1", "::1", "0.0.0.0" … */
    uint16_t port;                 /* 0: any free one */
    int threads;                   /* -1: one a core */
    int precision;                 /* decimals of click_proba */
    const char *echo_column;       /* repeated in answers: "device_ip" */
    const char *model_name;        /* of Open Inference Protocol v2: "ctr" */
    const char *admin_token; /* of POST /admin/reload; NULL: not offered */
    bool admin_remote;       /* take it from other addresses, too */
    bool access_log;
    double watch_interval; /* seconds between looks at the bundle's switch */
    cm_serve_limits limits;
    const cm_log *log;
} cm_serve_options;

/* Serves until SIGTERM or SIGINT: then readiness is 503, requests in flight
 * finish, and it returns CM_OK.  SIGHUP reloads.  The caller has blocked these
 * three (sigprocmask) before any other thread was made.  started (may be NULL)
 * is called once when the port is open, with its number. */
CM_MUST_USE cm_status cm_serve(const cm_serve_options *options,
                               void (*started)(void *context, uint16_t port),
                               void *context, cm_error *err);

#endif
