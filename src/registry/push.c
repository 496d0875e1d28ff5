/* A bundle into a place.  Files go first, then the listing that names them,
 * then the version that names the listing: a kill between leaves objects that
 * nobody names, and the next push finds them there. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/md5.h"
#include "base/num.h"
#include "registry/place.h"
#include "versioning/cache.h"

enum { KEY = 64 };

typedef struct pushing {
    cm_place *place;
    const cm_model_files *bundle;
    cm_md5_file *files; /* (bundle->n) */
    cm_listing listing;
    cm_buf text; /* of the listing */
    cm_model_record record;
    char (*keys)[KEY]; /* (bundle->n) */
    cm_arena arena;
    cm_push_told *told;
} pushing;

static void pushing_release(pushing *p)
{
    free(p->files);
    free(p->keys);
    cm_listing_release(&p->listing);
    cm_buf_release(&p->text);
    cm_arena_release(&p->arena);
}

/* ---- what is to go ------------------------------------------------------- */

static cm_status hash_files(pushing *p, cm_error *err)
{
    const cm_model_files *bundle = p->bundle;
    cm_status status = CM_OK;
    p->files = cm_alloc_zero(bundle->n, sizeof *p->files, err);
    p->keys = cm_alloc(bundle->n, KEY, err);
    if (p->files == NULL || p->keys == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < bundle->n && status == CM_OK; i++) {
        char *path = cm_path_join(bundle->folder, bundle->names[i]);
        p->files[i].path =
            path == NULL ? NULL
                         : cm_arena_strdup(&p->arena, path, strlen(path), err);
        status = p->files[i].path != NULL
                     ? CM_OK
                     : cm_fail(err, CM_ERR_NOMEM, "out of memory");
        free(path);
    }
    return status == CM_OK ? cm_md5_files(p->files, bundle->n, 0, NULL, err)
                           : status;
}

static cm_status list_files(pushing *p, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < p->bundle->n && status == CM_OK; i++) {
        const cm_md5_file *file = &p->files[i];
        if (file->error != 0) {
            return cm_fail(err, CM_ERR_IO, "%s: cannot read: %s", file->path,
                           strerror(file->error));
        }
        status = cm_listing_add(&p->listing, cm_str_of(p->bundle->names[i]),
                                file->md5, file->size, err);
        cm_object_key(p->keys[i], file->md5);
        p->record.size += file->size;
    }
    return status == CM_OK
               ? cm_listing_format(&p->listing, &p->text, p->record.md5, err)
               : status;
}

/* ---- objects ------------------------------------------------------------- */

/* Sends what of the files is not there, or not whole. */
static cm_status send_missing(pushing *p, const bool *found, cm_error *err)
{
    size_t n = 0;
    cm_transfer *transfers =
        cm_alloc_zero(p->bundle->n, sizeof *transfers, err);
    if (transfers == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < p->bundle->n; i++) {
        const cm_md5_file *file = &p->files[i];
        if (!found[i]) {
            transfers[n++] = (cm_transfer){.key = p->keys[i],
                                           .path = file->path,
                                           .md5 = file->md5,
                                           .size = file->size};
            p->told->bytes += file->size;
        }
    }
    cm_status status = n == 0
                           ? CM_OK
                           : cm_storage_put_all(p->place->storage, transfers, n,
                                                p->place->options->log, err);
    p->told->n_sent = n;
    free(transfers);
    return status;
}

static cm_status send_files(pushing *p, cm_error *err)
{
    size_t n = p->bundle->n;
    const char **keys = cm_alloc(n, sizeof *keys, err);
    uint64_t *sizes = cm_alloc(n, sizeof *sizes, err);
    bool *found = cm_alloc_zero(n, sizeof *found, err);
    cm_status status =
        keys == NULL || sizes == NULL || found == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        keys[i] = p->keys[i];
        sizes[i] = p->files[i].size;
    }
    if (status == CM_OK) {
        status =
            cm_storage_find_all(p->place->storage, keys, sizes, found, n, err);
    }
    if (status == CM_OK) {
        status = send_missing(p, found, err);
    }
    free(keys);
    free(sizes);
    free(found);
    return status;
}

