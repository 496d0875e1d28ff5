/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Dataset files: what is saved is loaded, and a damaged one is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "data/dataset_file.h"
#include "test_base_faults.h"
#include "test_data_log.h"

static const char SCHEMA[] = "name: t\n"
                             "columns:\n"
                             "  - {name: id, kind: id}\n"
                             "  - {name: y, kind: target}\n"
                             "  - {name: t, kind: time}\n"
                             "  - {name: s, kind: text}\n"
                             "  - {name: n, kind: integer}\n";
static const char LOG[] = "id,y,t,s,n\n"
                          "x1,1,14102100,b,5\n"
                          "x2,0,14102101,a longer text,\n"
                          "x3,0,14102101,,-7\n"
                          "x1,1,14102102,b,5\n";

static cm_dataset *small_dataset(void **state)
{
    cm_schema *schema = schema_of(state, SCHEMA);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    cm_str memory = cm_str_of(LOG);
    cm_ingest_tuning tuning = small_tuning(&memory);
    cm_dataset *dataset = NULL;
    cm_error err = {0};
    if (cm_ingest_tuned(&dataset, NULL, &options, &tuning, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    cm_schema_free(schema);
    return dataset;
}

static void look_ups(void **state)
{
    cm_dataset *dataset = small_dataset(state);
    assert_int_equal(dataset->n_rows, 4);
    assert_string_equal(cm_dataset_find(dataset, "s")->name, "s");
    assert_null(cm_dataset_find(dataset, "S"));
    assert_string_equal(cm_dataset_of_kind(dataset, CM_COLUMN_TIME)->name, "t");
    char scratch[CM_NUM_TEXT];
    const cm_dictionary *n = &cm_dataset_find(dataset, "n")->dictionary;
    assert_int_equal(n->n, 3);
    assert_true(n->integers[0] == CM_MISSING_INTEGER);
    assert_int_equal(cm_dictionary_text(n, 0, scratch).n, 0);
    assert_true(cm_str_is(cm_dictionary_text(n, 1, scratch), "-7"));
    const cm_dictionary *s = &cm_dataset_find(dataset, "s")->dictionary;
    assert_int_equal(s->n, 3);
    assert_int_equal(cm_dictionary_text(s, 0, NULL).n, 0);
    assert_true(cm_str_is(cm_dictionary_text(s, 1, NULL), "a longer text"));
    cm_dataset_free(dataset);
    cm_dataset_free(NULL);
}

static void check_equal(const cm_dataset *a, const cm_dataset *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    for (size_t c = 0; c < a->n_columns; c++) {
        const cm_column *x = &a->columns[c];
        const cm_column *y = &b->columns[c];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->width, y->width);
        assert_int_equal(x->dictionary.n, y->dictionary.n);
        assert_true((uintptr_t)y->values % CM_DATASET_ALIGN == 0);
        assert_memory_equal(x->values, y->values, a->n_rows * x->width);
        for (uint32_t i = 0; i < x->dictionary.n; i++) {
            char s[CM_NUM_TEXT];
            char t[CM_NUM_TEXT];
            assert_true(cm_str_equal(cm_dictionary_text(&x->dictionary, i, s),
                                     cm_dictionary_text(&y->dictionary, i, t)));
        }
    }
}

static void saved_and_loaded(void **state)
{
    cm_dataset *dataset = small_dataset(state);
    const char *path = path_in(state, "set.cmd");
    cm_dataset *loaded = NULL;
    assert_int_equal(cm_dataset_save(dataset, path, NULL), CM_OK);
    assert_true(cm_is_dataset_file(path));
    cm_error err = {0};
    if (cm_dataset_load(&loaded, path, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    check_equal(dataset, loaded);
    cm_dataset_free(loaded);
    cm_dataset_free(dataset);
}

/* The example of docs/formats/dataset.md. */
static void documented_example(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "columns:\n"
                                         "  - {name: y, kind: target}\n"
                                         "  - {name: s, kind: text}\n");
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    cm_str memory = CM_STR("y,s\n1,b\n0,a\n1,b\n");
    cm_ingest_tuning tuning = small_tuning(&memory);
    cm_dataset *dataset = NULL;
    cm_buf bytes = {0};
    assert_int_equal(cm_ingest_tuned(&dataset, NULL, &options, &tuning, NULL),
                     CM_OK);
    const char *path = path_in(state, "example.cmd");
    assert_int_equal(cm_dataset_save(dataset, path, NULL), CM_OK);
    assert_int_equal(cm_read_file(&bytes, path, 1 << 20, NULL), CM_OK);
    assert_int_equal(bytes.n, 512);
    assert_memory_equal(bytes.p + 240, "ys", 2);
    assert_memory_equal(bytes.p + 256, "\1\0\1", 3);
    assert_memory_equal(bytes.p + 320, "\1\0\1", 3);
    assert_memory_equal(bytes.p + 384, "\0\0\0\0\0\0\0\0\1\0\0\0", 12);
    assert_memory_equal(bytes.p + 448, "ab", 3);
    cm_buf_release(&bytes);
    cm_dataset_free(dataset);
    cm_schema_free(schema);
}

static void no_dataset(void **state)
{
    cm_dataset *loaded = NULL;
    cm_error err = {0};
    const char *path = path_in(state, "log.csv");
    assert_int_equal(cm_write_file(path, CM_STR(LOG), NULL), CM_OK);
    assert_false(cm_is_dataset_file(path));
    assert_int_equal(cm_dataset_load(&loaded, path, &err), CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "log.csv: this is no dataset file; "
                                        "make one from a log with clickmill "
                                        "make-dataset"));
    assert_int_equal(cm_write_file(path, CM_STR(""), NULL), CM_OK);
    assert_false(cm_is_dataset_file(path));
    assert_int_equal(cm_dataset_load(&loaded, path, NULL), CM_ERR_PARSE);
    path = path_in(state, "no such file");
    assert_false(cm_is_dataset_file(path));
    assert_int_equal(cm_dataset_load(&loaded, path, NULL), CM_ERR_IO);
    assert_null(loaded);
}

/* The bytes of a small dataset file. */
static cm_buf file_bytes(void **state)
{
    cm_dataset *dataset = small_dataset(state);
    const char *path = path_in(state, "set.cmd");
    cm_buf bytes = {0};
    assert_int_equal(cm_dataset_save(dataset, path, NULL), CM_OK);
    assert_int_equal(cm_read_file(&bytes, path, 1 << 20, NULL), CM_OK);
    cm_dataset_free(dataset);
    return bytes;
}

/* Without the sync to the disk that cm_write_file waits for. */
static void write_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static cm_status load_bytes(void **state, const cm_buf *bytes, size_t n,
                            cm_error *err)
{
    const char *path = path_in(state, "damaged.cmd");
    cm_dataset *loaded = NULL;
    write_bytes(path, bytes->p, n);
    cm_status status = cm_dataset_load(&loaded, path, err);
    assert_true((status == CM_OK) == (loaded != NULL));
    cm_dataset_free(loaded);
    return status;
}

static void truncated(void **state)
{
    cm_buf bytes = file_bytes(state);
    assert_int_equal(load_bytes(state, &bytes, bytes.n, NULL), CM_OK);
    for (size_t n = 0; n < bytes.n; n += n < 600 ? 1 : 13) {
        cm_error err = {0};
        assert_int_equal(load_bytes(state, &bytes, n, &err), CM_ERR_PARSE);
        assert_non_null(strstr(err.message, "clickmill make-dataset"));
    }
    cm_buf_addc(&bytes, '\0');
    assert_int_equal(load_bytes(state, &bytes, bytes.n, NULL), CM_ERR_PARSE);
    cm_buf_release(&bytes);
}

static void every_bit_flipped(void **state)
{
    cm_buf bytes = file_bytes(state);
    for (size_t i = 0; i < bytes.n; i++) {
        char *byte = &bytes.p[i];
        char before = *byte;
        *byte = (char)(before ^ (1 << (i % 8)));
        cm_error err = {0};
        cm_status status = load_bytes(state, &bytes, bytes.n, &err);
        if (status != CM_ERR_PARSE && status != CM_ERR_UNSUPPORTED) {
            fail_msg("byte %zu of %zu: status %d", i, bytes.n, (int)status);
        }
        *byte = before;
    }
    cm_buf_release(&bytes);
}

static uint64_t hash_of_head(const cm_buf *bytes)
{
    cm_file_header header;
    memcpy(&header, bytes->p, sizeof header);
    header.hash = 0;
    cm_buf head = {0};
    size_t n = header.n_columns * sizeof(cm_file_column) + header.names_size;
    cm_buf_add(&head, &header, sizeof header);
    cm_buf_add(&head, bytes->p + sizeof header, n);
    uint64_t hash = cm_xxh3(head.p, head.n);
    cm_buf_release(&head);
    return hash;
}

/* Makes all checksums right again, as one who means harm would. */
static void sign(cm_buf *bytes)
{
    cm_file_header header;
    memcpy(&header, bytes->p, sizeof header);
    for (size_t i = 0; i < header.n_columns; i++) {
        char *at = bytes->p + sizeof header + i * sizeof(cm_file_column);
        cm_file_column column;
        memcpy(&column, at, sizeof column);
        for (int s = 0; s < CM_DATASET_SECTIONS; s++) {
            cm_file_section *section = &column.sections[s];
            if (section->offset <= bytes->n &&
                section->size <= bytes->n - section->offset) {
                section->hash =
                    cm_xxh3(bytes->p + section->offset, section->size);
            }
        }
        memcpy(at, &column, sizeof column);
    }
    header.hash = hash_of_head(bytes);
    memcpy(bytes->p, &header, sizeof header);
}

/* Touches every value the way its users do. */
static void use_all(const cm_dataset *dataset)
{
    for (size_t c = 0; c < dataset->n_columns; c++) {
        const cm_column *column = &dataset->columns[c];
        for (size_t row = 0; row < dataset->n_rows; row++) {
            char scratch[CM_NUM_TEXT];
            cm_str text = value_text(column, row, scratch);
            (void)cm_xxh3(text.p, text.n);
        }
    }
}

/* What the checksums do not catch the checks must: no crash, and no dataset
 * that breaks its contract. */
static void damaged_and_signed(void **state)
{
    cm_buf good = file_bytes(state);
    for (size_t i = sizeof(((cm_file_header *)NULL)->magic); i < good.n; i++) {
        /* The sizes of the head say what is to be signed. */
        bool sizes = i >= offsetof(cm_file_header, n_columns) &&
                     i < sizeof(cm_file_header);
        cm_buf bytes = {0};
        cm_buf_add(&bytes, good.p, good.n);
        bytes.p[i] = (char)(bytes.p[i] ^ (i % 3 == 0 ? 1 : 0x80));
        if (!sizes) {
            sign(&bytes);
        }
        cm_dataset *loaded = NULL;
        const char *path = path_in(state, "damaged.cmd");
        write_bytes(path, bytes.p, bytes.n);
        if (cm_dataset_load(&loaded, path, NULL) == CM_OK) {
            use_all(loaded);
        }
        cm_dataset_free(loaded);
        cm_buf_release(&bytes);
    }
    cm_buf_release(&good);
}

static void expect_damage(void **state, const cm_buf *good, size_t at,
                          uint64_t value, size_t n, const char *message)
{
    cm_buf bytes = {0};
    cm_buf_add(&bytes, good->p, good->n);
    memcpy(bytes.p + at, &value, n);
    sign(&bytes);
    cm_error err = {0};
    assert_int_equal(load_bytes(state, &bytes, bytes.n, &err), CM_ERR_PARSE);
    if (strstr(err.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    }
    cm_buf_release(&bytes);
}

static void broken_contracts(void **state)
{
    cm_buf good = file_bytes(state);
    cm_file_column columns[5];
    memcpy(columns, good.p + sizeof(cm_file_header), sizeof columns);
    size_t codes = (size_t)columns[3].sections[0].offset;
    expect_damage(state, &good, codes, 3, 1,
                  "a code has no value in its dictionary");
    expect_damage(state, &good, (size_t)columns[1].sections[0].offset, 2, 1,
                  "a target is neither 0 nor 1");
    size_t offsets = (size_t)columns[3].sections[1].offset;
    expect_damage(state, &good, offsets + 8, 99, 8,
                  "a dictionary is not in order");
    expect_damage(state, &good, offsets, 1, 8, "a dictionary is not in order");
    size_t integers = (size_t)columns[4].sections[1].offset;
    expect_damage(state, &good, integers, 5, 8, "a dictionary is not in order");
    size_t texts = (size_t)columns[3].sections[2].offset;
    expect_damage(state, &good, texts, 'z', 1, "a dictionary is not in order");
    size_t kind = sizeof(cm_file_header) + 4;
    expect_damage(state, &good, kind, 9, 1,
                  "the description of a column is impossible");
    expect_damage(state, &good, kind + 1, 8, 1,
                  "the description of a column is impossible");
    expect_damage(state, &good, (size_t)good.n - 1, 1, 1,
                  "there is something between its sections");
    cm_buf_release(&good);
}

static void versions(void **state)
{
    cm_buf bytes = file_bytes(state);
    bytes.p[offsetof(cm_file_header, version)] = 2;
    cm_error err = {0};
    assert_int_equal(load_bytes(state, &bytes, bytes.n, &err),
                     CM_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "found version 2 of the dataset "
                                        "format"));
    cm_buf_release(&bytes);
}

static void every_allocation_can_fail(void **state)
{
    cm_dataset *dataset = small_dataset(state);
    char path[1024];
    snprintf(path, sizeof path, "%s", path_in(state, "faults.cmd"));
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK && n < 1000; n++) {
        faults_left = n;
        status = cm_dataset_save(dataset, path, NULL);
        faults_left = -1;
    }
    assert_int_equal(status, CM_OK);
    status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK && n < 1000; n++) {
        cm_dataset *loaded = NULL;
        faults_left = n;
        status = cm_dataset_load(&loaded, path, NULL);
        faults_left = -1;
        assert_true((status == CM_OK) == (loaded != NULL));
        cm_dataset_free(loaded);
    }
    assert_int_equal(status, CM_OK);
    cm_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups),
        cmocka_unit_test(saved_and_loaded),
        cmocka_unit_test(documented_example),
        cmocka_unit_test(no_dataset),
        cmocka_unit_test(truncated),
        cmocka_unit_test(every_bit_flipped),
        cmocka_unit_test(damaged_and_signed),
        cmocka_unit_test(broken_contracts),
        cmocka_unit_test(versions),
        cmocka_unit_test(every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
