/* Datasets in memory. */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "data/dataset_owner.h"

cm_dataset_owner *cm_dataset_owner_new(size_t n_columns, cm_error *err)
{
    cm_dataset_owner *owner = cm_alloc_zero(1, sizeof *owner, err);
    if (owner == NULL) {
        return NULL;
    }
    owner->columns = cm_alloc_zero(n_columns, sizeof *owner->columns, err);
    if (owner->columns == NULL) {
        free(owner);
        return NULL;
    }
    owner->dataset.columns = owner->columns;
    owner->dataset.n_columns = n_columns;
    owner->dataset.owner = owner;
    return owner;
}

static void free_column(cm_column *column)
{
    free((void *)column->values);
    free((void *)column->dictionary.offsets);
    free((void *)column->dictionary.bytes);
    free((void *)column->dictionary.integers);
}

void cm_dataset_free(cm_dataset *dataset)
{
    if (dataset == NULL) {
        return;
    }
    cm_dataset_owner *owner = dataset->owner;
    bool mapped = owner->mapping.data != NULL;
    for (size_t i = 0; i < dataset->n_columns && !mapped; i++) {
        free_column(&owner->columns[i]);
    }
    cm_unmap(&owner->mapping);
    cm_arena_release(&owner->arena);
    free(owner->columns);
    free(owner);
}

uint8_t cm_code_width(uint32_t n)
{
    return n <= 1u << 8 ? 1 : n <= 1u << 16 ? 2 : 4;
}

const cm_column *cm_dataset_find(const cm_dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (strcmp(dataset->columns[i].name, name) == 0) {
            return &dataset->columns[i];
        }
    }
    return NULL;
}

const cm_column *cm_dataset_of_kind(const cm_dataset *dataset,
                                    cm_column_kind kind)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (dataset->columns[i].kind == kind) {
            return &dataset->columns[i];
        }
    }
    return NULL;
}

cm_str cm_dictionary_text(const cm_dictionary *dictionary, uint32_t code,
                          char *scratch)
{
    CM_ASSERT(code < dictionary->n);
    if (dictionary->integers == NULL) {
        uint64_t from = dictionary->offsets[code];
        return (cm_str){dictionary->bytes + from,
                        (size_t)(dictionary->offsets[code + 1] - from)};
    }
    int64_t value = dictionary->integers[code];
    size_t n = value == CM_MISSING_INTEGER ? 0 : cm_format_i64(scratch, value);
    return (cm_str){scratch, n};
}
