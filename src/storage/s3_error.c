/* What S3 refused, and what to do about it.  Never a secret: of the server's
 * answer only code and message are shown, of the key only where it is from. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "storage/s3.h"
#include "storage/s3_xml.h"

enum { LONGEST_MESSAGE = 200, CLOCK_TEXT = 24 };

typedef struct refusal {
    const s3_place *place;
    const s3_call *call;
    cm_buf code, message;
} refusal;

/* ---- remedies ----------------------------------------------------------- */

static void of_secret(const refusal *r, cm_buf *out)
{
    cm_buf_addf(out,
                "the secret access key does not belong to the access key id; "
                "both are from %s",
                r->place->access.origin);
}

static void of_key(const refusal *r, cm_buf *out)
{
    cm_buf_addf(out,
                "this endpoint does not know the access key id, which is from "
                "%s; check it, and that endpointurl is the account's",
                r->place->access.origin);
}

static void of_token(const refusal *r, cm_buf *out)
{
    cm_buf_addf(out, "get a new session token; the one used is from %s",
                r->place->access.origin);
}

static void of_bucket(const refusal *r, cm_buf *out)
{
    cm_buf_addf(out,
                "there is no bucket %s at %s; create it, or correct the "
                "remote's url or endpointurl",
                r->place->bucket, r->place->endpoint);
}

static void of_access(const refusal *r, cm_buf *out)
{
    if (r->place->access.access_key_id == NULL) {
        cm_buf_adds(out, "the request was anonymous; give the remote keys, or "
                         "the bucket a rule that lets everybody in");
    } else {
        cm_buf_addf(out,
                    "the key from %s may not do this; give its owner the "
                    "right, or use another key",
                    r->place->access.origin);
    }
}

static void of_region(const refusal *r, cm_buf *out)
{
    cm_buf region = {0};
    cm_str header =
        cm_http_reply_header(&r->call->reply, "x-amz-bucket-region");
    const cm_buf *body = &r->call->reply.body;
    cm_buf_add(&region, header.p, header.n);
    if (region.n == 0) {
        (void)s3_xml_find((cm_str){body->p, body->n}, "Region", &region);
    }
    cm_buf_addf(out, "signed for region %s at %s", r->place->access.region,
                r->place->endpoint);
    if (region.n > 0 && !region.failed) {
        cm_buf_addf(out, ", the server wants %s", region.p);
    }
    cm_buf_adds(out, "; set the remote's region and endpointurl to the "
                     "bucket's");
    cm_buf_release(&region);
}

static void of_clock(const refusal *r, cm_buf *out)
{
    char ours[CLOCK_TEXT] = "?";
    struct tm now;
    time_t seconds = time(NULL) + r->place->clock_ahead;
    cm_str theirs = cm_http_reply_header(&r->call->reply, "Date");
    if (gmtime_r(&seconds, &now) != NULL) {
        (void)strftime(ours, sizeof ours, "%Y-%m-%d %H:%M:%S", &now);
    }
    cm_buf_addf(out,
                "the clock here says %s UTC, the server's %.*s; set the one "
                "that is wrong (15 minutes apart are allowed)",
                ours, CM_STR_ARG(theirs));
}

static void of_load(const refusal *r, cm_buf *out)
{
    cm_buf_addf(out,
                "the server was busy for %u attempts; try again later, or "
                "with fewer jobs",
                r->call->reply.attempts);
}

static void of_object(const refusal *r, cm_buf *out)
{
    (void)r;
    cm_buf_adds(out, "the remote does not have this object; push it from "
                     "where it is");
}

static void of_digest(const refusal *r, cm_buf *out)
{
    (void)r;
    cm_buf_adds(out, "what arrived is not what was to be sent; check the "
                     "file, then try again");
}

static void of_upload(const refusal *r, cm_buf *out)
{
    (void)r;
    cm_buf_adds(out, "the upload was ended by somebody else or by a rule of "
                     "the bucket; try again");
}

