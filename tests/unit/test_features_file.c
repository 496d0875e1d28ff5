/* The file of fitted transformers: round trip, damage of every byte, files
 * that are whole but wrong, and the description in JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/hash.h"
#include "codec/json.h"
#include "features/describe.h"
#include "features/transformers_layout.h"
#include "test_base_folder.h"
#include "test_features_data.h"

static cm_transformers *fit_counts(const test_data *data)
{
    cm_transformers *counts = NULL;
    assert_int_equal(
        cm_count_transformers_fit(&counts, &data->dataset, &data_spec, 1, NULL),
        CM_OK);
    return counts;
}

static cm_transformers *fit_ctr(const test_data *data,
                                const cm_transformers *counts)
{
    cm_transformers *ctr = NULL;
    assert_int_equal(cm_ctr_transformer_fit(&ctr, &data->dataset, counts,
                                            &data_spec, data->train,
                                            data->n_train, 1, NULL),
                     CM_OK);
    return ctr;
}

static void assert_same_table(const cm_table *a, const cm_table *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->input, b->input);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->key_kind, b->key_kind);
    assert_int_equal(a->keys.n, b->keys.n);
    assert_true(a->fallback == b->fallback ||
                (isnan(a->fallback) && isnan(b->fallback)));
    assert_memory_equal(a->values, b->values, a->keys.n * sizeof(double));
    if (a->key_kind == CM_KEY_INTEGER) {
        assert_memory_equal(a->keys.integers, b->keys.integers,
                            a->keys.n * sizeof(int64_t));
        return;
    }
    assert_memory_equal(a->keys.offsets, b->keys.offsets,
                        (a->keys.n + 1) * sizeof(uint64_t));
    assert_memory_equal(a->keys.bytes, b->keys.bytes,
                        a->keys.offsets[a->keys.n]);
}

static void assert_same(const cm_transformers *a, const cm_transformers *b)
{
    assert_int_equal(a->n_tables, b->n_tables);
    for (size_t i = 0; i < a->n_tables; i++) {
        assert_same_table(&a->tables[i], &b->tables[i]);
    }
}

static void check_round_trip(const cm_transformers *saved, const char *path)
{
    cm_transformers *loaded = NULL;
    cm_error err = {0};
    assert_int_equal(cm_transformers_save(saved, path, &err), CM_OK);
    assert_int_equal(cm_transformers_load(&loaded, path, &err), CM_OK);
    assert_same(saved, loaded);
    cm_transformers_free(loaded);
}

static void round_trips(void **state)
{
    const char *path = path_in(state, "t.cmt");
    for (uint64_t seed = 0; seed < 8; seed++) {
        test_data data;
        data_init(&data, 1 + 150 * seed, seed == 1 ? 0 : .2, seed);
        cm_transformers *counts = fit_counts(&data);
        cm_transformers *ctr = fit_ctr(&data, counts);
        check_round_trip(counts, path);
        check_round_trip(ctr, path);
        cm_transformers_free(counts);
        cm_transformers_free(ctr);
        data_release(&data);
    }
}

static void empty_round_trips(void **state)
{
    test_data data;
    data_init(&data, 10, .5, 1);
    cm_transformers *none = NULL;
    cm_feature_spec spec = {NULL, 0, NULL, 0};
    assert_int_equal(
        cm_count_transformers_fit(&none, &data.dataset, &spec, 1, NULL), CM_OK);
    check_round_trip(none, path_in(state, "empty.cmt"));
    cm_transformers_free(none);
    data_release(&data);
}

/* The bytes of a small file of CTR tables. */
static cm_buf small_file(void **state, bool counts_only)
{
    const char *path = path_in(state, "small.cmt");
    test_data data;
    cm_buf bytes = {0};
    data_init(&data, 60, .4, 2);
    cm_transformers *counts = fit_counts(&data);
    cm_transformers *ctr = fit_ctr(&data, counts);
    assert_int_equal(
        cm_transformers_save(counts_only ? counts : ctr, path, NULL), CM_OK);
    assert_int_equal(cm_read_file(&bytes, path, 1 << 20, NULL), CM_OK);
    cm_transformers_free(counts);
    cm_transformers_free(ctr);
    data_release(&data);
    return bytes;
}

static cm_status load_bytes(const char *path, const char *bytes, size_t n,
                            cm_error *err)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    cm_transformers *loaded = NULL;
    cm_status status = cm_transformers_load(&loaded, path, err);
    assert_true((status == CM_OK) == (loaded != NULL));
    cm_transformers_free(loaded);
    return status;
}

