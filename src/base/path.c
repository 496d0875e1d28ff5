/* Path arithmetic: text in, text out, the file system is not asked. */
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static char *copy_of(const char *text, size_t n)
{
    char *copy = cm_alloc(n + 1, 1, NULL);
    if (copy != NULL) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return copy;
}

char *cm_path_join(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    if (n == 0 || name[0] == '/') {
        return copy_of(name, strlen(name));
    }
    size_t slash = dir[n - 1] == '/' ? 0 : 1;
    size_t m = strlen(name);
    char *path = cm_alloc(n + slash + m + 1, 1, NULL);
    if (path != NULL) {
        memcpy(path, dir, n);
        path[n] = '/';
        memcpy(path + n + slash, name, m + 1);
    }
    return path;
}

char *cm_path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return copy_of(".", 1);
    }
    size_t n = (size_t)(slash - path);
    return copy_of(path, n == 0 ? 1 : n);
}

const char *cm_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

char *cm_path_replace_suffix(const char *path, const char *suffix)
{
    const char *base = cm_path_base(path);
    const char *dot = strrchr(base, '.');
    size_t n = dot == NULL || dot == base ? strlen(path) : (size_t)(dot - path);
    size_t m = strlen(suffix);
    char *result = cm_alloc(n + m + 1, 1, NULL);
    if (result != NULL) {
        memcpy(result, path, n);
        memcpy(result + n, suffix, m + 1);
    }
    return result;
}
