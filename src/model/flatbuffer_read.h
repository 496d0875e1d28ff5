/* Reads a flatbuffer that may be anything: every link, slot, length and string
 * is checked against the bytes before it is followed, and nothing needs to be
 * aligned.
 *
 * The first failure stays in the reader with its place in the file; from then
 * on everything is absent or empty, so that a caller looks once, after a group
 * of reads.  Links only lead to what the caller asks for: no read recurses,
 * and a caller with a fixed number of levels cannot be led deeper.  Private to
 * model. */
#ifndef CM_MODEL_FLATBUFFER_READ_H
#define CM_MODEL_FLATBUFFER_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef struct fb_reader {
    const char *file; /* for messages */
    const uint8_t *bytes;
    size_t n;
    size_t offset; /* of bytes in the file */
    cm_status status;
    cm_error *err; /* may be NULL */
} fb_reader;

/* A table; zero-initialised it is absent, and so are its fields. */
typedef struct fb_table {
    size_t at;     /* 0: absent */
    size_t vtable; /* its slots' places are behind 4 bytes */
    uint16_t vtable_bytes, bytes;
} fb_table;

typedef struct fb_vector {
    size_t at; /* of its first element */
    size_t n;
} fb_vector;

/* Records a failure at a position, unless there is one already. */
void fb_fail(fb_reader *r, cm_status code, size_t at, const char *fmt, ...)
    CM_PRINTF(4, 5);

fb_table fb_root(fb_reader *r);

/* A field, or fallback when it is absent. */
uint8_t fb_get_byte(fb_reader *r, fb_table t, unsigned slot, uint8_t fallback);
int32_t fb_get_int(fb_reader *r, fb_table t, unsigned slot, int32_t fallback);
float fb_get_float(fb_reader *r, fb_table t, unsigned slot, float fallback);
double fb_get_double(fb_reader *r, fb_table t, unsigned slot, double fallback);

fb_table fb_get_table(fb_reader *r, fb_table t, unsigned slot);
/* Elements of `size` bytes; none when absent. */
fb_vector fb_get_vector(fb_reader *r, fb_table t, unsigned slot, size_t size);
/* p NULL when absent. */
cm_str fb_get_string(fb_reader *r, fb_table t, unsigned slot);

/* Element i < v.n of a vector of links, whose elements have 4 bytes. */
fb_table fb_element_table(fb_reader *r, fb_vector v, size_t i);
cm_str fb_element_string(fb_reader *r, fb_vector v, size_t i);

/* Element i < v.n of a vector of ints. */
int32_t fb_element_int(const fb_reader *r, fb_vector v, size_t i);

#endif
