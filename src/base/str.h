/* Text: views that own nothing, and a growing buffer. */
#ifndef CM_BASE_STR_H
#define CM_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A view of bytes that somebody else owns; not NUL-terminated. */
typedef struct cm_str {
    const char *p;
    size_t n;
} cm_str;

#define CM_STR(literal) ((cm_str){(literal), sizeof(literal) - 1})
#define CM_STR_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */

cm_str cm_str_of(const char *text);
bool cm_str_equal(cm_str a, cm_str b);
bool cm_str_is(cm_str a, const char *text);
int cm_str_compare(cm_str a, cm_str b); /* by bytes, shorter first */
bool cm_str_ends_with(cm_str a, const char *suffix);
cm_str cm_str_trim(cm_str text); /* of blanks at both ends */
/* The same of any of the bytes in `set`. */
cm_str cm_str_strip(cm_str text, const char *set);

/* Length of the valid UTF-8 prefix of s; s.n when all of it is valid. */
size_t cm_utf8_valid(cm_str s);

/* Edit distance (Levenshtein) of two words, for "did you mean". */
size_t cm_edit_distance(cm_str a, cm_str b);

/* The word of `words` (n of them) nearest to `word`; NULL when none is near. */
const char *cm_nearest_word(cm_str word, const char *const *words, size_t n);

/* A growing byte buffer, always NUL-terminated when not empty.  A failed
 * allocation sets `failed` and turns later calls into no-ops, so a writer
 * checks once, with cm_buf_check, at its end.  Zero-initialised is empty. */
typedef struct cm_buf {
    char *p;
    size_t n;
    size_t capacity;
    bool failed;
} cm_buf;

void cm_buf_add(cm_buf *buf, const void *bytes, size_t n);
void cm_buf_adds(cm_buf *buf, const char *text);
void cm_buf_addc(cm_buf *buf, char c);
void cm_buf_addf(cm_buf *buf, const char *fmt, ...) CM_PRINTF(2, 3);
void cm_buf_add_double(cm_buf *buf, double value); /* shortest round trip */
void cm_buf_clear(cm_buf *buf);
void cm_buf_release(cm_buf *buf);
CM_MUST_USE cm_status cm_buf_check(const cm_buf *buf, cm_error *err);

#endif
