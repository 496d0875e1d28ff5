/* Parses the fields of a chunk, one column at a time, into packed values. */
#include "data/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "data/dataset_owner.h"
#include "data/value.h"

void cm_pack_codes(void *out, uint8_t width, const uint32_t *codes, size_t n)
{
    if (width == 1) {
        uint8_t *bytes = out;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (uint8_t)codes[i];
        }
    } else if (width == 2) {
        uint16_t *shorts = out;
        for (size_t i = 0; i < n; i++) {
            shorts[i] = (uint16_t)codes[i];
        }
    } else {
        memcpy(out, codes, n * sizeof *codes);
    }
}

struct cm_part_block {
    struct cm_part_block *next;
    size_t used, size;
    size_t unused; /* keeps bytes[] aligned to 16 */
    unsigned char bytes[];
};

enum { FIRST_BLOCK = 4 << 10, LAST_BLOCK = 256 << 10, ALIGN = 8 };

void cm_part_init(cm_part *part, cm_column_kind kind)
{
    *part = (cm_part){.kind = kind,
                      .keys = {.integers = kind == CM_COLUMN_INTEGER}};
}

void cm_part_release(cm_part *part)
{
    cm_keys_release(&part->keys);
    while (part->blocks != NULL) {
        struct cm_part_block *next = part->blocks->next;
        free(part->blocks);
        part->blocks = next;
    }
}

/* Blocks grow, so that a narrow column and a log of many columns take little
 * more than they hold. */
static void *store(cm_part *part, size_t n, cm_error *err)
{
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    struct cm_part_block *block = part->blocks;
    if (block == NULL || block->size - block->used < n) {
        size_t size = block == NULL ? FIRST_BLOCK : block->size * 2;
        size = size > LAST_BLOCK ? LAST_BLOCK : size;
        size = size < n ? n : size;
        block = cm_alloc(1, sizeof *block + size, err);
        if (block == NULL) {
            return NULL;
        }
        *block = (struct cm_part_block){.next = part->blocks, .size = size};
        part->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += n;
    return p;
}

static void remember_place(cm_part *part)
{
    part->keys_before = part->keys.n;
    part->block_before = part->blocks;
    part->used_before = part->blocks == NULL ? 0 : part->blocks->used;
}

static void drop_stored(cm_part *part)
{
    while (part->blocks != part->block_before) {
        struct cm_part_block *next = part->blocks->next;
        free(part->blocks);
        part->blocks = next;
    }
    if (part->blocks != NULL) {
        part->blocks->used = part->used_before;
    }
}

void cm_part_undo(cm_part *part)
{
    drop_stored(part);
    cm_keys_rollback(&part->keys, part->keys_before);
}

static bool parse_targets(uint8_t *out, const cm_chunk_rows *rows, size_t field)
{
    unsigned wrong = 0;
    for (size_t row = 0; row < rows->n_rows; row++) {
        cm_str text = cm_chunk_rows_field(rows, row, field);
        /* An empty field has its delimiter there: no digit. */
        unsigned value = (unsigned)(unsigned char)text.p[0] - '0';
        wrong |= value > 1 || text.n != 1;
        out[row] = (uint8_t)value;
    }
    return wrong == 0;
}

static bool parse_times(int64_t *out, cm_part *part, const cm_chunk_rows *rows,
                        size_t field)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        cm_str text = cm_chunk_rows_field(rows, row, field);
        if (text.n != part->time_n ||
            memcmp(text.p, part->time_text, text.n) != 0) {
            if (!cm_parse_time(text, &part->time_value)) {
                part->time_n = 0;
                return false;
            }
            part->time_n = text.n;
            memcpy(part->time_text, text.p, text.n);
        }
        if (text.n == 0) {
            return false;
        }
        out[row] = part->time_value;
    }
    return true;
}

/* Eight digits, the first in the lowest byte, by pairs, fours and eights;
 * *wrong gets bits when they are no digits. */
