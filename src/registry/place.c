/* Opening a place by its text, and the keys and names in it. */
#include "registry/place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "versioning/repo.h"

static const char remote_scheme[] = "remote://";

/* A question has somebody who waits for it; eight attempts, as transfers make
 * them, may take a minute. */
enum { CONNECT_TIMEOUT = 10, READ_TIMEOUT = 30, RETRIES = 3 };

/* ---- names --------------------------------------------------------------- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The '@' before WHICH: the last one, behind the last '/'. */
static const char *at_of(const char *name)
{
    const char *at = strrchr(name, '@');
    return at != NULL && strchr(at, '/') == NULL && at > name ? at : NULL;
}

static bool has_scheme(const char *path)
{
    return starts_with(path, "s3://") || starts_with(path, "file://") ||
           starts_with(path, remote_scheme);
}

bool cm_model_is_remote(const char *path)
{
    struct stat about;
    const char *at = at_of(path);
    return has_scheme(path) || (at != NULL && stat(path, &about) != 0);
}

cm_status place_split(char **place, const char **which, const char *name,
                      cm_error *err)
{
    const char *at = at_of(name);
    cm_str wanted = cm_str_of(at != NULL ? at + 1 : PLACE_LATEST);
    *place = NULL;
    *which = at != NULL ? at + 1 : PLACE_LATEST;
    if (!record_name_is_good(wanted)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: found \"%.100s\" behind '@', expected a version, "
                       "an alias, or eight digits of a hash or more",
                       name, *which);
    }
    *place = cm_strdup(name, err);
    if (*place == NULL) {
        return CM_ERR_NOMEM;
    }
    if (at != NULL) {
        (*place)[at - name] = '\0';
    }
    return CM_OK;
}

void place_key(char out[PLACE_KEY], const char *folder, const char *name)
{
    int n = snprintf(out, PLACE_KEY, "%s%s.json", folder, name);
    CM_ASSERT(n > 0 && n < PLACE_KEY);
}

bool place_name_of(char out[CM_MODEL_NAME], const char *folder, const char *key)
{
    size_t n = strlen(folder), end = strlen(".json"), length = strlen(key);
    if (length <= n + end || strncmp(key, folder, n) != 0 ||
        strcmp(key + length - end, ".json") != 0) {
        return false;
    }
    cm_str name = {key + n, length - n - end};
    if (!record_name_is_good(name)) {
        return false;
    }
    memcpy(out, name.p, name.n);
    out[name.n] = '\0';
    return true;
}

/* ---- opening ------------------------------------------------------------- */

static const char *given(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static void take_options(cm_storage_settings *settings,
                         const cm_place_options *options)
{
    const char *endpoint = given(options->endpoint_url);
    const char *region = given(options->region);
    const char *profile = given(options->profile);
    settings->endpoint_url = endpoint ? endpoint : settings->endpoint_url;
    settings->region = region ? region : settings->region;
    settings->profile = profile ? profile : settings->profile;
    settings->stop = options->stop;
    settings->retries = RETRIES;
    if (settings->connect_timeout <= 0) {
        settings->connect_timeout = CONNECT_TIMEOUT;
    }
    if (settings->read_timeout <= 0) {
        settings->read_timeout = READ_TIMEOUT;
    }
}

/* A folder goes by its whole path, wherever it is asked from. */
static char *id_of(const cm_storage_settings *settings)
{
    cm_buf id = {0};
    char *path =
        has_scheme(settings->url) ? NULL : realpath(settings->url, NULL);
    cm_buf_adds(&id, path != NULL ? path : settings->url);
    cm_buf_addf(&id, "\n%s",
                settings->endpoint_url != NULL ? settings->endpoint_url : "");
    free(path);
    if (id.failed) {
        cm_buf_release(&id);
    }
    return id.p;
}

static cm_status open_storage(cm_place *place, cm_storage_settings *settings,
                              cm_error *err)
{
    take_options(settings, place->options);
    place->id = id_of(settings);
    if (place->id == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = cm_storage_open(&place->storage, settings, err);
    if (status == CM_OK) {
        status = cm_storage_session_new(&place->session, place->storage, err);
    }
    return status;
}

/* "remote://NAME/folder": the folder in the remote of that name; without a
 * name the default one. */
static cm_status open_remote(cm_place *place, const char *text, cm_error *err)
{
    cm_repo repo;
    cm_storage_settings settings = {0};
    cm_buf name = {0}, url = {0};
    size_t n = strcspn(text, "/");
    cm_buf_add(&name, text, n);
    cm_status status = cm_buf_check(&name, err);
    if (status == CM_OK) {
        status = cm_repo_open(&repo, NULL, place->options->log, err);
        if (status == CM_OK) {
            status =
                cm_repo_remote(&repo, n > 0 ? name.p : NULL, &settings, err);
        }
        if (status == CM_OK) {
            cm_buf_addf(&url, "%s%s", settings.url, text + n);
            settings.url = url.p;
            status = cm_buf_check(&url, err);
        }
        if (status == CM_OK) {
            status = open_storage(place, &settings, err);
        }
        cm_repo_close(&repo);
    }
    cm_buf_release(&name);
    cm_buf_release(&url);
    return status;
}

cm_status cm_place_open(cm_place **out, const char *text,
                        const cm_place_options *options, cm_error *err)
{
    *out = NULL;
    cm_place *place = cm_alloc_zero(1, sizeof *place, err);
    if (place == NULL) {
        return CM_ERR_NOMEM;
    }
    place->options = options;
    place->name = cm_strdup(text, err);
    cm_status status = place->name == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK && starts_with(text, remote_scheme)) {
        status = open_remote(place, text + strlen(remote_scheme), err);
    } else if (status == CM_OK) {
        cm_storage_settings settings = {.url = text};
        status = open_storage(place, &settings, err);
    }
    if (status != CM_OK) {
        cm_place_close(place);
        return status;
    }
    *out = place;
    return CM_OK;
}

void cm_place_close(cm_place *place)
{
    if (place != NULL) {
        cm_storage_session_free(place->session);
        cm_storage_close(place->storage);
        free(place->name);
        free(place->id);
        free(place);
    }
}

/* ---- what there is ------------------------------------------------------- */

typedef struct finder {
    const char *folder;
    place_names *out;
} finder;

static cm_status take_name(void *context, const char *key, uint64_t size,
                           cm_error *err)
{
    finder *f = context;
    char name[CM_MODEL_NAME];
    (void)size;
    if (!place_name_of(name, f->folder, key)) {
        return CM_OK;
    }
    cm_status status = cm_grow(&f->out->items, f->out->n, &f->out->capacity,
                               sizeof *f->out->items, err);
    if (status == CM_OK) {
        memcpy(f->out->items[f->out->n++], name, sizeof name);
    }
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

cm_status place_find_names(const cm_place *place, const char *folder,
                           const char *prefix, place_names *out, cm_error *err)
{
    char start[PLACE_KEY];
    finder f = {folder, out};
    int n = snprintf(start, sizeof start, "%s%s", folder, prefix);
    CM_ASSERT(n > 0 && n < (int)sizeof start);
    cm_status status =
        cm_storage_list(place->session, start, take_name, &f, err);
    if (out->n > 0) {
        qsort(out->items, out->n, sizeof *out->items, compare_names);
    }
    return status;
}

void place_names_release(place_names *names)
{
    free(names->items);
    *names = (place_names){0};
}
