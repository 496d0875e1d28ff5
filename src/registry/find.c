/* From the name of a model in a place to the hash of its folder. */
#include <stdlib.h>
#include <string.h>

#include "registry/place.h"

enum { MOST_NAMED = 8, MD5_DIGITS = 32 };

/* ---- one object ---------------------------------------------------------- */

static cm_status read_object(const cm_place *place, const char *key,
                             cm_buf *text, char tag[CM_STORAGE_TAG],
                             bool *found, cm_error *err)
{
    cm_status status = cm_storage_read_tagged(place->session, key,
                                              RECORD_MAX_BYTES, text, tag, err);
    *found = status == CM_OK && tag[0] != '\0';
    return status;
}

/* "PLACE/KEY", for errors. */
static const char *file_of(const cm_place *place, const char *key, cm_buf *file)
{
    cm_buf_addf(file, "%s/%s", place->name, key);
    return file->failed ? key : file->p;
}

/* An object that calls itself otherwise is not what was asked for. */
static cm_status check_self(const char *file, const char *name,
                            const char *says, cm_error *err)
{
    return strcmp(name, says) == 0
               ? CM_OK
               : cm_fail(err, CM_ERR_DATA,
                         "%s: it is of \"%s\", expected \"%s\"; remove it, and "
                         "push or alias again",
                         file, says, name);
}

cm_status place_read_version(const cm_place *place, const char *version,
                             bool *found, cm_model_record *out, cm_arena *arena,
                             cm_buf *text, cm_error *err)
{
    char key[PLACE_KEY], tag[CM_STORAGE_TAG];
    cm_buf own = {0}, file = {0};
    cm_buf *bytes = text != NULL ? text : &own;
    place_key(key, PLACE_VERSIONS, version);
    cm_status status = read_object(place, key, bytes, tag, found, err);
    if (status == CM_OK && *found) {
        const char *name = file_of(place, key, &file);
        status = record_parse_version(out, (cm_str){bytes->p, bytes->n}, name,
                                      arena, err);
        if (status == CM_OK) {
            status = check_self(name, version, out->version, err);
        }
    }
    cm_buf_release(&own);
    cm_buf_release(&file);
    return status;
}

cm_status place_read_alias(const cm_place *place, const char *alias,
                           bool *found, cm_model_alias *out,
                           char tag[CM_STORAGE_TAG], cm_arena *arena,
                           cm_buf *text, cm_error *err)
{
    char key[PLACE_KEY];
    cm_buf file = {0};
    place_key(key, PLACE_ALIASES, alias);
    cm_status status = read_object(place, key, text, tag, found, err);
    if (status == CM_OK && *found) {
        const char *name = file_of(place, key, &file);
        status = record_parse_alias(out, (cm_str){text->p, text->n}, name,
                                    arena, err);
        if (status == CM_OK) {
            status = check_self(name, alias, out->alias, err);
        }
    }
    cm_buf_release(&file);
    return status;
}

/* ---- a name that is none ------------------------------------------------- */

static void put_names(cm_buf *out, const char *what, const place_names *names)
{
    size_t told = names->n < MOST_NAMED ? names->n : (size_t)MOST_NAMED;
    for (size_t i = 0; i < told; i++) {
        cm_buf_addf(out, "%s%s", i == 0 ? what : ", ", names->items[i]);
    }
    if (told < names->n) {
        cm_buf_addf(out, " … (%zu)", names->n);
    }
}

static const char *nearest_of(const char *which, const place_names *aliases,
                              const place_names *versions)
{
    const char *best = NULL;
    size_t n = aliases->n + versions->n;
    const char **words = cm_alloc(n, sizeof *words, NULL);
    for (size_t i = 0; i < n && words != NULL; i++) {
        words[i] = i < aliases->n ? aliases->items[i]
                                  : versions->items[i - aliases->n];
    }
    if (words != NULL) {
        best = cm_nearest_word(cm_str_of(which), words, n);
    }
    free(words);
    return best;
}

static cm_status say_unknown(const cm_place *place, const char *which,
                             const place_names *aliases,
                             const place_names *versions, cm_error *err)
{
    cm_buf text = {0};
    const char *near = nearest_of(which, aliases, versions);
    if (aliases->n + versions->n == 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s has no models yet; clickmill model push --to %s "
                       "puts one there",
                       place->name, place->name);
    }
    if (near != NULL) {
        cm_buf_addf(&text, " (did you mean %s?)", near);
    }
    put_names(&text, "; its aliases: ", aliases);
    put_names(&text, "; its versions: ", versions);
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_fail(err, CM_ERR_USAGE, "%s has no version or alias %s%s",
                         place->name, which, text.p);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status unknown(const cm_place *place, const char *which,
                         cm_error *err)
{
    place_names aliases = {0}, versions = {0};
    cm_status status =
        place_find_names(place, PLACE_ALIASES, "", &aliases, err);
    if (status == CM_OK) {
        status = place_find_names(place, PLACE_VERSIONS, "", &versions, err);
    }
    if (status == CM_OK) {
        status = say_unknown(place, which, &aliases, &versions, err);
    }
    place_names_release(&aliases);
    place_names_release(&versions);
    return status;
}

