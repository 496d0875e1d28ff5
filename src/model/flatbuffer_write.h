/* Builds a flatbuffer front to back: an object first, then what it links to.
 *
 * Only what CatBoost's model needs: tables of bytes, ints, floats, doubles and
 * links; vectors of scalars, of structs and of links; strings.  Positions
 * count from the start of the flatbuffer, which need not be that of the text
 * it is in.  Private to model. */
#ifndef CM_MODEL_FLATBUFFER_WRITE_H
#define CM_MODEL_FLATBUFFER_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

typedef struct fb_writer {
    cm_buf *out; /* a failed allocation shows in fb_end */
    size_t start;
} fb_writer;

/* A field of a table: its bytes, 0 for one that is absent. */
typedef struct fb_field {
    uint32_t size;
    uint64_t bits;
} fb_field;

static inline fb_field fb_byte(uint8_t value)
{
    return (fb_field){1, value};
}

static inline fb_field fb_int(int32_t value)
{
    return (fb_field){4, (uint32_t)value};
}

static inline fb_field fb_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (fb_field){4, bits};
}

static inline fb_field fb_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (fb_field){8, bits};
}

/* A link that fb_set_link makes once its object is written. */
static inline fb_field fb_link(void)
{
    return (fb_field){4, 0};
}

/* Starts a flatbuffer at the end of out. */
void fb_begin(fb_writer *w, cm_buf *out);
/* Ends it; root: the position of its first table. */
CM_MUST_USE cm_status fb_end(fb_writer *w, size_t root, cm_error *err);

/* All return the position of the object.  fields (n): one a slot, in order. */
size_t fb_put_table(fb_writer *w, const fb_field *fields, size_t n);
size_t fb_put_string(fb_writer *w, cm_str text);
/* n elements of `size` bytes, of which `alignment` bytes are a number. */
size_t fb_put_vector(fb_writer *w, const void *elements, size_t n, size_t size,
                     size_t alignment);
/* The same, piece by piece: fb_add_elements until n elements are there. */
size_t fb_open_vector(fb_writer *w, size_t n, size_t alignment);
void fb_add_elements(fb_writer *w, const void *elements, size_t n, size_t size);
/* n links, to be set. */
size_t fb_put_links(fb_writer *w, size_t n);

/* Points a table's slot, or element i of a vector of links, to an object that
 * was written after it. */
void fb_set_link(fb_writer *w, size_t table, size_t slot, size_t object);
void fb_set_element(fb_writer *w, size_t vector, size_t i, size_t object);

#endif
