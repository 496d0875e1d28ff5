/* Which part of a folder is a bundle: all of it, or, of the folder that `train`
 * writes to, the version whose files are those beside versions/.  (DVC does not
 * keep the link `current`.) */
#include <stdlib.h>
#include <string.h>

#include "registry/model_cache.h"

static const char manifest[] = "bundle.json";

/* Length of "versions/X/" of "versions/X/bundle.json"; false: no manifest. */
static bool is_manifest(const char *path, size_t *folder)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    *folder = (size_t)(base - path);
    return strcmp(base, manifest) == 0;
}

/* prefix (n) + name is in the listing with this md5; NULL: with any. */
static bool has(const cm_listing *listing, const char *prefix, size_t n,
                const char *name, const char *md5)
{
    for (size_t i = 0; i < listing->n; i++) {
        const cm_listed *file = &listing->entries[i];
        if (strncmp(file->relpath, prefix, n) == 0 &&
            strcmp(file->relpath + n, name) == 0) {
            return md5 == NULL || strcmp(file->md5, md5) == 0;
        }
    }
    return false;
}

/* Every file beside versions/ is, by its hash, this version's. */
static bool is_current(const cm_listing *listing, const char *prefix, size_t n)
{
    size_t n_same = 0;
    for (size_t i = 0; i < listing->n; i++) {
        const cm_listed *file = &listing->entries[i];
        if (strchr(file->relpath, '/') != NULL || file->relpath[0] == '.') {
            continue;
        }
        if (!has(listing, prefix, n, file->relpath, file->md5)) {
            return false;
        }
        n_same++;
    }
    return n_same > 0;
}

static char *copy_of(const char *text, size_t n, cm_error *err)
{
    char *copy = cm_alloc(n + 1, 1, err);
    if (copy != NULL) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return copy;
}

/* "models/x" as "models/x/", where the listing has a bundle there. */
static char *wanted_of(const cm_listing *listing, const char *wanted,
                       cm_error *err)
{
    size_t n = wanted != NULL ? strlen(wanted) : 0;
    char *prefix = n > 0 ? copy_of(wanted, n + 1, err) : NULL;
    if (prefix != NULL) {
        prefix[n] = '/';
    }
    if (prefix != NULL && !has(listing, prefix, n + 1, manifest, NULL)) {
        free(prefix);
        prefix = NULL;
    }
    return prefix;
}

typedef struct candidates {
    const char *path; /* of the one that is meant */
    size_t n;         /* of path */
    size_t n_all, n_current;
} candidates;

static candidates look(const cm_listing *listing)
{
    candidates c = {0};
    for (size_t i = 0; i < listing->n; i++) {
        size_t n = 0;
        const char *path = listing->entries[i].relpath;
        if (!is_manifest(path, &n)) {
            continue;
        }
        bool current = n == 0 || is_current(listing, path, n);
        if (c.n_all == 0 || current) {
            c.path = path;
            c.n = n;
        }
        c.n_all++;
        c.n_current += current;
    }
    return c;
}

cm_status bundle_find_within(char **within, const cm_listing *listing,
                             const char *wanted, const char *name,
                             cm_error *err)
{
    *within = wanted_of(listing, wanted, err);
    if (*within != NULL) {
        return CM_OK;
    }
    candidates c = {0};
    if (has(listing, "", 0, manifest, NULL)) {
        c = (candidates){.path = "", .n_all = 1};
    } else {
        c = look(listing);
    }
    if (c.n_all == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: this folder has no bundle: none of its %zu files "
                       "is a %s; name the folder that clickmill train wrote",
                       name, listing->n, manifest);
    }
    if (c.n_all > 1 && c.n_current != 1) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: this folder has %zu bundles, and none of them is "
                       "the one that the files beside them are of; name one: "
                       "…/versions/VERSION",
                       name, c.n_all);
    }
    *within = copy_of(c.path, c.n, err);
    return *within != NULL ? CM_OK : CM_ERR_NOMEM;
}
