/* Versions and aliases as small JSON objects.  docs/formats/registry.md has
 * their keys. */
#include "registry/record.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/hash.h"
#include "base/num.h"
#include "codec/json.h"

#define VERSION_FORMAT "clickmill-model-version"
#define ALIAS_FORMAT   "clickmill-model-alias"

enum { FORMAT_VERSION = 1, FEWEST_DIGITS = 8, MD5_DIGITS = 32, INDENT = 2 };

/* ---- names --------------------------------------------------------------- */

static bool is_name_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

bool record_name_is_good(cm_str name)
{
    bool good = name.n > 0 && name.n < CM_MODEL_NAME && name.p[0] != '.' &&
                name.p[0] != '-';
    for (size_t i = 0; i < name.n && good; i++) {
        good = is_name_character(name.p[i]);
    }
    return good;
}

static bool is_digits(cm_str text)
{
    bool digits = true;
    for (size_t i = 0; i < text.n && digits; i++) {
        digits =
            strchr("0123456789abcdef", text.p[i]) != NULL && text.p[i] != '\0';
    }
    return digits;
}

bool record_is_hash(cm_str text)
{
    if (text.n > MD5_DIGITS && cm_str_ends_with(text, ".dir")) {
        text.n -= strlen(".dir");
    }
    return text.n >= FEWEST_DIGITS && text.n <= MD5_DIGITS && is_digits(text);
}

/* ---- reading ------------------------------------------------------------- */

/* The members of one object, kept in an arena. */
typedef struct reader {
    json_t *json;
    const char *file;
    cm_arena *arena;
    cm_error *err;
} reader;

static cm_status read_text(const reader *r, const char *key, const char **out)
{
    const char *text = "";
    cm_status status = cm_json_string(&text, r->json, key, r->file, r->err);
    *out = status == CM_OK
               ? cm_arena_strdup(r->arena, text, strlen(text), r->err)
               : NULL;
    return status == CM_OK && *out == NULL ? CM_ERR_NOMEM : status;
}

static cm_status read_name(const reader *r, const char *key, const char **out)
{
    cm_status status = read_text(r, key, out);
    if (status == CM_OK && !record_name_is_good(cm_str_of(*out))) {
        status = cm_fail(r->err, CM_ERR_DATA,
                         "%s: %s: found \"%.60s\", expected 1 to 100 letters, "
                         "digits, '.', '_' and '-'",
                         r->file, key, *out);
    }
    return status;
}

static cm_status read_count(const reader *r, const char *key, uint64_t *out)
{
    int64_t value = 0;
    cm_status status = cm_json_integer(&value, r->json, key, r->file, r->err);
    if (status == CM_OK && value < 0) {
        status = cm_fail(r->err, CM_ERR_DATA,
                         "%s: %s: found %lld, expected a "
                         "count",
                         r->file, key, (long long)value);
    }
    *out = (uint64_t)value;
    return status;
}

static cm_status read_hash(const reader *r, char out[CM_OBJECT_TEXT])
{
    const char *text = "";
    cm_status status = cm_json_string(&text, r->json, "md5", r->file, r->err);
    if (status != CM_OK) {
        return status;
    }
    if (strlen(text) != CM_OBJECT_TEXT - 1 ||
        !record_is_hash(cm_str_of(text))) {
        return cm_fail(r->err, CM_ERR_DATA,
                       "%s: md5: found \"%.60s\", expected 32 hexadecimal "
                       "digits and \".dir\"",
                       r->file, text);
    }
    memcpy(out, text, CM_OBJECT_TEXT);
    return CM_OK;
}

/* Numbers by name; all else of metrics is left out. */
static cm_status put_metrics(cm_buf *out, const json_t *metrics, cm_error *err)
{
    json_t *object = (json_t *)(uintptr_t)metrics; /* only read */
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    for (void *i = json_object_iter(object); i != NULL;
         i = json_object_iter_next(object, i)) {
        if (json_is_number(json_object_iter_value(i))) {
            cm_json_put_value(&w, json_object_iter_key(i),
                              json_object_iter_value(i));
        }
    }
    cm_json_end_object(&w);
    return cm_buf_check(out, err);
}

