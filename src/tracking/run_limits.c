/* Keys and lengths, as MLflow checks them. */
#include "tracking/run_limits.h"

#include <string.h>

bool run_is_inside(cm_str path)
{
    const char *at = path.p;
    const char *end = path.p + path.n;
    bool good = path.n > 0;
    while (good && at <= end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t n = (size_t)((slash != NULL ? slash : end) - at);
        good = n > 0 && !(at[0] == '.' && (n == 1 || (n == 2 && at[1] == '.')));
        at += n + 1;
    }
    return good;
}

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr("_-./ :", c) != NULL);
}

bool run_is_key(cm_str key)
{
    bool good = key.n <= RUN_MAX_KEY;
    for (size_t i = 0; i < key.n && good; i++) {
        good = is_key_byte(key.p[i]);
    }
    return good && run_is_inside(key);
}

cm_status run_check_key(const char *what, const char *key, cm_error *err)
{
    if (run_is_key(cm_str_of(key))) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "%.300s cannot be the name of a %s: MLflow takes at most %d "
                   "of letters, digits, _ - . : / and blanks, with no empty "
                   "part and no . or .. between slashes",
                   key, what, (int)RUN_MAX_KEY);
}

size_t run_cut(const char *text, size_t n)
{
    size_t i = 0;
    for (; text[i] != '\0'; i++) {
        bool starts = ((unsigned char)text[i] & 0xc0) != 0x80;
        if (starts && n-- == 0) {
            break;
        }
    }
    return i;
}

cm_status run_check_text(const char *what, const char *text, size_t n,
                         cm_error *err)
{
    if (text[0] != '\0' && text[run_cut(text, n)] == '\0') {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "the %s of a run is %s; MLflow takes at most %zu characters",
                   what, text[0] == '\0' ? "empty" : "too long", n);
}