static inline uint64_t eight_digits(const char *p, uint64_t *wrong)
{
    uint64_t x = 0;
    memcpy(&x, p, 8);
    x ^= 0x3030303030303030ull;
    *wrong |= (x | (x + 0x0606060606060606ull)) & 0xf0f0f0f0f0f0f0f0ull;
    x = x * 10 + (x >> 8);
    uint64_t even = (x & 0x000000ff000000ffull) * 0x000f424000000064ull;
    uint64_t odd = ((x >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull;
    return (even + odd) >> 32;
}

/* Ids as click logs have them: 16 to 20 digits. */
static inline bool parse_long_id(cm_str text, uint64_t *out)
{
    const uint64_t E8 = 100000000;
    uint64_t wrong = text.p[0] == '0';
    const char *end = text.p + text.n;
    uint64_t low = eight_digits(end - 8, &wrong);
    low += E8 * eight_digits(end - 16, &wrong);
    uint64_t head = 0;
    for (const char *p = text.p; p < end - 16; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        wrong |= digit > 9;
        head = head * 10 + digit;
    }
    wrong |= __builtin_mul_overflow(head, E8 * E8, &head);
    wrong |= __builtin_add_overflow(head, low, out);
    return wrong == 0;
}

static bool parse_ids(uint64_t *out, const cm_chunk_rows *rows, size_t field)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        cm_str text = cm_chunk_rows_field(rows, row, field);
        bool common = text.n >= 16 && text.n <= 20;
        if (common ? !parse_long_id(text, &out[row])
                   : !cm_value_id(text, &out[row])) {
            return false;
        }
    }
    return true;
}

static cm_status encode_keys(cm_part *part, const cm_chunk_rows *rows,
                             size_t field, uint32_t *codes, cm_piece *piece,
                             bool *bad, cm_error *err)
{
    cm_status status =
        cm_keys_encode(&part->keys, rows, field, codes, bad, err);
    if (status != CM_OK || *bad) {
        return status;
    }
    piece->width = part->kind == CM_COLUMN_ID ? 4 : cm_code_width(part->keys.n);
    piece->values = store(part, rows->n_rows * piece->width, err);
    if (piece->values == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_pack_codes(piece->values, piece->width, codes, rows->n_rows);
    return CM_OK;
}

cm_status cm_part_encode(cm_part *part, const cm_chunk_rows *rows, size_t field,
                         uint32_t *codes, cm_piece *piece, bool *bad,
                         cm_error *err)
{
    remember_place(part);
    if (part->kind == CM_COLUMN_TEXT || part->kind == CM_COLUMN_INTEGER) {
        return encode_keys(part, rows, field, codes, piece, bad, err);
    }
    piece->width = part->kind == CM_COLUMN_TARGET ? 1 : 8;
    piece->values = store(part, rows->n_rows * piece->width, err);
    if (piece->values == NULL) {
        return CM_ERR_NOMEM;
    }
    if (part->kind == CM_COLUMN_TARGET) {
        *bad |= !parse_targets(piece->values, rows, field);
    } else if (part->kind == CM_COLUMN_TIME) {
        *bad |= !parse_times(piece->values, part, rows, field);
    } else if (!parse_ids(piece->values, rows, field)) {
        drop_stored(part);
        return encode_keys(part, rows, field, codes, piece, bad, err);
    }
    return CM_OK;
}

cm_status cm_part_ids_to_codes(cm_part *part, cm_piece *piece, size_t n,
                               cm_error *err)
{
    uint32_t *codes = store(part, n * sizeof *codes, err);
    if (codes == NULL) {
        return CM_ERR_NOMEM;
    }
    const uint64_t *ids = piece->values;
    for (size_t i = 0; i < n; i++) {
        char text[CM_NUM_TEXT];
        size_t length = cm_format_u64(text, ids[i]);
        cm_status status =
            cm_keys_code(&part->keys, (cm_str){text, length}, &codes[i], err);
        if (status != CM_OK) {
            return status;
        }
    }
    *piece = (cm_piece){codes, sizeof *codes};
    return CM_OK;
}
