/* `gc`: what is kept is gathered, what is there is listed, and the difference
 * goes: plan first, then removal. */
#include "versioning/gc.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/cache_store.h"
#include "versioning/used_objects.h"

/* A place that is swept: the cache, or a remote. */
typedef struct place {
    cm_storage *storage;
    const char *url, *endpoint; /* endpoint NULL: none is set */
    object_names keep;
    size_t store; /* its index in the report */
} place;

typedef struct collecting {
    const cm_repo *repo;
    const cm_gc_options *options;
    cm_gc_report *report;
    cm_repo *projects; /* (n_projects) */
    size_t n_projects;
    used_objects used;
    place *places; /* (n) the cache first */
    size_t n, capacity;
} collecting;

/* ---- places -------------------------------------------------------------- */

static cm_status open_place(collecting *c, const cm_storage_settings *settings,
                            const char *name, place **out, cm_error *err)
{
    cm_gc_report *report = c->report;
    cm_status status =
        cm_grow(&c->places, c->n, &c->capacity, sizeof *c->places, err);
    if (status == CM_OK) {
        status = cm_grow(&report->stores, report->n, &report->capacity,
                         sizeof *report->stores, err);
    }
    const char *copy = status == CM_OK ? cm_arena_strdup(&report->arena, name,
                                                         strlen(name), err)
                                       : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    report->stores[report->n] = (cm_gc_store){.name = copy};
    c->places[c->n] = (place){.url = settings->url,
                              .endpoint = settings->endpoint_url,
                              .store = report->n++};
    *out = &c->places[c->n++];
    return cm_storage_open(&(*out)->storage, settings, err);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_folder(const char *a, const char *b)
{
    cm_str x = cm_str_of(a), y = cm_str_of(b);
    x.n -= cm_str_ends_with(x, "/");
    y.n -= cm_str_ends_with(y, "/");
    return cm_str_equal(x, y);
}

/* Two remotes that are one place are swept as one. */
static place *find_place(const collecting *c,
                         const cm_storage_settings *settings)
{
    for (size_t i = 1; i < c->n; i++) {
        if (same_folder(c->places[i].url, settings->url) &&
            same_text(c->places[i].endpoint, settings->endpoint_url)) {
            return &c->places[i];
        }
    }
    return NULL;
}

static cm_status settings_of(const collecting *c, const used_remote *remote,
                             cm_storage_settings *out, cm_error *err)
{
    const char *name = remote->name != NULL ? remote->name : c->options->remote;
    cm_status status = cm_repo_remote(remote->repo, name, out, err);
    if (status == CM_OK && c->options->jobs > 0) {
        out->jobs = c->options->jobs;
    }
    return status;
}

static cm_status keep_all(object_names *keep, const object_names *names,
                          cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < names->n && status == CM_OK; i++) {
        status = object_names_add(keep, names->names[i], NULL, err);
    }
    return status;
}

static cm_status add_remote(collecting *c, const used_remote *remote,
                            cm_error *err)
{
    cm_storage_settings settings;
    cm_status status = settings_of(c, remote, &settings, err);
    place *at = status == CM_OK ? find_place(c, &settings) : NULL;
    if (status == CM_OK && at == NULL) {
        status = open_place(c, &settings, settings.url, &at, err);
    }
    return status == CM_OK ? keep_all(&at->keep, &remote->names, err) : status;
}

/* ---- what of the kept objects the remotes have --------------------------- */

static cm_status measure(const cm_repo *repo, const char *object,
                         uint64_t *size, cm_error *err)
{
    char *path = cm_cache_path(repo, object);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    (void)cache_measure(path, object, size);
    free(path);
    return CM_OK;
}

/* Adds those of names that the storage has. */
static cm_status find_there(const collecting *c, cm_storage *storage,
                            const object_names *names, object_names *there,
                            cm_error *err)
{
    size_t n = names->n;
    char(*texts)[64] = cm_alloc(n, sizeof *texts, err);
    const char **keys = cm_alloc(n, sizeof *keys, err);
    uint64_t *sizes = cm_alloc(n, sizeof *sizes, err);
    bool *found = cm_alloc_zero(n, sizeof *found, err);
    cm_status status =
        texts == NULL || keys == NULL || sizes == NULL || found == NULL
            ? CM_ERR_NOMEM
            : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        cm_object_key(texts[i], names->names[i]);
        keys[i] = texts[i];
        status = measure(c->repo, names->names[i], &sizes[i], err);
    }
    if (status == CM_OK) {
        status = cm_storage_find_all(storage, keys, sizes, found, n, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (found[i]) {
            status = object_names_add(there, names->names[i], NULL, err);
        }
    }
    free(texts);
    free(keys);
    free(sizes);
    free(found);
    return status;
}

