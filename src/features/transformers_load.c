/* Fitted transformers from a file: every byte of it is checked before anything
 * is believed.  It is read, not mapped: a server goes on with what it has
 * checked, whatever becomes of the file. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "features/table.h"
#include "features/transformers_layout.h"

/* A file being read: where, and how far its sections have been placed. */
typedef struct reader {
    const char *path;
    const uint8_t *data;
    uint64_t size;
    uint64_t cursor;
    cm_error *err;
} reader;

static cm_status damaged(const reader *r, size_t table, const char *what)
{
    return cm_fail(r->err, CM_ERR_PARSE,
                   "%s: damaged: table %zu: %s; fit the transformers again",
                   r->path, table + 1, what);
}

static cm_status check_header(const reader *r, cm_transformers_header *header)
{
    if (r->size < sizeof *header ||
        memcmp(r->data, CM_TRANSFORMERS_MAGIC, sizeof header->magic) != 0) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: not a file of fitted transformers: it does not "
                       "start with \"%s\"",
                       r->path, CM_TRANSFORMERS_MAGIC);
    }
    memcpy(header, r->data, sizeof *header);
    if (header->endian != CM_TRANSFORMERS_ENDIAN) {
        return cm_fail(r->err, CM_ERR_UNSUPPORTED,
                       "%s: written by a machine of the other byte order",
                       r->path);
    }
    if (header->version != CM_TRANSFORMERS_VERSION) {
        return cm_fail(r->err, CM_ERR_UNSUPPORTED,
                       "%s: version %u, and this program reads version %d: "
                       "fit the transformers again",
                       r->path, header->version, CM_TRANSFORMERS_VERSION);
    }
    if (header->size != r->size) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: damaged: it has %llu bytes, and its header says "
                       "%llu; fit the transformers again",
                       r->path, (unsigned long long)r->size,
                       (unsigned long long)header->size);
    }
    return CM_OK;
}

static bool all_zero(const uint8_t *bytes, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Moves the cursor behind n bytes and the zeros that follow them up to the
 * next multiple of 64. */
static bool advance(reader *r, uint64_t n)
{
    if (n > r->size - r->cursor) {
        return false;
    }
    uint64_t end = r->cursor + n;
    uint64_t next = cm_transformers_align(end);
    if (next > r->size || !all_zero(r->data + end, next - end)) {
        return false;
    }
    r->cursor = next;
    return true;
}

static cm_status check_records(reader *r, const cm_transformers_header *header)
{
    size_t covered = offsetof(cm_transformers_header, n_tables);
    uint64_t n = header->n_tables;
    uint64_t head_size = sizeof *header + n * sizeof(cm_transformers_record);
    if (n > CM_TRANSFORMERS_MAX_TABLES || head_size > r->size ||
        cm_xxh3(r->data + covered, (size_t)head_size - covered) !=
            header->checksum ||
        !all_zero(header->reserved, sizeof header->reserved) ||
        !advance(r, head_size)) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: damaged: the list of its %llu tables does not "
                       "have its checksum; fit the transformers again",
                       r->path, (unsigned long long)n);
    }
    return CM_OK;
}

/* Sections have one place each: the first multiple of 64 behind the section
 * before. */
static cm_status place_sections(reader *r, size_t t,
                                const cm_transformers_record *record)
{
    static const char *const names[CM_SECTIONS] = {
        [CM_SECTION_NAME] = "the name",     [CM_SECTION_INPUT] = "the input",
        [CM_SECTION_KEYS] = "the keys",     [CM_SECTION_BYTES] = "the texts",
        [CM_SECTION_VALUES] = "the values",
    };
    for (size_t s = 0; s < CM_SECTIONS; s++) {
        const cm_transformers_section *section = &record->sections[s];
        if (section->offset != r->cursor || !advance(r, section->size) ||
            cm_xxh3(r->data + section->offset, (size_t)section->size) !=
                section->checksum) {
            return cm_fail(r->err, CM_ERR_PARSE,
                           "%s: damaged: table %zu: %s: wrong place, size or "
                           "checksum; fit the transformers again",
                           r->path, t + 1, names[s]);
        }
    }
    return CM_OK;
}

static bool is_name(const char *text, uint64_t size)
{
    return size >= 2 && size <= CM_TRANSFORMERS_MAX_NAME &&
           memchr(text, '\0', (size_t)size) == text + size - 1;
}

static bool sizes_fit(const cm_transformers_record *record)
{
    const cm_transformers_section *s = record->sections;
    uint64_t n = record->n_keys;
    if (n > UINT32_MAX || s[CM_SECTION_VALUES].size != n * sizeof(double)) {
        return false;
    }
    if (record->key_kind == CM_KEY_TEXT) {
        return s[CM_SECTION_KEYS].size == (n + 1) * sizeof(uint64_t);
    }
    return s[CM_SECTION_KEYS].size == n * sizeof(int64_t) &&
           s[CM_SECTION_BYTES].size == 0;
}

