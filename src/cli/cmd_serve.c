/* clickmill serve */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/model_path.h"
#include "serving/server.h"

enum { MAX_TOKEN = 1024 };

static void fill_limits(cm_serve_limits *out, const cm_config *config)
{
    *out = (cm_serve_limits){.body_bytes = (size_t)config->max_body,
                             .header_bytes = (size_t)config->max_header,
                             .rows = (size_t)config->max_rows,
                             .json_depth = (size_t)config->max_json_depth,
                             .connections = (size_t)config->max_connections,
                             .connections_per_address =
                                 (size_t)config->max_connections_per_address,
                             .idle_timeout = config->idle_timeout,
                             .request_timeout = config->request_timeout,
                             .queue_timeout = config->queue_timeout,
                             .drain_delay = config->drain_delay,
                             .drain_timeout = config->drain_timeout,
                             .memory_bytes = (size_t)config->max_memory};
}

/* Of the file, or of the environment; empty: none. */
static cm_status read_token(cm_buf *token, const cm_config *config,
                            cm_error *err)
{
    const char *text = getenv("CLICKMILL_ADMIN_TOKEN");
    if (config->admin_token_file[0] == '\0') {
        cm_buf_adds(token, text != NULL ? text : "");
        return cm_buf_check(token, err);
    }
    cm_status status =
        cm_read_file(token, config->admin_token_file, MAX_TOKEN, err);
    if (status == CM_OK) {
        cm_str trimmed = cm_str_trim((cm_str){token->p, token->n});
        if (trimmed.n == 0) {
            return cm_fail(err, CM_ERR_DATA, "%s: no token in it",
                           config->admin_token_file);
        }
        memmove(token->p, trimmed.p, trimmed.n);
        token->p[trimmed.n] = '\0';
        token->n = trimmed.n;
    }
    return status;
}

/* Before the first thread, so that all of them inherit it. */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Large bodies come and go in any order.  What is mapped on its own returns to
 * the system when it is let go; what is not would leave holes. */
static void keep_memory_tight(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

/* ---- a model of a registry, or of a revision ----------------------------- */

typedef struct serve_source {
    const char *name; /* as given */
    const char *rev;  /* NULL: name is of a registry, or of MLflow */
    const cm_config *config;
    cm_place_options options;
    atomic_bool stop;
} serve_source;

/* What is remembered counts only while nothing is served: afterwards a place
 * that gives no answer is told, and the model that speaks stays. */
static cm_status find_model(void *context, char **path, cm_error *err)
{
    serve_source *s = context;
    cm_status status =
        cli_fetch_model(path, s->name, s->rev, &s->options, s->config, err);
    s->options.must_ask = s->options.must_ask || status == CM_OK;
    return status;
}

static void set_source(cm_serve_options *options, cm_model_source *source,
                       serve_source *s, const cli_context *c)
{
    s->name = options->model_path;
    s->rev = cli_text(c, "rev");
    if (s->rev == NULL && !cli_model_is_remote(s->name)) {
        return;
    }
    s->config = &c->config;
    cli_place_options(&s->options, c);
    atomic_init(&s->stop, false);
    s->options.stop = &s->stop;
    *source = (cm_model_source){.find = find_model,
                                .context = s,
                                .interval = c->config.ask_interval,
                                .stop = &s->stop};
    options->source = source;
}

static void say_started(void *context, uint16_t port)
{
    const cli_context *c = context;
    bool v6 = strchr(c->config.host, ':') != NULL;
    cm_info(&c->log, "listening on http://%s%s%s:%u", v6 ? "[" : "",
            c->config.host, v6 ? "]" : "", port);
}

cm_status cli_serve(cli_context *c, cm_error *err)
{
    const cm_config *config = &c->config;
    cm_buf token = {0};
    cm_model_source source;
    serve_source from = {0};
    cm_serve_options options = {.host = config->host,
                                .port = (uint16_t)config->port,
                                .threads = (int)config->serve_threads,
                                .precision = (int)config->precision,
                                .echo_column = config->echo_column,
                                .model_name = config->model_name,
                                .admin_remote = config->admin_remote,
                                .access_log = config->access_log,
                                .watch_interval = config->watch_interval,
                                .log = &c->log};
    fill_limits(&options.limits, config);
    block_signals();
    keep_memory_tight();
    cm_status status =
        cm_config_served_path(&options.model_path, &c->config, err);
    if (status == CM_OK) {
        status = read_token(&token, config, err);
    }
    if (status == CM_OK) {
        options.admin_token = token.n > 0 ? token.p : NULL;
        set_source(&options, &source, &from, c);
        status = cm_serve(&options, say_started, c, err);
    }
    cm_buf_release(&token);
    return status;
}
