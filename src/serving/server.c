/* The server as a whole: its threads, and the caller's control loop, which
 * waits for signals and looks for new bundles. */
#include "serving/server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "serving/listener.h"
#include "serving/model_watch.h"
#include "serving/server_thread.h"

/* Seconds that a handshake takes which has begun. */
static const double handshake_time = .1;

/* A thread of the server with its web server. */
typedef struct worker {
    server_thread thread;
    http_server *web;
    pthread_t id;
    bool runs;
} worker;

typedef struct fleet {
    server server;
    worker *workers; /* (n) */
    size_t n;
    cm_serve_limits limits; /* those that the system can keep */
    int listener, signals;
    model_watch *watch; /* NULL: the model is at a path */
} fleet;

/* ---- making ------------------------------------------------------------- */

/* A connection is a file descriptor, and the usual limit is low.  Where it
 * cannot be raised there are fewer connections: a server that runs out of
 * descriptors can neither answer nor refuse. */
static void fit_file_limit(cm_serve_limits *limits, const cm_log *log)
{
    enum { OTHER_FILES = 256 };
    struct rlimit files;
    size_t wanted = http_most_connections(limits->connections) + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) {
        return;
    }
    files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted) {
        size_t left = files.rlim_cur > OTHER_FILES
                          ? (size_t)files.rlim_cur - OTHER_FILES
                          : 1;
        limits->connections = left / 2 + 1;
        cm_warn(log,
                "the system allows %llu open files: limits.connections is "
                "taken as %zu; raise ulimit -n to %zu",
                (unsigned long long)files.rlim_cur, limits->connections,
                wanted);
    }
}

static cm_status make_metrics(fleet *all, cm_error *err)
{
    const char **paths = cm_alloc(n_routes + 1, sizeof *paths, err);
    if (paths == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_routes; i++) {
        paths[i] = routes[i].path;
    }
    paths[n_routes] = "none";
    cm_status status = cm_registry_new(
        &all->server.metrics, all->n, (cm_label_values){paths, n_routes + 1},
        (cm_label_values){http_method_names, N_HTTP_METHODS}, err);
    free(paths);
    return status;
}

static cm_status make_worker(fleet *all, size_t i, cm_error *err)
{
    worker *w = &all->workers[i];
    cm_status status = server_thread_init(&w->thread, &all->server, i, err);
    if (status == CM_OK) {
        status = http_server_new(&w->web, &all->server.http, all->listener,
                                 server_thread_dispatch, server_thread_observe,
                                 &w->thread, err);
    }
    return status;
}

static cm_status make_workers(fleet *all, cm_error *err)
{
    cm_status status = CM_OK;
    all->workers = cm_alloc_zero(all->n, sizeof *all->workers, err);
    if (all->workers == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < all->n && status == CM_OK; i++) {
        status = make_worker(all, i, err);
    }
    return status;
}

static cm_status open_signals(fleet *all, cm_error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    all->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return all->signals >= 0 ? CM_OK : cm_fail_errno(err, "signalfd");
}

/* *port is the one taken. */
static cm_status make_fleet(fleet *all, const cm_serve_options *options,
                            uint16_t *port, cm_error *err)
{
    server *s = &all->server;
    s->options = options;
    s->started = cm_seconds();
    s->http.limits = &all->limits;
    all->n = (size_t)cm_thread_count(options->threads);
    cm_status status = open_signals(all, err);
    if (status == CM_OK) {
        status = listener_open(&all->listener, port, options->host,
                               options->port, err);
    }
    if (status == CM_OK) {
        status = peers_new(&s->http.peers,
                           options->limits.connections_per_address, err);
    }
    if (status == CM_OK && options->access_log) {
        status = line_sink_new(&s->http.access_log, STDOUT_FILENO, err);
    }
    if (status == CM_OK) {
        status = make_metrics(all, err);
    }
    if (status == CM_OK) {
        status = live_model_new(
            &s->live, options->source == NULL ? options->model_path : "",
            s->metrics, options->log, err);
    }
    if (status == CM_OK) {
        live_model_set_source(s->live, options->source);
    }
    return status == CM_OK ? make_workers(all, err) : status;
}

static void release_fleet(fleet *all)
{
    for (size_t i = 0; all->workers != NULL && i < all->n; i++) {
        http_server_free(all->workers[i].web);
        server_thread_release(&all->workers[i].thread);
    }
    free(all->workers);
    live_model_free(all->server.live);
    cm_registry_free(all->server.metrics);
    peers_free(all->server.http.peers);
    line_sink_free(all->server.http.access_log);
    if (all->listener >= 0) {
        (void)close(all->listener);
    }
    if (all->signals >= 0) {
        (void)close(all->signals);
    }
}

/* ---- running ------------------------------------------------------------ */