static const struct {
    const char *code;
    void (*remedy)(const refusal *r, cm_buf *out);
} remedies[] = {{"SignatureDoesNotMatch", of_secret},
                {"InvalidAccessKeyId", of_key},
                {"InvalidToken", of_token},
                {"ExpiredToken", of_token},
                {"NoSuchBucket", of_bucket},
                {"InvalidBucketName", of_bucket},
                {"NoSuchKey", of_object},
                {"AccessDenied", of_access},
                {"AllAccessDisabled", of_access},
                {"AuthorizationHeaderMalformed", of_region},
                {"PermanentRedirect", of_region},
                {"TemporaryRedirect", of_region},
                {"IllegalLocationConstraintException", of_region},
                {"RequestTimeTooSkewed", of_clock},
                {"SlowDown", of_load},
                {"ServiceUnavailable", of_load},
                {"InternalError", of_load},
                {"BadDigest", of_digest},
                {"InvalidDigest", of_digest},
                {"NoSuchUpload", of_upload}};

/* ---- the message -------------------------------------------------------- */

/* What a status means where the answer has no XML. */
static const char *code_of_status(const s3_call *call)
{
    switch (call->reply.status) {
    case 301:
    case 307:
        return "PermanentRedirect";
    case 401:
    case 403:
        return "AccessDenied";
    case 404:
        return call->key == NULL ? "NoSuchBucket" : "NoSuchKey";
    case 429:
    case 503:
        return "SlowDown";
    case 500:
    case 502:
    case 504:
        return "InternalError";
    default:
        return "";
    }
}

static void read_answer(refusal *r)
{
    const cm_buf *body = &r->call->reply.body;
    cm_str document = {body->p, body->n};
    if (!s3_xml_find(document, "Code", &r->code) || r->code.n == 0) {
        cm_buf_clear(&r->code);
        cm_buf_adds(&r->code, code_of_status(r->call));
    } else {
        (void)s3_xml_find(document, "Message", &r->message);
    }
    if (r->message.n > LONGEST_MESSAGE) {
        r->message.n = LONGEST_MESSAGE;
    }
}

static void add_remedy(const refusal *r, cm_buf *out)
{
    cm_str code = {r->code.p, r->code.n};
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        if (cm_str_is(code, remedies[i].code)) {
            cm_buf_adds(out, ": ");
            remedies[i].remedy(r, out);
            return;
        }
    }
    cm_buf_addf(out, ": the endpoint is %s", r->place->endpoint);
}

static cm_status status_of(const s3_call *call)
{
    switch (call->reply.status) {
    case 404:
    case 400:
        return CM_ERR_DATA;
    default:
        return CM_ERR_IO;
    }
}

static cm_status fail_with(const refusal *r, cm_error *err)
{
    cm_buf text = {0};
    const s3_call *call = r->call;
    cm_buf_addf(&text, "s3://%s/%s%s: ", r->place->bucket,
                call->key == NULL ? "" : r->place->prefix,
                call->key == NULL ? "" : call->key);
    cm_buf_addf(&text, "%.*s (HTTP %ld", (int)r->code.n,
                r->code.p == NULL ? "" : r->code.p, call->reply.status);
    if (r->message.n > 0) {
        cm_buf_addf(&text, ", \"%.*s\"", (int)r->message.n, r->message.p);
    }
    cm_buf_adds(&text, ")");
    add_remedy(r, &text);
    cm_status status = text.failed
                           ? cm_buf_check(&text, err)
                           : cm_fail(err, status_of(call), "%s", text.p);
    cm_buf_release(&text);
    return status;
}

static cm_status explain(const s3_place *place, const s3_call *call,
                         cm_error *err)
{
    refusal r = {.place = place, .call = call};
    read_answer(&r);
    cm_status status = fail_with(&r, err);
    cm_buf_release(&r.code);
    cm_buf_release(&r.message);
    return status;
}

/* The answer to HEAD has no body: a GET that is refused for the same reason
 * says which. */
cm_status s3_fail(cm_storage_session *session, const s3_call *call,
                  cm_error *err)
{
    const s3_place *place = session->storage->place;
    if (strcmp(call->method, "HEAD") != 0) {
        return explain(place, call, err);
    }
    s3_call ask = {.method = "GET", .query = "list-type=2&max-keys=1"};
    cm_error ignored;
    cm_status status = s3_run(session, &ask, &ignored);
    bool says_more = status == CM_OK && !s3_is_success(&ask);
    ask.key = call->key;
    status = explain(place, says_more ? &ask : call, err);
    s3_call_release(&ask);
    return status;
}
