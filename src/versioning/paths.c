/* Paths as texts. */
#include "versioning/paths.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* Adds the parts of path to the absolute path in out. */
static void add_parts(cm_buf *out, const char *path)
{
    while (*path != '\0') {
        size_t n = strcspn(path, "/");
        cm_str part = {path, n};
        if (cm_str_is(part, "..")) {
            while (out->n > 0 && out->p[--out->n] != '/') {
            }
        } else if (n > 0 && !cm_str_is(part, ".")) {
            cm_buf_addc(out, '/');
            cm_buf_add(out, path, n);
        }
        path += n;
        path += *path == '/';
    }
}

static char *finish(cm_buf *out, const char *empty)
{
    if (out->n == 0) {
        cm_buf_adds(out, empty);
    }
    cm_buf_add(out, "", 0);
    if (out->failed) {
        cm_buf_release(out);
        return NULL;
    }
    out->p[out->n] = '\0';
    return out->p;
}

char *path_absolute(const char *folder, const char *path)
{
    cm_buf out = {0};
    if (path[0] != '/') {
        add_parts(&out, folder);
    }
    add_parts(&out, path);
    return finish(&out, "/");
}

char *path_relative(const char *path, const char *folder)
{
    cm_buf out = {0};
    size_t i = 0, common = 0;
    while (path[i] != '\0' && path[i] == folder[i]) {
        i++;
        common = path[i] == '/' ? i : common;
    }
    bool path_ends = path[i] == '\0' || path[i] == '/';
    bool folder_ends = folder[i] == '\0' || folder[i] == '/';
    common = path_ends && folder_ends ? i : common;
    for (const char *p = folder + common; *p != '\0';) {
        p += *p == '/';
        size_t n = strcspn(p, "/");
        cm_buf_adds(&out, n > 0 ? (out.n > 0 ? "/.." : "..") : "");
        p += n;
    }
    const char *rest = path + common;
    rest += *rest == '/';
    if (*rest != '\0') {
        cm_buf_adds(&out, out.n > 0 ? "/" : "");
        cm_buf_adds(&out, rest);
    }
    return finish(&out, ".");
}

char *path_working(cm_error *err)
{
    char *path = getcwd(NULL, 0);
    if (path == NULL) {
        (void)cm_fail_errno(err, "cannot tell the working folder");
    }
    return path;
}

bool path_is_below(const char *path, const char *folder)
{
    size_t n = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

bool path_has(const char *folder, const char *name)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    return n > 0 && n < (int)sizeof path && access(path, F_OK) == 0;
}

bool path_is_url(const char *path)
{
    size_t n = 0;
    while (isalnum((unsigned char)path[n]) || path[n] == '_') {
        n++;
    }
    return n > 0 && strncmp(path + n, "://", 3) == 0;
}
