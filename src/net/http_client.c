/* Requests: attempts until one succeeds, and what to say when none did. */
#include "net/http_client.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "net/attempt.h"

/* Nobody is made to wait longer than this by a Retry-After. */
#define LONGEST_RETRY_AFTER 120.0

/* Where nobody listens, no such name is known, or something else than TLS is
 * spoken, few retries are enough. */
enum { RETRIES_UNREACHABLE = 2 };

struct cm_http_client {
    CURL *easy;
    cm_http_options options;
    uint64_t random; /* state of the jitter */
};

cm_status cm_http_client_new(cm_http_client **out,
                             const cm_http_options *options, cm_error *err)
{
    *out = NULL;
    cm_http_client *client = cm_alloc_zero(1, sizeof *client, err);
    if (client == NULL) {
        return CM_ERR_NOMEM;
    }
    client->options = *options;
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    client->random =
        cm_mix64((uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)client);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(client);
        return cm_fail(err, CM_ERR_UNSUPPORTED, "libcurl cannot be started");
    }
    client->easy = curl_easy_init();
    if (client->easy == NULL) {
        cm_http_client_free(client);
        return cm_fail(err, CM_ERR_NOMEM, "no memory for an HTTP client");
    }
    *out = client;
    return CM_OK;
}

void cm_http_client_free(cm_http_client *client)
{
    if (client != NULL) {
        curl_easy_cleanup(client->easy);
        curl_global_cleanup();
        free(client);
    }
}

void cm_http_reply_release(cm_http_reply *reply)
{
    cm_buf_release(&reply->headers);
    cm_buf_release(&reply->body);
}

cm_str cm_http_reply_header(const cm_http_reply *reply, const char *name)
{
    size_t length = strlen(name);
    const char *at = reply->headers.p;
    const char *end = at == NULL ? NULL : at + reply->headers.n;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        size_t n = (size_t)(line_end - at);
        if (n > length && at[length] == ':' &&
            strncasecmp(at, name, length) == 0) {
            cm_str value = {at + length + 1, n - length - 1};
            value.n -= value.n > 0 && value.p[value.n - 1] == '\r';
            return cm_str_trim(value);
        }
        at = line_end < end ? line_end + 1 : end;
    }
    return (cm_str){"", 0};
}

/* ---- whether and when to try again -------------------------------------- */

static bool is_passing(long status)
{
    return status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

static bool is_unreachable(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR;
}

/* Errors that another attempt will not change. */
static bool is_lasting(CURLcode code)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_ABORTED_BY_CALLBACK:
        return true;
    default:
        return false;
    }
}

static bool worth_retrying(const net_attempt *attempt,
                           const cm_http_reply *reply, unsigned retries)
{
    if (attempt->refused != CM_OK || attempt->no_memory) {
        return false;
    }
    if (attempt->code == CURLE_OK) {
        return is_passing(reply->status);
    }
    if (is_unreachable(attempt->code)) {
        return reply->attempts <= RETRIES_UNREACHABLE &&
               reply->attempts <= retries;
    }
    return !is_lasting(attempt->code);
}

/* In [0, 1). */
static double next_random(cm_http_client *client)
{
    client->random += 0x9e3779b97f4a7c15u;
    return (double)(cm_mix64(client->random) >> 11) * 0x1p-53;
}

/* "Full jitter": anything up to the doubled time, so that clients which failed
 * together do not come back together. */
static double wait_time(cm_http_client *client, const cm_http_reply *reply)
{
    const cm_http_options *options = &client->options;
    double most = options->backoff;
    for (unsigned i = 1; i < reply->attempts; i++) {
        most *= most < options->longest_backoff ? 2 : 1;
    }
    most = most < options->longest_backoff ? most : options->longest_backoff;
    double wait = most * next_random(client);
    uint64_t asked = 0;
    if (cm_parse_u64(cm_http_reply_header(reply, "Retry-After"), &asked)) {
        double least = (double)asked < LONGEST_RETRY_AFTER
                           ? (double)asked
                           : LONGEST_RETRY_AFTER;
        wait += least;
    }
    return wait;
}

/* Seconds until the deadline; a lot when there is none. */
static double time_left(const cm_http_client *client)
{
    double deadline = client->options.deadline;
    return deadline > 0 ? deadline - cm_seconds() : HUGE_VAL;
}

