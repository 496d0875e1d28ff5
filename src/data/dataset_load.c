/* Maps a dataset file and believes nothing in it before it is verified. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "codec/csv.h"
#include "data/dataset.h"
#include "data/dataset_file.h"
#include "data/dataset_owner.h"

typedef struct loading {
    const char *path;
    const uint8_t *bytes; /* of the file */
    uint64_t size;
    const cm_file_header *header;
    const cm_file_column *columns;
    const char *names;
    uint64_t next; /* where the next section must start */
    cm_dataset_owner *owner;
    cm_error *err;
} loading;

static cm_status damaged(const loading *l, const char *what)
{
    return cm_fail(l->err, CM_ERR_PARSE,
                   "%s: the dataset is damaged: %s; rebuild it with clickmill "
                   "make-dataset",
                   l->path, what);
}

static bool has_magic(const void *bytes)
{
    return memcmp(bytes, CM_DATASET_MAGIC, sizeof CM_DATASET_MAGIC - 1) == 0;
}

bool cm_is_dataset_file(const char *path)
{
    char magic[sizeof CM_DATASET_MAGIC - 1];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    bool found =
        fread(magic, 1, sizeof magic, file) == sizeof magic && has_magic(magic);
    (void)fclose(file);
    return found;
}

static cm_status check_identity(const loading *l)
{
    if (l->size < sizeof *l->header || !has_magic(l->bytes)) {
        return cm_fail(l->err, CM_ERR_PARSE,
                       "%s: this is no dataset file; make one from a log with "
                       "clickmill make-dataset",
                       l->path);
    }
    if (l->header->endian != CM_DATASET_ENDIAN ||
        l->header->version != CM_DATASET_VERSION) {
        return cm_fail(l->err, CM_ERR_UNSUPPORTED,
                       "%s: found version %" PRIu32 " of the dataset format, "
                       "or one of another machine, expected version %d; "
                       "rebuild it with clickmill make-dataset",
                       l->path, l->header->version, CM_DATASET_VERSION);
    }
    return CM_OK;
}

/* Zeros fill up to the next section. */
static bool all_zero(const uint8_t *bytes, uint64_t from, uint64_t to)
{
    uint8_t any = 0;
    for (; from < to; from++) {
        any |= bytes[from];
    }
    return any == 0;
}

/* Sizes first, so that all of the head can be hashed. */
static cm_status check_head(loading *l)
{
    const cm_file_header *header = l->header;
    if (header->file_size != l->size) {
        return damaged(l, "the file has not the length it was written with");
    }
    if (header->n_columns == 0 || header->n_columns > CM_CSV_MAX_COLUMNS ||
        header->names_size > l->size) {
        return damaged(l, "its header gives impossible sizes");
    }
    uint64_t columns_size = header->n_columns * sizeof *l->columns;
    uint64_t n = sizeof *header + columns_size + header->names_size;
    if (n > l->size) {
        return damaged(l, "its header gives impossible sizes");
    }
    l->columns = (const cm_file_column *)(header + 1);
    l->names = (const char *)(l->bytes + sizeof *header + columns_size);
    l->next = cm_file_align(n);
    if (l->next > l->size || !all_zero(l->bytes, n, l->next)) {
        return damaged(l, "there is something between its sections");
    }
    cm_buf head = {0};
    cm_buf_add(&head, l->bytes, (size_t)n);
    cm_status status = cm_buf_check(&head, l->err);
    if (status == CM_OK) {
        memset(head.p + offsetof(cm_file_header, hash), 0, sizeof header->hash);
        if (cm_xxh3(head.p, head.n) != header->hash) {
            status = damaged(l, "the checksum of its header is wrong");
        }
    }
    cm_buf_release(&head);
    return status;
}

