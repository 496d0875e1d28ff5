/* Two sorted lists of what is tracked, merged into changes. */
#include "versioning/diff.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/cache.h"
#include "versioning/paths.h"
#include "versioning/snapshot.h"
#include "versioning/tracked.h"

/* A file or a folder that has a hash of its own. */
typedef struct entry {
    const char *path; /* without '/' at its end */
    char md5[CM_OBJECT_TEXT];
    bool is_folder;
} entry;

/* What is tracked, before or after. */
typedef struct side {
    const char *rev; /* NULL: the workspace */
    entry *items;    /* (n) sorted */
    size_t n, capacity;
    const char **unknown; /* (n_unknown) folders without a listing */
    size_t n_unknown, unknown_capacity;
} side;

typedef struct comparing {
    const cm_repo *repo;
    const char *const *targets; /* (n) as given */
    const char **paths;         /* (n) the same, relative to the root */
    bool *found;                /* (n) */
    size_t n;
    side old, new;
    cm_file_state *state;
    cm_arena *arena;
} comparing;

/* As texts are ordered whose parts between '/' are compared one by one. */
static int compare_paths(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++, b++;
    }
    int x = *a == '/' ? 1 : (unsigned char)*a + (*a != '\0');
    int y = *b == '/' ? 1 : (unsigned char)*b + (*b != '\0');
    return x - y;
}

static int by_path(const void *a, const void *b)
{
    return compare_paths(((const entry *)a)->path, ((const entry *)b)->path);
}

/* ---- one side ------------------------------------------------------------ */

/* Whether a part of the item is asked for that path is, or lies in. */
static bool is_asked(const comparing *c, const cm_tracked *item,
                     const char *path)
{
    bool asked = c->n == 0;
    for (size_t i = 0; i < c->n && !asked; i++) {
        if (tracked_is_named(item, c->targets[i], c->paths[i])) {
            bool part = path_is_below(c->paths[i], item->path);
            asked = path_is_below(path, part ? c->paths[i] : item->path);
        }
    }
    return asked;
}

/* name (NULL: none): in the folder of the item. */
static cm_status add_entry(comparing *c, side *s, const cm_tracked *item,
                           const char *name, const char *md5, cm_error *err)
{
    cm_buf path = {0};
    cm_buf_adds(&path, item->path);
    if (name != NULL) {
        cm_buf_addf(&path, "/%s", name);
    }
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK && is_asked(c, item, path.p)) {
        char *kept = cm_arena_strdup(c->arena, path.p, path.n, err);
        status = kept == NULL ? CM_ERR_NOMEM
                              : cm_grow(&s->items, s->n, &s->capacity,
                                        sizeof *s->items, err);
        if (status == CM_OK) {
            entry *e = &s->items[s->n++];
            *e = (entry){.path = kept,
                         .is_folder = cm_str_ends_with(cm_str_of(md5), ".dir")};
            memcpy(e->md5, md5, strlen(md5) + 1);
        }
    }
    cm_buf_release(&path);
    return status;
}

static cm_status add_unknown(side *s, const char *path, cm_error *err)
{
    cm_status status = cm_grow(&s->unknown, s->n_unknown, &s->unknown_capacity,
                               sizeof *s->unknown, err);
    if (status == CM_OK) {
        s->unknown[s->n_unknown++] = path;
    }
    return status;
}

static cm_status add_item(comparing *c, side *s, const cm_tracked *item,
                          cm_error *err)
{
    cm_out now = item->out;
    cm_listing files = {0};
    cm_status status = tracked_refuse_old(item, err);
    if (status == CM_OK && s->rev == NULL) {
        status =
            cm_workspace_hash(c->repo, c->state, item->path, &now, &files, err);
    } else if (status == CM_OK && cm_out_is_folder(&now)) {
        status = cm_cache_has(c->repo, now.md5)
                     ? cm_cache_listing(c->repo, now.md5, &files, err)
                     : add_unknown(s, item->path, err);
    }
    if (status == CM_OK && (s->rev != NULL || now.md5[0] != '\0')) {
        status = add_entry(c, s, item, NULL, now.md5, err);
    }
    for (size_t i = 0; i < files.n && status == CM_OK; i++) {
        status = add_entry(c, s, item, files.entries[i].relpath,
                           files.entries[i].md5, err);
    }
    cm_listing_release(&files);
    return status;
}

/* Whether a target means the item, or a part of it. */
static bool is_named(comparing *c, const cm_tracked *item)
{
    bool named = c->n == 0;
    for (size_t i = 0; i < c->n; i++) {
        if (tracked_is_named(item, c->targets[i], c->paths[i])) {
            named = c->found[i] = true;
        }
    }
    return named;
}