static void wait_for(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static bool is_stopped(const cm_http_options *options)
{
    return options->stop != NULL && atomic_load(options->stop);
}

/* In pieces, to notice that it is to stop. */
static void wait_unless_stopped(const cm_http_options *options, double seconds)
{
    const double piece = .1;
    while (options->stop != NULL && seconds > piece && !is_stopped(options)) {
        wait_for(piece);
        seconds -= piece;
    }
    if (!is_stopped(options)) {
        wait_for(seconds);
    }
}

/* ---- a request ---------------------------------------------------------- */

/* Without the query, and without a name and password before the host. */
static cm_str shown_url(const char *url)
{
    cm_str shown = cm_str_of(url);
    const char *query = strchr(url, '?');
    shown.n = query == NULL ? shown.n : (size_t)(query - url);
    const char *host = strstr(url, "://");
    const char *at = host == NULL ? NULL : strchr(host, '@');
    const char *slash = host == NULL ? NULL : strchr(host + 3, '/');
    if (at != NULL && at < shown.p + shown.n && (slash == NULL || at < slash)) {
        shown.n -= (size_t)(at + 1 - shown.p);
        shown.p = at + 1;
    }
    return shown;
}

static const char *advice(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "; check the host's name and the network";
    case CURLE_COULDNT_CONNECT:
        return "; check the endpoint's host and port, and that the server runs";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return "; name the file of its certificate authority";
    case CURLE_SSL_CONNECT_ERROR:
        return "; check that the endpoint speaks https, else write http://";
    default:
        return "";
    }
}

static bool is_about_ca(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CACERT_BADFILE;
}

static cm_status no_answer(const cm_http_client *client,
                           const cm_http_call *call, const net_attempt *attempt,
                           const cm_http_reply *reply, cm_error *err)
{
    cm_str url = shown_url(call->url);
    if (attempt->refused != CM_OK) {
        return attempt->refused;
    }
    if (attempt->no_memory) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s %.*s: the answer is too large to be one",
                       call->method, CM_STR_ARG(url));
    }
    const char *text = attempt->text[0] != '\0'
                           ? attempt->text
                           : curl_easy_strerror(attempt->code);
    const char *setting =
        is_about_ca(attempt->code) ? client->options.ca_setting : NULL;
    return cm_fail(err, CM_ERR_IO, "%s %.*s: %s (%u attempt%s)%s%s%s",
                   call->method, CM_STR_ARG(url), text, reply->attempts,
                   reply->attempts == 1 ? "" : "s", advice(attempt->code),
                   setting != NULL ? ": " : "", setting != NULL ? setting : "");
}

static cm_status too_late(const cm_http_call *call, cm_error *err)
{
    cm_str url = shown_url(call->url);
    return cm_fail(err, CM_ERR_IO, "%s %.*s: the time for it is over",
                   call->method, CM_STR_ARG(url));
}

cm_status cm_http_run(cm_http_client *client, cm_http_call *call,
                      cm_http_reply *reply, cm_error *err)
{
    net_attempt attempt;
    reply->attempts = 0;
    reply->status = 0;
    for (;;) {
        cm_status status = call->prepare == NULL
                               ? CM_OK
                               : call->prepare(call->context, call, err);
        if (status != CM_OK || call->needless) {
            return status;
        }
        double left = time_left(client);
        if (left <= 0) {
            return too_late(call, err);
        }
        reply->attempts++;
        net_attempt_run(&attempt, client->easy, &client->options, left, call,
                        reply, err);
        double wait = wait_time(client, reply);
        if (reply->attempts > client->options.retries ||
            is_stopped(&client->options) ||
            !worth_retrying(&attempt, reply, client->options.retries) ||
            wait >= time_left(client)) {
            break;
        }
        wait_unless_stopped(&client->options, wait);
    }
    if (attempt.code != CURLE_OK && is_stopped(&client->options)) {
        cm_str url = shown_url(call->url);
        return cm_fail(err, CM_ERR_INTERRUPTED, "%s %.*s: stopped",
                       call->method, CM_STR_ARG(url));
    }
    return attempt.code == CURLE_OK
               ? CM_OK
               : no_answer(client, call, &attempt, reply, err);
}