/* The next section in the file, which must have that many elements. */
static cm_status take_section(loading *l, const void **out,
                              const cm_file_section *section, uint64_t n,
                              uint64_t element)
{
    uint64_t size = 0;
    if (__builtin_mul_overflow(n, element, &size) || section->size != size ||
        section->offset != l->next || l->next > l->size ||
        size > l->size - l->next) {
        return damaged(l, "its sections do not fit together");
    }
    uint64_t end = l->next + size;
    uint64_t next = cm_file_align(end);
    if (next > l->size || !all_zero(l->bytes, end, next)) {
        return damaged(l, "there is something between its sections");
    }
    *out = l->bytes + l->next;
    if (cm_xxh3(*out, (size_t)size) != section->hash) {
        return damaged(l, "the checksum of a section is wrong");
    }
    l->next = next;
    return CM_OK;
}

static bool ascending_integers(const cm_dictionary *d)
{
    for (uint32_t i = 1; i < d->n; i++) {
        if (d->integers[i - 1] >= d->integers[i]) {
            return false;
        }
    }
    return true;
}

/* The offsets have been checked. */
static bool ascending_texts(const cm_dictionary *d)
{
    for (uint32_t i = 1; i < d->n; i++) {
        if (cm_str_compare(cm_dictionary_text(d, i - 1, NULL),
                           cm_dictionary_text(d, i, NULL)) >= 0) {
            return false;
        }
    }
    return true;
}

static bool ascending_offsets(const cm_dictionary *d, uint64_t size)
{
    if (d->offsets[0] != 0 || d->offsets[d->n] != size) {
        return false;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->offsets[i] > d->offsets[i + 1]) {
            return false;
        }
    }
    return true;
}

static cm_status take_dictionary(loading *l, cm_column *column,
                                 const cm_file_column *from)
{
    cm_dictionary *d = &column->dictionary;
    const void *index = NULL;
    const void *text = NULL;
    bool integers = column->kind == CM_COLUMN_INTEGER;
    uint64_t size = from->sections[2].size;
    d->n = from->n_values;
    cm_status status =
        take_section(l, &index, &from->sections[1],
                     d->n == 0 ? 0 : d->n + (integers ? 0ull : 1ull), 8);
    if (status == CM_OK) {
        status = take_section(l, &text, &from->sections[2], size, 1);
    }
    if (status != CM_OK) {
        return status;
    }
    if (d->n == 0) {
        return size == 0 ? CM_OK : damaged(l, "a dictionary has no values");
    }
    if (integers) {
        d->integers = index;
        return size == 0 && ascending_integers(d)
                   ? CM_OK
                   : damaged(l, "a dictionary is not in order");
    }
    d->offsets = index;
    d->bytes = text;
    return ascending_offsets(d, size) && ascending_texts(d)
               ? CM_OK
               : damaged(l, "a dictionary is not in order");
}

/* Largest of n codes; written so that compilers make vectors of it. */
static uint32_t largest_code(const cm_column *column, size_t n)
{
    uint32_t largest = 0;
    if (column->width == 1) {
        const uint8_t *codes = column->values;
        uint8_t most = 0;
        for (size_t i = 0; i < n; i++) {
            most = codes[i] > most ? codes[i] : most;
        }
        largest = most;
    } else if (column->width == 2) {
        const uint16_t *codes = column->values;
        uint16_t most = 0;
        for (size_t i = 0; i < n; i++) {
            most = codes[i] > most ? codes[i] : most;
        }
        largest = most;
    } else {
        const uint32_t *codes = column->values;
        for (size_t i = 0; i < n; i++) {
            largest = codes[i] > largest ? codes[i] : largest;
        }
    }
    return largest;
}

static cm_status check_codes(const loading *l, const cm_column *column)
{
    size_t n_rows = l->owner->dataset.n_rows;
    if (column->kind == CM_COLUMN_TARGET) {
        return largest_code(column, n_rows) <= 1
                   ? CM_OK
                   : damaged(l, "a target is neither 0 nor 1");
    }
    if (column->width == 8) {
        return CM_OK;
    }
    return n_rows == 0 || largest_code(column, n_rows) < column->dictionary.n
               ? CM_OK
               : damaged(l, "a code has no value in its dictionary");
}

