/* Errors as values: every function that can fail returns a cm_status and
 * describes the failure in a cm_error that the caller owns (NULL: not wanted).
 */
#ifndef CM_BASE_ERROR_H
#define CM_BASE_ERROR_H

#include <stdint.h>

typedef enum cm_status {
    CM_OK = 0,
    CM_ERR_NOMEM,       /* an allocation failed */
    CM_ERR_IO,          /* the operating system refused a read or a write */
    CM_ERR_PARSE,       /* input does not follow its format */
    CM_ERR_DATA,        /* well-formed input that cannot be used */
    CM_ERR_USAGE,       /* a wrong option, key or value of the user's */
    CM_ERR_GATE,        /* a data or quality gate was not met */
    CM_ERR_UNSUPPORTED, /* valid, but not handled by this version */
    CM_ERR_INTERRUPTED  /* stopped by a signal or a callback */
} cm_status;

#define CM_MUST_USE       __attribute__((warn_unused_result))
#define CM_PRINTF(fmt, a) __attribute__((format(printf, fmt, a)))

/* One failure, complete enough to act on: the message says where, what was
 * found, what was expected and what to do.  UTF-8, one line, no newline. */
typedef struct cm_error {
    cm_status code;
    char message[1024];
} cm_error;

/* A place in an input.  line and column count from 1; 0 means unknown. */
typedef struct cm_where {
    const char *file;
    uint64_t line;
    uint64_t column;
} cm_where;

/* Records the failure in err (when not NULL) and returns code, so that
 * `return cm_fail(err, CM_ERR_IO, ...)` is the whole error path. */
cm_status cm_fail(cm_error *err, cm_status code, const char *fmt, ...)
    CM_PRINTF(3, 4);

/* The same with "file:line:column: " in front of the message. */
cm_status cm_fail_at(cm_error *err, cm_status code, cm_where where,
                     const char *fmt, ...) CM_PRINTF(4, 5);

/* The same with ": <text of errno> " after the message; code CM_ERR_IO. */
cm_status cm_fail_errno(cm_error *err, const char *fmt, ...) CM_PRINTF(2, 3);

/* Puts "context: " in front of an already recorded message. */
void cm_error_prefix(cm_error *err, const char *fmt, ...) CM_PRINTF(2, 3);

/* Our own bugs, checked in release builds too: prints the place and aborts. */
#define CM_ASSERT(condition) \
    ((condition) ? (void)0 : cm_assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void cm_assert_failed(const char *text, const char *file, int line);

#endif