static cm_status find_in_remotes(const collecting *c, object_names *there,
                                 cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < c->used.n && status == CM_OK; i++) {
        const used_remote *remote = &c->used.remotes[i];
        cm_storage_settings settings;
        cm_storage *storage = NULL;
        status = settings_of(c, remote, &settings, err);
        if (status == CM_OK) {
            status = cm_storage_open(&storage, &settings, err);
        }
        if (status == CM_OK) {
            status = find_there(c, storage, &remote->names, there, err);
        }
        cm_storage_close(storage);
    }
    return status;
}

static cm_status keep_in_cache(const collecting *c, object_names *keep,
                               cm_error *err)
{
    object_names there = {0};
    cm_status status =
        c->options->not_in_remote ? find_in_remotes(c, &there, err) : CM_OK;
    for (size_t i = 0; i < c->used.n && status == CM_OK; i++) {
        const object_names *names = &c->used.remotes[i].names;
        for (size_t k = 0; k < names->n && status == CM_OK; k++) {
            if (!object_names_have(&there, names->names[k])) {
                status = object_names_add(keep, names->names[k], NULL, err);
            }
        }
    }
    object_names_release(&there);
    return status;
}

/* ---- the plan ------------------------------------------------------------ */

typedef struct lister {
    const object_names *keep;
    cm_gc_store *store;
    cm_arena *arena;
} lister;

static cm_status see_object(void *context, const char *key, uint64_t size,
                            cm_error *err)
{
    const lister *l = context;
    cm_gc_store *store = l->store;
    char object[CM_OBJECT_TEXT];
    if (!object_of_key(object, key)) {
        return CM_OK;
    }
    if (object_names_have(l->keep, object)) {
        store->n_kept++;
        return CM_OK;
    }
    cm_status status = cm_grow(&store->objects, store->n, &store->capacity,
                               sizeof *store->objects, err);
    const char *copy = status == CM_OK
                           ? cm_arena_strdup(l->arena, key, strlen(key), err)
                           : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    store->n_folders += cm_str_ends_with(cm_str_of(key), ".dir");
    store->objects[store->n++] = (cm_gc_object){.key = copy, .size = size};
    return CM_OK;
}

static int folders_first(const void *a, const void *b)
{
    const cm_gc_object *x = a, *y = b;
    int m = cm_str_ends_with(cm_str_of(x->key), ".dir");
    int n = cm_str_ends_with(cm_str_of(y->key), ".dir");
    return m != n ? n - m : strcmp(x->key, y->key);
}

static cm_status plan(const collecting *c, const place *at, cm_error *err)
{
    cm_gc_store *store = &c->report->stores[at->store];
    lister l = {&at->keep, store, &c->report->arena};
    cm_storage_session *session = NULL;
    cm_status status = cm_storage_session_new(&session, at->storage, err);
    if (status == CM_OK) {
        status = cm_storage_list(session, "files/md5/", see_object, &l, err);
    }
    if (store->n > 0) {
        qsort(store->objects, store->n, sizeof *store->objects, folders_first);
    }
    cm_storage_session_free(session);
    return status;
}

static cm_status open_cache(collecting *c, cm_error *err)
{
    cm_storage_settings settings = {.url = c->repo->cache};
    place *cache = NULL;
    cm_status status = open_place(c, &settings, "cache", &cache, err);
    return status == CM_OK ? keep_in_cache(c, &cache->keep, err) : status;
}

static cm_status keep_one(void *keep, const char *object, cm_error *err)
{
    return object_names_add(keep, object, NULL, err);
}

/* What the remotes are needed for besides. */
static cm_status keep_also(const collecting *c, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 1; i < c->n && status == CM_OK; i++) {
        place *at = &c->places[i];
        if (c->options->also != NULL) {
            status = c->options->also(at->storage, keep_one, &at->keep, err);
        }
    }
    return status;
}

