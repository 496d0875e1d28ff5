/* What all parts of reading .cbm stand on: memory that is counted before it is
 * taken, and the parts of the file. */
#include "model/cbm_reader.h"

#include <string.h>

enum {
    MIB = 1 << 20,
    MEMORY_FACTOR = 4,      /* most memory: 4 times the file + 48 MiB, */
    MEMORY_BASE = 48 * MIB, /* beside what parsing the parameters takes */
};

size_t cbm_budget(size_t file_bytes)
{
    return MEMORY_FACTOR * file_bytes + MEMORY_BASE;
}

/* ---- memory ---------------------------------------------------------- */

bool cbm_charge(cbm_reader *r, size_t count, size_t size)
{
    size_t bytes;
    if (r->fb.status != CM_OK) {
        return false;
    }
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > r->budget) {
        fb_fail(&r->fb, CM_ERR_UNSUPPORTED, 0,
                "the model would take more memory than %d times the file's "
                "%zu bytes and %d MiB. The file is damaged, or its trees are "
                "too small for this version",
                (int)MEMORY_FACTOR, r->file.n, (int)(MEMORY_BASE / MIB));
        return false;
    }
    r->budget -= bytes;
    return true;
}

void *cbm_take(cbm_reader *r, size_t count, size_t size)
{
    if (!cbm_charge(r, count, 2 * size) || !cbm_charge(r, 2, CBM_ARENA_ALIGN)) {
        return NULL;
    }
    void *p = model_alloc(&r->arena, count, size, r->fb.err);
    if (p == NULL) {
        r->fb.status = CM_ERR_NOMEM;
    }
    return p;
}

void *cbm_copy(cbm_reader *r, fb_vector v, size_t size)
{
    void *copy = cbm_take(r, v.n, size);
    if (copy != NULL && v.n > 0) {
        memcpy(copy, r->fb.bytes + v.at, v.n * size);
    }
    return copy;
}

const char *cbm_copy_text(cbm_reader *r, cm_str text)
{
    char *copy = cbm_take(r, text.n + 1, 1);
    if (copy == NULL) {
        return NULL;
    }
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    copy[text.n] = '\0';
    if (strlen(copy) != text.n || cm_utf8_valid(text) != text.n) {
        fb_fail(&r->fb, CM_ERR_DATA,
                (size_t)((const uint8_t *)text.p - r->fb.bytes),
                "a text of %zu bytes is not UTF-8, or has a zero byte", text.n);
    }
    return copy;
}

uint32_t cbm_get_index(cbm_reader *r, fb_table t, unsigned slot,
                       const char *what)
{
    int32_t index = fb_get_int(&r->fb, t, slot, -1);
    if (r->fb.status == CM_OK && index < 0) {
        fb_fail(&r->fb, CM_ERR_DATA, t.at,
                "%s is %d; expected 0 or more. The file is damaged", what,
                index);
    }
    return index < 0 ? 0 : (uint32_t)index;
}

/* ---- parts ----------------------------------------------------------- */

uint32_t cbm_next_u32(cbm_reader *r)
{
    uint32_t value = 0;
    if (r->fb.status == CM_OK && r->file.n - r->at < sizeof value) {
        r->fb.offset = r->at;
        fb_fail(&r->fb, CM_ERR_DATA, 0,
                "the file ends where the size of a part was expected; it is "
                "damaged");
    }
    if (r->fb.status == CM_OK) {
        memcpy(&value, r->file.p + r->at, sizeof value);
        r->at += sizeof value;
    }
    return value;
}

void cbm_next_part(cbm_reader *r)
{
    size_t size = cbm_next_u32(r);
    if (r->fb.status != CM_OK) {
        return;
    }
    r->fb.bytes = (const uint8_t *)r->file.p + r->at;
    r->fb.offset = r->at;
    r->fb.n = r->file.n - r->at;
    if (size > r->fb.n) {
        fb_fail(&r->fb, CM_ERR_DATA, 0,
                "a part of %zu bytes does not fit; the file has %zu more. It "
                "is damaged",
                size, r->fb.n);
    }
    r->fb.n = size;
    r->at += size;
}
