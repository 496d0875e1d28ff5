/* A table of numbers (and texts that are known by a hash) in blocks of rows:
 * from a .npy matrix, mapped, or from CSV, compressed or not, of any size. */
#ifndef CM_DATA_FRAME_H
#define CM_DATA_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "codec/npy.h"

typedef struct cm_frame {
    const char *file;
    size_t n_columns;
    const char *const *names; /* (m): of the header, or "0", "1", ... */
    bool has_header;
    const cm_npy *npy; /* NULL: CSV */
    void *owner;       /* private */
} cm_frame;

/* path "-": CSV from standard input.  A CSV's first record is its header when
 * it has a field that is no number. */
CM_MUST_USE cm_status cm_frame_open(cm_frame **out, const char *path,
                                    cm_error *err);
void cm_frame_close(cm_frame *frame); /* NULL is fine */

typedef uint32_t (*cm_text_hash)(cm_str text);

/* A column as it is wanted. */
typedef struct cm_frame_column {
    size_t column;     /* of the file */
    cm_text_hash hash; /* NULL: a number */
} cm_frame_column;

/* Chooses columns, before the first block; all of them, as numbers, when it is
 * not called. */
CM_MUST_USE cm_status cm_frame_choose(cm_frame *frame,
                                      const cm_frame_column *columns, size_t n,
                                      cm_error *err);

enum { CM_FRAME_BLOCK = 1024 }; /* most rows of a block */

typedef struct cm_frame_block {
    uint64_t first_row; /* counted from 0 */
    size_t n_rows;      /* 0: the end */
    /* (n) chosen columns: of one of the two, the other is NULL. */
    const float *const *numbers;
    const uint32_t *const *hashes;
} cm_frame_block;

/* Valid until the next call. */
CM_MUST_USE cm_status cm_frame_next(cm_frame *frame, cm_frame_block *block,
                                    cm_error *err);

#endif