/* Sorted, one of each path. */
static void sort_side(side *s)
{
    size_t n = 0;
    if (s->n > 0) {
        qsort(s->items, s->n, sizeof *s->items, by_path);
    }
    for (size_t i = 0; i < s->n; i++) {
        if (n == 0 || strcmp(s->items[n - 1].path, s->items[i].path) != 0) {
            s->items[n++] = s->items[i];
        }
    }
    s->n = n;
}

static cm_status load_side(comparing *c, side *s, cm_tracked_list *tracked,
                           cm_error *err)
{
    cm_status status = cm_repo_tracked_at(c->repo, s->rev, tracked, err);
    for (size_t i = 0; i < tracked->n && status == CM_OK; i++) {
        const cm_tracked *item = &tracked->items[i];
        if (is_named(c, item) && !item->out.no_cache) {
            status = add_item(c, s, item, err);
        }
    }
    sort_side(s);
    return status;
}

/* ---- changes ------------------------------------------------------------- */

static bool is_unknown(const side *s, const char *path)
{
    bool unknown = false;
    for (size_t i = 0; i < s->n_unknown && !unknown; i++) {
        unknown = path_is_below(path, s->unknown[i]) &&
                  strcmp(path, s->unknown[i]) != 0;
    }
    return unknown;
}

static const char *shown(comparing *c, const entry *e, cm_error *err)
{
    size_t n = strlen(e->path);
    char *path = cm_arena_alloc(c->arena, n + 2, err);
    if (path != NULL) {
        memcpy(path, e->path, n + 1);
        memcpy(path + n, e->is_folder ? "/" : "", e->is_folder ? 2 : 1);
    }
    return path;
}

/* NULL: it has none. */
static cm_status keep_hash(comparing *c, const char **out, const entry *e,
                           cm_error *err)
{
    *out = NULL;
    if (e->md5[0] != '\0') {
        *out = cm_arena_strdup(c->arena, e->md5, strlen(e->md5), err);
    }
    return *out != NULL || e->md5[0] == '\0' ? CM_OK : CM_ERR_NOMEM;
}

/* new: of what is renamed or modified. */
static cm_status add_change(comparing *c, cm_diff *diff, cm_change_kind kind,
                            const entry *of, const entry *new, cm_error *err)
{
    cm_status status = cm_grow(&diff->items, diff->n, &diff->capacity,
                               sizeof *diff->items, err);
    cm_change change = {.kind = kind};
    if (status == CM_OK) {
        status = keep_hash(c, &change.hash, of, err);
    }
    if (status == CM_OK && kind == CM_CHANGE_MODIFIED) {
        status = keep_hash(c, &change.new_hash, new, err);
    }
    if (status == CM_OK) {
        change.path = shown(c, of, err);
        status = change.path != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK && kind == CM_CHANGE_RENAMED) {
        change.new_path = shown(c, new, err);
        status = change.new_path != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK) {
        diff->items[diff->n++] = change;
    }
    return status;
}

/* Entries of one side alone. */
typedef struct lone {
    const entry **items;
    size_t n;
} lone;

static int by_hash(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    int order = strcmp(x->md5, y->md5);
    return order != 0 ? order : compare_paths(x->path, y->path);
}

/* Those of one hash become pairs in the order of their paths. */
static cm_status tell_lone(comparing *c, cm_diff *diff, lone *gone, lone *came,
                           cm_error *err)
{
    size_t i = 0, k = 0;
    cm_status status = CM_OK;
    if (gone->n > 0) {
        qsort(gone->items, gone->n, sizeof *gone->items, by_hash);
    }
    if (came->n > 0) {
        qsort(came->items, came->n, sizeof *came->items, by_hash);
    }
    while ((i < gone->n || k < came->n) && status == CM_OK) {
        const entry *old = i < gone->n ? gone->items[i] : NULL;
        const entry *new = k < came->n ? came->items[k] : NULL;
        int order = old == NULL   ? 1
                    : new == NULL ? -1
                                  : strcmp(old->md5, new->md5);
        if (order == 0 && old->md5[0] != '\0') {
            status = add_change(c, diff, CM_CHANGE_RENAMED, old, new, err);
            i++, k++;
        } else if (order <= 0) {
            status = add_change(c, diff, CM_CHANGE_DELETED, old, NULL, err);
            i++;
        } else {
            status = add_change(c, diff, CM_CHANGE_ADDED, new, NULL, err);
            k++;
        }
    }
    return status;
}

/* Whether the first (n) of the entries lies in a path that is no entry itself:
 * then the path is a folder there, which has no hash to compare. */
static bool is_above(const char *path, const entry *entries, size_t n)
{
    return n > 0 && path_is_below(entries->path, path);
}

