/* What has to be done to make a path what an object is. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/cache_store.h"
#include "versioning/checkout.h"
#include "versioning/paths.h"

enum { NAMED = 10 }; /* files that an error names */

static cm_status put(checkout_files *list, checkout_file file, cm_error *err)
{
    cm_status status = cm_grow(&list->items, list->n, &list->capacity,
                               sizeof *list->items, err);
    if (status == CM_OK) {
        list->items[list->n++] = file;
    }
    return status;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const checkout_file *)a)->path,
                  ((const checkout_file *)b)->path);
}

static void sort(checkout_files *list)
{
    if (list->n > 0) {
        qsort(list->items, list->n, sizeof *list->items, by_path);
    }
}

/* ---- what is wanted ------------------------------------------------------ */

/* A listing may come from anywhere: it must not lead out of its folder. */
static bool leads_out(const char *path)
{
    bool bad = *path == '\0';
    while (*path != '\0') {
        size_t n = strcspn(path, "/");
        cm_str part = {path, n};
        bad = bad || n == 0 || cm_str_is(part, ".") || cm_str_is(part, "..");
        path += n;
        bad = bad || (path[0] == '/' && path[1] == '\0');
        path += *path == '/';
    }
    return bad;
}

static const char *path_in(checkout_plan *plan, const char *relative,
                           cm_error *err)
{
    size_t n = strlen(plan->path), m = strlen(relative);
    char *path = cm_arena_alloc(&plan->arena, n + m + 2, err);
    if (path != NULL) {
        memcpy(path, plan->path, n);
        path[n] = '/';
        memcpy(path + n + 1, relative, m + 1);
    }
    return path;
}

static cm_status want_listed(checkout_plan *plan, const cm_listed *entry,
                             checkout_files *want, cm_error *err)
{
    if (leads_out(entry->relpath)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: its listing names '%s', which is no path in it",
                       plan->path, entry->relpath);
    }
    const char *path = path_in(plan, entry->relpath, err);
    return path == NULL
               ? CM_ERR_NOMEM
               : put(want, (checkout_file){path, entry->md5, entry->size}, err);
}

/* part, relative to the out, "" for all of it. */
static cm_status want_folder(checkout_plan *plan, const cm_out *out,
                             const char *part, checkout_files *want,
                             cm_error *err)
{
    if (!cm_cache_has(plan->repo, out->md5)) {
        return put(&plan->missing, (checkout_file){plan->path, out->md5, 0},
                   err);
    }
    cm_status status =
        cm_cache_listing(plan->repo, out->md5, &plan->listing, err);
    for (size_t i = 0; i < plan->listing.n && status == CM_OK; i++) {
        const cm_listed *entry = &plan->listing.entries[i];
        if (part[0] == '\0' || path_is_below(entry->relpath, part)) {
            status = want_listed(plan, entry, want, err);
        }
    }
    sort(want);
    return status;
}

/* ---- what is to be done -------------------------------------------------- */

static cm_status lose(checkout_plan *plan, const checkout_file *have,
                      cm_error *err)
{
    return cm_cache_has(plan->repo, have->md5)
               ? CM_OK
               : put(&plan->unsaved, *have, err);
}

static cm_status plan_remove(checkout_plan *plan, const checkout_file *have,
                             cm_error *err)
{
    cm_status status = lose(plan, have, err);
    return status == CM_OK ? put(&plan->remove, *have, err) : status;
}

static cm_status plan_make(checkout_plan *plan, const checkout_file *want,
                           cm_error *err)
{
    return cm_cache_has(plan->repo, want->md5)
               ? put(&plan->make, *want, err)
               : put(&plan->missing, *want, err);
}

/* A file that is there and wanted. */
static cm_status plan_keep(checkout_plan *plan, const checkout_file *have,
                           const checkout_file *want, bool relink,
                           cm_error *err)
{
    if (strcmp(have->md5, want->md5) != 0) {
        cm_status status = lose(plan, have, err);
        plan->replaces = true;
        return status == CM_OK ? plan_make(plan, want, err) : status;
    }
    if (!relink) {
        return CM_OK;
    }
    char *object = cm_cache_path(plan->repo, want->md5);
    cm_status status = CM_OK;
    if (object == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    } else if (!link_is_right(plan->repo, have->path, object)) {
        status = plan_make(plan, want, err);
    }
    free(object);
    return status;
}

