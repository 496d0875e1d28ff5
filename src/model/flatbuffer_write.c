/* Builds a flatbuffer front to back.
 *
 * A table's fields lie behind its first four bytes, the widest first, so that
 * only the table itself needs aligning.  Each table has a table of slots
 * (vtable) of its own, right before it:
 *
 *   u16 bytes of the vtable, u16 bytes of the table, u16 per slot: the field's
 *   place from the table's start, 0 when absent
 *   i32 from the table back to its vtable, then the fields */
#include "model/flatbuffer_write.h"

#include "base/error.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "flatbuffers are little-endian, and so are the processors that "
               "this writes numbers on");

enum { VTABLE_HEAD = 4, TABLE_HEAD = 4, MAX_SLOTS = 32 };

static size_t position(const fb_writer *w)
{
    return w->out->n - w->start;
}

static void put_zeros(fb_writer *w, size_t n)
{
    static const char zeros[8];
    cm_buf_add(w->out, zeros, n);
}

/* Zeros until `ahead` bytes further on is a multiple of alignment. */
static void align(fb_writer *w, size_t ahead, size_t alignment)
{
    size_t excess = (position(w) + ahead) % alignment;
    put_zeros(w, excess == 0 ? 0 : alignment - excess);
}

static void put_u16(fb_writer *w, size_t value)
{
    uint16_t number = (uint16_t)value;
    cm_buf_add(w->out, &number, sizeof number);
}

static void put_u32(fb_writer *w, size_t value)
{
    uint32_t number = (uint32_t)value;
    cm_buf_add(w->out, &number, sizeof number);
}

/* At a position that was written, unless the buffer failed meanwhile. */
static void patch_u32(fb_writer *w, size_t at, size_t value)
{
    uint32_t number = (uint32_t)value;
    if (!w->out->failed) {
        memcpy(w->out->p + w->start + at, &number, sizeof number);
    }
}

void fb_begin(fb_writer *w, cm_buf *out)
{
    *w = (fb_writer){out, out->n};
    put_u32(w, 0); /* fb_end fills it in */
}

cm_status fb_end(fb_writer *w, size_t root, cm_error *err)
{
    patch_u32(w, 0, root);
    cm_status status = cm_buf_check(w->out, err);
    if (status == CM_OK && position(w) > INT32_MAX) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "a part of the model takes %zu bytes, and .cbm holds "
                         "at most %d in one; write it as JSON",
                         position(w), INT32_MAX);
    }
    return status;
}

/* Fills places (n), a field's distance from the table's start, and returns the
 * bytes of the table. */
static size_t lay_out(uint16_t *places, const fb_field *fields, size_t n)
{
    static const uint32_t widths[] = {8, 4, 1};
    size_t bytes = TABLE_HEAD;
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        for (size_t i = 0; i < n; i++) {
            if (fields[i].size == widths[k]) {
                places[i] = (uint16_t)bytes;
                bytes += widths[k];
            }
        }
    }
    return bytes;
}

size_t fb_put_table(fb_writer *w, const fb_field *fields, size_t n)
{
    CM_ASSERT(n <= MAX_SLOTS);
    uint16_t places[MAX_SLOTS] = {0};
    char body[TABLE_HEAD + 8 * MAX_SLOTS];
    size_t vtable_bytes = VTABLE_HEAD + sizeof *places * n;
    size_t bytes = lay_out(places, fields, n);
    int32_t back = (int32_t)vtable_bytes;
    memcpy(body, &back, sizeof back);
    for (size_t i = 0; i < n; i++) {
        memcpy(body + places[i], &fields[i].bits, fields[i].size);
    }
    align(w, vtable_bytes + TABLE_HEAD, 8);
    put_u16(w, vtable_bytes);
    put_u16(w, bytes);
    cm_buf_add(w->out, places, sizeof *places * n);
    size_t table = position(w);
    cm_buf_add(w->out, body, bytes);
    return table;
}

size_t fb_put_string(fb_writer *w, cm_str text)
{
    size_t at = fb_put_vector(w, text.p, text.n, 1, 1);
    put_zeros(w, 1);
    return at;
}

size_t fb_open_vector(fb_writer *w, size_t n, size_t alignment)
{
    align(w, 0, 4);
    align(w, 4, alignment);
    size_t at = position(w);
    put_u32(w, n);
    return at;
}

void fb_add_elements(fb_writer *w, const void *elements, size_t n, size_t size)
{
    cm_buf_add(w->out, elements, n * size);
}

size_t fb_put_vector(fb_writer *w, const void *elements, size_t n, size_t size,
                     size_t alignment)
{
    size_t at = fb_open_vector(w, n, alignment);
    fb_add_elements(w, elements, n, size);
    return at;
}

size_t fb_put_links(fb_writer *w, size_t n)
{
    size_t at = fb_open_vector(w, n, 4);
    for (size_t i = 0; i < n; i++) {
        put_u32(w, 0);
    }
    return at;
}

void fb_set_link(fb_writer *w, size_t table, size_t slot, size_t object)
{
    int32_t back;
    uint16_t place;
    if (w->out->failed) {
        return;
    }
    const char *start = w->out->p + w->start + table;
    memcpy(&back, start, sizeof back);
    memcpy(&place, start - back + VTABLE_HEAD + sizeof place * slot,
           sizeof place);
    CM_ASSERT(place != 0 && object > table);
    patch_u32(w, table + place, object - table - place);
}

void fb_set_element(fb_writer *w, size_t vector, size_t i, size_t object)
{
    size_t at = vector + 4 + 4 * i;
    CM_ASSERT(w->out->failed || object > at);
    patch_u32(w, at, object - at);
}
