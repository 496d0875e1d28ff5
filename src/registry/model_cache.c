/* The cache of models: finding an entry, and making one. */
#include "registry/model_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/md5.h"
#include "base/temp_folder.h"
#include "registry/record.h"
#include "versioning/cache.h"

enum { MAX_LISTING = 16 << 20, MAX_FILES = 10000, ATTEMPTS = 5 };

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory");
}

/* ---- where --------------------------------------------------------------- */

static char *default_root(cm_error *err)
{
    cm_buf path = {0};
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/') {
        cm_buf_addf(&path, "%s/clickmill", cache);
    } else if (home != NULL && home[0] == '/') {
        cm_buf_addf(&path, "%s/.cache/clickmill", home);
    } else {
        (void)cm_fail(err, CM_ERR_USAGE,
                      "there is no folder for models that are fetched: neither "
                      "XDG_CACHE_HOME nor HOME is set; name one with --cache");
        return NULL;
    }
    if (cm_buf_check(&path, err) != CM_OK) {
        cm_buf_release(&path);
        return NULL;
    }
    return path.p;
}

cm_status model_cache_open(model_cache *cache, const cm_place_options *options,
                           cm_error *err)
{
    bool given = options->cache != NULL && options->cache[0] != '\0';
    cache->log = options->log;
    cache->root = given ? cm_strdup(options->cache, err) : default_root(err);
    return cache->root != NULL ? CM_OK : given ? CM_ERR_NOMEM : CM_ERR_USAGE;
}

cm_status cm_model_cache_folder(char **out, const cm_place_options *options,
                                cm_error *err)
{
    model_cache cache;
    cm_status status = model_cache_open(&cache, options, err);
    *out = cache.root;
    return status;
}

void model_cache_release(model_cache *cache)
{
    free(cache->root);
    *cache = (model_cache){0};
}

/* ROOT/models/HASH[/name]; malloc'ed, NULL without memory. */
static char *entry_path(const model_cache *cache, const char *object,
                        const char *name)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/models/%.32s%s%s", cache->root, object,
                name[0] != '\0' ? "/" : "", name);
    if (path.failed) {
        cm_buf_release(&path);
    }
    return path.p;
}

/* ---- whether an entry is whole ------------------------------------------- */

/* Files of a listing as paths below a folder. */
typedef struct file_set {
    cm_md5_file *files; /* (n) */
    size_t n;
    cm_arena arena;
} file_set;

static cm_status file_set_fill(file_set *set, const cm_listing *listing,
                               const char *folder, cm_error *err)
{
    cm_buf path = {0};
    set->n = listing->n;
    set->files = cm_alloc_zero(listing->n, sizeof *set->files, err);
    cm_status status = set->files != NULL ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < set->n && status == CM_OK; i++) {
        cm_buf_clear(&path);
        cm_buf_addf(&path, "%s/%s", folder, listing->entries[i].relpath);
        status = cm_buf_check(&path, err);
        if (status == CM_OK) {
            set->files[i].path =
                cm_arena_strdup(&set->arena, path.p, path.n, err);
            status = set->files[i].path != NULL ? CM_OK : CM_ERR_NOMEM;
        }
    }
    cm_buf_release(&path);
    return status;
}

static void file_set_release(file_set *set)
{
    free(set->files);
    cm_arena_release(&set->arena);
}

/* The first file of the listing that is missing or another; NULL: none. */
static cm_status find_damage(const char **damaged, const cm_listing *listing,
                             const char *folder, cm_error *err)
{
    file_set set = {0};
    *damaged = NULL;
    cm_status status = file_set_fill(&set, listing, folder, err);
    if (status == CM_OK) {
        status = cm_md5_files(set.files, set.n, 0, NULL, err);
    }
    for (size_t i = 0; i < set.n && status == CM_OK && *damaged == NULL; i++) {
        if (set.files[i].error != 0 ||
            strcmp(set.files[i].md5, listing->entries[i].md5) != 0) {
            *damaged = listing->entries[i].relpath;
        }
    }
    file_set_release(&set);
    return status;
}

/* Whether text is the object's, by its hash. */
static bool is_object(const cm_buf *text, const char *object)
{
    char md5[CM_MD5_HEX];
    cm_md5(md5, text->p, text->n);
    return strncmp(md5, object, CM_MD5_HEX - 1) == 0;
}