/* Both in the order of paths. */
static cm_status compare(checkout_plan *plan, const checkout_files *have,
                         const checkout_files *want, bool relink, cm_error *err)
{
    cm_status status = CM_OK;
    size_t i = 0, k = 0;
    while ((i < have->n || k < want->n) && status == CM_OK) {
        int order = i == have->n   ? 1
                    : k == want->n ? -1
                                   : by_path(&have->items[i], &want->items[k]);
        if (order < 0) {
            status = plan_remove(plan, &have->items[i++], err);
        } else if (order > 0) {
            status = plan_make(plan, &want->items[k++], err);
        } else {
            status = plan_keep(plan, &have->items[i++], &want->items[k++],
                               relink, err);
        }
    }
    return status;
}

static cm_status list_have(checkout_plan *plan, cm_file_state *state,
                           const char *path, checkout_files *have,
                           cm_error *err)
{
    cm_status status = walk_path(&plan->have, plan->repo, path, err);
    if (status == CM_OK && plan->have.n > 0) {
        status = workspace_read(plan->repo, state, &plan->have, err);
    }
    for (size_t i = 0; i < plan->have.n && status == CM_OK; i++) {
        const walked *file = &plan->have.files[i];
        status =
            put(have, (checkout_file){file->path, file->md5, file->stamp.size},
                err);
    }
    sort(have);
    return status;
}

static cm_status plan_all(checkout_plan *plan, cm_file_state *state,
                          const char *path, const char *part, const cm_out *out,
                          bool relink, cm_error *err)
{
    checkout_files have = {0}, want = {0};
    const char *inner = part != NULL ? part + strlen(path) : "";
    inner += *inner == '/';
    cm_status status =
        plan->is_folder
            ? want_folder(plan, out, inner, &want, err)
            : put(&want, (checkout_file){plan->path, out->md5, out->size}, err);
    if (status == CM_OK && plan->missing.n == 0) {
        status =
            list_have(plan, state, *inner != '\0' ? part : path, &have, err);
    }
    if (status == CM_OK && plan->missing.n == 0) {
        status = want.n == 0 && *inner != '\0' && !plan->have.found
                     ? cm_fail(err, CM_ERR_USAGE,
                               "'%s' is nothing that %s has, now or as it is "
                               "tracked",
                               part, path)
                     : compare(plan, &have, &want, relink, err);
    }
    free(have.items);
    free(want.items);
    return status;
}

cm_status checkout_plan_make(checkout_plan *plan, const cm_repo *repo,
                             cm_file_state *state, const char *path,
                             const char *part, const cm_out *out, bool relink,
                             cm_error *err)
{
    *plan = (checkout_plan){.repo = repo,
                            .is_folder = cm_out_is_folder(out),
                            .is_exec = out->is_exec};
    plan->path = cm_path_join(repo->root, path);
    if (plan->path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    plan->was_there = cm_file_exists(plan->path);
    return plan_all(plan, state, path, part, out, relink, err);
}

void checkout_plan_release(checkout_plan *plan)
{
    free(plan->path);
    free(plan->make.items);
    free(plan->remove.items);
    free(plan->unsaved.items);
    free(plan->missing.items);
    walk_release(&plan->have);
    cm_listing_release(&plan->listing);
    cm_arena_release(&plan->arena);
}

bool checkout_plan_changes(const checkout_plan *plan)
{
    return plan->make.n + plan->remove.n > 0 ||
           (plan->is_folder && !plan->was_there);
}

/* ---- what stands against it ---------------------------------------------- */

static void name_files(cm_buf *text, const checkout_files *list, size_t *named,
                       size_t *total)
{
    for (size_t i = 0; i < list->n; i++) {
        if (*named < NAMED) {
            cm_buf_addf(text, "%s%s", *named > 0 ? ", " : "",
                        list->items[i].path);
            ++*named;
        }
        ++*total;
    }
}

cm_status checkout_refuse_loss(const checkout_plan *plans, size_t n,
                               cm_error *err)
{
    cm_buf text = {0};
    size_t named = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        name_files(&text, &plans[i].unsaved, &named, &total);
    }
    if (total > named) {
        cm_buf_addf(&text, " and %zu more", total - named);
    }
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK && total > 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: not in the cache, and would be lost; save them "
                         "with clickmill add, or give --force",
                         text.p);
    }
    cm_buf_release(&text);
    return status;
}

cm_status checkout_refuse_missing(const checkout_plan *plan, cm_error *err)
{
    cm_buf text = {0};
    size_t named = 0, total = 0;
    name_files(&text, &plan->missing, &named, &total);
    if (total > named) {
        cm_buf_addf(&text, " and %zu more", total - named);
    }
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK && total > 0) {
        status =
            cm_fail(err, CM_ERR_DATA,
                    "%s: not in the cache; get it with clickmill pull", text.p);
    }
    cm_buf_release(&text);
    return status;
}
