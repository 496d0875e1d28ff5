/* Fitted transformers into a file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "features/transformers.h"
#include "features/transformers_layout.h"

/* The bytes of one section, wherever they are. */
typedef struct part {
    const void *bytes;
    uint64_t size;
} part;

static void parts_of(part parts[CM_SECTIONS], const cm_table *table)
{
    const cm_dictionary *keys = &table->keys;
    uint64_t n = keys->n;
    bool text = table->key_kind == CM_KEY_TEXT;
    parts[CM_SECTION_NAME] = (part){table->name, strlen(table->name) + 1};
    parts[CM_SECTION_INPUT] = (part){table->input, strlen(table->input) + 1};
    parts[CM_SECTION_KEYS] =
        text ? (part){keys->offsets, (n + 1) * sizeof *keys->offsets}
             : (part){keys->integers, n * sizeof *keys->integers};
    parts[CM_SECTION_BYTES] =
        text ? (part){keys->bytes, keys->offsets[n]} : (part){"", 0};
    parts[CM_SECTION_VALUES] = (part){table->values, n * sizeof(double)};
}

/* Describes a table whose first section starts at offset; returns where the
 * next table's does. */
static uint64_t fill_record(cm_transformers_record *record,
                            const cm_table *table, uint64_t offset)
{
    part parts[CM_SECTIONS];
    parts_of(parts, table);
    record->kind = table->kind;
    record->key_kind = table->key_kind;
    record->n_keys = table->keys.n;
    record->fallback = isnan(table->fallback) ? (double)NAN : table->fallback;
    for (size_t s = 0; s < CM_SECTIONS; s++) {
        record->sections[s] = (cm_transformers_section){
            offset, parts[s].size, cm_xxh3(parts[s].bytes, parts[s].size)};
        offset = cm_transformers_align(offset + parts[s].size);
    }
    return offset;
}

static void write_padding(cm_atomic_file *file)
{
    static const char zeros[CM_TRANSFORMERS_ALIGN];
    uint64_t size = cm_atomic_size(file);
    cm_atomic_write(file, zeros, (size_t)(cm_transformers_align(size) - size));
}

static void write_table(cm_atomic_file *file, const cm_table *table)
{
    part parts[CM_SECTIONS];
    parts_of(parts, table);
    for (size_t s = 0; s < CM_SECTIONS; s++) {
        cm_atomic_write(file, parts[s].bytes, (size_t)parts[s].size);
        write_padding(file);
    }
}

/* The header and the records behind it, in one piece to be checksummed. */
static void fill_head(void *head, size_t head_size,
                      const cm_transformers *transformers)
{
    cm_transformers_header *header = head;
    cm_transformers_record *records = (void *)(header + 1);
    uint64_t offset = cm_transformers_align(head_size);
    for (size_t i = 0; i < transformers->n_tables; i++) {
        offset = fill_record(&records[i], &transformers->tables[i], offset);
    }
    memcpy(header->magic, CM_TRANSFORMERS_MAGIC, sizeof header->magic);
    header->version = CM_TRANSFORMERS_VERSION;
    header->endian = CM_TRANSFORMERS_ENDIAN;
    header->size = offset;
    header->n_tables = transformers->n_tables;
    size_t covered = offsetof(cm_transformers_header, n_tables);
    header->checksum =
        cm_xxh3((const char *)head + covered, head_size - covered);
}

/* What a reader would refuse is not written. */
static cm_status check_limits(const cm_transformers *transformers,
                              cm_error *err)
{
    if (transformers->n_tables > CM_TRANSFORMERS_MAX_TABLES) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%zu fitted tables: at most %d features are handled",
                       transformers->n_tables, CM_TRANSFORMERS_MAX_TABLES);
    }
    for (size_t i = 0; i < transformers->n_tables; i++) {
        const cm_table *table = &transformers->tables[i];
        if (strlen(table->name) >= CM_TRANSFORMERS_MAX_NAME ||
            strlen(table->input) >= CM_TRANSFORMERS_MAX_NAME) {
            return cm_fail(err, CM_ERR_UNSUPPORTED,
                           "feature \"%.40s…\": its name is longer than %d "
                           "bytes",
                           table->name, CM_TRANSFORMERS_MAX_NAME - 1);
        }
    }
    return CM_OK;
}

cm_status cm_transformers_save(const cm_transformers *transformers,
                               const char *path, cm_error *err)
{
    cm_status status = check_limits(transformers, err);
    if (status != CM_OK) {
        return status;
    }
    size_t head_size = sizeof(cm_transformers_header) +
                       transformers->n_tables * sizeof(cm_transformers_record);
    void *head = cm_alloc_zero(head_size, 1, err);
    if (head == NULL) {
        return CM_ERR_NOMEM;
    }
    fill_head(head, head_size, transformers);
    cm_atomic_file *file = NULL;
    status = cm_atomic_open(&file, path, err);
    if (status == CM_OK) {
        cm_atomic_write(file, head, head_size);
        write_padding(file);
        for (size_t i = 0; i < transformers->n_tables; i++) {
            write_table(file, &transformers->tables[i]);
        }
        status = cm_atomic_commit(file, err);
    }
    free(head);
    return status;
}