static bool texts_ascend(const cm_dictionary *keys, uint64_t n_bytes)
{
    if (keys->offsets[0] != 0 || keys->offsets[keys->n] != n_bytes) {
        return false;
    }
    for (uint32_t i = 0; i < keys->n; i++) {
        if (keys->offsets[i + 1] < keys->offsets[i] ||
            keys->offsets[i + 1] > n_bytes) {
            return false;
        }
        if (i > 0 && cm_str_compare(cm_key_text(keys, i - 1),
                                    cm_key_text(keys, i)) >= 0) {
            return false;
        }
    }
    return true;
}

static bool integers_ascend(const cm_dictionary *keys)
{
    for (uint32_t i = 1; i < keys->n; i++) {
        if (keys->integers[i - 1] >= keys->integers[i]) {
            return false;
        }
    }
    return true;
}

/* Counts are whole numbers that a double holds exactly; CTRs are fractions. */
static bool value_fits(cm_table_kind kind, double value)
{
    return kind == CM_TABLE_COUNT
               ? value >= 0 && value <= 0x1p53 && floor(value) == value
               : value >= 0 && value <= 1;
}

static bool values_fit(const cm_table *table)
{
    for (uint32_t i = 0; i < table->keys.n; i++) {
        if (!value_fits(table->kind, table->values[i])) {
            return false;
        }
    }
    return table->kind == CM_TABLE_CTR && table->keys.n == 0
               ? isnan(table->fallback)
               : value_fits(table->kind, table->fallback);
}

static void point_table(cm_table *table, const reader *r,
                        const cm_transformers_record *record)
{
    const void *at[CM_SECTIONS];
    for (size_t s = 0; s < CM_SECTIONS; s++) {
        at[s] = r->data + record->sections[s].offset;
    }
    bool text = record->key_kind == CM_KEY_TEXT;
    *table = (cm_table){
        .name = at[CM_SECTION_NAME],
        .input = at[CM_SECTION_INPUT],
        .kind = (cm_table_kind)record->kind,
        .key_kind = (cm_key_kind)record->key_kind,
        .keys = {.n = (uint32_t)record->n_keys,
                 .offsets = text ? at[CM_SECTION_KEYS] : NULL,
                 .bytes = text ? at[CM_SECTION_BYTES] : NULL,
                 .integers = text ? NULL : at[CM_SECTION_KEYS]},
        .values = at[CM_SECTION_VALUES],
        .fallback = record->fallback,
    };
}

static cm_status read_table(reader *r, cm_transformers_body *body, size_t t)
{
    cm_transformers_record record;
    memcpy(&record,
           r->data + sizeof(cm_transformers_header) + t * sizeof record,
           sizeof record);
    cm_status status = place_sections(r, t, &record);
    if (status != CM_OK) {
        return status;
    }
    if (record.kind > CM_TABLE_CTR || record.key_kind > CM_KEY_INTEGER ||
        !sizes_fit(&record)) {
        return damaged(r, t, "the sizes of its sections do not fit");
    }
    cm_table *table = &body->tables[t];
    point_table(table, r, &record);
    if (!is_name(table->name, record.sections[CM_SECTION_NAME].size) ||
        !is_name(table->input, record.sections[CM_SECTION_INPUT].size)) {
        return damaged(r, t, "its name or input is not a text");
    }
    bool ascend =
        table->key_kind == CM_KEY_TEXT
            ? texts_ascend(&table->keys, record.sections[CM_SECTION_BYTES].size)
            : integers_ascend(&table->keys);
    if (!ascend) {
        return damaged(r, t, "its keys are not in ascending order");
    }
    if (!values_fit(table)) {
        return damaged(r, t, "a value is neither a count nor a CTR");
    }
    for (size_t i = 0; i < t; i++) {
        if (strcmp(body->tables[i].name, table->name) == 0) {
            return damaged(r, t, "another table has its name");
        }
    }
    return CM_OK;
}

static cm_status read_tables(reader *r, cm_transformers_body *body)
{
    for (size_t t = 0; t < body->face.n_tables; t++) {
        cm_status status = read_table(r, body, t);
        if (status != CM_OK) {
            return status;
        }
    }
    if (r->cursor != r->size) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: damaged: bytes follow the last table; fit the "
                       "transformers again",
                       r->path);
    }
    return CM_OK;
}

cm_status cm_transformers_load(cm_transformers **out, const char *path,
                               cm_error *err)
{
    cm_buf file = {0};
    cm_transformers_body *body = NULL;
    cm_transformers_header header;
    cm_status status = cm_read_file(&file, path, SIZE_MAX, err);
    reader r = {path, (const uint8_t *)file.p, file.n, 0, err};
    if (status == CM_OK) {
        status = check_header(&r, &header);
    }
    if (status == CM_OK) {
        status = check_records(&r, &header);
    }
    if (status == CM_OK) {
        status = cm_transformers_body_new(&body, (size_t)header.n_tables, err);
    }
    if (status != CM_OK) {
        cm_buf_release(&file);
        return status;
    }
    body->file = file;
    status = read_tables(&r, body);
    if (status != CM_OK) {
        cm_transformers_free(&body->face);
        return status;
    }
    *out = &body->face;
    return CM_OK;
}
