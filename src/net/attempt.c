/* One attempt of a request: what libcurl is told, and what it calls back. */
#include "net/attempt.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_REPLY = 1 << 20,
    MAX_REPLY_HEADERS = 64 << 10,
    UPLOAD_BUFFER = 256 << 10,
    DOWNLOAD_BUFFER = 256 << 10
};

/* Seconds; what may take longer needs no end. */
#define LONGEST_ATTEMPT 1e6

typedef struct transfer {
    net_attempt *attempt;
    CURL *easy;
    const cm_http_call *call;
    cm_http_reply *reply;
    cm_error *err;
    uint64_t sent; /* of the request's body */
    struct curl_slist *headers;
} transfer;

static bool has_file(const cm_http_call *call)
{
    return call->file > 0;
}

static uint64_t body_length(const cm_http_call *call)
{
    return has_file(call) ? call->length : call->body.n;
}

/* ---- what libcurl calls ------------------------------------------------- */

static size_t send_some(char *to, size_t size, size_t count, void *context)
{
    transfer *t = context;
    const cm_http_call *call = t->call;
    uint64_t left = body_length(call) - t->sent;
    size_t n = size * count;
    n = left < n ? (size_t)left : n;
    if (n == 0) {
        return 0;
    }
    if (has_file(call)) {
        ssize_t got = pread(call->file, to, n, (off_t)(call->offset + t->sent));
        if (got <= 0) {
            t->attempt->refused =
                got < 0 ? cm_fail_errno(t->err, "cannot read what is to be "
                                                "sent")
                        : cm_fail(t->err, CM_ERR_DATA,
                                  "the file became shorter while it was sent");
            return CURL_READFUNC_ABORT;
        }
        n = (size_t)got;
    } else {
        memcpy(to, call->body.p + t->sent, n);
    }
    t->sent += n;
    return n;
}

/* A kept connection that turns out to be closed has the body sent again. */
static int send_again(void *context, curl_off_t offset, int origin)
{
    transfer *t = context;
    if (origin != SEEK_SET || offset < 0) {
        return CURL_SEEKFUNC_FAIL;
    }
    t->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static size_t keep_header(char *bytes, size_t size, size_t count, void *context)
{
    transfer *t = context;
    cm_buf *headers = &t->reply->headers;
    size_t n = size * count;
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        cm_buf_clear(headers); /* those before were of 100 Continue */
    }
    if (n > MAX_REPLY_HEADERS - headers->n) {
        t->attempt->no_memory = true;
        return 0;
    }
    cm_buf_add(headers, bytes, n);
    t->attempt->no_memory = headers->failed;
    return headers->failed ? 0 : n;
}

static size_t keep_body(char *bytes, size_t size, size_t count, void *context)
{
    transfer *t = context;
    const cm_http_call *call = t->call;
    cm_buf *body = &t->reply->body;
    size_t n = size * count;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->reply->status);
    if (call->take != NULL && t->reply->status / 100 == 2) {
        t->attempt->refused = call->take(call->context, bytes, n, t->err);
        return t->attempt->refused == CM_OK ? n : 0;
    }
    size_t most = call->max_reply > 0 ? call->max_reply : MAX_REPLY;
    if (n > most - body->n) {
        t->attempt->no_memory = true;
        return 0;
    }
    cm_buf_add(body, bytes, n);
    t->attempt->no_memory = body->failed;
    return body->failed ? 0 : n;
}

/* libcurl asks each second at least; not 0: it is to stop. */
static int is_stopped(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                      curl_off_t d)
{
    const atomic_bool *stop = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load(stop);
}

/* ---- what libcurl is told ----------------------------------------------- */

#define SET(easy, option, value) (void)curl_easy_setopt(easy, option, value)

