/* Reads ctr_data of CatBoost's JSON model from its text: tables may have
 * millions of keys, for which a tree of JSON values would take many times the
 * file. */
#include <string.h>

#include "base/num.h"
#include "model/catboost_json.h"
#include "model/json_scan.h"
#include "model/json_text.h"

enum {
    MAX_STRIDE = 1 << 16,
    INDEX_BYTES = 48, /* of a key in the index for applying, at most */
    TABLE_BYTES = 128 /* of an empty one */
};

/* The members of one table, as text. */
typedef struct table_text {
    cm_str hash_map, hash_stride, denominator;
} table_text;

static cm_status find_members(table_text *out, const json_reader *r,
                              cm_str object, cm_error *err)
{
    json_scan scan = json_scan_of(object);
    *out = (table_text){0};
    while (json_scan_member(&scan)) {
        if (cm_str_is(scan.key, "hash_map")) {
            out->hash_map = scan.value;
        } else if (cm_str_is(scan.key, "hash_stride")) {
            out->hash_stride = scan.value;
        } else if (cm_str_is(scan.key, "counter_denominator")) {
            out->denominator = scan.value;
        }
    }
    if (scan.damaged || out->hash_map.n == 0 || out->hash_stride.n == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: expected an object with hash_map and hash_stride",
                       r->place);
    }
    return CM_OK;
}

/* {"identifier":[elements],"type":name}, as a JSON string. */
static cm_status read_identifier(json_reader *r, cm_ctr_table *table,
                                 cm_str quoted, cm_error *err)
{
    json_t *text = NULL, *identifier = NULL;
    const json_t *elements = NULL;
    cm_status status = cm_json_parse(&text, quoted, r->place, err);
    if (status == CM_OK) {
        status = json_text_parse(
            &identifier,
            (cm_str){json_string_value(text), json_string_length(text)},
            r->place, err);
    }
    if (status == CM_OK) {
        status =
            cm_json_array(&elements, identifier, "identifier", r->place, err);
    }
    if (status == CM_OK) {
        status = json_read_projection(&table->projection, r, elements, err);
    }
    if (status == CM_OK) {
        status = json_read_ctr_type(&table->type, r, identifier, "type", err);
    }
    json_decref(identifier);
    json_decref(text);
    return status;
}

/* The start of a text, for messages. */
static cm_str shown(cm_str text)
{
    return (cm_str){text.p, text.n < 40 ? text.n : 40};
}

/* How many numbers a key has in the file, itself counted. */
static cm_status read_stride(uint32_t *stride, const json_reader *r,
                             cm_ctr_table *table, const table_text *text,
                             cm_error *err)
{
    uint64_t found = 0, denominator = 0;
    uint64_t wanted = model_ctr_has_sums(table->type) ? 3 : 2;
    bool classes =
        table->type == CM_CTR_BORDERS || table->type == CM_CTR_BUCKETS;
    bool good = cm_parse_u64(text->hash_stride, &found) &&
                (classes ? found > 2 && found <= MAX_STRIDE : found == wanted);
    if (!good) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: hash_stride is %.*s, which does not suit a %s "
                       "table",
                       r->place, CM_STR_ARG(shown(text->hash_stride)),
                       catboost_ctr_type(table->type));
    }
    if (text->denominator.n > 0 &&
        (!cm_parse_u64(text->denominator, &denominator) ||
         denominator > INT32_MAX)) {
        return json_reader_fail(r, "counter_denominator",
                                "expected 0 to 2147483647", err);
    }
    *stride = (uint32_t)found;
    table->n_classes = classes ? *stride - 1 : 1;
    table->denominator = (int32_t)denominator;
    return CM_OK;
}

static size_t count_elements(cm_str array, bool *damaged)
{
    json_scan scan = json_scan_of(array);
    size_t n = 0;
    while (json_scan_element(&scan)) {
        n++;
    }
    *damaged = scan.damaged || array.p[0] != '[';
    return n;
}

/* "123" or 123. */
static bool parse_key(cm_str text, uint64_t *key)
{
    if (text.n >= 2 && text.p[0] == '"') {
        text = (cm_str){text.p + 1, text.n - 2};
    }
    return cm_parse_u64(text, key);
}

/* A whole number, also as CatBoost writes large ones, 1e+06. */
static bool parse_count(cm_str text, int32_t *count)
{
    double value;
    if (!cm_parse_double(text, &value) || !(value >= 0) || value > INT32_MAX ||
        value != (double)(int32_t)value) {
        return false;
    }
    *count = (int32_t)value;
    return true;
}