/* The listing of an entry; *good is false for one that is damaged. */
static cm_status load_listing(cm_listing *out, bool *good, const char *path,
                              const char *object, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_read_file(&text, path, MAX_LISTING, NULL);
    *good = status == CM_OK && is_object(&text, object);
    status = status == CM_ERR_NOMEM ? out_of_memory(err) : CM_OK;
    if (*good) {
        status = cm_listing_parse(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status check_entry(const model_cache *cache, const char *listing_path,
                             const char *folder, const char *object,
                             bool *whole, cm_error *err)
{
    cm_listing listing = {0};
    const char *damaged = NULL;
    cm_status status = load_listing(&listing, whole, listing_path, object, err);
    if (status == CM_OK && !*whole) {
        cm_warn(cache->log,
                "%s is not what its name says: the model is "
                "fetched again",
                listing_path);
    }
    if (status == CM_OK && *whole) {
        status = find_damage(&damaged, &listing, folder, err);
    }
    if (damaged != NULL) {
        cm_warn(cache->log,
                "%s/%s is damaged or missing: the model is fetched "
                "again",
                folder, damaged);
        *whole = false;
    }
    cm_listing_release(&listing);
    return status;
}

/* The time of the entry is when it was last asked for. */
static void touch(const model_cache *cache, const char *object)
{
    char *entry = entry_path(cache, object, "");
    if (entry != NULL) {
        (void)utimensat(AT_FDCWD, entry, NULL, 0);
    }
    free(entry);
}

cm_status model_cache_find(char **folder, const model_cache *cache,
                           const char *object, cm_error *err)
{
    bool whole = false;
    cm_status status = CM_OK;
    char *listing = entry_path(cache, object, "listing");
    char *bundle = entry_path(cache, object, "bundle");
    *folder = NULL;
    if (listing == NULL || bundle == NULL) {
        status = out_of_memory(err);
    } else if (cm_file_exists(listing)) {
        status = check_entry(cache, listing, bundle, object, &whole, err);
    }
    free(listing);
    if (status == CM_OK && whole) {
        touch(cache, object);
        *folder = bundle;
    } else {
        free(bundle);
    }
    return status;
}

/* ---- making an entry ----------------------------------------------------- */

typedef struct making {
    const model_cache *cache;
    const object_source *source;
    cm_listing whole;            /* of the object that was asked for */
    cm_listing part;             /* of the bundle in it */
    char *within;                /* of the bundle in the object's folder */
    cm_buf text;                 /* of part */
    char object[CM_OBJECT_TEXT]; /* of part */
    cm_temp_folder temp;
    char *stage;  /* temp/0, the entry */
    char *bundle; /* temp/0/bundle */
} making;

static void making_release(making *m)
{
    cm_listing_release(&m->whole);
    cm_listing_release(&m->part);
    cm_buf_release(&m->text);
    free(m->within);
    free(m->stage);
    free(m->bundle);
    cm_temp_folder_close(&m->temp);
}

static cm_status read_listing(making *m, const char *object, cm_error *err)
{
    char key[64];
    cm_buf text = {0};
    cm_object_key(key, object);
    cm_status status =
        m->source->read(m->source->context, key, MAX_LISTING, &text, err);
    if (status == CM_OK && !is_object(&text, object)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the object %s has another content than its name "
                         "says: it is damaged; remove it and push again",
                         m->source->name, key);
    }
    if (status == CM_OK) {
        status =
            cm_listing_parse(&m->whole, (cm_str){text.p, text.n}, key, err);
    }
    if (status == CM_OK && m->whole.n > MAX_FILES) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: %s has %zu files, more than the %d that a "
                         "model's folder may have",
                         m->source->name, object, m->whole.n, (int)MAX_FILES);
    }
    cm_buf_release(&text);
    return status;
}

/* The files of the bundle alone, and the hash that their folder has. */
static cm_status take_part(making *m, cm_error *err)
{
    cm_status status = bundle_find_within(
        &m->within, &m->whole, m->source->within, m->source->name, err);
    size_t n = status == CM_OK ? strlen(m->within) : 0;
    for (size_t i = 0; i < m->whole.n && status == CM_OK; i++) {
        const cm_listed *file = &m->whole.entries[i];
        if (strncmp(file->relpath, m->within, n) == 0) {
            status = cm_listing_add(&m->part, cm_str_of(file->relpath + n),
                                    file->md5, 0, err);
        }
    }
    return status == CM_OK
               ? cm_listing_format(&m->part, &m->text, m->object, err)
               : status;
}