/* ---- hashes -------------------------------------------------------------- */

typedef struct hash_finder {
    char md5[CM_OBJECT_TEXT]; /* of the last one found */
    size_t n;
} hash_finder;

/* key: "files/md5/ab/cdef….dir". */
static cm_status take_hash(void *context, const char *key, uint64_t size,
                           cm_error *err)
{
    hash_finder *f = context;
    const char *digits = key + strlen("files/md5/");
    (void)size;
    (void)err;
    if (strlen(digits) == CM_OBJECT_TEXT && digits[2] == '/' &&
        cm_str_ends_with(cm_str_of(digits), ".dir")) {
        memcpy(f->md5, digits, 2);
        memcpy(f->md5 + 2, digits + 3, CM_OBJECT_TEXT - 2);
        f->n++;
    }
    return CM_OK;
}

static cm_status ambiguous(const cm_place *place, const char *which, size_t n,
                           const char *what, cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE,
                   "%s has %zu %s that start with %s; give more digits",
                   place->name, n, what, which);
}

static cm_status resolve_hash(const cm_place *place, const char *which,
                              place_found *out, cm_error *err)
{
    char start[PLACE_KEY];
    hash_finder f = {.n = 0};
    if (strlen(which) >= MD5_DIGITS) {
        (void)snprintf(out->md5, sizeof out->md5, "%.32s.dir", which);
        return CM_OK;
    }
    (void)snprintf(start, sizeof start, "files/md5/%.2s/%s", which, which + 2);
    cm_status status =
        cm_storage_list(place->session, start, take_hash, &f, err);
    if (status == CM_OK && f.n == 0) {
        return unknown(place, which, err);
    }
    if (status == CM_OK && f.n > 1) {
        return ambiguous(place, which, f.n, "hashes of folders", err);
    }
    memcpy(out->md5, f.md5, sizeof out->md5);
    return status;
}

/* ---- versions and aliases ------------------------------------------------ */

static cm_status resolve_version(const cm_place *place, const char *version,
                                 bool *found, place_found *out, cm_error *err)
{
    cm_arena arena = {0};
    cm_model_record record;
    cm_buf_clear(&out->version_text);
    cm_status status = place_read_version(place, version, found, &record,
                                          &arena, &out->version_text, err);
    if (status == CM_OK && *found) {
        memcpy(out->md5, record.md5, sizeof out->md5);
        (void)snprintf(out->version, sizeof out->version, "%s", record.version);
    }
    cm_arena_release(&arena);
    return status;
}

/* By the digits that a version starts with. */
static cm_status resolve_digits(const cm_place *place, const char *which,
                                bool *found, place_found *out, cm_error *err)
{
    place_names names = {0};
    cm_status status =
        place_find_names(place, PLACE_VERSIONS, which, &names, err);
    if (status == CM_OK && names.n > 1) {
        status = ambiguous(place, which, names.n, "versions", err);
    } else if (status == CM_OK && names.n == 1) {
        status = resolve_version(place, names.items[0], found, out, err);
    }
    place_names_release(&names);
    return status;
}

static cm_status resolve_alias(const cm_place *place, const char *which,
                               bool *found, place_found *out, cm_error *err)
{
    char tag[CM_STORAGE_TAG];
    cm_arena arena = {0};
    cm_model_alias alias;
    cm_status status = place_read_alias(place, which, found, &alias, tag,
                                        &arena, &out->alias_text, err);
    if (status == CM_OK && *found) {
        status = resolve_version(place, alias.version, found, out, err);
        if (status == CM_OK && !*found) {
            status = cm_fail(err, CM_ERR_DATA,
                             "%s: the alias %s is of version %s, which is not "
                             "there; push it again or move the alias",
                             place->name, which, alias.version);
        }
    }
    cm_arena_release(&arena);
    return status;
}

cm_status place_resolve(const cm_place *place, const char *which,
                        place_found *out, cm_error *err)
{
    bool found = false, is_hash = record_is_hash(cm_str_of(which));
    bool is_whole = is_hash && strlen(which) >= MD5_DIGITS;
    *out = (place_found){0};
    cm_status status =
        is_hash ? CM_OK : resolve_alias(place, which, &found, out, err);
    if (status == CM_OK && !found && !is_whole) {
        status = resolve_version(place, which, &found, out, err);
    }
    if (status == CM_OK && !found && is_hash && !is_whole) {
        status = resolve_digits(place, which, &found, out, err);
    }
    if (status != CM_OK || found) {
        return status;
    }
    return is_hash ? resolve_hash(place, which, out, err)
                   : unknown(place, which, err);
}

void place_found_release(place_found *found)
{
    cm_buf_release(&found->alias_text);
    cm_buf_release(&found->version_text);
}
