/* A model of the server in the cache of this machine:
 *
 *   CACHE/mlflow/models/HASH/…   a bundle, by where the server keeps it
 *   CACHE/mlflow/names/HASH      what a name meant when it was asked last
 *
 * The files of a logged model do not change, so what is there is not asked for
 * again; a bundle is checked when it is loaded. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/md5.h"
#include "tracking/push.h"

enum { MAX_NAME = 64 << 10 };

/* CACHE/mlflow/KIND/HASH of two texts; malloc'ed. */
static char *entry(const cm_model_uri_options *options, const char *kind,
                   const char *text, cm_error *err)
{
    cm_buf words = {0}, path = {0};
    char md5[CM_MD5_HEX] = "";
    const char *server = options->server->uri;
    cm_buf_addf(&words, "%s\n%s", server != NULL ? server : "", text);
    if (!words.failed) {
        cm_md5(md5, words.p, words.n);
    }
    cm_buf_addf(&path, "%s/mlflow/%s/%s", options->cache, kind, md5);
    path.failed = path.failed || words.failed;
    cm_buf_release(&words);
    if (cm_buf_check(&path, err) != CM_OK) {
        cm_buf_release(&path);
        return NULL;
    }
    return path.p;
}

static void remember(const cm_model_uri_options *options, const char *uri,
                     const char *artifact_uri)
{
    cm_error why = {0};
    char *path = entry(options, "names", uri, &why);
    if (path == NULL || cm_make_parent(path, &why) != CM_OK ||
        cm_write_file(path, cm_str_of(artifact_uri), &why) != CM_OK) {
        cm_warn(options->log,
                "%s: not remembered for when the server gives no answer",
                why.message);
    }
    free(path);
}

/* What the name meant the last time; false: nobody knows. */
static bool recall(const cm_model_uri_options *options, const char *uri,
                   cm_model_place *out)
{
    cm_error why = {0};
    cm_buf text = {0};
    char *path = entry(options, "names", uri, &why);
    bool found = path != NULL && cm_file_exists(path) &&
                 cm_read_file(&text, path, MAX_NAME, &why) == CM_OK &&
                 text.n > 0;
    if (found) {
        out->artifact_uri = cm_arena_strdup(&out->arena, text.p, text.n, &why);
    }
    cm_buf_release(&text);
    free(path);
    return found && out->artifact_uri != NULL;
}

static cm_status resolve(cm_model_place *out, const char *uri,
                         const cm_model_uri_options *options, cm_error *err)
{
    cm_error why = {0};
    cm_status status = cm_model_uri_resolve(out, options->server, uri, 0, &why);
    if (status == CM_OK) {
        remember(options, uri, out->artifact_uri);
        return CM_OK;
    }
    cm_model_place_release(out);
    if (status == CM_ERR_IO && !options->must_ask &&
        recall(options, uri, out)) {
        cm_warn(options->log, "%s; %s is what it was before", why.message, uri);
        return CM_OK;
    }
    return cm_fail(err, status, "%s", why.message);
}

static cm_status fetch(const char *folder, const char *uri,
                       const cm_model_place *place,
                       const cm_model_uri_options *options, cm_error *err)
{
    cm_status status =
        cm_model_place_fetch(place, "bundle", options->server, folder, 0, err);
    if (status == CM_ERR_DATA) {
        cm_error_prefix(err,
                        "%s: only a model that clickmill logged has a bundle "
                        "to serve",
                        uri);
    } else if (status == CM_OK) {
        cm_info(options->log, "%s is fetched to %s", uri, folder);
    }
    return status;
}

cm_status cm_model_uri_fetch(char **folder, const char *uri,
                             const cm_model_uri_options *options, cm_error *err)
{
    cm_model_place place = {0};
    *folder = NULL;
    cm_status status = resolve(&place, uri, options, err);
    if (status == CM_OK) {
        *folder = entry(options, "models", place.artifact_uri, err);
        status = *folder != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK && !cm_file_exists(*folder)) {
        status = fetch(*folder, uri, &place, options, err);
    }
    if (status != CM_OK) {
        free(*folder);
        *folder = NULL;
    }
    cm_model_place_release(&place);
    return status;
}
