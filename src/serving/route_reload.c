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

void route_reload(server_thread *thread, const http_request *request,
                  http_reply *reply)
{
    live_reload told;
    cm_error err = {0};
    if (!is_allowed(thread->server->options, request, reply)) {
        return;
    }
    if (live_model_exchange(thread->server->live, &told, &err) != CM_OK) {
        http_reply_detail(reply, 409, "%s", err.message);
        return;
    }
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    put_version(&w, "version", told.version);
    put_version(&w, "previous", told.previous);
    cm_json_put_text(&w, "result",
                     told.result == CM_RELOAD_LOADED ? "loaded" : "unchanged");
    cm_json_end_object(&w);
}