static bool right_width(const cm_file_column *column)
{
    uint32_t n = column->n_values;
    switch (column->kind) {
    case CM_COLUMN_ID:
        return n == 0 ? column->width == 8 : column->width == 4;
    case CM_COLUMN_TARGET:
        return n == 0 && column->width == 1;
    case CM_COLUMN_TIME:
        return n == 0 && column->width == 8;
    case CM_COLUMN_TEXT:
    case CM_COLUMN_INTEGER:
        return column->width == cm_code_width(n);
    default:
        return false;
    }
}

static cm_status take_name(loading *l, cm_column *column, uint32_t size,
                           uint64_t *used)
{
    if (size > l->header->names_size - *used) {
        return damaged(l, "its names do not fit together");
    }
    const char *name = l->names + *used;
    *used += size;
    if (memchr(name, '\0', size) != NULL) {
        return damaged(l, "a name holds a NUL byte");
    }
    column->name = cm_arena_strdup(&l->owner->arena, name, size, l->err);
    return column->name == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* Names and kinds are as a schema would have them. */
static cm_status check_against_others(const loading *l, size_t i)
{
    const cm_column *columns = l->owner->columns;
    for (size_t j = 0; j < i; j++) {
        bool single = columns[i].kind != CM_COLUMN_TEXT &&
                      columns[i].kind != CM_COLUMN_INTEGER;
        if (strcmp(columns[j].name, columns[i].name) == 0 ||
            (single && columns[j].kind == columns[i].kind)) {
            return damaged(l, "a column is there twice");
        }
    }
    return CM_OK;
}

static cm_status take_column(loading *l, size_t i, uint64_t *names_used)
{
    const cm_file_column *from = &l->columns[i];
    cm_column *column = &l->owner->columns[i];
    if (!right_width(from) || from->reserved != 0 || from->reserved2 != 0) {
        return damaged(l, "the description of a column is impossible");
    }
    column->kind = (cm_column_kind)from->kind;
    column->width = from->width;
    cm_status status = take_name(l, column, from->name_size, names_used);
    if (status == CM_OK) {
        status = check_against_others(l, i);
    }
    if (status == CM_OK) {
        status = take_section(l, &column->values, &from->sections[0],
                              l->header->n_rows, column->width);
    }
    if (status == CM_OK) {
        status = take_dictionary(l, column, from);
    }
    return status == CM_OK ? check_codes(l, column) : status;
}

static cm_status take_columns(loading *l)
{
    l->owner->dataset.n_rows = l->header->n_rows;
    uint64_t names_used = 0;
    for (size_t i = 0; i < l->header->n_columns; i++) {
        cm_status status = take_column(l, i, &names_used);
        if (status != CM_OK) {
            return status;
        }
    }
    if (names_used != l->header->names_size || l->next != l->size) {
        return damaged(l, "something follows its last section");
    }
    return CM_OK;
}

cm_status cm_dataset_load(cm_dataset **out, const char *path, cm_error *err)
{
    *out = NULL;
    loading l = {.path = path, .err = err};
    cm_mapping mapping = {NULL, 0};
    cm_status status = cm_map_file(&mapping, path, err);
    if (status != CM_OK) {
        return status;
    }
    l.bytes = mapping.data;
    l.size = mapping.size;
    l.header = (const cm_file_header *)mapping.data;
    status = check_identity(&l);
    if (status == CM_OK) {
        status = check_head(&l);
    }
    if (status == CM_OK) {
        l.owner = cm_dataset_owner_new((size_t)l.header->n_columns, err);
        status = l.owner == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status == CM_OK) {
        l.owner->mapping = mapping;
        mapping = (cm_mapping){NULL, 0};
        status = take_columns(&l);
    }
    if (status == CM_OK) {
        *out = &l.owner->dataset;
        l.owner = NULL;
    }
    cm_dataset_free(l.owner == NULL ? NULL : &l.owner->dataset);
    cm_unmap(&mapping);
    return status;
}
