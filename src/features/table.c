/* Tables from values of codes, and look-ups of single keys. */
#include "features/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

cm_status cm_transformers_body_new(cm_transformers_body **out, size_t n_tables,
                                   cm_error *err)
{
    cm_transformers_body *body = cm_alloc_zero(1, sizeof *body, err);
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.owner = body;
    body->tables = cm_alloc_zero(n_tables, sizeof *body->tables, err);
    body->arenas = cm_alloc_zero(n_tables, sizeof *body->arenas, err);
    if (body->tables == NULL || body->arenas == NULL) {
        cm_transformers_free(&body->face);
        return CM_ERR_NOMEM;
    }
    body->face.n_tables = n_tables;
    body->face.tables = body->tables;
    *out = body;
    return CM_OK;
}

void cm_transformers_free(cm_transformers *transformers)
{
    if (transformers == NULL) {
        return;
    }
    cm_transformers_body *body = transformers->owner;
    for (size_t i = 0; i < body->face.n_tables; i++) {
        cm_arena_release(&body->arenas[i]);
    }
    cm_buf_release(&body->file);
    free(body->arenas);
    free(body->tables);
    free(body);
}

/* The entries that stay of a dictionary, and how many bytes their texts have.
 */
typedef struct kept {
    uint32_t n;
    uint64_t text_bytes;
} kept;

static kept count_kept(const cm_dictionary *dictionary, const double *values)
{
    kept k = {0, 0};
    for (uint32_t i = 0; i < dictionary->n; i++) {
        if (!isnan(values[i])) {
            k.n++;
            k.text_bytes +=
                dictionary->offsets != NULL ? cm_key_text(dictionary, i).n : 0;
        }
    }
    return k;
}

static cm_status copy_texts(cm_table *out, cm_arena *arena, kept k,
                            const cm_dictionary *from, const double *values,
                            cm_error *err)
{
    uint64_t *offsets =
        cm_arena_alloc(arena, ((size_t)k.n + 1) * sizeof *offsets, err);
    char *bytes = cm_arena_alloc(arena, (size_t)k.text_bytes, err);
    if (offsets == NULL || bytes == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n = 0;
    offsets[0] = 0;
    for (uint32_t i = 0; i < from->n; i++) {
        if (!isnan(values[i])) {
            cm_str text = cm_key_text(from, i);
            if (text.n > 0) {
                memcpy(bytes + offsets[n], text.p, text.n);
            }
            offsets[n + 1] = offsets[n] + text.n;
            n++;
        }
    }
    out->keys.offsets = offsets;
    out->keys.bytes = bytes;
    return CM_OK;
}

static cm_status copy_integers(cm_table *out, cm_arena *arena, kept k,
                               const cm_dictionary *from, const double *values,
                               cm_error *err)
{
    int64_t *integers =
        cm_arena_alloc(arena, (size_t)k.n * sizeof *integers, err);
    if (integers == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n = 0;
    for (uint32_t i = 0; i < from->n; i++) {
        if (!isnan(values[i])) {
            integers[n++] = from->integers[i];
        }
    }
    out->keys.integers = integers;
    return CM_OK;
}

static cm_status copy_values(cm_table *out, cm_arena *arena, kept k,
                             uint32_t n_values, const double *values,
                             cm_error *err)
{
    double *copy = cm_arena_alloc(arena, (size_t)k.n * sizeof *copy, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n = 0;
    for (uint32_t i = 0; i < n_values; i++) {
        if (!isnan(values[i])) {
            copy[n++] = values[i];
        }
    }
    out->values = copy;
    return CM_OK;
}

cm_status cm_table_build(cm_table *out, cm_arena *arena, cm_table_head head,
                         const cm_dictionary *dictionary, const double *values,
                         cm_error *err)
{
    kept k = count_kept(dictionary, values);
    *out = (cm_table){.kind = head.kind, .key_kind = head.key_kind};
    out->keys.n = k.n;
    out->name = cm_arena_strdup(arena, head.name, strlen(head.name), err);
    out->input = cm_arena_strdup(arena, head.input, strlen(head.input), err);
    if (out->name == NULL || out->input == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = copy_values(out, arena, k, dictionary->n, values, err);
    if (status == CM_OK && head.key_kind == CM_KEY_TEXT) {
        status = copy_texts(out, arena, k, dictionary, values, err);
    } else if (status == CM_OK) {
        status = copy_integers(out, arena, k, dictionary, values, err);
    }
    return status;
}

const cm_table *cm_table_find(const cm_transformers *transformers,
                              const char *name)
{
    for (size_t i = 0; transformers != NULL && i < transformers->n_tables;
         i++) {
        if (strcmp(transformers->tables[i].name, name) == 0) {
            return &transformers->tables[i];
        }
    }
    return NULL;
}

double cm_table_of_text(const cm_table *table, cm_str value)
{
    CM_ASSERT(table->key_kind == CM_KEY_TEXT);
    uint32_t low = 0;
    uint32_t high = table->keys.n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = cm_str_compare(cm_key_text(&table->keys, middle), value);
        if (order == 0) {
            return table->values[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return table->fallback;
}

double cm_table_of_integer(const cm_table *table, int64_t value)
{
    CM_ASSERT(table->key_kind == CM_KEY_INTEGER);
    uint32_t low = 0;
    uint32_t high = table->keys.n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->keys.integers[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->keys.n && table->keys.integers[low] == value
               ? table->values[low]
               : table->fallback;
}

double cm_feature_of_text(const cm_feature *feature, cm_str value)
{
    double first = cm_table_of_text(feature->first, value);
    return feature->second == NULL
               ? first
               : cm_table_of_integer(feature->second, (int64_t)first);
}

double cm_feature_of_integer(const cm_feature *feature, int64_t value)
{
    if (feature->first == NULL) {
        return (double)value;
    }
    double first = cm_table_of_integer(feature->first, value);
    return feature->second == NULL
               ? first
               : cm_table_of_integer(feature->second, (int64_t)first);
}
