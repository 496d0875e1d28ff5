/* Reads a flatbuffer that may be anything. */
#include "model/flatbuffer_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { VTABLE_HEAD = 4, TABLE_HEAD = 4, LENGTH_BYTES = 4 };

void fb_fail(fb_reader *r, cm_status code, size_t at, const char *fmt, ...)
{
    char what[512];
    va_list args;
    if (r->status != CM_OK) {
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    r->status = cm_fail(r->err, code, "%s: byte %zu: %s", r->file,
                        r->offset + at, what);
}

/* Whether `size` bytes at a position are there; records a failure if not. */
static bool has(fb_reader *r, size_t at, size_t size, const char *what)
{
    if (r->status == CM_OK && (at > r->n || size > r->n - at)) {
        fb_fail(r, CM_ERR_DATA, at < r->n ? at : r->n,
                "%s of %zu bytes does not fit; the part of the file it is in "
                "has %zu bytes. The file is damaged",
                what, size, r->n);
    }
    return r->status == CM_OK;
}

static uint32_t u32_at(const fb_reader *r, size_t at)
{
    uint32_t value;
    memcpy(&value, r->bytes + at, sizeof value);
    return value;
}

static uint16_t u16_at(const fb_reader *r, size_t at)
{
    uint16_t value;
    memcpy(&value, r->bytes + at, sizeof value);
    return value;
}

/* The object that the link at a position leads to; the link is there. */
static size_t follow(fb_reader *r, size_t at)
{
    size_t distance = u32_at(r, at);
    if (distance == 0 || distance > r->n - at) {
        fb_fail(r, CM_ERR_DATA, at,
                "a link leads %zu bytes on, past the end of its part of the "
                "file. The file is damaged",
                distance);
    }
    return at + distance;
}

static fb_table table_at(fb_reader *r, size_t at)
{
    if (!has(r, at, TABLE_HEAD, "a table")) {
        return (fb_table){0};
    }
    int64_t vtable = (int64_t)at - (int32_t)u32_at(r, at);
    if (vtable < 0 || (uint64_t)vtable > r->n) {
        fb_fail(r, CM_ERR_DATA, at,
                "a table's list of slots lies outside its part of the file. "
                "The file is damaged");
        return (fb_table){0};
    }
    fb_table t = {.at = at, .vtable = (size_t)vtable};
    if (has(r, t.vtable, VTABLE_HEAD, "a list of slots")) {
        t.vtable_bytes = u16_at(r, t.vtable);
        t.bytes = u16_at(r, t.vtable + 2);
    }
    return has(r, t.vtable, t.vtable_bytes, "a list of slots") &&
                   has(r, at, t.bytes, "a table")
               ? t
               : (fb_table){0};
}

/* Position of a slot's field, 0 when absent. */
static size_t field(fb_reader *r, fb_table t, unsigned slot, size_t size)
{
    size_t entry = VTABLE_HEAD + sizeof(uint16_t) * slot;
    if (t.at == 0 || r->status != CM_OK ||
        entry + sizeof(uint16_t) > t.vtable_bytes) {
        return 0;
    }
    size_t place = u16_at(r, t.vtable + entry);
    if (place != 0 && place + size > t.bytes) {
        fb_fail(r, CM_ERR_DATA, t.vtable + entry,
                "field %u lies %zu bytes behind the start of a table of %u "
                "bytes. The file is damaged",
                slot, place, (unsigned)t.bytes);
        return 0;
    }
    return place == 0 ? 0 : t.at + place;
}

static void copy_field(fb_reader *r, fb_table t, unsigned slot, void *out,
                       size_t size)
{
    size_t at = field(r, t, slot, size);
    if (at != 0) {
        memcpy(out, r->bytes + at, size);
    }
}

uint8_t fb_get_byte(fb_reader *r, fb_table t, unsigned slot, uint8_t fallback)
{
    copy_field(r, t, slot, &fallback, sizeof fallback);
    return fallback;
}

int32_t fb_get_int(fb_reader *r, fb_table t, unsigned slot, int32_t fallback)
{
    copy_field(r, t, slot, &fallback, sizeof fallback);
    return fallback;
}

float fb_get_float(fb_reader *r, fb_table t, unsigned slot, float fallback)
{
    copy_field(r, t, slot, &fallback, sizeof fallback);
    return fallback;
}

double fb_get_double(fb_reader *r, fb_table t, unsigned slot, double fallback)
{
    copy_field(r, t, slot, &fallback, sizeof fallback);
    return fallback;
}

static fb_vector vector_at(fb_reader *r, size_t at, size_t size)
{
    if (!has(r, at, LENGTH_BYTES, "a vector")) {
        return (fb_vector){0};
    }
    fb_vector v = {at + LENGTH_BYTES, u32_at(r, at)};
    return has(r, v.at, v.n * size, "a vector") ? v : (fb_vector){0};
}

static cm_str string_at(fb_reader *r, size_t at)
{
    fb_vector v = vector_at(r, at, 1);
    if (r->status != CM_OK) {
        return (cm_str){0};
    }
    return (cm_str){(const char *)r->bytes + v.at, v.n};
}

fb_table fb_root(fb_reader *r)
{
    return has(r, 0, LENGTH_BYTES, "a flatbuffer") ? table_at(r, follow(r, 0))
                                                   : (fb_table){0};
}

fb_table fb_get_table(fb_reader *r, fb_table t, unsigned slot)
{
    size_t at = field(r, t, slot, LENGTH_BYTES);
    return at == 0 ? (fb_table){0} : table_at(r, follow(r, at));
}

fb_vector fb_get_vector(fb_reader *r, fb_table t, unsigned slot, size_t size)
{
    size_t at = field(r, t, slot, LENGTH_BYTES);
    return at == 0 ? (fb_vector){0} : vector_at(r, follow(r, at), size);
}

cm_str fb_get_string(fb_reader *r, fb_table t, unsigned slot)
{
    size_t at = field(r, t, slot, LENGTH_BYTES);
    return at == 0 ? (cm_str){0} : string_at(r, follow(r, at));
}

static size_t element(const fb_reader *r, fb_vector v, size_t i)
{
    CM_ASSERT(i < v.n && v.at + 4 * v.n <= r->n);
    return v.at + 4 * i;
}

fb_table fb_element_table(fb_reader *r, fb_vector v, size_t i)
{
    return table_at(r, follow(r, element(r, v, i)));
}

cm_str fb_element_string(fb_reader *r, fb_vector v, size_t i)
{
    return string_at(r, follow(r, element(r, v, i)));
}

int32_t fb_element_int(const fb_reader *r, fb_vector v, size_t i)
{
    return (int32_t)u32_at(r, element(r, v, i));
}
