/* POST /admin/reload: whoever has the token may have the model looked at anew.
 * The request is answered when the bundle has been verified: 200 says what
 * speaks now, 409 why what was found does not.
 *
 * A browser's page cannot send this request from elsewhere without asking
 * first, as the header with the token is none of the simple ones. */
#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/json.h"
#include "serving/server_thread.h"

/* The token of an Authorization header; NULL: none. */
static const char *bearer_token(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    size_t n = sizeof scheme - 1;
    if (authorization == NULL || strncasecmp(authorization, scheme, n) != 0) {
        return NULL;
    }
    return authorization + n + strspn(authorization + n, " ");
}

/* Digests are compared, so that neither the time nor the length tells how much
 * of a guess was right. */
static bool is_token(const char *given, const char *wanted)
{
    char digests[2][CM_SHA256_HEX];
    return cm_sha256(digests[0], given, strlen(given), NULL) == CM_OK &&
           cm_sha256(digests[1], wanted, strlen(wanted), NULL) == CM_OK &&
           CRYPTO_memcmp(digests[0], digests[1], CM_SHA256_HEX) == 0;
}

/* False: reply says why not. */
static bool is_allowed(const cm_serve_options *options,
                       const http_request *request, http_reply *reply)
{
    const char *wanted = options->admin_token;
    if (wanted == NULL || wanted[0] == '\0') {
        http_reply_detail(reply, 404, "Not Found");
        return false;
    }
    if (!request->from_loopback && !options->admin_remote) {
        http_reply_detail(reply, 403,
                          "reloading is offered to this machine only");
        return false;
    }
    const char *given = bearer_token(http_header(request, "Authorization"));
    if (given != NULL && is_token(given, wanted)) {
        return true;
    }
    http_reply_header(reply, "WWW-Authenticate",
                      given == NULL ? "Bearer"
                                    : "Bearer error=\"invalid_token\"");
    http_reply_detail(reply, 401, "%s",
                      given == NULL ? "Not authenticated" : "Invalid token");
    return false;
}

static void put_version(cm_json_writer *w, const char *key, const char *version)
{
    if (version[0] == '\0') {
        cm_json_put_null(w, key);
    } else {
        cm_json_put_text(w, key, version);
    }
}

typedef struct reload_work {
    live_model *live;
    live_reload told;
    cm_status status;
    cm_error err;
} reload_work;

/* Hashing and testing a large bundle takes a while. */
static void do_reload(void *context)
{
    reload_work *work = context;
    work->status = live_model_exchange(work->live, &work->told, &work->err);
}

static void answer(const reload_work *work, http_reply *reply)
{
    if (work->status != CM_OK) {
        http_reply_detail(reply, 409, "%s", work->err.message);
        return;
    }
    bool loaded = work->told.result == CM_RELOAD_LOADED;
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    put_version(&w, "version", work->told.version);
    put_version(&w, "previous", work->told.previous);
    cm_json_put_text(&w, "result", loaded ? "loaded" : "unchanged");
    cm_json_end_object(&w);
}

void route_reload(server_thread *thread, const http_request *request,
                  http_reply *reply)
{
    if (request->aside != NULL) {
        answer(request->aside, reply);
        return;
    }
    if (!is_allowed(thread->server->options, request, reply)) {
        return;
    }
    reload_work *work = cm_alloc_zero(1, sizeof *work, NULL);
    if (work == NULL) {
        http_reply_detail(reply, 503, "out of memory");
        return;
    }
    work->live = thread->server->live;
    http_run_aside(request, reply, do_reload, work);
}