static cm_status plan_all(collecting *c, cm_error *err)
{
    cm_status status = open_cache(c, err);
    for (size_t i = 0; i < c->used.n && c->options->cloud && status == CM_OK;
         i++) {
        status = add_remote(c, &c->used.remotes[i], err);
    }
    if (status == CM_OK) {
        status = keep_also(c, err);
    }
    for (size_t i = 0; i < c->n && status == CM_OK; i++) {
        status = plan(c, &c->places[i], err);
    }
    return status;
}

/* ---- removal ------------------------------------------------------------- */

static cm_status take_result(const collecting *c, cm_gc_store *store,
                             cm_gc_object *object, const cm_removal *removal,
                             cm_error *err)
{
    const char *why = removal->why != NULL ? removal->why : "it is not known";
    if (removal->gone) {
        store->n_removed++;
        store->bytes += object->size;
        return CM_OK;
    }
    object->failed = cm_arena_strdup(&c->report->arena, why, strlen(why), err);
    return object->failed == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* Objects [first, first + n) of the store. */
static cm_status remove_some(const collecting *c, const place *at, size_t first,
                             size_t n, cm_error *err)
{
    cm_gc_store *store = &c->report->stores[at->store];
    cm_removal *removals = cm_alloc_zero(n, sizeof *removals, err);
    if (removals == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        removals[i].key = store->objects[first + i].key;
    }
    cm_status status = cm_storage_remove_all(at->storage, removals, n, err);
    for (size_t i = 0; i < n; i++) {
        cm_status taken = take_result(c, store, &store->objects[first + i],
                                      &removals[i], NULL);
        status = status == CM_OK ? taken : status;
        free(removals[i].why);
    }
    free(removals);
    return status;
}

/* When a listing stays, so do the files, some of which it may name. */
static cm_status sweep(const collecting *c, const place *at, cm_error *err)
{
    const cm_gc_store *store = &c->report->stores[at->store];
    size_t n = store->n_folders;
    cm_status status = remove_some(c, at, 0, n, err);
    return status == CM_OK ? remove_some(c, at, n, store->n - n, err) : status;
}

/* ---- the command --------------------------------------------------------- */

static cm_status open_projects(collecting *c, cm_error *err)
{
    size_t n = c->options->n_projects;
    cm_status status = CM_OK;
    c->projects = cm_alloc_zero(n, sizeof *c->projects, err);
    if (c->projects == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        cm_repo *repo = &c->projects[c->n_projects++];
        status = cm_repo_open(repo, c->options->projects[i], c->repo->log, err);
        if (status == CM_OK && strcmp(repo->root, c->repo->root) != 0) {
            status = cm_repo_lock(repo, err);
        }
    }
    return status;
}

static cm_status gather(collecting *c, cm_error *err)
{
    used_options options = {.choice = c->options->keep,
                            .remote = c->options->remote,
                            .force = c->options->force,
                            .skip_failed = c->options->skip_failed};
    cm_status status = used_objects_add(&c->used, c->repo, &options, err);
    for (size_t i = 0; i < c->n_projects && status == CM_OK; i++) {
        status = used_objects_add(&c->used, &c->projects[i], &options, err);
    }
    c->report->n_skipped = c->used.n_skipped;
    return status;
}

static void release(collecting *c)
{
    for (size_t i = 0; i < c->n; i++) {
        cm_storage_close(c->places[i].storage);
        object_names_release(&c->places[i].keep);
    }
    free(c->places);
    used_objects_release(&c->used);
    for (size_t i = 0; i < c->n_projects; i++) {
        cm_repo_close(&c->projects[i]);
    }
    free(c->projects);
}

cm_status cm_gc(const cm_repo *repo, const cm_gc_options *options,
                cm_gc_report *report, cm_error *err)
{
    collecting c = {.repo = repo, .options = options, .report = report};
    *report = (cm_gc_report){0};
    cm_status status = open_projects(&c, err);
    if (status == CM_OK) {
        status = gather(&c, err);
    }
    if (status == CM_OK) {
        status = plan_all(&c, err);
    }
    for (size_t i = 0; i < c.n && status == CM_OK && !options->dry; i++) {
        status = sweep(&c, &c.places[i], err);
    }
    release(&c);
    return status;
}

void cm_gc_report_release(cm_gc_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        free(report->stores[i].objects);
    }
    free(report->stores);
    cm_arena_release(&report->arena);
    *report = (cm_gc_report){0};
}
