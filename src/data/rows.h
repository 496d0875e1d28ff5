/* The records of a chunk as a table of fields. */
#ifndef CM_DATA_ROWS_H
#define CM_DATA_ROWS_H

#include "codec/csv_scan.h"
#include "data/bad_rows.h"
#include "data/chunks.h"
#include "data/ingest_internal.h"

/* Reads chunks one after the other, keeping its memory. */
typedef struct cm_chunk_rows {
    /* Field f of row r is base[ends[r * n_fields + f - 1] + 1 .. ends[r *
     * n_fields + f]), where ends[-1] is the number before 0; see
     * cm_chunk_rows_field.  Eight bytes before base are readable.  Fields are
     * out of their quotes. */
    const char *base;
    const uint32_t *ends;
    size_t n_rows;
    size_t n_fields;
    const uint32_t *lines; /* (n_rows) of each row from that of the chunk;
                              NULL: row r stands on line r */

    /* Private. */
    const cm_log_plan *plan;
    const cm_csv_kernels *kernels;
    size_t capacity;
    uint32_t *found;      /* ends in the chunk */
    uint32_t *clean_ends; /* ends in text */
    uint32_t *clean_lines;
    char *text; /* good records, fields taken out of their quotes */
    char *copy; /* of a chunk without room before it or an end behind it */
} cm_chunk_rows;

/* For the chunks of windows of such sizes. */
CM_MUST_USE cm_status cm_chunk_rows_init(cm_chunk_rows *rows,
                                         const cm_log_plan *plan,
                                         const cm_ingest_tuning *tuning,
                                         cm_error *err);
void cm_chunk_rows_release(cm_chunk_rows *rows);

/* The rows of a chunk.  Without check_values their values may be no values of
 * their kinds, and bad is untouched unless a row is bad as text.  With it,
 * every bad row is added to bad, and with policy FAIL reading stops there. */
CM_MUST_USE cm_status cm_chunk_rows_read(cm_chunk_rows *rows,
                                         const cm_chunk *chunk,
                                         bool check_values, cm_bad_rows *bad,
                                         cm_error *err);

static inline cm_str cm_chunk_rows_field(const cm_chunk_rows *rows, size_t row,
                                         size_t field)
{
    const uint32_t *end = rows->ends + row * rows->n_fields + field;
    uint32_t start = end[-1] + 1;
    return (cm_str){rows->base + start, *end - start};
}

#endif
