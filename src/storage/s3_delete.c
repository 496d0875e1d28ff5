/* Up to a thousand objects removed by one request.  Gone is what the answer
 * says is gone, by name. */
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "storage/s3.h"
#include "storage/s3_xml.h"

enum { MAX_ANSWER = 16 << 20 };

typedef struct deleting {
    const s3_place *place;
    cm_removal **sorted; /* (n) by key */
    size_t n;
} deleting;

static int by_key(const void *a, const void *b)
{
    return strcmp((*(cm_removal *const *)a)->key,
                  (*(cm_removal *const *)b)->key);
}

static int compare_key(const void *key, const void *item)
{
    return strcmp(key, (*(cm_removal *const *)item)->key);
}

/* The removal of a key of the bucket; NULL: none was asked for. */
static cm_removal *find(const deleting *d, const cm_buf *key)
{
    size_t n = strlen(d->place->prefix);
    if (key->n < n || memcmp(key->p, d->place->prefix, n) != 0) {
        return NULL;
    }
    cm_removal **found =
        bsearch(key->p + n, d->sorted, d->n, sizeof(cm_removal *), compare_key);
    return found != NULL ? *found : NULL;
}

static void make_list(const deleting *d, cm_buf *out)
{
    cm_buf_adds(out, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/"
                     "\">");
    for (size_t i = 0; i < d->n; i++) {
        cm_buf_adds(out, "<Object><Key>");
        s3_xml_escape(out, cm_str_of(d->place->prefix));
        s3_xml_escape(out, cm_str_of(d->sorted[i]->key));
        cm_buf_adds(out, "</Key></Object>");
    }
    cm_buf_adds(out, "</Delete>");
}

/* ---- the answer ---------------------------------------------------------- */

typedef struct verdict {
    cm_buf key, code, message;
} verdict;

static void read_verdict(verdict *v, s3_xml *xml, const char *item)
{
    cm_str name;
    cm_buf text = {0};
    cm_buf_clear(&v->key);
    cm_buf_clear(&v->code);
    cm_buf_clear(&v->message);
    while (s3_xml_field(xml, item, &name, &text)) {
        cm_buf *to = cm_str_is(name, "Key")       ? &v->key
                     : cm_str_is(name, "Code")    ? &v->code
                     : cm_str_is(name, "Message") ? &v->message
                                                  : NULL;
        if (to != NULL) {
            cm_buf_clear(to);
            cm_buf_add(to, text.p, text.n);
        }
    }
    cm_buf_release(&text);
    cm_buf_addc(&v->key, '\0');
    v->key.n -= v->key.n > 0;
}

static void take_verdict(const verdict *v, cm_removal *removal, bool gone)
{
    cm_str code = {v->code.p, v->code.n};
    removal->gone = gone || cm_str_is(code, "NoSuchKey");
    if (!removal->gone) {
        cm_buf why = {0};
        cm_buf_addf(&why, "%.*s: %.*s", CM_STR_ARG(code), (int)v->message.n,
                    v->message.n > 0 ? v->message.p : "");
        free(removal->why);
        removal->why = why.failed ? NULL : why.p;
    }
}

static void take_answer(const deleting *d, cm_str answer, const char *item,
                        bool gone)
{
    s3_xml xml;
    verdict v = {0};
    s3_xml_init(&xml, answer);
    while (s3_xml_item(&xml, item)) {
        read_verdict(&v, &xml, item);
        cm_removal *removal = v.key.failed ? NULL : find(d, &v.key);
        if (removal != NULL) {
            take_verdict(&v, removal, gone);
        }
    }
    s3_xml_release(&xml);
    cm_buf_release(&v.key);
    cm_buf_release(&v.code);
    cm_buf_release(&v.message);
}

/* ---- the request --------------------------------------------------------- */

/* Servers that do not have this call. */
static bool is_unknown(const s3_call *call)
{
    return call->reply.status == 405 || call->reply.status == 501 ||
           s3_has_code(call, "NotImplemented") ||
           s3_has_code(call, "MethodNotAllowed");
}

static cm_status request(cm_storage_session *session, const deleting *d,
                         cm_error *err)
{
    char md5[CM_MD5_HEX], content_md5[S3_CONTENT_MD5];
    cm_buf list = {0};
    make_list(d, &list);
    cm_status status = cm_buf_check(&list, err);
    if (status != CM_OK) {
        cm_buf_release(&list);
        return status;
    }
    cm_md5(md5, list.p, list.n);
    s3_content_md5(content_md5, md5);
    s3_call call = {.method = "POST",
                    .query = "delete=",
                    .body = {list.p, list.n},
                    .extra = {{"Content-Type", "application/xml"},
                              {"Content-MD5", content_md5}},
                    .n_extra = 2,
                    .max_reply = MAX_ANSWER};
    status = s3_run(session, &call, err);
    if (status == CM_OK && is_unknown(&call)) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s: the server removes one object at a time",
                         cm_storage_name(session->storage));
    } else if (status == CM_OK && !s3_is_success(&call)) {
        status = s3_fail(session, &call, err);
    } else if (status == CM_OK) {
        cm_str answer = {call.reply.body.p, call.reply.body.n};
        take_answer(d, answer, "Deleted", true);
        take_answer(d, answer, "Error", false);
    }
    s3_call_release(&call);
    cm_buf_release(&list);
    return status;
}

cm_status s3_remove_many(cm_storage_session *session, cm_removal *removals,
                         size_t n, cm_error *err)
{
    deleting d = {.place = session->storage->place, .n = n};
    d.sorted = cm_alloc(n, sizeof(cm_removal *), err);
    if (d.sorted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        d.sorted[i] = &removals[i];
    }
    qsort(d.sorted, n, sizeof(cm_removal *), by_key);
    cm_status status = request(session, &d, err);
    free(d.sorted);
    return status;
}