static void *run_worker(void *context)
{
    worker *w = context;
    http_server_run(w->web);
    return NULL;
}

static cm_status start_workers(fleet *all, cm_error *err)
{
    for (size_t i = 0; i < all->n; i++) {
        worker *w = &all->workers[i];
        errno = pthread_create(&w->id, NULL, run_worker, w);
        if (errno != 0) {
            return cm_fail_errno(err,
                                 "thread %zu of %zu does not start; give "
                                 "fewer --threads, or raise ulimit -u",
                                 i + 1, all->n);
        }
        w->runs = true;
    }
    return CM_OK;
}

/* The signal that has come within the time, 0: none. */
static int wait_for_signal(const fleet *all, double seconds)
{
    struct pollfd wait = {.fd = all->signals, .events = POLLIN};
    struct signalfd_siginfo info;
    if (poll(&wait, 1, (int)(seconds * 1e3)) == 1 &&
        read(all->signals, &info, sizeof info) == sizeof info) {
        return (int)info.ssi_signo;
    }
    return 0;
}

static void reload(fleet *all)
{
    cm_error err = {0};
    if (all->watch != NULL) {
        model_watch_reload(all->watch);
        return;
    }
    /* live_model has said it. */
    cm_status status = live_model_reload(all->server.live, &err);
    (void)status;
}

/* A source is asked by a thread of its own. */
static cm_status load_first(fleet *all, cm_error *err)
{
    const cm_model_source *source = all->server.options->source;
    if (source != NULL) {
        return model_watch_start(&all->watch, all->server.live, source, err);
    }
    reload(all);
    return CM_OK;
}

/* Until SIGTERM or SIGINT, which it returns. */
static int control(fleet *all)
{
    for (;;) {
        int signal_number =
            wait_for_signal(all, all->server.options->watch_interval);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            return signal_number;
        }
        if (signal_number == SIGHUP) {
            reload(all);
        } else if (all->watch == NULL) {
            live_model_check(all->server.live);
        }
    }
}

/* False: a second SIGTERM or SIGINT came before the time was over. */
static bool pause_for(const fleet *all, double seconds)
{
    double end = cm_seconds() + seconds;
    for (double left = seconds; left > 0; left = end - cm_seconds()) {
        int signal_number = wait_for_signal(all, left);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            return false;
        }
    }
    return true;
}

static bool wait_until_all_left(const fleet *all, double seconds)
{
    double end = cm_seconds() + seconds;
    while (atomic_load(&all->server.http.connections) > 0) {
        if (cm_seconds() > end || !pause_for(all, .01)) {
            return false;
        }
    }
    return true;
}

/* Readiness is 503 and every answer closes its connection; for a while new
 * ones are still taken, since who sends requests here learns of it late.  A
 * second signal ends the waiting. */
static void drain(fleet *all, int signal_number)
{
    http_shared *http = &all->server.http;
    const cm_serve_limits *limits = &all->server.options->limits;
    double delay = signal_number == SIGTERM ? limits->drain_delay : 0;
    atomic_store(&http->draining, true);
    bool patient = pause_for(all, delay);
    listener_stop(all->listener);
    patient = patient && pause_for(all, handshake_time);
    atomic_store(&http->stopped_taking, true);
    patient = patient && wait_until_all_left(all, limits->drain_timeout);
    size_t left = atomic_load(&http->connections);
    if (!patient && left > 0) {
        cm_warn(all->server.options->log,
                "%zu connections were still open at the end", left);
    }
    atomic_store(&http->abandon, true);
}

static void join_workers(fleet *all)
{
    atomic_store(&all->server.http.abandon, true);
    for (size_t i = 0; i < all->n; i++) {
        if (all->workers[i].runs) {
            (void)pthread_join(all->workers[i].id, NULL);
        }
    }
}

static cm_status run_fleet(fleet *all, uint16_t port,
                           void (*started)(void *context, uint16_t port),
                           void *context, cm_error *err)
{
    cm_status status = start_workers(all, err);
    if (status == CM_OK) {
        if (started != NULL) {
            started(context, port);
        }
        status = load_first(all, err);
    }
    if (status == CM_OK) {
        int signal_number = control(all);
        cm_info(all->server.options->log, "stopping");
        drain(all, signal_number);
    }
    model_watch_stop(all->watch);
    join_workers(all);
    return status;
}

cm_status cm_serve(const cm_serve_options *options,
                   void (*started)(void *context, uint16_t port), void *context,
                   cm_error *err)
{
    fleet all = {.listener = -1, .signals = -1, .limits = options->limits};
    uint16_t port = 0;
    fit_file_limit(&all.limits, options->log);
    cm_status status = make_fleet(&all, options, &port, err);
    if (status == CM_OK) {
        status = run_fleet(&all, port, started, context, err);
    }
    release_fleet(&all);
    return status;
}