/* old, new: of one path; NULL: not there. */
static cm_status look_at(comparing *c, cm_diff *diff, const entry *old,
                         const entry *new, lone *gone, lone *came,
                         cm_error *err)
{
    const char *path = old != NULL ? old->path : new->path;
    if (is_unknown(&c->old, path) || is_unknown(&c->new, path)) {
        return CM_OK;
    }
    cm_status status = CM_OK;
    if (old != NULL && c->new.rev == NULL && old->md5[0] != '\0' &&
        !cm_cache_has(c->repo, old->md5)) {
        status = add_change(c, diff, CM_CHANGE_NOT_IN_CACHE, old, NULL, err);
    }
    if (old == NULL) {
        came->items[came->n++] = new;
    } else if (new == NULL) {
        gone->items[gone->n++] = old;
    } else if (status == CM_OK && strcmp(old->md5, new->md5) != 0) {
        status = add_change(c, diff, CM_CHANGE_MODIFIED, old, new, err);
    }
    return status;
}

static cm_status merge(comparing *c, cm_diff *diff, cm_error *err)
{
    const side *a = &c->old, *b = &c->new;
    size_t i = 0, k = 0;
    lone gone = {cm_alloc(a->n, sizeof(entry *), err), 0};
    lone came = {cm_alloc(b->n, sizeof(entry *), err), 0};
    cm_status status =
        gone.items == NULL || came.items == NULL ? CM_ERR_NOMEM : CM_OK;
    while ((i < a->n || k < b->n) && status == CM_OK) {
        int order = i == a->n   ? 1
                    : k == b->n ? -1
                                : by_path(&a->items[i], &b->items[k]);
        const entry *old = order <= 0 ? &a->items[i++] : NULL;
        const entry *new = order >= 0 ? &b->items[k++] : NULL;
        bool above = old == NULL   ? is_above(new->path, a->items + i, a->n - i)
                     : new == NULL ? is_above(old->path, b->items + k, b->n - k)
                                   : false;
        if (!above) {
            status = look_at(c, diff, old, new, &gone, &came, err);
        }
    }
    if (status == CM_OK) {
        status = tell_lone(c, diff, &gone, &came, err);
    }
    free(gone.items);
    free(came.items);
    return status;
}

static int by_kind(const void *a, const void *b)
{
    const cm_change *x = a, *y = b;
    return x->kind != y->kind ? (int)x->kind - (int)y->kind
                              : strcmp(x->path, y->path);
}

/* ---- all of it ----------------------------------------------------------- */

static cm_status find_targets(comparing *c, cm_error *err)
{
    cm_status status = CM_OK;
    c->paths = cm_arena_alloc(c->arena, c->n * sizeof *c->paths, err);
    c->found = cm_arena_alloc(c->arena, c->n * sizeof *c->found, err);
    if (c->paths == NULL || c->found == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < c->n && status == CM_OK; i++) {
        c->found[i] = false;
        status =
            cm_repo_path(c->repo, c->targets[i], c->arena, &c->paths[i], err);
    }
    return status;
}

static cm_status refuse_unknown(const comparing *c, cm_error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        if (!c->found[i]) {
            return cm_fail(err, CM_ERR_USAGE,
                           "'%s' is no .dvc file, stage or tracked path, "
                           "neither before nor after",
                           c->targets[i]);
        }
    }
    return CM_OK;
}

static cm_status compare(comparing *c, cm_diff *diff, cm_error *err)
{
    cm_tracked_list before = {0}, after = {0};
    cm_status status = find_targets(c, err);
    if (status == CM_OK) {
        status = cm_file_state_open(&c->state, c->repo, err);
    }
    if (status == CM_OK) {
        status = load_side(c, &c->old, &before, err);
    }
    if (status == CM_OK) {
        status = load_side(c, &c->new, &after, err);
    }
    if (status == CM_OK) {
        status = refuse_unknown(c, err);
    }
    if (status == CM_OK) {
        status = merge(c, diff, err);
    }
    if (status == CM_OK && diff->n > 0) {
        qsort(diff->items, diff->n, sizeof *diff->items, by_kind);
    }
    cm_file_state_close(c->state);
    cm_tracked_list_release(&before);
    cm_tracked_list_release(&after);
    return status;
}

cm_status cm_diff_load(cm_diff *out, const cm_repo *repo,
                       const cm_diff_options *options, cm_error *err)
{
    bool commits = false;
    *out = (cm_diff){0};
    comparing c = {.repo = repo,
                   .targets = options->targets,
                   .n = options->n,
                   .old = {.rev = options->old_rev},
                   .new = {.rev = options->new_rev},
                   .arena = &out->arena};
    cm_status status = cm_repo_has_commits(repo, &commits, err);
    if (status == CM_OK && commits) {
        status = compare(&c, out, err);
    }
    free(c.old.items);
    free(c.old.unknown);
    free(c.new.items);
    free(c.new.unknown);
    return status;
}

void cm_diff_release(cm_diff *diff)
{
    free(diff->items);
    cm_arena_release(&diff->arena);
    *diff = (cm_diff){0};
}
