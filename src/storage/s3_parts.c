/* A large file in parts, several at once, and where an earlier try stopped.
 *
 * What an earlier try has sent is asked of the server, not remembered here:
 * the open upload of the same key, and its parts.  A part counts when its
 * number, its size and its ETag are those of this file's part, so an upload of
 * other content or other part sizes cannot be gone on with by mistake.
 *
 * Task 0 hashes the whole file while the parts go: the upload is completed only
 * when that is what it should be. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "base/num.h"
#include "base/thread.h"
#include "storage/file_md5.h"
#include "storage/s3.h"
#include "storage/s3_xml.h"

enum {
    PART = 16 << 20,
    MOST_PARTS = 10000, /* of S3 */
    MAX_XML = 4 << 20,
    LISTED_AT_ONCE = 1000
};

typedef struct part {
    char md5[CM_MD5_HEX];
    uint64_t size;
    /* What the server has of an earlier try; "" : nothing. */
    char there_etag[S3_ETAG];
    uint64_t there_size;
    char etag[S3_ETAG]; /* as it is there now */
} part;

typedef struct upload {
    cm_storage *storage;
    const s3_file *file;
    char *id;       /* as the server named it */
    cm_buf encoded; /* the same in a query */
    bool is_old;
    part *parts; /* (n_parts) */
    size_t n_parts;
    uint64_t part_size;
    char md5[CM_MD5_HEX];          /* of the whole file */
    cm_storage_session **sessions; /* (n_sessions), one a thread */
    cm_error *errors;              /* (n_sessions) */
    int n_sessions;
} upload;

/* ---- talking about the upload
 * ------------------------------------------------ */

static cm_str body_of(const s3_call *call)
{
    return (cm_str){call->reply.body.p, call->reply.body.n};
}