static void set_method(transfer *t)
{
    const char *method = t->call->method;
    bool sends = has_file(t->call) || t->call->body.p != NULL ||
                 strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0;
    if (strcmp(method, "HEAD") == 0) {
        SET(t->easy, CURLOPT_NOBODY, 1L);
    } else if (sends) {
        SET(t->easy, CURLOPT_UPLOAD, 1L);
        SET(t->easy, CURLOPT_INFILESIZE_LARGE,
            (curl_off_t)body_length(t->call));
        SET(t->easy, CURLOPT_CUSTOMREQUEST, method);
    } else if (strcmp(method, "GET") != 0) {
        SET(t->easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

static void set_connection(CURL *easy, const cm_http_options *options)
{
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(options->connect_timeout * 1000));
    SET(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(easy, CURLOPT_LOW_SPEED_TIME, (long)(options->idle_timeout + 0.999));
    SET(easy, CURLOPT_SSL_VERIFYPEER, options->verify ? 1L : 0L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, options->verify ? 2L : 0L);
    if (options->ca_file != NULL) {
        SET(easy, CURLOPT_CAINFO, options->ca_file);
    }
    if (options->stop != NULL) {
        SET(easy, CURLOPT_NOPROGRESS, 0L);
        SET(easy, CURLOPT_XFERINFOFUNCTION, is_stopped);
        SET(easy, CURLOPT_XFERINFODATA, options->stop);
    }
    SET(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    SET(easy, CURLOPT_BUFFERSIZE, (long)DOWNLOAD_BUFFER);
}

static void set_callbacks(transfer *t)
{
    SET(t->easy, CURLOPT_READFUNCTION, send_some);
    SET(t->easy, CURLOPT_READDATA, t);
    SET(t->easy, CURLOPT_SEEKFUNCTION, send_again);
    SET(t->easy, CURLOPT_SEEKDATA, t);
    SET(t->easy, CURLOPT_HEADERFUNCTION, keep_header);
    SET(t->easy, CURLOPT_HEADERDATA, t);
    SET(t->easy, CURLOPT_WRITEFUNCTION, keep_body);
    SET(t->easy, CURLOPT_WRITEDATA, t);
    SET(t->easy, CURLOPT_ERRORBUFFER, t->attempt->text);
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer =
        line == NULL ? NULL : curl_slist_append(*list, line);
    *list = longer != NULL ? longer : *list;
    return longer != NULL;
}

/* Without "Expect: 100-continue", which costs a round trip a request. */
static bool set_headers(transfer *t)
{
    bool all = add_line(&t->headers, "Expect:");
    cm_buf line = {0};
    for (size_t i = 0; i < t->call->n_headers && all; i++) {
        const cm_http_header *header = &t->call->headers[i];
        cm_buf_clear(&line);
        cm_buf_addf(&line, "%s: %s", header->name, header->value);
        all = !line.failed && add_line(&t->headers, line.p);
    }
    cm_buf_release(&line);
    SET(t->easy, CURLOPT_HTTPHEADER, t->headers);
    return all;
}

/* TLS writes to a connection that the server closed raise SIGPIPE: it is held
 * back from this thread, and forgotten. */
static CURLcode perform(CURL *easy)
{
    sigset_t broken_pipe, before, pending;
    const struct timespec at_once = {0};
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
    CURLcode code = curl_easy_perform(easy);
    if (!sigismember(&before, SIGPIPE) && sigpending(&pending) == 0 &&
        sigismember(&pending, SIGPIPE)) {
        (void)sigtimedwait(&broken_pipe, NULL, &at_once);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

void net_attempt_run(net_attempt *out, CURL *easy,
                     const cm_http_options *options, double longest,
                     const cm_http_call *call, cm_http_reply *reply,
                     cm_error *err)
{
    transfer t = {
        .attempt = out, .easy = easy, .call = call, .reply = reply, .err = err};
    *out = (net_attempt){.code = CURLE_OUT_OF_MEMORY};
    reply->status = 0;
    cm_buf_clear(&reply->headers);
    cm_buf_clear(&reply->body);
    curl_easy_reset(easy); /* keeps the connections */
    set_connection(easy, options);
    if (longest < LONGEST_ATTEMPT) {
        SET(easy, CURLOPT_TIMEOUT_MS, (long)(longest * 1000) + 1);
    }
    set_callbacks(&t);
    set_method(&t);
    SET(easy, CURLOPT_PATH_AS_IS, 1L);
    if (curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK &&
        set_headers(&t)) {
        out->code = perform(easy);
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply->status);
    }
    SET(easy, CURLOPT_HTTPHEADER, NULL);
    SET(easy, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(t.headers);
}