/* Every byte of the header and the first records, then every seventh. */
static size_t step_at(size_t i)
{
    return i < 400 ? 1 : 7;
}

static void truncation_is_found(void **state)
{
    cm_buf bytes = small_file(state, false);
    const char *path = path_in(state, "cut.cmt");
    for (size_t n = 0; n < bytes.n; n += step_at(n)) {
        cm_error err = {0};
        assert_int_equal(load_bytes(path, bytes.p, n, &err), CM_ERR_PARSE);
        assert_non_null(strstr(err.message, path));
    }
    assert_int_equal(load_bytes(path, bytes.p, bytes.n, NULL), CM_OK);
    cm_buf_addc(&bytes, '\0');
    assert_int_equal(load_bytes(path, bytes.p, bytes.n, NULL), CM_ERR_PARSE);
    cm_buf_release(&bytes);
}

static void flipped_bits_are_found(void **state)
{
    cm_buf bytes = small_file(state, false);
    const char *path = path_in(state, "flip.cmt");
    for (size_t i = 0; i < bytes.n; i += step_at(i)) {
        char bit = (char)(1 << i % 8);
        bytes.p[i] = (char)(bytes.p[i] ^ bit);
        cm_status status = load_bytes(path, bytes.p, bytes.n, NULL);
        assert_true(status == CM_ERR_PARSE || status == CM_ERR_UNSUPPORTED);
        bytes.p[i] = (char)(bytes.p[i] ^ bit);
    }
    cm_buf_release(&bytes);
}

/* Makes the checksums of a file true again after it has been changed. */
static void seal(cm_buf *bytes)
{
    cm_transformers_header header;
    memcpy(&header, bytes->p, sizeof header);
    for (size_t t = 0; t < header.n_tables; t++) {
        cm_transformers_record record;
        char *at = bytes->p + sizeof header + t * sizeof record;
        memcpy(&record, at, sizeof record);
        for (size_t s = 0; s < CM_SECTIONS; s++) {
            cm_transformers_section *section = &record.sections[s];
            if (section->offset <= bytes->n &&
                section->size <= bytes->n - section->offset) {
                section->checksum =
                    cm_xxh3(bytes->p + section->offset, section->size);
            }
        }
        memcpy(at, &record, sizeof record);
    }
    size_t from = offsetof(cm_transformers_header, n_tables);
    size_t to =
        sizeof header + header.n_tables * sizeof(cm_transformers_record);
    header.checksum = cm_xxh3(bytes->p + from, to - from);
    memcpy(bytes->p, &header, sizeof header);
}

/* Files whose checksums are right and whose content is random damage: loading
 * must not read outside them, whatever it says. */
static void sealed_damage_is_survived(void **state)
{
    cm_rng rng = cm_rng_stream(9, 9);
    size_t refused = 0;
    for (int round = 0; round < 2; round++) {
        cm_buf whole = small_file(state, round == 0);
        const char *path = path_in(state, "sealed.cmt");
        cm_buf bytes = {0};
        for (size_t i = 64; i<whole.n; i += i> 1600 ? 4 : 1) {
            cm_buf_clear(&bytes);
            cm_buf_add(&bytes, whole.p, whole.n);
            bytes.p[i] = (char)(bytes.p[i] ^ (1 << cm_rng_next(&rng) % 8));
            seal(&bytes);
            refused += load_bytes(path, bytes.p, bytes.n, NULL) != CM_OK;
        }
        cm_buf_release(&bytes);
        cm_buf_release(&whole);
    }
    assert_true(refused > 500);
}

/* Sealed files with one particular fault each. */
static void expect_fault(void **state, size_t section, size_t offset,
                         uint64_t value, const char *message)
{
    cm_error err = {0};
    cm_buf bytes = small_file(state, true);
    const char *path = path_in(state, "fault.cmt");
    cm_transformers_record record;
    memcpy(&record, bytes.p + sizeof(cm_transformers_header), sizeof record);
    memcpy(bytes.p + record.sections[section].offset + offset, &value,
           sizeof value);
    seal(&bytes);
    assert_int_equal(load_bytes(path, bytes.p, bytes.n, &err), CM_ERR_PARSE);
    if (strstr(err.message, message) == NULL) {
        print_message("%s\n", err.message);
    }
    assert_non_null(strstr(err.message, message));
    cm_buf_release(&bytes);
}

