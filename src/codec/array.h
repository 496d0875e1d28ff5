/* A view of numbers in memory, one or two dimensional, of any numeric type and
 * order: how a matrix is handed from whoever has read it to whoever uses it,
 * without a copy. */
#ifndef CM_CODEC_ARRAY_H
#define CM_CODEC_ARRAY_H

#include <stddef.h>
#include <stdint.h>

typedef enum cm_array_type {
    CM_ARRAY_BOOL,
    CM_ARRAY_U8,
    CM_ARRAY_U16,
    CM_ARRAY_U32,
    CM_ARRAY_U64,
    CM_ARRAY_I8,
    CM_ARRAY_I16,
    CM_ARRAY_I32,
    CM_ARRAY_I64,
    CM_ARRAY_F32,
    CM_ARRAY_F64,
    CM_N_ARRAY_TYPES
} cm_array_type;

/* Element (r, c) is number r * row_step + c * column_step of data, which need
 * not be aligned.  A vector has one column. */
typedef struct cm_array {
    const void *data;
    cm_array_type type;
    size_t n_rows, n_columns;
    size_t row_step, column_step; /* in elements */
} cm_array;

size_t cm_array_size_of(cm_array_type type);
const char *cm_array_type_name(cm_array_type type); /* "float32" */

double cm_array_at(const cm_array *array, size_t row, size_t column);

/* Where column `column` lies as n_rows floats side by side; NULL when it does
 * not, and has to be copied. */
const float *cm_array_column(const cm_array *array, size_t column);

/* Where row `row` lies as n_columns floats side by side, or NULL. */
const float *cm_array_row(const cm_array *array, size_t row);

/* A part of an array: columns [column, column + n_columns) of the rows
 * [row, row + n_rows), or, when `rows` is given, of rows[0 .. n_rows). */
typedef struct cm_array_part {
    const uint32_t *rows; /* NULL: consecutive */
    size_t row, n_rows;
    size_t column, n_columns;
} cm_array_part;

/* Copies a part as floats, column by column: element (i, j) of it goes to
 * tile[j * stride + i].  A double too large for a float becomes infinite. */
void cm_array_tile(float *tile, size_t stride, const cm_array *array,
                   cm_array_part part);

#endif