static cm_status set_id(upload *u, cm_str id, cm_error *err)
{
    u->id = cm_alloc(id.n + 1, 1, err);
    if (u->id == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(u->id, id.p, id.n);
    u->id[id.n] = '\0';
    cm_url_encode(&u->encoded, id, false);
    return cm_buf_check(&u->encoded, err);
}

static cm_status begin(upload *u, cm_storage_session *session, cm_error *err)
{
    cm_buf id = {0};
    s3_call call = {
        .method = "POST", .key = u->file->move->key, .query = "uploads="};
    cm_status status = s3_demand(session, &call, err);
    if (status == CM_OK &&
        !(s3_xml_find(body_of(&call), "UploadId", &id) && id.n > 0)) {
        status = cm_fail(err, CM_ERR_PARSE,
                         "%s: the server began no upload of %s in parts",
                         cm_storage_name(u->storage), u->file->move->key);
    }
    if (status == CM_OK) {
        status = set_id(u, (cm_str){id.p, id.n}, err);
    }
    cm_buf_release(&id);
    s3_call_release(&call);
    return status;
}

/* The newest open upload of our key in the answer to a listing. */
static cm_status take_upload(upload *u, const char *full_key, cm_str answer,
                             cm_error *err)
{
    cm_buf text = {0}, id = {0}, last = {0};
    cm_str name;
    s3_xml xml;
    s3_xml_init(&xml, answer);
    while (s3_xml_item(&xml, "Upload")) {
        bool same = false;
        cm_buf_clear(&id);
        while (s3_xml_field(&xml, "Upload", &name, &text)) {
            cm_str value = {text.p, text.n};
            same =
                same || (cm_str_is(name, "Key") && cm_str_is(value, full_key));
            if (cm_str_is(name, "UploadId")) {
                cm_buf_add(&id, text.p, text.n);
            }
        }
        if (same && id.n > 0) {
            cm_buf_clear(&last);
            cm_buf_add(&last, id.p, id.n);
        }
    }
    s3_xml_release(&xml);
    u->is_old = last.n > 0 && !last.failed;
    cm_status status =
        u->is_old ? set_id(u, (cm_str){last.p, last.n}, err) : CM_OK;
    cm_buf_release(&text);
    cm_buf_release(&id);
    cm_buf_release(&last);
    return status;
}

/* A server that cannot list uploads only costs that nothing is gone on with. */
static cm_status find_old(upload *u, cm_storage_session *session, cm_error *err)
{
    const s3_place *place = u->storage->place;
    cm_buf key = {0}, query = {0};
    cm_buf_addf(&key, "%s%s", place->prefix, u->file->move->key);
    cm_buf_adds(&query, "prefix=");
    cm_url_encode(&query, (cm_str){key.p, key.n}, false);
    cm_buf_adds(&query, "&uploads=");
    cm_status status = cm_buf_check(&query, err);
    s3_call call = {.method = "GET", .query = query.p, .max_reply = MAX_XML};
    if (status == CM_OK && !key.failed) {
        status = s3_run(session, &call, err);
    }
    if (status == CM_OK && s3_is_success(&call)) {
        status = take_upload(u, key.p, body_of(&call), err);
    }
    s3_call_release(&call);
    cm_buf_release(&key);
    cm_buf_release(&query);
    return status;
}

static void take_part(upload *u, s3_xml *xml, uint64_t *last)
{
    cm_buf text = {0};
    cm_str name;
    uint64_t number = 0, size = 0;
    char etag[S3_ETAG] = "";
    while (s3_xml_field(xml, "Part", &name, &text)) {
        cm_str value = {text.p, text.n};
        if (cm_str_is(name, "PartNumber")) {
            (void)!cm_parse_u64(value, &number);
        } else if (cm_str_is(name, "Size")) {
            (void)!cm_parse_u64(value, &size);
        } else if (cm_str_is(name, "ETag") && value.n > 2 &&
                   value.n < S3_ETAG) {
            bool quoted = value.p[0] == '"';
            memcpy(etag, value.p + quoted, value.n - 2 * quoted);
            etag[value.n - 2 * quoted] = '\0';
        }
    }
    *last = number;
    if (number >= 1 && number <= u->n_parts) {
        part *p = &u->parts[number - 1];
        p->there_size = size;
        memcpy(p->there_etag, etag, sizeof etag);
    }
    cm_buf_release(&text);
}

/* Asks for the parts after *last; they come in order of their numbers. */
static cm_status list_parts(upload *u, cm_storage_session *session,
                            uint64_t *last, bool *more, cm_error *err)
{
    cm_buf query = {0};
    uint64_t before = *last;
    cm_buf_addf(&query,
                "max-parts=%d&part-number-marker=%" PRIu64 "&uploadId=%s",
                LISTED_AT_ONCE, *last, u->encoded.p);
    cm_status status = cm_buf_check(&query, err);
    s3_call call = {.method = "GET",
                    .key = u->file->move->key,
                    .query = query.p,
                    .max_reply = MAX_XML};
    *more = false;
    if (status == CM_OK) {
        status = s3_run(session, &call, err);
    }
    if (status == CM_OK && s3_is_success(&call)) {
        cm_buf truncated = {0};
        s3_xml xml;
        s3_xml_init(&xml, body_of(&call));
        while (s3_xml_item(&xml, "Part")) {
            take_part(u, &xml, last);
        }
        s3_xml_release(&xml);
        *more = s3_xml_find(body_of(&call), "IsTruncated", &truncated) &&
                cm_str_is((cm_str){truncated.p, truncated.n}, "true") &&
                *last > before;
        cm_buf_release(&truncated);
    }
    s3_call_release(&call);
    cm_buf_release(&query);
    return status;
}

/* The upload to go on with, or a new one. */
static cm_status find_or_begin(upload *u, cm_storage_session *session,
                               cm_error *err)
{
    cm_status status = find_old(u, session, err);
    if (status != CM_OK) {
        return status;
    }
    if (!u->is_old) {
        return begin(u, session, err);
    }
    uint64_t last = 0;
    bool more = true;
    while (more && status == CM_OK) {
        status = list_parts(u, session, &last, &more, err);
    }
    return status;
}

static void abort_upload(upload *u, cm_storage_session *session)
{
    cm_buf query = {0};
    cm_error ignored;
    cm_buf_addf(&query, "uploadId=%s", u->encoded.p);
    s3_call call = {
        .method = "DELETE", .key = u->file->move->key, .query = query.p};
    if (!query.failed) {
        (void)!s3_run(session, &call, &ignored);
    }
    s3_call_release(&call);
    cm_buf_release(&query);
}

/* ---- the parts
 * ------------------------------------------------------------------ */

static cm_status send_part(upload *u, size_t i, cm_storage_session *session,
                           cm_error *err)
{
    part *p = &u->parts[i];
    char content_md5[S3_CONTENT_MD5];
    cm_buf query = {0};
    s3_content_md5(content_md5, p->md5);
    cm_buf_addf(&query, "partNumber=%zu&uploadId=%s", i + 1, u->encoded.p);
    cm_status status = cm_buf_check(&query, err);
    s3_call call = {.method = "PUT",
                    .key = u->file->move->key,
                    .query = query.p,
                    .file = u->file->fd,
                    .offset = i * u->part_size,
                    .length = p->size,
                    .extra = {{"Content-MD5", content_md5}},
                    .n_extra = 1};
    if (status == CM_OK) {
        status = s3_demand(session, &call, err);
    }
    if (status == CM_OK) {
        s3_etag(&call, p->etag);
    }
    if (status == CM_OK &&
        (p->etag[0] == '\0' || s3_contradicts(&call, p->md5))) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: part %zu of %s was sent with md5 %s, the server "
                         "has \"%s\"; try again",
                         cm_storage_name(u->storage), i + 1, u->file->move->key,
                         p->md5, p->etag);
    }
    s3_call_release(&call);
    cm_buf_release(&query);
    return status;
}

