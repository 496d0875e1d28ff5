/* Errors as values: composing messages that are always one safe line. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = sizeof(((cm_error *)NULL)->message) };

/* Messages quote input, so control bytes (a newline, an escape sequence for
 * the terminal) are replaced, and a cut never splits a UTF-8 sequence. */
static void clean(char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f) {
            text[i] = '?';
        }
    }
    if (n + 1 < MESSAGE_SIZE) {
        return;
    }
    n -= 3;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
        n--;
    }
    memcpy(text + n, "...", 4);
}

/* Writes at `used` and returns the new length, never past the end. */
static size_t append_v(char *text, size_t used, const char *fmt, va_list args)
{
    int n = vsnprintf(text + used, MESSAGE_SIZE - used, fmt, args);
    if (n < 0) {
        return used;
    }
    size_t room = MESSAGE_SIZE - 1 - used;
    return used + ((size_t)n < room ? (size_t)n : room);
}

static size_t append(char *text, size_t used, const char *fmt, ...)
    CM_PRINTF(3, 4);

static size_t append(char *text, size_t used, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    used = append_v(text, used, fmt, args);
    va_end(args);
    return used;
}

/* The arguments may point into err->message, so composition goes aside. */
static cm_status store(cm_error *err, cm_status code, char *text)
{
    clean(text);
    err->code = code;
    memcpy(err->message, text, strlen(text) + 1);
    return code;
}

cm_status cm_fail(cm_error *err, cm_status code, const char *fmt, ...)
{
    if (err == NULL) {
        return code;
    }
    char text[MESSAGE_SIZE] = "";
    va_list args;
    va_start(args, fmt);
    append_v(text, 0, fmt, args);
    va_end(args);
    return store(err, code, text);
}

cm_status cm_fail_at(cm_error *err, cm_status code, cm_where where,
                     const char *fmt, ...)
{
    if (err == NULL) {
        return code;
    }
    char text[MESSAGE_SIZE] = "";
    size_t n = 0;
    if (where.file != NULL) {
        n = append(text, n, "%s:", where.file);
    }
    if (where.line > 0) {
        n = append(text, n, "%llu:", (unsigned long long)where.line);
    }
    if (where.line > 0 && where.column > 0) {
        n = append(text, n, "%llu:", (unsigned long long)where.column);
    }
    if (n > 0) {
        n = append(text, n, " ");
    }
    va_list args;
    va_start(args, fmt);
    append_v(text, n, fmt, args);
    va_end(args);
    return store(err, code, text);
}

cm_status cm_fail_errno(cm_error *err, const char *fmt, ...)
{
    int code = errno;
    if (err == NULL) {
        return CM_ERR_IO;
    }
    char text[MESSAGE_SIZE] = "";
    char reason[128] = "";
    va_list args;
    va_start(args, fmt);
    size_t n = append_v(text, 0, fmt, args);
    va_end(args);
    append(text, n, ": %s", strerror_r(code, reason, sizeof reason));
    return store(err, CM_ERR_IO, text);
}

void cm_error_prefix(cm_error *err, const char *fmt, ...)
{
    if (err == NULL) {
        return;
    }
    char text[MESSAGE_SIZE] = "";
    va_list args;
    va_start(args, fmt);
    size_t n = append_v(text, 0, fmt, args);
    va_end(args);
    append(text, n, ": %s", err->message);
    store(err, err->code, text);
}

void cm_assert_failed(const char *text, const char *file, int line)
{
    fprintf(stderr,
            "clickmill: internal error at %s:%d: %s does not hold. "
            "Please report this with the command that led to it.\n",
            file, line, text);
    abort();
}
