/* Listings of folders: what DVC keeps as ".dir" objects, the JSON text that
 * Python's json.dumps writes, sorted by path. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "dvc/outs.h"
#include "dvc/python_text.h"
#include "dvc/utf8.h"

/* A path that stays inside of its folder: no "", "." or ".." between slashes,
 * none at its ends. */
static bool is_inside(cm_str path)
{
    size_t start = 0;
    for (size_t i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') {
            continue;
        }
        cm_str part = {path.p + start, i - start};
        if (part.n == 0 || cm_str_is(part, ".") || cm_str_is(part, "..")) {
            return false;
        }
        start = i + 1;
    }
    return memchr(path.p, '\0', path.n) == NULL;
}

cm_status cm_listing_add(cm_listing *listing, cm_str relpath, const char *md5,
                         uint64_t size, cm_error *err)
{
    if (!is_inside(relpath)) {
        return cm_fail(err, CM_ERR_DATA,
                       "found the path '%.*s' in a folder's listing, expected "
                       "one inside of the folder (no '..', no '/' in front)",
                       CM_STR_ARG(relpath));
    }
    cm_status status =
        cm_grow(&listing->entries, listing->n, &listing->capacity,
                sizeof *listing->entries, err);
    if (status != CM_OK) {
        return status;
    }
    cm_listed *entry = &listing->entries[listing->n];
    *entry = (cm_listed){.size = size};
    entry->relpath =
        cm_arena_strdup(&listing->arena, relpath.p, relpath.n, err);
    if (entry->relpath == NULL) {
        return CM_ERR_NOMEM;
    }
    (void)snprintf(entry->md5, sizeof entry->md5, "%s", md5);
    listing->n++;
    return CM_OK;
}

void cm_listing_release(cm_listing *listing)
{
    free(listing->entries);
    cm_arena_release(&listing->arena);
    *listing = (cm_listing){0};
}

/* ---- order --------------------------------------------------------------- */

/* By code points, bytes that are no UTF-8 as Python has them; where all are,
 * the order of bytes is the same. */
static int compare_paths(const void *a, const void *b)
{
    const char *x = ((const cm_listed *)a)->relpath;
    const char *y = ((const cm_listed *)b)->relpath;
    while (*x != '\0' && *x == *y) {
        x++;
        y++;
    }
    while (x > ((const cm_listed *)a)->relpath && (x[-1] & 0x80) != 0) {
        x--; /* to the last place where a code point surely begins */
        y--;
    }
    const char *x_end = x + strlen(x), *y_end = y + strlen(y);
    uint32_t c = 0, d = 0;
    do {
        c = x < x_end ? utf8_next(&x, x_end) : 0;
        d = y < y_end ? utf8_next(&y, y_end) : 0;
    } while (c == d && c != 0);
    return (c > d) - (c < d);
}

/* ---- text ---------------------------------------------------------------- */

cm_status cm_listing_format(cm_listing *listing, cm_buf *out,
                            char id[CM_OBJECT_TEXT], cm_error *err)
{
    if (listing->n > 0) {
        qsort(listing->entries, listing->n, sizeof *listing->entries,
              compare_paths);
    }
    cm_buf_addc(out, '[');
    for (size_t i = 0; i < listing->n; i++) {
        const cm_listed *entry = &listing->entries[i];
        cm_buf_adds(out, i > 0 ? ", " : "");
        cm_buf_addf(out, "{\"md5\": \"%s\", \"relpath\": ", entry->md5);
        python_quote(out, entry->relpath);
        cm_buf_addc(out, '}');
    }
    cm_buf_addc(out, ']');
    cm_status status = cm_buf_check(out, err);
    if (status == CM_OK) {
        cm_md5(id, out->p, out->n);
        memcpy(id + CM_MD5_HEX - 1, ".dir", sizeof ".dir");
    }
    return status;
}