static cm_status do_part(upload *u, size_t i, cm_storage_session *session,
                         cm_error *err)
{
    part *p = &u->parts[i];
    uint64_t offset = i * u->part_size;
    uint64_t left = u->file->size - offset;
    p->size = left < u->part_size ? left : u->part_size;
    cm_status status = file_piece_md5(p->md5, u->file->fd, u->file->move->path,
                                      offset, p->size, err);
    if (status != CM_OK) {
        return status;
    }
    if (p->there_size == p->size && strcmp(p->there_etag, p->md5) == 0) {
        memcpy(p->etag, p->there_etag, sizeof p->etag);
    } else {
        status = send_part(u, i, session, err);
    }
    if (status == CM_OK) {
        cm_progress_add(u->file->move->progress, p->size);
    }
    return status;
}

/* Task 0 is the whole file's hash, the others are parts.  A thread that failed
 * does nothing more: its parts stay unsent, and the upload is incomplete. */
static void do_task(void *context, size_t task, int thread)
{
    upload *u = context;
    cm_error *err = &u->errors[thread];
    if (err->code != CM_OK) {
        return;
    }
    if (task == 0) {
        err->code = file_md5(u->md5, u->file->fd, u->file->move->path, err);
    } else {
        err->code = do_part(u, task - 1, u->sessions[thread], err);
    }
}

static cm_status send_all(upload *u, cm_error *err)
{
    cm_parallel(u->n_parts + 1, u->n_sessions, do_task, u);
    for (int i = 0; i < u->n_sessions; i++) {
        if (u->errors[i].code != CM_OK) {
            return cm_fail(err, u->errors[i].code, "%s", u->errors[i].message);
        }
    }
    return CM_OK;
}

/* ---- the end
 * ---------------------------------------------------------------------- */

static void make_list(const upload *u, cm_buf *out)
{
    cm_buf_adds(out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/"
                     "doc/2006-03-01/\">");
    for (size_t i = 0; i < u->n_parts; i++) {
        cm_buf_addf(out, "<Part><PartNumber>%zu</PartNumber><ETag>&quot;",
                    i + 1);
        s3_xml_escape(out, cm_str_of(u->parts[i].etag));
        cm_buf_adds(out, "&quot;</ETag></Part>");
    }
    cm_buf_adds(out, "</CompleteMultipartUpload>");
}

/* The object is there with its size, whoever completed it. */
static cm_status check_there(const upload *u, cm_storage_session *session,
                             cm_error *err)
{
    cm_stored stored;
    cm_status status = s3_stat(session, u->file->move->key, &stored, err);
    if (status == CM_OK && (!stored.exists || stored.size != u->file->size)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: %s was sent in %zu parts, but %" PRIu64
                       " bytes are there instead of %" PRIu64 "; try again",
                       cm_storage_name(u->storage), u->file->move->key,
                       u->n_parts, stored.size, u->file->size);
    }
    return status;
}