static void faults_are_named(void **state)
{
    expect_fault(state, CM_SECTION_NAME, 0, 0, "name or input");
    expect_fault(state, CM_SECTION_KEYS, 8, UINT64_MAX, "ascending");
    expect_fault(state, CM_SECTION_KEYS, 0, 3, "ascending");
    expect_fault(state, CM_SECTION_BYTES, 0, UINT64_MAX, "ascending");
    expect_fault(state, CM_SECTION_VALUES, 0, 0x7ff8000000000000,
                 "neither a count nor a CTR");
    expect_fault(state, CM_SECTION_VALUES, 0, 0x3fe0000000000000,
                 "neither a count nor a CTR"); /* .5 */
}

static void other_files_are_refused(void **state)
{
    cm_error err = {0};
    cm_transformers *loaded = NULL;
    cm_buf bytes = small_file(state, false);
    const char *path = path_in(state, "other.cmt");
    assert_int_equal(load_bytes(path, "id,click\n", 9, &err), CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "not a file of fitted transformers"));
    bytes.p[8] = 2;
    assert_int_equal(load_bytes(path, bytes.p, bytes.n, &err),
                     CM_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "version 2"));
    cm_buf_release(&bytes);
    assert_int_equal(cm_transformers_load(&loaded, "/nonexistent/x.cmt", &err),
                     CM_ERR_IO);
}

/* A name that no reader would take is not written. */
static void long_names_are_refused(void **state)
{
    const char *path = path_in(state, "long.cmt");
    char name[5000];
    static const int64_t keys[] = {1};
    static const double values[] = {.5};
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    cm_table table = {
        name,   "x", CM_TABLE_CTR, CM_KEY_INTEGER, {1, NULL, NULL, keys},
        values, .5};
    cm_transformers transformers = {1, &table, NULL};
    cm_error err = {0};
    assert_int_equal(cm_transformers_save(&transformers, path, &err),
                     CM_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "4095 bytes"));
    assert_false(cm_file_exists(path));
    name[4095] = '\0';
    check_round_trip(&transformers, path);
}

static void describes_as_json(void **state)
{
    (void)state;
    test_data data;
    cm_buf text = {0};
    json_t *json = NULL;
    data_init(&data, 200, .4, 2);
    cm_transformers *counts = fit_counts(&data);
    cm_transformers *ctr = fit_ctr(&data, counts);
    cm_transformers_describe(ctr, 3, 2, &text);
    assert_int_equal(cm_buf_check(&text, NULL), CM_OK);
    assert_int_equal(
        cm_json_parse(&json, (cm_str){text.p, text.n}, "describe", NULL),
        CM_OK);
    assert_string_equal(json_string_value(json_object_get(json, "kind")),
                        "ctr");
    assert_int_equal(json_integer_value(json_object_get(json, "version")), 1);
    const json_t *tables = json_object_get(json, "tables");
    assert_int_equal(json_array_size(tables), DATA_N_CTR);
    const json_t *ip = json_array_get(tables, 3);
    assert_string_equal(json_string_value(json_object_get(ip, "name")), "ip");
    assert_string_equal(json_string_value(json_object_get(ip, "key_kind")),
                        "text");
    assert_int_equal(json_integer_value(json_object_get(ip, "n_keys")),
                     ctr->tables[3].keys.n);
    const json_t *values = json_object_get(ip, "values");
    assert_int_equal(json_object_size(values), 3);
    assert_true(json_real_value(json_object_get(values, "")) ==
                ctr->tables[3].values[0]);
    json_decref(json);
    cm_buf_clear(&text);
    cm_transformers_describe(counts, 0, 0, &text);
    assert_int_equal(
        cm_json_parse(&json, (cm_str){text.p, text.n}, "describe", NULL),
        CM_OK);
    values = json_object_get(json_array_get(json_object_get(json, "tables"), 0),
                             "values");
    assert_int_equal(json_object_size(values), counts->tables[0].keys.n);
    json_decref(json);
    cm_buf_release(&text);
    cm_transformers_free(counts);
    cm_transformers_free(ctr);
    data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(empty_round_trips),
        cmocka_unit_test(truncation_is_found),
        cmocka_unit_test(flipped_bits_are_found),
        cmocka_unit_test(sealed_damage_is_survived),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(describes_as_json),
    };
    return cmocka_run_group_tests_name("features/file", tests, folder_setup,
                                       folder_teardown);
}