static bool parse_sum(cm_str text, float *sum)
{
    double value;
    bool good = cm_parse_double(text, &value);
    *sum = good ? (float)value : 0;
    return good;
}

typedef struct table_arrays {
    uint64_t *keys;
    int32_t *counts;
    float *sums; /* or NULL */
} table_arrays;

/* Key k and what follows it. */
static bool parse_row(const table_arrays *arrays, json_scan *scan, size_t k,
                      uint32_t n_counts)
{
    bool good =
        json_scan_element(scan) && parse_key(scan->value, &arrays->keys[k]);
    if (good && arrays->sums != NULL) {
        good =
            json_scan_element(scan) && parse_sum(scan->value, &arrays->sums[k]);
    }
    for (uint32_t c = 0; c < n_counts && good; c++) {
        good = json_scan_element(scan) &&
               parse_count(scan->value, &arrays->counts[k * n_counts + c]);
    }
    return good;
}

static cm_status read_rows(const json_reader *r, cm_ctr_table *table,
                           const table_arrays *arrays, cm_str array,
                           size_t n_rows, cm_error *err)
{
    json_scan scan = json_scan_of(array);
    for (size_t i = 0; i < n_rows; i++) {
        if (!parse_row(arrays, &scan, table->n_keys, table->n_classes)) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: hash_map: found \"%.*s\" in row %zu, expected "
                           "a key of 64 bits%s and whole numbers up to "
                           "2147483647",
                           r->place, CM_STR_ARG(shown(scan.value)), i,
                           arrays->sums ? ", a sum" : "");
        }
        /* CatBoost's own tables write their empty bucket, with the numbers of
         * another key. */
        table->n_keys += arrays->keys[table->n_keys] != UINT64_MAX;
    }
    return CM_OK;
}

static cm_status read_table(json_reader *r, cm_ctr_table *table,
                            const table_text *text, cm_error *err)
{
    uint32_t stride = 0;
    bool damaged = false;
    cm_status status = read_stride(&stride, r, table, text, err);
    if (status != CM_OK) {
        return status;
    }
    size_t n = count_elements(text->hash_map, &damaged);
    if (damaged || n % stride != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: hash_map has %zu values%s; expected an array of a "
                       "multiple of hash_stride, %u",
                       r->place, n, damaged ? " before it is damaged" : "",
                       stride);
    }
    size_t n_rows = n / stride, n_counts = table->n_classes;
    table_arrays arrays = {
        .keys = json_take(r, n_rows, sizeof *arrays.keys, err),
        .counts = json_take(r, n_rows, sizeof *arrays.counts * n_counts, err),
    };
    if (model_ctr_has_sums(table->type)) {
        arrays.sums = json_take(r, n_rows, sizeof *arrays.sums, err);
    }
    cm_status charged = json_charge(r, n_rows * INDEX_BYTES + TABLE_BYTES, err);
    if (charged != CM_OK || !arrays.keys || !arrays.counts ||
        (model_ctr_has_sums(table->type) && !arrays.sums)) {
        return CM_ERR_NOMEM;
    }
    table->keys = arrays.keys;
    table->counts = arrays.counts;
    table->sums = arrays.sums;
    return read_rows(r, table, &arrays, text->hash_map, n_rows, err);
}

cm_status json_read_tables(json_reader *r, cm_str ctr_data, cm_error *err)
{
    bool damaged = false;
    json_scan count = json_scan_of(ctr_data), scan = count;
    size_t n = 0;
    if (ctr_data.n == 0 || ctr_data.p[0] != '{') {
        return CM_OK; /* missing, or null */
    }
    while (json_scan_member(&count)) {
        n++;
    }
    damaged = count.damaged;
    r->tables = json_take(r, n, sizeof *r->tables, err);
    cm_status status = r->tables == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t t = 0; status == CM_OK && json_scan_member(&scan); t++) {
        table_text text;
        cm_str quoted = {scan.key.p - 1, scan.key.n + 2};
        (void)json_reader_at(r, "ctr_data, table %zu", t);
        r->tables[t] = (cm_ctr_table){0};
        status = read_identifier(r, &r->tables[t], quoted, err);
        if (status == CM_OK) {
            status = find_members(&text, r, scan.value, err);
        }
        if (status == CM_OK) {
            status = read_table(r, &r->tables[t], &text, err);
        }
    }
    if (status == CM_OK && damaged) {
        status = cm_fail(err, CM_ERR_PARSE, "%s: ctr_data is no valid JSON",
                         r->file);
    }
    r->source.parts.ctr_tables = r->tables;
    r->source.parts.n_ctr_tables = n;
    return status;
}