/* An answer of 200 may still carry an error.  NoSuchUpload: an attempt whose
 * answer was lost has completed it, or somebody else. */
static cm_status complete(upload *u, cm_storage_session *session, cm_error *err)
{
    cm_buf list = {0}, query = {0}, code = {0};
    make_list(u, &list);
    cm_buf_addf(&query, "uploadId=%s", u->encoded.p);
    cm_status status = cm_buf_check(&list, err);
    if (status == CM_OK) {
        status = cm_buf_check(&query, err);
    }
    s3_call call = {.method = "POST",
                    .key = u->file->move->key,
                    .query = query.p,
                    .body = {list.p, list.n},
                    .extra = {{"Content-Type", "application/xml"}},
                    .n_extra = 1};
    if (status == CM_OK) {
        status = s3_run(session, &call, err);
    }
    bool done =
        s3_is_success(&call) && !(s3_xml_find(body_of(&call), "Error", &code));
    if (status == CM_OK && !done && !s3_has_code(&call, "NoSuchUpload")) {
        status = s3_fail(session, &call, err);
    } else if (status == CM_OK) {
        status = check_there(u, session, err);
    }
    s3_call_release(&call);
    cm_buf_release(&list);
    cm_buf_release(&query);
    cm_buf_release(&code);
    return status;
}

static cm_status check_whole(const upload *u, cm_error *err)
{
    const storage_move *move = u->file->move;
    if (move->md5 == NULL || strcmp(u->md5, move->md5) == 0) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s: has md5 %s, expected %s: it was changed or is "
                   "damaged, and what was sent of it is removed again",
                   move->path, u->md5, move->md5);
}

static cm_status open_sessions(upload *u, cm_storage_session *own,
                               cm_error *err)
{
    size_t n =
        own->part_jobs < u->n_parts + 1 ? own->part_jobs : u->n_parts + 1;
    u->sessions = cm_alloc_zero(n, sizeof(cm_storage_session *), err);
    u->errors = cm_alloc_zero(n, sizeof *u->errors, err);
    if (u->sessions == NULL || u->errors == NULL) {
        return CM_ERR_NOMEM;
    }
    u->sessions[0] = own;
    for (u->n_sessions = 1; (size_t)u->n_sessions < n; u->n_sessions++) {
        cm_status status = cm_storage_session_new(&u->sessions[u->n_sessions],
                                                  u->storage, err);
        if (status != CM_OK) {
            return status;
        }
    }
    return CM_OK;
}

static void release(upload *u)
{
    for (int i = 1; i < u->n_sessions; i++) {
        cm_storage_session_free(u->sessions[i]);
    }
    free(u->sessions);
    free(u->errors);
    free(u->parts);
    free(u->id);
    cm_buf_release(&u->encoded);
}

static cm_status run(upload *u, cm_storage_session *session, cm_error *err)
{
    cm_status status = open_sessions(u, session, err);
    if (status == CM_OK) {
        status = find_or_begin(u, session, err);
    }
    if (status == CM_OK) {
        status = send_all(u, err);
    }
    if (status == CM_OK) {
        status = check_whole(u, err);
    }
    if (status == CM_OK) {
        status = complete(u, session, err);
    }
    /* What the network stopped is kept, for the next try to go on with. */
    if (status == CM_ERR_DATA && u->id != NULL) {
        abort_upload(u, session);
    }
    return status;
}

cm_status s3_put_parts(cm_storage_session *session, const s3_file *file,
                       cm_error *err)
{
    upload u = {.storage = session->storage, .file = file, .part_size = PART};
    while (file->size / u.part_size >= MOST_PARTS) {
        u.part_size *= 2;
    }
    u.n_parts = (size_t)((file->size + u.part_size - 1) / u.part_size);
    u.parts = cm_alloc_zero(u.n_parts, sizeof *u.parts, err);
    cm_status status = u.parts == NULL ? CM_ERR_NOMEM : run(&u, session, err);
    release(&u);
    return status;
}
