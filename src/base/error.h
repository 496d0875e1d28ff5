/* Errors as values: every function that can fail returns a cm_status and
 * describes the failure in a cm_error that the caller owns (NULL: not wanted).
 * Both types are public: clickmill.h defines them. */
#ifndef CM_BASE_ERROR_H
#define CM_BASE_ERROR_H

#include <stdint.h>

#include "clickmill.h"

#define CM_PRINTF(fmt, a) __attribute__((format(printf, fmt, a)))

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
