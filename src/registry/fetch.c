/* A model of a place on this machine.  A hash, or a version that is remembered,
 * needs no question when the cache has it; an alias is asked for each time. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "codec/json.h"
#include "registry/model_cache.h"
#include "registry/place.h"

enum { MD5_DIGITS = 32, MAX_MANIFEST = 64 << 20 };

typedef struct fetching {
    const char *name;  /* as given */
    char *place_text;  /* of it, the place */
    const char *which; /* of it, the version, alias or hash */
    const cm_place_options *options;
    model_cache cache;
    cm_place *place;
    place_found found;
    cm_fetched_model *out;
} fetching;

/* ---- what a place said before -------------------------------------------- */

static bool recall_version(const fetching *f, const char *version,
                           place_found *out)
{
    char key[PLACE_KEY];
    cm_arena arena = {0};
    cm_model_record record;
    cm_buf text = {0};
    place_key(key, PLACE_VERSIONS, version);
    bool known = model_cache_recall(&f->cache, f->place->id, key, &text) &&
                 record_parse_version(&record, (cm_str){text.p, text.n}, key,
                                      &arena, NULL) == CM_OK &&
                 strcmp(record.version, version) == 0;
    if (known) {
        memcpy(out->md5, record.md5, sizeof out->md5);
        (void)snprintf(out->version, sizeof out->version, "%s", version);
    }
    cm_buf_release(&text);
    cm_arena_release(&arena);
    return known;
}

static bool recall_alias(const fetching *f, place_found *out)
{
    char key[PLACE_KEY];
    cm_arena arena = {0};
    cm_model_alias alias;
    cm_buf text = {0};
    place_key(key, PLACE_ALIASES, f->which);
    bool known = model_cache_recall(&f->cache, f->place->id, key, &text) &&
                 record_parse_alias(&alias, (cm_str){text.p, text.n}, key,
                                    &arena, NULL) == CM_OK &&
                 recall_version(f, alias.version, out);
    cm_buf_release(&text);
    cm_arena_release(&arena);
    return known;
}

static void remember(const fetching *f)
{
    char key[PLACE_KEY];
    const cm_buf *alias = &f->found.alias_text;
    const cm_buf *version = &f->found.version_text;
    if (version->n > 0 && f->found.version[0] != '\0') {
        place_key(key, PLACE_VERSIONS, f->found.version);
        model_cache_remember(&f->cache, f->place->id, key,
                             (cm_str){version->p, version->n});
    }
    if (alias->n > 0) {
        place_key(key, PLACE_ALIASES, f->which);
        model_cache_remember(&f->cache, f->place->id, key,
                             (cm_str){alias->p, alias->n});
    }
}

/* ---- asking -------------------------------------------------------------- */

/* A version's content never changes, so what the cache has of it is right. */
static cm_status find_kept(fetching *f, cm_error *err)
{
    bool known = false;
    if (record_is_hash(cm_str_of(f->which)) && strlen(f->which) >= MD5_DIGITS) {
        known = place_resolve(f->place, f->which, &f->found, err) == CM_OK;
    } else {
        known = recall_version(f, f->which, &f->found);
    }
    return known
               ? model_cache_find(&f->out->folder, &f->cache, f->found.md5, err)
               : CM_OK;
}

/* The reason is of the network or of the server. */
static cm_status recall_after(fetching *f, cm_status status,
                              const cm_error *reason, cm_error *err)
{
    bool known =
        status == CM_ERR_IO && !f->options->must_ask &&
        (recall_alias(f, &f->found) || recall_version(f, f->which, &f->found));
    if (known) {
        cm_warn(f->options->log,
                "%s could not be asked for %s, so it is taken to be %s, as it "
                "was the last time: %s",
                f->place->name, f->which, f->found.version, reason->message);
        return CM_OK;
    }
    return cm_fail(err, status, "%s", reason->message);
}

static cm_status ask(fetching *f, cm_error *err)
{
    cm_error reason = {0};
    place_found_release(&f->found);
    cm_status status = place_resolve(f->place, f->which, &f->found, &reason);
    if (status == CM_OK) {
        remember(f);
        return CM_OK;
    }
    place_found_release(&f->found);
    return recall_after(f, status, &reason, err);
}

/* ---- getting ------------------------------------------------------------- */

static cm_status read_from_place(void *context, const char *key,
                                 size_t max_bytes, cm_buf *out, cm_error *err)
{
    const fetching *f = context;
    return cm_storage_read(f->place->session, key, max_bytes, out, err);
}

static cm_status get_from_place(void *context, cm_transfer *transfers, size_t n,
                                cm_error *err)
{
    const fetching *f = context;
    return cm_storage_get_all(f->place->storage, transfers, n, f->options->log,
                              err);
}

static cm_status get(fetching *f, cm_error *err)
{
    object_source source = {.read = read_from_place,
                            .get = get_from_place,
                            .context = f,
                            .name = f->name};
    cm_status status = model_cache_get(&f->out->folder, &f->out->fetched,
                                       &f->cache, f->found.md5, &source, err);
    if (status != CM_OK && status != CM_ERR_INTERRUPTED) {
        cm_error_prefix(err, "%s is not to be had whole", f->name);
    }
    return status;
}

/* The registry says which version it is; so does the bundle. */
static cm_status check_version(const fetching *f, cm_error *err)
{
    json_t *json = NULL;
    const char *says = "";
    char *path = cm_path_join(f->out->folder, "bundle.json");
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_json_load(&json, path, MAX_MANIFEST, err);
    if (status == CM_OK) {
        status = cm_json_string(&says, json, "version", path, err);
    }
    if (status == CM_OK && strcmp(says, f->found.version) != 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the bundle is of version %.64s, the registry "
                         "says %s; push the version again",
                         f->name, says, f->found.version);
    }
    json_decref(json);
    free(path);
    return status;
}

static cm_status run(fetching *f, cm_error *err)
{
    cm_status status = find_kept(f, err);
    if (status == CM_OK && f->out->folder == NULL) {
        status = ask(f, err);
        if (status == CM_OK) {
            status = get(f, err);
        }
    }
    if (status == CM_OK && f->found.version[0] != '\0') {
        status = check_version(f, err);
    }
    if (status == CM_OK) {
        memcpy(f->out->md5, f->found.md5, sizeof f->out->md5);
        memcpy(f->out->version, f->found.version, sizeof f->out->version);
    }
    return status;
}

cm_status cm_model_fetch(cm_fetched_model *out, const char *name,
                         const cm_place_options *options, cm_error *err)
{
    fetching f = {.name = name, .options = options, .out = out};
    *out = (cm_fetched_model){0};
    cm_status status = place_split(&f.place_text, &f.which, name, err);
    if (status == CM_OK) {
        status = model_cache_open(&f.cache, options, err);
    }
    if (status == CM_OK) {
        status = cm_place_open(&f.place, f.place_text, options, err);
    }
    if (status == CM_OK) {
        status = run(&f, err);
    }
    if (status != CM_OK) {
        free(out->folder);
        out->folder = NULL;
    }
    place_found_release(&f.found);
    cm_place_close(f.place);
    model_cache_release(&f.cache);
    free(f.place_text);
    return status;
}