static cm_status send_listing(pushing *p, cm_error *err)
{
    char key[KEY];
    cm_stored about;
    cm_object_key(key, p->record.md5);
    cm_status status = cm_storage_stat(p->place->session, key, &about, err);
    if (status == CM_OK && (!about.exists || about.size != p->text.n)) {
        status = cm_storage_write(p->place->session, key,
                                  (cm_str){p->text.p, p->text.n}, err);
        p->told->n_sent++;
        p->told->bytes += p->text.n;
    }
    return status;
}

/* ---- the version --------------------------------------------------------- */

/* Retraining the same gives the same version, but another time in bundle.json.
 * What the place has of it is kept, where all of it is there. */
static cm_status is_whole(pushing *p, const cm_model_record *there, bool *whole,
                          cm_error *err)
{
    char key[KEY];
    cm_buf text = {0};
    cm_listing listing = {0};
    cm_stored about;
    cm_object_key(key, there->md5);
    *whole = false;
    cm_status status = cm_storage_stat(p->place->session, key, &about, err);
    if (status == CM_OK && about.exists) {
        status = cm_storage_read(p->place->session, key, RECORD_MAX_BYTES,
                                 &text, err);
        *whole = status == CM_OK &&
                 cm_listing_parse(&listing, (cm_str){text.p, text.n}, key,
                                  NULL) == CM_OK;
    }
    for (size_t i = 0; i < listing.n && *whole && status == CM_OK; i++) {
        cm_object_key(key, listing.entries[i].md5);
        status = cm_storage_stat(p->place->session, key, &about, err);
        *whole = status == CM_OK && about.exists;
    }
    cm_buf_release(&text);
    cm_listing_release(&listing);
    return status;
}

/* *there: the place has the version, with another or the same folder. */
static cm_status look_for_version(pushing *p, bool *done, cm_error *err)
{
    cm_model_record record;
    cm_status status =
        place_read_version(p->place, p->bundle->version, &p->told->was_there,
                           &record, &p->arena, NULL, err);
    *done = false;
    if (status == CM_OK && p->told->was_there &&
        strcmp(record.md5, p->record.md5) != 0) {
        status = is_whole(p, &record, done, err);
        memcpy(p->told->md5, record.md5, sizeof record.md5);
    }
    return status;
}

static cm_status send_version(pushing *p, cm_error *err)
{
    char key[PLACE_KEY], now[CM_NUM_TEXT];
    cm_buf text = {0};
    (void)cm_format_utc(now, (int64_t)time(NULL));
    p->record.version = p->bundle->version;
    p->record.n_files = p->bundle->n;
    p->record.created = p->bundle->created;
    p->record.pushed = now;
    p->record.metrics = p->bundle->metrics;
    place_key(key, PLACE_VERSIONS, p->bundle->version);
    cm_status status = record_format_version(&text, &p->record, err);
    if (status == CM_OK) {
        status = cm_storage_write(p->place->session, key,
                                  (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status push(pushing *p, cm_error *err)
{
    bool done = false;
    cm_status status = hash_files(p, err);
    if (status == CM_OK) {
        status = list_files(p, err);
    }
    if (status == CM_OK) {
        status = look_for_version(p, &done, err);
    }
    if (status != CM_OK || done) {
        return status;
    }
    memcpy(p->told->md5, p->record.md5, sizeof p->told->md5);
    status = send_files(p, err);
    if (status == CM_OK) {
        status = send_listing(p, err);
    }
    bool same = p->told->was_there && p->told->n_sent == 0;
    return status == CM_OK && !same ? send_version(p, err) : status;
}

cm_status cm_place_push(cm_place *place, const cm_model_files *files,
                        cm_push_told *told, cm_error *err)
{
    pushing p = {.place = place, .bundle = files, .told = told};
    *told = (cm_push_told){0};
    if (!record_name_is_good(cm_str_of(files->version))) {
        return cm_fail(err, CM_ERR_DATA, "%s: its version \"%.64s\" is no name",
                       files->folder, files->version);
    }
    cm_status status = push(&p, err);
    pushing_release(&p);
    return status;
}
