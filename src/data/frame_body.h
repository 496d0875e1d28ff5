/* What is behind a cm_frame.  Private to data. */
#ifndef CM_DATA_FRAME_BODY_H
#define CM_DATA_FRAME_BODY_H

#include "base/mem.h"
#include "data/csv_records.h"
#include "data/frame.h"

typedef struct frame_body {
    cm_frame face;
    cm_arena arena; /* names */
    cm_npy npy;
    cm_csv_records records; /* stand at the first record of data */
    uint64_t row;           /* rows given so far */
    size_t n_chosen;
    cm_frame_column *chosen; /* (n_chosen) */
    float *numbers;          /* (n_chosen, CM_FRAME_BLOCK) */
    const float **columns;   /* (n_chosen) */
    uint32_t *hashes;        /* (n_chosen, CM_FRAME_BLOCK), or NULL */
    const uint32_t **hashed; /* (n_chosen) */
    char *scratch;           /* a field out of its quotes */
} frame_body;

/* Names m columns as the record at hand does, when it is a header, or by their
 * numbers. */
CM_MUST_USE cm_status frame_name_columns(frame_body *body, size_t m,
                                         cm_error *err);
/* Opens the text and takes its header, if it has one, for the names. */
CM_MUST_USE cm_status frame_csv_open(frame_body *body,
                                     const cm_csv_source *source,
                                     cm_error *err);
/* Fills the chosen columns; *n is how many rows. */
CM_MUST_USE cm_status frame_csv_next(frame_body *body, size_t *n,
                                     cm_error *err);

/* cm_frame_open of a CSV with its inner sizes in the caller's hand. */
CM_MUST_USE cm_status frame_open_csv(cm_frame **out,
                                     const cm_csv_source *source,
                                     cm_error *err);

#endif
