/* What is in a bucket: one object, or all under a prefix. */
#include <string.h>

#include "base/num.h"
#include "storage/s3.h"
#include "storage/s3_xml.h"

enum { MAX_PAGE = 16 << 20, LONGEST_SIZE = 20 };

cm_status s3_demand_bucket(cm_storage_session *session, cm_error *err)
{
    s3_place *place = session->storage->place;
    if (atomic_load(&place->bucket_is_there)) {
        return CM_OK;
    }
    s3_call call = {.method = "GET", .query = "list-type=2&max-keys=1"};
    cm_status status = s3_run(session, &call, err);
    if (status == CM_OK && !s3_is_success(&call) &&
        !s3_has_code(&call, "AccessDenied")) {
        status = s3_fail(session, &call, err);
    }
    atomic_store(&place->bucket_is_there, status == CM_OK);
    s3_call_release(&call);
    return status;
}

cm_status s3_stat(cm_storage_session *session, const char *key, cm_stored *out,
                  cm_error *err)
{
    *out = (cm_stored){0};
    s3_call call = {.method = "HEAD", .key = key};
    cm_status status = s3_run(session, &call, err);
    if (status != CM_OK) {
        goto done;
    }
    if (call.reply.status == 404) {
        status = s3_demand_bucket(session, err);
    } else if (!s3_is_success(&call)) {
        status = s3_fail(session, &call, err);
    } else if (!cm_parse_u64(
                   cm_http_reply_header(&call.reply, "Content-Length"),
                   &out->size)) {
        status = cm_fail(err, CM_ERR_PARSE,
                         "%s: the server does not say how large %s is",
                         cm_storage_name(session->storage), key);
    } else {
        out->exists = true;
        s3_etag(&call, out->etag);
        out->etag_is_md5 = s3_is_md5(out->etag) && !s3_hides_md5(&call);
    }
done:
    s3_call_release(&call);
    return status;
}

/* ---- listing ------------------------------------------------------------ */

typedef struct listing {
    cm_storage_session *session;
    const char *prefix;
    cm_storage_seen seen;
    void *context;
    cm_buf token; /* of the next page; empty: there is none */
} listing;

static void make_query(const listing *l, cm_buf *query)
{
    const s3_place *place = l->session->storage->place;
    if (l->token.n > 0) {
        cm_buf_adds(query, "continuation-token=");
        cm_url_encode(query, (cm_str){l->token.p, l->token.n}, false);
        cm_buf_addc(query, '&');
    }
    cm_buf_adds(query, "list-type=2&prefix=");
    cm_url_encode(query, cm_str_of(place->prefix), false);
    cm_url_encode(query, cm_str_of(l->prefix), false);
}

static cm_status bad_listing(const listing *l, cm_error *err)
{
    return cm_fail(err, CM_ERR_PARSE,
                   "%s: the answer to a listing of %s is none; check that "
                   "endpointurl is an S3 server",
                   cm_storage_name(l->session->storage), l->prefix);
}

/* One that is too long for any server is none. */
static void take_etag(cm_stored *about, cm_str text)
{
    cm_str etag = cm_str_strip(text, "\"");
    if (etag.n < sizeof about->etag) {
        memcpy(about->etag, etag.p, etag.n);
        about->etag[etag.n] = '\0';
        about->etag_is_md5 = s3_is_md5(about->etag);
    }
}

/* One <Contents>. */
static cm_status take_object(const listing *l, s3_xml *xml, cm_error *err)
{
    const s3_place *place = l->session->storage->place;
    size_t skip = strlen(place->prefix);
    cm_buf key = {0}, text = {0};
    cm_str name;
    cm_stored about = {.exists = true};
    bool has_size = false;
    while (s3_xml_field(xml, "Contents", &name, &text)) {
        if (cm_str_is(name, "Key")) {
            cm_buf_clear(&key);
            cm_buf_add(&key, text.p, text.n);
        } else if (cm_str_is(name, "Size")) {
            has_size = cm_parse_u64((cm_str){text.p, text.n}, &about.size);
        } else if (cm_str_is(name, "ETag")) {
            take_etag(&about, (cm_str){text.p, text.n});
        }
    }
    bool good = has_size && key.n >= skip && !key.failed && !text.failed &&
                memcmp(key.p, place->prefix, skip) == 0;
    /* A key that ends with '/' is a folder that some program drew. */
    bool is_object = good && key.n > skip && key.p[key.n - 1] != '/';
    cm_status status = is_object
                           ? l->seen(l->context, key.p + skip, &about, err)
                       : good ? CM_OK
                              : bad_listing(l, err);
    cm_buf_release(&key);
    cm_buf_release(&text);
    return status;
}

static cm_status take_page(listing *l, cm_str page, cm_error *err)
{
    cm_buf text = {0};
    s3_xml xml;
    s3_xml_init(&xml, page);
    cm_status status =
        s3_xml_item(&xml, "ListBucketResult") ? CM_OK : bad_listing(l, err);
    while (status == CM_OK && s3_xml_item(&xml, "Contents")) {
        status = take_object(l, &xml, err);
    }
    s3_xml_release(&xml);
    cm_buf_clear(&l->token);
    if (status == CM_OK && s3_xml_find(page, "IsTruncated", &text) &&
        cm_str_is((cm_str){text.p, text.n}, "true") &&
        !(s3_xml_find(page, "NextContinuationToken", &l->token) &&
          l->token.n > 0)) {
        status = bad_listing(l, err);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status next_page(listing *l, cm_error *err)
{
    cm_buf query = {0};
    make_query(l, &query);
    cm_status status = cm_buf_check(&query, err);
    s3_call call = {.method = "GET", .query = query.p, .max_reply = MAX_PAGE};
    if (status == CM_OK) {
        status = s3_demand(l->session, &call, err);
    }
    if (status == CM_OK) {
        const cm_buf *body = &call.reply.body;
        status = take_page(l, (cm_str){body->p, body->n}, err);
    }
    s3_call_release(&call);
    cm_buf_release(&query);
    return status;
}

cm_status s3_list(cm_storage_session *session, const char *prefix,
                  cm_storage_seen seen, void *context, cm_error *err)
{
    listing l = {session, prefix, seen, context, {0}};
    cm_status status = CM_OK;
    do {
        status = next_page(&l, err);
    } while (status == CM_OK && l.token.n > 0);
    cm_buf_release(&l.token);
    return status;
}