static cm_status read_metrics(const reader *r, const char **out)
{
    const json_t *metrics = NULL;
    cm_buf text = {0};
    cm_status status =
        cm_json_object(&metrics, r->json, "metrics", r->file, r->err);
    if (status == CM_OK) {
        status = put_metrics(&text, metrics, r->err);
    }
    if (status == CM_OK) {
        *out = cm_arena_strdup(r->arena, text.p, text.n, r->err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    cm_buf_release(&text);
    return status;
}

static cm_status check_format(const reader *r, const char *wanted)
{
    const char *format = "";
    int64_t version = 0;
    cm_status status =
        cm_json_string(&format, r->json, "format", r->file, r->err);
    if (status == CM_OK && strcmp(format, wanted) != 0) {
        return cm_fail(r->err, CM_ERR_DATA,
                       "%s: found format \"%.60s\", expected \"%s\"", r->file,
                       format, wanted);
    }
    if (status == CM_OK) {
        status = cm_json_integer(&version, r->json, "format_version", r->file,
                                 r->err);
    }
    if (status == CM_OK && version != FORMAT_VERSION) {
        status = cm_fail(r->err, CM_ERR_UNSUPPORTED,
                         "%s: found format_version %lld, this program reads "
                         "%d; use the program that wrote it",
                         r->file, (long long)version, (int)FORMAT_VERSION);
    }
    return status;
}

static cm_status begin(reader *r, cm_str text, const char *format)
{
    cm_status status = cm_json_parse(&r->json, text, r->file, r->err);
    if (status == CM_OK && !json_is_object(r->json)) {
        status =
            cm_fail(r->err, CM_ERR_DATA, "%s: expected an object", r->file);
    }
    return status == CM_OK ? check_format(r, format) : status;
}

cm_status record_parse_version(cm_model_record *out, cm_str text,
                               const char *file, cm_arena *arena, cm_error *err)
{
    reader r = {.file = file, .arena = arena, .err = err};
    *out = (cm_model_record){0};
    cm_status status = begin(&r, text, VERSION_FORMAT);
    if (status == CM_OK) {
        status = read_name(&r, "version", &out->version);
    }
    if (status == CM_OK) {
        status = read_hash(&r, out->md5);
    }
    if (status == CM_OK) {
        status = read_count(&r, "size", &out->size);
    }
    if (status == CM_OK) {
        status = read_count(&r, "nfiles", &out->n_files);
    }
    if (status == CM_OK) {
        status = read_text(&r, "created", &out->created);
    }
    if (status == CM_OK) {
        status = read_text(&r, "pushed", &out->pushed);
    }
    if (status == CM_OK) {
        status = read_metrics(&r, &out->metrics);
    }
    json_decref(r.json);
    return status;
}

cm_status record_parse_alias(cm_model_alias *out, cm_str text, const char *file,
                             cm_arena *arena, cm_error *err)
{
    reader r = {.file = file, .arena = arena, .err = err};
    *out = (cm_model_alias){0};
    cm_status status = begin(&r, text, ALIAS_FORMAT);
    if (status == CM_OK) {
        status = read_name(&r, "alias", &out->alias);
    }
    if (status == CM_OK) {
        status = read_name(&r, "version", &out->version);
    }
    json_decref(r.json);
    return status;
}

/* ---- writing ------------------------------------------------------------- */

static void put_head(cm_json_writer *w, const char *format)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "format", format);
    cm_json_put_i64(w, "format_version", FORMAT_VERSION);
}

cm_status record_format_version(cm_buf *out, const cm_model_record *record,
                                cm_error *err)
{
    json_t *metrics = NULL;
    cm_buf numbers = {0};
    cm_status status =
        cm_json_parse(&metrics, cm_str_of(record->metrics), "metrics", err);
    if (status == CM_OK) {
        status = put_metrics(&numbers, metrics, err);
    }
    json_decref(metrics);
    if (status == CM_OK) {
        cm_json_writer w = cm_json_writer_of(out, INDENT);
        put_head(&w, VERSION_FORMAT);
        cm_json_put_text(&w, "version", record->version);
        cm_json_put_text(&w, "md5", record->md5);
        cm_json_put_u64(&w, "size", record->size);
        cm_json_put_u64(&w, "nfiles", record->n_files);
        cm_json_put_text(&w, "created", record->created);
        cm_json_put_text(&w, "pushed", record->pushed);
        cm_json_put_raw(&w, "metrics", (cm_str){numbers.p, numbers.n});
        cm_json_end_object(&w);
        cm_buf_addc(out, '\n');
        status = cm_buf_check(out, err);
    }
    cm_buf_release(&numbers);
    return status;
}

/* Two moves of the same second are two objects, and a writer knows its own
 * again; 16 digits. */
static cm_status put_id(cm_json_writer *w, cm_error *err)
{
    uint8_t bytes[8];
    char digits[2 * sizeof bytes + 1];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return cm_fail_errno(err, "no random bytes");
    }
    cm_hex(digits, bytes, sizeof bytes);
    cm_json_put_text(w, "id", digits);
    return CM_OK;
}

cm_status record_format_alias(cm_buf *out, const cm_model_alias *alias,
                              const char *previous, cm_error *err)
{
    char now[CM_NUM_TEXT];
    (void)cm_format_utc(now, (int64_t)time(NULL));
    cm_json_writer w = cm_json_writer_of(out, INDENT);
    put_head(&w, ALIAS_FORMAT);
    cm_json_put_text(&w, "alias", alias->alias);
    cm_json_put_text(&w, "version", alias->version);
    if (previous != NULL) {
        cm_json_put_text(&w, "previous", previous);
    } else {
        cm_json_put_null(&w, "previous");
    }
    cm_json_put_text(&w, "moved", now);
    cm_status status = put_id(&w, err);
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
    return status == CM_OK ? cm_buf_check(out, err) : status;
}
