/* Writes a dataset file: what it says about the arrays, then the arrays as
 * they are in memory. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "data/dataset.h"
#include "data/dataset_file.h"

void cm_dataset_arrays(cm_column_array out[CM_DATASET_SECTIONS],
                       const cm_column *column, size_t n_rows)
{
    const cm_dictionary *d = &column->dictionary;
    out[0] = (cm_column_array){column->values, n_rows * column->width};
    out[1] = (cm_column_array){NULL, 0};
    out[2] = (cm_column_array){NULL, 0};
    if (d->integers != NULL) {
        out[1] = (cm_column_array){d->integers, d->n * sizeof *d->integers};
    } else if (d->offsets != NULL) {
        out[1] = (cm_column_array){d->offsets,
                                   ((size_t)d->n + 1) * sizeof *d->offsets};
        out[2] = (cm_column_array){d->bytes, (size_t)d->offsets[d->n]};
    }
}

/* Fills in the columns and their names; returns the size of the file. */
static uint64_t describe(const cm_dataset *dataset, cm_file_column *columns,
                         char *names, uint64_t offset)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const cm_column *column = &dataset->columns[i];
        size_t n = strlen(column->name);
        memcpy(names, column->name, n);
        names += n;
        columns[i] = (cm_file_column){.name_size = (uint32_t)n,
                                      .kind = (uint8_t)column->kind,
                                      .width = column->width,
                                      .n_values = column->dictionary.n};
        cm_column_array arrays[CM_DATASET_SECTIONS];
        cm_dataset_arrays(arrays, column, dataset->n_rows);
        for (size_t s = 0; s < CM_DATASET_SECTIONS; s++) {
            columns[i].sections[s] =
                (cm_file_section){offset, arrays[s].size,
                                  cm_xxh3(arrays[s].bytes, arrays[s].size)};
            offset = cm_file_align(offset + arrays[s].size);
        }
    }
    return offset;
}

static void write_padded(cm_atomic_file *file, const void *bytes, size_t n)
{
    static const char ZEROS[CM_DATASET_ALIGN];
    cm_atomic_write(file, bytes, n);
    cm_atomic_write(file, ZEROS, (size_t)cm_file_align(n) - n);
}

static void write_arrays(cm_atomic_file *file, const cm_dataset *dataset)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        cm_column_array arrays[CM_DATASET_SECTIONS];
        cm_dataset_arrays(arrays, &dataset->columns[i], dataset->n_rows);
        for (size_t s = 0; s < CM_DATASET_SECTIONS; s++) {
            write_padded(file, arrays[s].bytes, arrays[s].size);
        }
    }
}

/* Header, columns and names in one piece of memory; *n bytes. */
static char *make_head(const cm_dataset *dataset, size_t *n, cm_error *err)
{
    size_t names_size = 0;
    for (size_t i = 0; i < dataset->n_columns; i++) {
        names_size += strlen(dataset->columns[i].name);
    }
    size_t columns_size = dataset->n_columns * sizeof(cm_file_column);
    *n = sizeof(cm_file_header) + columns_size + names_size;
    char *head = cm_alloc_zero(*n, 1, err);
    if (head == NULL) {
        return NULL;
    }
    cm_file_header *header = (cm_file_header *)head;
    *header = (cm_file_header){.version = CM_DATASET_VERSION,
                               .endian = CM_DATASET_ENDIAN,
                               .n_rows = dataset->n_rows,
                               .n_columns = dataset->n_columns,
                               .names_size = names_size};
    memcpy(header->magic, CM_DATASET_MAGIC, sizeof header->magic);
    header->file_size =
        describe(dataset, (cm_file_column *)(header + 1),
                 head + sizeof *header + columns_size, cm_file_align(*n));
    header->hash = cm_xxh3(head, *n);
    return head;
}

cm_status cm_dataset_save(const cm_dataset *dataset, const char *path,
                          cm_error *err)
{
    size_t n = 0;
    char *head = make_head(dataset, &n, err);
    if (head == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_atomic_file *file = NULL;
    cm_status status = cm_atomic_open(&file, path, err);
    if (status == CM_OK) {
        write_padded(file, head, n);
        write_arrays(file, dataset);
        status = cm_atomic_commit(file, err);
    }
    free(head);
    return status;
}
