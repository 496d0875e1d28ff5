/* What stands behind a cm_dataset, for those who make one. */
#ifndef CM_DATA_DATASET_OWNER_H
#define CM_DATA_DATASET_OWNER_H

#include "base/file.h"
#include "base/mem.h"
#include "data/dataset.h"

typedef struct cm_dataset_owner {
    cm_dataset dataset;
    cm_column *columns; /* those of dataset, to be filled in */
    cm_arena arena;     /* their names */
    cm_mapping mapping; /* holds all arrays; without one each is malloc'ed */
} cm_dataset_owner;

/* All columns are empty.  cm_dataset_free(&owner->dataset) releases it. */
cm_dataset_owner *cm_dataset_owner_new(size_t n_columns, cm_error *err);

/* Bytes of a code into a dictionary of n values. */
uint8_t cm_code_width(uint32_t n);

#endif
