/* Any bytes as a .npy file: what is accepted lies within them, and elements
 * read one by one are those read as a part. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "codec/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { SIDE = 8 };

static void check_part(const cm_array *a, cm_array_part part)
{
    float tile[SIDE * SIDE];
    cm_array_tile(tile, SIDE, a, part);
    for (size_t i = 0; i < part.n_rows; i++) {
        for (size_t j = 0; j < part.n_columns; j++) {
            float one = (float)cm_array_at(a, part.row + i, part.column + j);
            float same = tile[j * SIDE + i];
            CM_ASSERT(one == same || (isnan(one) && isnan(same)));
        }
    }
}

/* The first and the last corner. */
static void check_corners(const cm_array *a)
{
    size_t rows = a->n_rows < SIDE ? a->n_rows : SIDE;
    size_t columns = a->n_columns < SIDE ? a->n_columns : SIDE;
    cm_array_part part = {.n_rows = rows, .n_columns = columns};
    check_part(a, part);
    part.row = a->n_rows - rows;
    part.column = a->n_columns - columns;
    check_part(a, part);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_npy npy;
    cm_error err = {0};
    cm_status status = cm_npy_parse(&npy, bytes, n, "input", &err);
    CM_ASSERT(status == CM_OK || err.message[0] != '\0');
    if (status == CM_OK && npy.array.n_rows > 0 && npy.array.n_columns > 0) {
        const uint8_t *data = npy.array.data;
        CM_ASSERT(data >= bytes && data <= bytes + n);
        check_corners(&npy.array);
    }
    return 0;
}
