/* What one thread has made of one column: codes and numbers of the chunks it
 * took, packed, and the keys the codes stand for. */
#ifndef CM_DATA_PART_H
#define CM_DATA_PART_H

#include "data/keys.h"

/* The values of one chunk: codes of 1, 2 or 4 bytes, or numbers. */
typedef struct cm_piece {
    void *values;
    uint8_t width;
} cm_piece;

/* Longest text cm_parse_time takes. */
enum { CM_TIME_TEXT = 19 };

typedef struct cm_part {
    cm_column_kind kind;
    cm_keys keys;

    /* Private. */
    struct cm_part_block *blocks;
    char time_text[CM_TIME_TEXT]; /* the last one parsed: logs are in order */
    size_t time_n;
    int64_t time_value;
    /* As of the last cm_part_encode. */
    uint32_t keys_before;
    struct cm_part_block *block_before;
    size_t used_before;
} cm_part;

void cm_part_init(cm_part *part, cm_column_kind kind);
void cm_part_release(cm_part *part);

/* The values of a field of all rows.  codes is scratch (n_rows).  *bad: some
 * value is none of the column's kind. */
CM_MUST_USE cm_status cm_part_encode(cm_part *part, const cm_chunk_rows *rows,
                                     size_t field, uint32_t *codes,
                                     cm_piece *piece, bool *bad, cm_error *err);
/* Takes the last cm_part_encode back. */
void cm_part_undo(cm_part *part);

/* Writes codes that fit as numbers of width 1, 2 or 4 bytes. */
void cm_pack_codes(void *out, uint8_t width, const uint32_t *codes, size_t n);

/* Turns a piece of n 64-bit ids into codes of their decimal texts. */
CM_MUST_USE cm_status cm_part_ids_to_codes(cm_part *part, cm_piece *piece,
                                           size_t n, cm_error *err);

#endif
