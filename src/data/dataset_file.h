/* The bytes of a dataset file; docs/formats/dataset.md explains them. */
#ifndef CM_DATA_DATASET_FILE_H
#define CM_DATA_DATASET_FILE_H

#include <stdint.h>

#include "data/dataset.h"

#define CM_DATASET_MAGIC "CLKMDATA"

enum {
    CM_DATASET_VERSION = 1,
    CM_DATASET_ALIGN = 64,
    CM_DATASET_ENDIAN = 0x01020304,
    CM_DATASET_SECTIONS = 3 /* of a column: values, index, text */
};

typedef struct cm_file_header {
    char magic[8];
    uint32_t version;
    uint32_t endian;
    uint64_t hash; /* XXH3 of header, columns and names; itself 0 in it */
    uint64_t file_size;
    uint64_t n_rows;
    uint64_t n_columns;
    uint64_t names_size;
    uint64_t reserved; /* 0 */
} cm_file_header;

typedef struct cm_file_section {
    uint64_t offset; /* in the file; a multiple of CM_DATASET_ALIGN */
    uint64_t size;   /* bytes; zeros follow up to the next section */
    uint64_t hash;   /* XXH3 */
} cm_file_section;

typedef struct cm_file_column {
    uint32_t name_size; /* its bytes follow those of the names before it */
    uint8_t kind;
    uint8_t width;
    uint16_t reserved; /* 0 */
    uint32_t n_values; /* of the dictionary */
    uint32_t reserved2;
    /* values; integers, or the offsets of texts; the bytes of texts */
    cm_file_section sections[CM_DATASET_SECTIONS];
} cm_file_column;

_Static_assert(sizeof(cm_file_header) == 64, "no padding");
_Static_assert(sizeof(cm_file_column) == 88, "no padding");

/* Kinds are stored as their numbers. */
_Static_assert(CM_COLUMN_ID == 0 && CM_COLUMN_TARGET == 1 &&
                   CM_COLUMN_TIME == 2 && CM_COLUMN_TEXT == 3 &&
                   CM_COLUMN_INTEGER == 4,
               "the format fixes the numbers of the kinds");

/* An array of a column, in memory as in the file. */
typedef struct cm_column_array {
    const void *bytes;
    size_t size;
} cm_column_array;

/* The arrays of a column; those it lacks have size 0. */
void cm_dataset_arrays(cm_column_array out[CM_DATASET_SECTIONS],
                       const cm_column *column, size_t n_rows);

/* Where the next section starts. */
static inline uint64_t cm_file_align(uint64_t offset)
{
    return (offset + CM_DATASET_ALIGN - 1) / CM_DATASET_ALIGN *
           CM_DATASET_ALIGN;
}

#endif