static cm_status open_stage(making *m, cm_error *err)
{
    char *parent = cm_path_join(m->cache->root, "tmp");
    cm_status status =
        parent != NULL ? cm_make_dirs(parent, err) : out_of_memory(err);
    if (status == CM_OK) {
        status = cm_temp_folder_open(&m->temp, parent, err);
    }
    free(parent);
    if (status == CM_OK) {
        m->stage = cm_temp_folder_name(&m->temp, 0);
        m->bundle = m->stage != NULL ? cm_path_join(m->stage, "bundle") : NULL;
        status = m->bundle != NULL ? cm_make_dirs(m->bundle, err)
                                   : out_of_memory(err);
    }
    return status;
}

static cm_status get_files(making *m, cm_error *err)
{
    enum { KEY = 64 };
    file_set set = {0};
    size_t n = m->part.n;
    cm_transfer *transfers = cm_alloc_zero(n, sizeof *transfers, err);
    char(*keys)[KEY] = cm_alloc(n, KEY, err);
    cm_status status = transfers == NULL || keys == NULL
                           ? CM_ERR_NOMEM
                           : file_set_fill(&set, &m->part, m->bundle, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        const cm_listed *file = &m->part.entries[i];
        cm_object_key(keys[i], file->md5);
        transfers[i] = (cm_transfer){
            .key = keys[i], .path = set.files[i].path, .md5 = file->md5};
    }
    if (status == CM_OK) {
        status = m->source->get(m->source->context, transfers, n, err);
    }
    file_set_release(&set);
    free(transfers);
    free(keys);
    return status;
}

cm_status model_cache_write(const char *path, cm_str text, cm_error *err)
{
    cm_atomic_file *file = NULL;
    cm_status status = cm_atomic_open(&file, path, err);
    if (status == CM_OK) {
        cm_atomic_write(file, text.p, text.n);
        status = cm_atomic_commit_unsynced(file, 0, err);
    }
    return status;
}

static cm_status write_listing(making *m, cm_error *err)
{
    char *path = cm_path_join(m->stage, "listing");
    cm_status status =
        path != NULL
            ? model_cache_write(path, (cm_str){m->text.p, m->text.n}, err)
            : out_of_memory(err);
    free(path);
    return status;
}

/* Another process may have made the entry meanwhile: then that one is taken.
 * One that is damaged makes room. */
static cm_status publish(making *m, char **folder, cm_error *err)
{
    char *entry = entry_path(m->cache, m->object, "");
    char *old = cm_temp_folder_name(&m->temp, 1);
    cm_status status = entry != NULL && old != NULL ? cm_make_parent(entry, err)
                                                    : out_of_memory(err);
    for (int i = 0; i < ATTEMPTS && status == CM_OK && *folder == NULL; i++) {
        if (rename(m->stage, entry) == 0 || errno == EEXIST ||
            errno == ENOTEMPTY) {
            status = model_cache_find(folder, m->cache, m->object, err);
        } else {
            status = cm_fail_errno(err, "%s: cannot make it", entry);
        }
        if (status == CM_OK && *folder == NULL) {
            (void)rename(entry, old);
        }
    }
    if (status == CM_OK && *folder == NULL) {
        status = cm_fail(err, CM_ERR_IO,
                         "%s: what was fetched does not stay as it was; check "
                         "the disk",
                         entry);
    }
    free(entry);
    free(old);
    return status;
}

static cm_status make(making *m, char **folder, bool *fetched, cm_error *err)
{
    cm_status status = open_stage(m, err);
    if (status == CM_OK) {
        status = get_files(m, err);
    }
    if (status == CM_OK) {
        status = write_listing(m, err);
    }
    *fetched = status == CM_OK;
    return status == CM_OK ? publish(m, folder, err) : status;
}

cm_status model_cache_get(char **folder, bool *fetched,
                          const model_cache *cache, const char *object,
                          const object_source *source, cm_error *err)
{
    making m = {.cache = cache, .source = source, .temp = {.fd = -1}};
    *fetched = false;
    cm_status status = model_cache_find(folder, cache, object, err);
    if (status != CM_OK || *folder != NULL) {
        return status;
    }
    status = read_listing(&m, object, err);
    if (status == CM_OK) {
        status = take_part(&m, err);
    }
    if (status == CM_OK && strcmp(m.object, object) != 0) {
        status = model_cache_find(folder, cache, m.object, err);
    }
    if (status == CM_OK && *folder == NULL) {
        status = make(&m, folder, fetched, err);
    }
    making_release(&m);
    return status;
}
