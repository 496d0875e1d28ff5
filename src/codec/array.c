/* Elements of arrays as floats and doubles. */
#include "codec/array.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { AHEAD = 16 }; /* rows */

static const struct {
    const char *name;
    size_t size;
} TYPES[CM_N_ARRAY_TYPES] = {
    [CM_ARRAY_BOOL] = {"bool", 1},  [CM_ARRAY_U8] = {"uint8", 1},
    [CM_ARRAY_U16] = {"uint16", 2}, [CM_ARRAY_U32] = {"uint32", 4},
    [CM_ARRAY_U64] = {"uint64", 8}, [CM_ARRAY_I8] = {"int8", 1},
    [CM_ARRAY_I16] = {"int16", 2},  [CM_ARRAY_I32] = {"int32", 4},
    [CM_ARRAY_I64] = {"int64", 8},  [CM_ARRAY_F32] = {"float32", 4},
    [CM_ARRAY_F64] = {"float64", 8}};

size_t cm_array_size_of(cm_array_type type)
{
    return TYPES[type].size;
}

const char *cm_array_type_name(cm_array_type type)
{
    return TYPES[type].name;
}

/* Where row i of the part starts. */
static inline const uint8_t *row_start(const cm_array *a, cm_array_part part,
                                       size_t i, size_t size)
{
    size_t row = part.rows != NULL ? part.rows[i] : part.row + i;
    size_t element = row * a->row_step + part.column * a->column_step;
    return (const uint8_t *)a->data + element * size;
}

/* For every type: TYPE_at, an element, and TYPE_tile, the body of
 * cm_array_tile.  memcpy reads what may not be aligned; a whole
 * number of 64 bits is a double first, as in cm_array_at; rows that are picked
 * out are asked for ahead. */
#define DEFINE_READERS(name, type)                                         \
    static inline type name##_at(const uint8_t *p, size_t element)         \
    {                                                                      \
        type value;                                                        \
        memcpy(&value, p + element * sizeof value, sizeof value);          \
        return value;                                                      \
    }                                                                      \
    static void name##_tile(float *tile, size_t stride, const cm_array *a, \
                            cm_array_part part)                            \
    {                                                                      \
        for (size_t i = 0; i < part.n_rows; i++) {                         \
            const uint8_t *p = row_start(a, part, i, sizeof(type));        \
            if (part.rows != NULL && i + AHEAD < part.n_rows) {            \
                __builtin_prefetch(                                        \
                    row_start(a, part, i + AHEAD, sizeof(type)));          \
            }                                                              \
            for (size_t j = 0; j < part.n_columns; j++) {                  \
                tile[j * stride + i] =                                     \
                    (float)(double)name##_at(p, j * a->column_step);       \
            }                                                              \
        }                                                                  \
    }

DEFINE_READERS(u8, uint8_t)
DEFINE_READERS(u16, uint16_t)
DEFINE_READERS(u32, uint32_t)
DEFINE_READERS(u64, uint64_t)
DEFINE_READERS(i8, int8_t)
DEFINE_READERS(i16, int16_t)
DEFINE_READERS(i32, int32_t)
DEFINE_READERS(i64, int64_t)
DEFINE_READERS(f32, float)
DEFINE_READERS(f64, double)

double cm_array_at(const cm_array *array, size_t row, size_t column)
{
    size_t i = row * array->row_step + column * array->column_step;
    const uint8_t *p = array->data;
    CM_ASSERT(row < array->n_rows && column < array->n_columns);
    switch (array->type) {
    case CM_ARRAY_BOOL:
    case CM_ARRAY_U8:
        return u8_at(p, i);
    case CM_ARRAY_U16:
        return u16_at(p, i);
    case CM_ARRAY_U32:
        return u32_at(p, i);
    case CM_ARRAY_U64:
        return (double)u64_at(p, i);
    case CM_ARRAY_I8:
        return i8_at(p, i);
    case CM_ARRAY_I16:
        return i16_at(p, i);
    case CM_ARRAY_I32:
        return i32_at(p, i);
    case CM_ARRAY_I64:
        return (double)i64_at(p, i);
    case CM_ARRAY_F32:
        return (double)f32_at(p, i);
    default:
        return f64_at(p, i);
    }
}

/* step: between the elements of the run that starts at `element`. */
static const float *float_run(const cm_array *array, size_t element,
                              size_t step)
{
    const uint8_t *p = (const uint8_t *)array->data + element * sizeof(float);
    bool lies_so = array->type == CM_ARRAY_F32 && step == 1 &&
                   (uintptr_t)p % _Alignof(float) == 0;
    return lies_so ? (const float *)(const void *)p : NULL;
}

const float *cm_array_column(const cm_array *array, size_t column)
{
    return float_run(array, column * array->column_step, array->row_step);
}

const float *cm_array_row(const cm_array *array, size_t row)
{
    return float_run(array, row * array->row_step, array->column_step);
}

/* The common case, floats in rows: eight rows at a time, so that what is
 * written lies side by side.  Returns how many rows are done. */
static size_t tile_of_rows(float *tile, size_t stride, const cm_array *array,
                           cm_array_part part)
{
    enum { ROWS = 8 };
    size_t i = 0;
    if (part.rows != NULL || cm_array_row(array, 0) == NULL) {
        return 0;
    }
    for (; i + ROWS <= part.n_rows; i += ROWS) {
        const float *p[ROWS];
        for (size_t k = 0; k < ROWS; k++) {
            p[k] = cm_array_row(array, part.row + i + k) + part.column;
        }
        for (size_t j = 0; j < part.n_columns; j++) {
            for (size_t k = 0; k < ROWS; k++) {
                tile[j * stride + i + k] = p[k][j];
            }
        }
    }
    return i;
}

void cm_array_tile(float *tile, size_t stride, const cm_array *array,
                   cm_array_part part)
{
    static void (*const tiles[])(float *, size_t, const cm_array *,
                                 cm_array_part) = {
        [CM_ARRAY_BOOL] = u8_tile, [CM_ARRAY_U8] = u8_tile,
        [CM_ARRAY_U16] = u16_tile, [CM_ARRAY_U32] = u32_tile,
        [CM_ARRAY_U64] = u64_tile, [CM_ARRAY_I8] = i8_tile,
        [CM_ARRAY_I16] = i16_tile, [CM_ARRAY_I32] = i32_tile,
        [CM_ARRAY_I64] = i64_tile, [CM_ARRAY_F32] = f32_tile,
        [CM_ARRAY_F64] = f64_tile};
    CM_ASSERT(part.column + part.n_columns <= array->n_columns);
    CM_ASSERT(part.rows != NULL || part.row + part.n_rows <= array->n_rows);
    size_t done = tile_of_rows(tile, stride, array, part);
    part.row += done;
    part.n_rows -= done;
    tiles[array->type](tile + done, stride, array, part);
}
