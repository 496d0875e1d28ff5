/* Any bytes as a CSV of numbers: the same frame, or an error, however much of
 * it is seen at once. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/frame_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { SMALL_WINDOW = 40 };

typedef struct reading {
    cm_status status;
    cm_error err;
    size_t n; /* numbers so far */
    size_t capacity;
    float *numbers;
} reading;

static void add(reading *r, float value)
{
    CM_ASSERT(cm_grow(&r->numbers, r->n, &r->capacity, sizeof(float), NULL) ==
              CM_OK);
    r->numbers[r->n++] = value;
}

static reading read_with(const cm_str *memory, size_t window)
{
    reading r = {0};
    cm_frame *frame = NULL;
    cm_frame_block block = {0};
    r.status = frame_open_csv(&frame, &(cm_csv_source){"input", memory, window},
                              &r.err);
    while (r.status == CM_OK) {
        r.status = cm_frame_next(frame, &block, &r.err);
        if (r.status != CM_OK || block.n_rows == 0) {
            break;
        }
        for (size_t i = 0; i < block.n_rows; i++) {
            for (size_t j = 0; j < frame->n_columns; j++) {
                add(&r, block.numbers[j][i]);
            }
        }
    }
    CM_ASSERT(r.status == CM_OK || r.err.message[0] != '\0');
    cm_frame_close(frame);
    return r;
}

static void check_equal(const reading *a, const reading *b)
{
    CM_ASSERT(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        float x = a->numbers[i], y = b->numbers[i];
        CM_ASSERT(x == y || (isnan(x) && isnan(y)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_str memory = {(const char *)bytes, n};
    reading whole = read_with(&memory, n + 1);
    reading pieces = read_with(&memory, SMALL_WINDOW);
    /* A record may be too long for the small window. */
    if (pieces.status == CM_OK) {
        CM_ASSERT(whole.status == CM_OK);
        check_equal(&whole, &pieces);
    }
    free(whole.numbers);
    free(pieces.numbers);
    return 0;
}
