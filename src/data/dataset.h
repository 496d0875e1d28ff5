/* The dataset: a click log as typed columns, categories as codes into sorted
 * dictionaries.  One value in memory and on disk: the file is the arrays, and
 * loading maps it.  docs/formats/dataset.md describes the bytes. */
#ifndef CM_DATA_DATASET_H
#define CM_DATA_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "data/schema.h"

/* The distinct values of a category column in ascending order (TEXT: by bytes,
 * INTEGER: by value, a missing value first), so equal contents have equal
 * codes whatever the order of rows or the number of threads. */
typedef struct cm_dictionary {
    uint32_t n;
    const uint64_t *offsets; /* TEXT: (n + 1) into bytes; else NULL */
    const char *bytes;       /* TEXT */
    const int64_t *integers; /* INTEGER: (n); missing is CM_MISSING_INTEGER */
} cm_dictionary;

#define CM_MISSING_INTEGER INT64_MIN

/* values holds n_rows elements:
 *   ID      uint64_t (width 8), or the code of a dictionary of texts when some
 *           value does not fit or has a leading zero (width 4, dictionary.n)
 *   TARGET  uint8_t 0 or 1 (width 1)
 *   TIME    int64_t seconds since 1970 UTC (width 8)
 *   TEXT, INTEGER  codes; width 1, 2 or 4 by the size of the dictionary */
typedef struct cm_column {
    const char *name;
    cm_column_kind kind;
    uint8_t width;
    const void *values;
    cm_dictionary dictionary; /* n == 0 when the kind has none */
} cm_column;

typedef struct cm_dataset {
    size_t n_rows;
    size_t n_columns;
    const cm_column *columns;
    void *owner; /* private: the memory or the mapping behind it all */
} cm_dataset;

void cm_dataset_free(cm_dataset *dataset); /* NULL is fine */

/* Column of that name, or the one of that kind; NULL when there is none. */
const cm_column *cm_dataset_find(const cm_dataset *dataset, const char *name);
const cm_column *cm_dataset_of_kind(const cm_dataset *dataset,
                                    cm_column_kind kind);

/* Text of dictionary entry code (missing: empty).  scratch is used for
 * integers and must hold CM_NUM_TEXT bytes. */
cm_str cm_dictionary_text(const cm_dictionary *dictionary, uint32_t code,
                          char *scratch);

/* Code of a row of a column with a dictionary. */
static inline uint32_t cm_column_code(const cm_column *column, size_t row)
{
    switch (column->width) {
    case 1:
        return ((const uint8_t *)column->values)[row];
    case 2:
        return ((const uint16_t *)column->values)[row];
    default:
        return ((const uint32_t *)column->values)[row];
    }
}

/* XXH3 of names, kinds, dictionaries and values.  Codes are canonical, so it
 * is the same for the same rows, whatever file they came from (CSV, compressed
 * or not, a dataset file) and for any number of threads. */
CM_MUST_USE cm_status cm_dataset_digest(const cm_dataset *dataset,
                                        int n_threads, uint64_t *out,
                                        cm_error *err);

/* The file: header (magic, version, schema, checksum), then the arrays. */
CM_MUST_USE cm_status cm_dataset_save(const cm_dataset *dataset,
                                      const char *path, cm_error *err);
/* Maps and verifies it: magic, version, sizes, checksum, codes in range. */
CM_MUST_USE cm_status cm_dataset_load(cm_dataset **out, const char *path,
                                      cm_error *err);
/* True when the file starts with the dataset's magic. */
bool cm_is_dataset_file(const char *path);

#endif
