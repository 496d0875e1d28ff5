/* The connection to an MLflow server and one request over it. */
#include "tracking/mlflow.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/num.h"

enum { RETRIES = 7, MAX_ANSWER = 32 << 20, LONGEST_WORDS = 300 };

static const char *or_environment(const char *given, const char *name)
{
    const char *value = given != NULL ? given : getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool says_true(const char *text)
{
    return text != NULL &&
           (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

void cm_tracking_server_from_environment(cm_tracking_server *server)
{
    double seconds = 0;
    const char *timeout = getenv("MLFLOW_HTTP_REQUEST_TIMEOUT");
    server->uri = or_environment(server->uri, "MLFLOW_TRACKING_URI");
    server->username =
        or_environment(server->username, "MLFLOW_TRACKING_USERNAME");
    server->password =
        or_environment(server->password, "MLFLOW_TRACKING_PASSWORD");
    server->token = or_environment(server->token, "MLFLOW_TRACKING_TOKEN");
    server->ca_file =
        or_environment(server->ca_file, "MLFLOW_TRACKING_SERVER_CERT_PATH");
    server->insecure =
        server->insecure || says_true(getenv("MLFLOW_TRACKING_INSECURE_TLS"));
    if (!(server->request_timeout > 0) && timeout != NULL &&
        cm_parse_double(cm_str_of(timeout), &seconds) && seconds > 0) {
        server->request_timeout = seconds;
    }
}

/* ---- the address, and who we are ---------------------------------------- */

static bool is_http(const char *uri)
{
    return strncasecmp(uri, "http://", 7) == 0 ||
           strncasecmp(uri, "https://", 8) == 0;
}

/* Without a name and password before the host, and without '/' at the end. */
static cm_status set_base(mlflow *m, const char *uri, cm_error *err)
{
    if (uri == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "no MLflow server is named; set mlflow_tracking_uri or "
                       "MLFLOW_TRACKING_URI, for example to "
                       "http://localhost:5000");
    }
    if (!is_http(uri) || strpbrk(uri, "?#\r\n") != NULL) {
        const char *colon = strchr(uri, ':');
        return cm_fail(err, CM_ERR_USAGE,
                       "the MLflow tracking URI begins with \"%.*s\"; expected "
                       "http://host:port or https://host:port",
                       colon == NULL ? 8 : (int)(colon + 1 - uri), uri);
    }
    const char *host = strstr(uri, "://") + 3;
    size_t authority = strcspn(host, "/");
    const char *at = host;
    for (size_t i = 0; i < authority; i++) {
        at = host[i] == '@' ? host + i + 1 : at;
    }
    cm_buf base = {0};
    cm_buf_add(&base, uri, (size_t)(host - uri));
    cm_buf_adds(&base, at);
    while (base.n > 0 && base.p[base.n - 1] == '/') {
        base.n--;
    }
    cm_status status = cm_buf_check(&base, err);
    if (status == CM_OK) {
        m->base = cm_arena_strdup(&m->arena, base.p, base.n, err);
        status = m->base != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    cm_buf_release(&base);
    return status;
}

/* "name:password@" of a URI, still encoded; empty when there is none. */
static cm_str uri_credentials(const char *uri)
{
    const char *host = strstr(uri, "://") + 3;
    const char *end = host + strcspn(host, "/");
    for (const char *at = end; at > host; at--) {
        if (at[-1] == '@') {
            return (cm_str){host, (size_t)(at - 1 - host)};
        }
    }
    return (cm_str){"", 0};
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void add_decoded(cm_buf *out, cm_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool is_code = text.p[i] == '%' && text.n - i > 2;
        int high = is_code ? hex_value(text.p[i + 1]) : -1;
        int low = is_code ? hex_value(text.p[i + 2]) : -1;
        bool decode = high >= 0 && low >= 0;
        cm_buf_addc(out, decode ? (char)(high * 16 + low) : text.p[i]);
        i += decode ? 2 : 0;
    }
}

/* "Basic bmFtZTpwYXNz" */
static cm_status set_basic(mlflow *m, const cm_buf *pair, cm_error *err)
{
    static const char word[] = "Basic ";
    size_t n = sizeof word - 1;
    char *text = cm_arena_alloc(&m->arena, n + (pair->n + 2) / 3 * 4 + 1, err);
    if (text == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(text, word, n);
    (void)EVP_EncodeBlock((unsigned char *)text + n,
                          (const unsigned char *)pair->p, (int)pair->n);
    m->authorization = text;
    return CM_OK;
}

static cm_status set_bearer(mlflow *m, const char *token, cm_error *err)
{
    cm_buf text = {0};
    cm_buf_addf(&text, "Bearer %s", token);
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK && strpbrk(token, "\r\n") != NULL) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "MLFLOW_TRACKING_TOKEN: a line break is in it");
    }
    if (status == CM_OK) {
        m->authorization = cm_arena_strdup(&m->arena, text.p, text.n, err);
        status = m->authorization != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (text.p != NULL) {
        explicit_bzero(text.p, text.n);
    }
    cm_buf_release(&text);
    return status;
}

/* A name and password win over a token, as in MLflow. */
static cm_status set_authorization(mlflow *m, const cm_tracking_server *server,
                                   cm_error *err)
{
    cm_buf pair = {0};
    cm_str in_uri = uri_credentials(server->uri);
    cm_status status = CM_OK;
    if (server->username != NULL && server->password != NULL) {
        cm_buf_addf(&pair, "%s:%s", server->username, server->password);
    } else if (server->token == NULL && in_uri.n > 0) {
        add_decoded(&pair, in_uri);
    }
    if (pair.n > 0 || pair.failed) {
        status = cm_buf_check(&pair, err);
        status = status == CM_OK ? set_basic(m, &pair, err) : status;
    } else if (server->token != NULL) {
        status = set_bearer(m, server->token, err);
    }
    if (pair.p != NULL) {
        explicit_bzero(pair.p, pair.n);
    }
    cm_buf_release(&pair);
    return status;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

cm_status mlflow_open(mlflow *out, const cm_tracking_server *server,
                      double deadline, cm_error *err)
{
    double seconds = server->request_timeout > 0 ? server->request_timeout : 30;
    *out = (mlflow){0};
    cm_status status = set_base(out, server->uri, err);
    if (status == CM_OK) {
        status = set_authorization(out, server, err);
    }
    if (status != CM_OK) {
        return status;
    }
    if (server->ca_file != NULL) {
        out->options.ca_file = cm_arena_strdup(&out->arena, server->ca_file,
                                               strlen(server->ca_file), err);
        if (out->options.ca_file == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    out->options.connect_timeout = least(seconds, 10);
    out->options.idle_timeout = seconds;
    out->options.verify = !server->insecure;
    out->options.ca_setting = "MLFLOW_TRACKING_SERVER_CERT_PATH";
    out->options.retries = RETRIES;
    out->options.backoff = 0.2;
    out->options.longest_backoff = 10;
    out->options.deadline = deadline;
    out->options.stop = server->stop;
    return cm_http_client_new(&out->http, &out->options, err);
}

void mlflow_close(mlflow *m)
{
    if (m->authorization != NULL) {
        char *secret = (char *)(uintptr_t)m->authorization;
        explicit_bzero(secret, strlen(secret));
    }
    cm_http_client_free(m->http);
    cm_arena_release(&m->arena);
    *m = (mlflow){0};
}

void mlflow_authorize(const mlflow *m, cm_http_call *call)
{
    if (m->authorization != NULL) {
        call->headers[call->n_headers++] =
            (cm_http_header){"Authorization", m->authorization};
    }
}

/* ---- a request ---------------------------------------------------------- */

void mlflow_answer_read(mlflow_answer *out, const cm_http_reply *reply)
{
    const char *code = NULL, *words = NULL;
    *out = (mlflow_answer){.status = reply->status, .code = "", .words = ""};
    cm_error ignored;
    if (reply->body.n == 0 ||
        cm_json_parse(&out->json, (cm_str){reply->body.p, reply->body.n}, "",
                      &ignored) != CM_OK) {
        return;
    }
    if (!mlflow_is_success(out)) {
        code = json_string_value(json_object_get(out->json, "error_code"));
        words = json_string_value(json_object_get(out->json, "message"));
    }
    out->code = code != NULL ? code : "";
    out->words = words != NULL ? words : "";
}

bool mlflow_is_success(const mlflow_answer *answer)
{
    return answer->status / 100 == 2;
}

void mlflow_answer_release(mlflow_answer *answer)
{
    json_decref(answer->json);
    *answer = (mlflow_answer){0};
}

static cm_status look_first(void *context, cm_http_call *http, cm_error *err)
{
    const mlflow_call *call = context;
    return call->find(call->context, &http->needless, err);
}

cm_status mlflow_ask(mlflow *m, const mlflow_call *call, mlflow_answer *out,
                     cm_error *err)
{
    cm_buf url = {0};
    *out = (mlflow_answer){.code = "", .words = ""};
    cm_buf_addf(&url, "%s/api/%s",
                call->origin != NULL ? call->origin : m->base, call->path);
    cm_status status = cm_buf_check(&url, err);
    cm_http_reply reply = {0};
    cm_http_call http = {.method = call->method,
                         .url = url.p,
                         .body = call->body,
                         .prepare = call->find != NULL ? look_first : NULL,
                         .context = (void *)(uintptr_t)call,
                         .max_reply = MAX_ANSWER};
    http.headers[http.n_headers++] =
        (cm_http_header){"Content-Type", "application/json"};
    mlflow_authorize(m, &http);
    if (status == CM_OK) {
        status = cm_http_run(m->http, &http, &reply, err);
    }
    if (status == CM_OK && !http.needless) {
        m->requests++;
        mlflow_answer_read(out, &reply);
    }
    cm_http_reply_release(&reply);
    cm_buf_release(&url);
    return status;
}

/* What to do about a refusal. */
static const char *remedy(const mlflow_answer *answer)
{
    if (answer->status == 401) {
        return "; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
               "or MLFLOW_TRACKING_TOKEN";
    }
    if (answer->status == 403) {
        return "; the server does not let this user do it, or does not know "
               "the host's name (mlflow server --allowed-hosts)";
    }
    if (answer->status == 429 || answer->status >= 500) {
        return "; the server is busy or broken, try again later";
    }
    return answer->code[0] == '\0' ? "; check that an MLflow server of version "
                                     "3 is at this address"
                                   : "";
}

/* The server's words on one line, and not all of a long story. */
static void add_words(cm_buf *out, const char *words)
{
    size_t n = strcspn(words, "\r\n");
    n = n < LONGEST_WORDS ? n : LONGEST_WORDS;
    n = cm_utf8_valid((cm_str){words, n});
    for (size_t i = 0; i < n; i++) {
        bool plain = (unsigned char)words[i] >= 0x20 && words[i] != 0x7f;
        cm_buf_addc(out, plain ? words[i] : ' ');
    }
}

cm_status mlflow_fail(const mlflow *m, const mlflow_call *call,
                      const mlflow_answer *answer, cm_error *err)
{
    cm_buf text = {0};
    bool passing = answer->status == 429 || answer->status >= 500 ||
                   answer->status == 401 || answer->status == 403;
    cm_buf_addf(&text, "%s: %s %.*s: ", m->base, call->method,
                (int)strcspn(call->path, "?"), call->path);
    cm_buf_addf(&text, "%s (HTTP %ld", answer->code, answer->status);
    if (answer->words[0] != '\0') {
        cm_buf_adds(&text, ", \"");
        add_words(&text, answer->words);
        cm_buf_addc(&text, '"');
    }
    cm_buf_addf(&text, ")%s", remedy(answer));
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_fail(err, passing ? CM_ERR_IO : CM_ERR_DATA, "%s", text.p);
    }
    cm_buf_release(&text);
    return status;
}

cm_status mlflow_demand(mlflow *m, const mlflow_call *call, mlflow_answer *out,
                        cm_error *err)
{
    cm_status status = mlflow_ask(m, call, out, err);
    bool asked = status == CM_OK && out->status != 0;
    if (asked && !(mlflow_is_success(out) && json_is_object(out->json))) {
        status = mlflow_fail(m, call, out, err);
    }
    return status;
}

cm_status mlflow_post(mlflow *m, const char *path, const cm_buf *body,
                      mlflow_answer *out, cm_error *err)
{
    mlflow_call call = {
        .method = "POST", .path = path, .body = {body->p, body->n}};
    cm_status status = cm_buf_check(body, err);
    *out = (mlflow_answer){.code = "", .words = ""};
    return status == CM_OK ? mlflow_demand(m, &call, out, err) : status;
}

cm_status mlflow_tell(mlflow *m, const char *path, const cm_buf *body,
                      cm_error *err)
{
    mlflow_answer answer;
    cm_status status = mlflow_post(m, path, body, &answer, err);
    mlflow_answer_release(&answer);
    return status;
}

cm_status mlflow_create_named(mlflow *m, const char *path, const char *name,
                              cm_error *err)
{
    cm_buf body = {0};
    mlflow_answer answer = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "name", name);
    cm_json_end_object(&w);
    cm_status status = cm_buf_check(&body, err);
    mlflow_call call = {
        .method = "POST", .path = path, .body = {body.p, body.n}};
    if (status == CM_OK) {
        status = mlflow_ask(m, &call, &answer, err);
    }
    if (status == CM_OK && !mlflow_is_success(&answer) &&
        strcmp(answer.code, "RESOURCE_ALREADY_EXISTS") != 0) {
        status = mlflow_fail(m, &call, &answer, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&body);
    return status;
}

void mlflow_put_pair(cm_json_writer *w, const char *key, const char *value)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "key", key);
    cm_json_put_text(w, "value", value);
    cm_json_end_object(w);
}

const json_t *mlflow_at(const json_t *json, const char *keys)
{
    char key[64];
    while (json != NULL && keys[0] != '\0') {
        size_t n = strcspn(keys, ".");
        CM_ASSERT(n < sizeof key);
        memcpy(key, keys, n);
        key[n] = '\0';
        json = json_object_get(json, key);
        keys += keys[n] == '.' ? n + 1 : n;
    }
    return json;
}

cm_status mlflow_text(mlflow *m, const mlflow_answer *answer, const char *keys,
                      const char **out, cm_error *err)
{
    const char *text = json_string_value(mlflow_at(answer->json, keys));
    if (text == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the answer has no %s; check that an MLflow server "
                       "of version 3 is at this address",
                       m->base, keys);
    }
    *out = cm_arena_strdup(&m->arena, text, strlen(text), err);
    return *out != NULL ? CM_OK : CM_ERR_NOMEM;
}
