/* What is behind a cm_table.  Private to data. */
#ifndef CM_DATA_TABLE_BODY_H
#define CM_DATA_TABLE_BODY_H

#include "base/mem.h"
#include "data/csv_records.h"
#include "data/table.h"

typedef struct table_body {
    cm_table face;
    cm_arena arena; /* names */
    cm_npy npy;
    cm_csv_records records; /* stand at the first record of data */
    uint64_t row;           /* rows given so far */
    size_t n_chosen;
    cm_table_column *chosen; /* (n_chosen) */
    float *numbers;          /* (n_chosen, CM_TABLE_BLOCK) */
    const float **columns;   /* (n_chosen) */
    uint32_t *hashes;        /* (n_chosen, CM_TABLE_BLOCK), or NULL */
    const uint32_t **hashed; /* (n_chosen) */
    char *scratch;           /* a field out of its quotes */
} table_body;

/* Opens the text and takes its header, if it has one, for the names. */
CM_MUST_USE cm_status table_csv_open(table_body *body,
                                     const cm_csv_source *source,
                                     cm_error *err);
/* Fills the chosen columns; *n is how many rows. */
CM_MUST_USE cm_status table_csv_next(table_body *body, size_t *n,
                                     cm_error *err);

/* cm_table_open of a CSV with its inner sizes in the caller's hand. */
CM_MUST_USE cm_status table_open_csv(cm_table **out,
                                     const cm_csv_source *source,
                                     cm_error *err);

#endif
