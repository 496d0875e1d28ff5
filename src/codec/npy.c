/* Reads the header of a .npy file: a magic number, a version, a length, and a
 * Python dictionary of three keys, {'descr': '<f4', 'fortran_order': False,
 * 'shape': (3, 4), }.
 * Source: NumPy, numpy.lib.format ("NEP 1, a simple file format"). */
#include "codec/npy.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

static const char MAGIC[] = "\x93NUMPY";

enum { MAGIC_BYTES = 6, MAX_DIMS = 2, MAX_HEADER = 1 << 16, MAX_DESCR = 32 };

/* What the dictionary says. */
typedef struct header {
    char descr[MAX_DESCR];
    bool is_list; /* descr of a structured array */
    bool fortran;
    uint64_t shape[MAX_DIMS];
    int n_dims;
    bool has_descr, has_order, has_shape;
} header;

/* The text of the dictionary, and how far it is read. */
typedef struct scanner {
    const char *file;
    const uint8_t *bytes; /* of the file */
    size_t at, end;
    cm_error *err;
} scanner;

static cm_status fail_at(const scanner *s, size_t offset, const char *found)
{
    return cm_fail(s->err, CM_ERR_PARSE,
                   "%s: offset %zu: %s; write the file again with numpy.save",
                   s->file, offset, found);
}

static void skip_space(scanner *s)
{
    while (s->at < s->end && memchr(" \t\n", s->bytes[s->at], 3) != NULL) {
        s->at++;
    }
}

static bool take(scanner *s, char c)
{
    skip_space(s);
    bool is = s->at < s->end && s->bytes[s->at] == (uint8_t)c;
    s->at += is;
    return is;
}

static cm_status need(scanner *s, char c)
{
    char found[64];
    if (take(s, c)) {
        return CM_OK;
    }
    (void)snprintf(found, sizeof found,
                   "the header of the array has no '%c' where one is needed",
                   c);
    return fail_at(s, s->at, found);
}

/* A text in single or double quotes, without escapes. */
static cm_status take_text(scanner *s, cm_str *out)
{
    char quote = take(s, '\'') ? '\'' : '"';
    if (quote == '"' && !take(s, '"')) {
        return fail_at(s, s->at,
                       "the header of the array has no text in "
                       "quotes where one is needed");
    }
    const char *start = (const char *)s->bytes + s->at;
    const char *end = memchr(start, quote, s->end - s->at);
    if (end == NULL) {
        return fail_at(s, s->at,
                       "a text in the header of the array has no "
                       "closing quote");
    }
    *out = (cm_str){start, (size_t)(end - start)};
    s->at += out->n + 1;
    return CM_OK;
}

static bool take_word(scanner *s, const char *word)
{
    size_t n = strlen(word);
    skip_space(s);
    bool is = s->end - s->at >= n && memcmp(s->bytes + s->at, word, n) == 0;
    s->at += is ? n : 0;
    return is;
}

static cm_status take_bool(scanner *s, bool *out)
{
    *out = take_word(s, "True");
    return *out || take_word(s, "False")
               ? CM_OK
               : fail_at(s, s->at, "fortran_order is neither True nor False");
}

static cm_status take_length(scanner *s, uint64_t *out)
{
    skip_space(s);
    size_t start = s->at;
    *out = 0;
    while (s->at < s->end && s->bytes[s->at] >= '0' && s->bytes[s->at] <= '9') {
        if (__builtin_mul_overflow(*out, 10, out) ||
            __builtin_add_overflow(*out, (uint64_t)(s->bytes[s->at] - '0'),
                                   out)) {
            return fail_at(s, start, "a length in the shape is too large");
        }
        s->at++;
    }
    if (s->at < s->end && s->bytes[s->at] == 'L') {
        s->at++; /* Python 2 */
    }
    return s->at > start ? CM_OK
                         : fail_at(s, start,
                                   "the shape has no number where one is "
                                   "needed");
}

static cm_status take_shape(scanner *s, header *h)
{
    cm_status status = need(s, '(');
    h->n_dims = 0;
    while (status == CM_OK && !take(s, ')')) {
        uint64_t length = 0;
        status = take_length(s, &length);
        if (status == CM_OK && h->n_dims < MAX_DIMS) {
            h->shape[h->n_dims] = length;
        }
        h->n_dims++;
        if (status == CM_OK && !take(s, ',')) {
            status = need(s, ')');
            break;
        }
    }
    return status;
}

static cm_status take_descr(scanner *s, header *h)
{
    cm_str text = {0};
    if (take(s, '[')) {
        h->is_list = true;
        s->at = s->end; /* of no use to go on */
        return CM_OK;
    }
    cm_status status = take_text(s, &text);
    size_t n = text.n < MAX_DESCR - 1 ? text.n : MAX_DESCR - 1;
    memcpy(h->descr, text.p != NULL ? text.p : "", n);
    h->descr[n] = '\0';
    return status;
}

static cm_status take_entry(scanner *s, header *h)
{
    cm_str key = {0};
    cm_status status = take_text(s, &key);
    if (status == CM_OK) {
        status = need(s, ':');
    }
    if (status != CM_OK) {
        return status;
    }
    if (cm_str_is(key, "descr")) {
        h->has_descr = true;
        return take_descr(s, h);
    }
    if (cm_str_is(key, "fortran_order")) {
        h->has_order = true;
        return take_bool(s, &h->fortran);
    }
    if (cm_str_is(key, "shape")) {
        h->has_shape = true;
        return take_shape(s, h);
    }
    return fail_at(s, s->at,
                   "the header of the array has a key that .npy "
                   "files do not have");
}

static cm_status take_header(scanner *s, header *h)
{
    size_t start = s->at;
    cm_status status = need(s, '{');
    while (status == CM_OK && !h->is_list && !take(s, '}')) {
        status = take_entry(s, h);
        if (status == CM_OK && !h->is_list && !take(s, ',')) {
            status = need(s, '}');
            break;
        }
    }
    if (status == CM_OK && !h->is_list &&
        (!h->has_descr || !h->has_order || !h->has_shape)) {
        status = fail_at(s, start,
                         "the header of the array does not tell "
                         "descr, fortran_order and shape");
    }
    return status;
}

/* ---- what the header means ------------------------------------------ */

static const struct {
    const char *descr;
    cm_array_type type;
} DESCRS[] = {
    {"|b1", CM_ARRAY_BOOL}, {"|u1", CM_ARRAY_U8},  {"<u1", CM_ARRAY_U8},
    {"<u2", CM_ARRAY_U16},  {"<u4", CM_ARRAY_U32}, {"<u8", CM_ARRAY_U64},
    {"|i1", CM_ARRAY_I8},   {"<i1", CM_ARRAY_I8},  {"<i2", CM_ARRAY_I16},
    {"<i4", CM_ARRAY_I32},  {"<i8", CM_ARRAY_I64}, {"<f4", CM_ARRAY_F32},
    {"<f8", CM_ARRAY_F64}};

static const char *advice_for(const header *h)
{
    char order = h->descr[0], kind = h->descr[0] != '\0' ? h->descr[1] : '\0';
    return h->is_list     ? "a structured array; save one plain column or "
                            "matrix of it"
           : kind == 'O'  ? "Python objects; convert with X.astype('float32')"
           : order == '>' ? "big endian numbers; convert with "
                            "X.astype(X.dtype.newbyteorder('<'))"
           : kind == 'U' || kind == 'S'
               ? "texts; numbers are needed"
               : "numbers of a type that is not read; convert with "
                 "X.astype('float32')";
}

static cm_status type_of(const scanner *s, const header *h, cm_array_type *out)
{
    for (size_t i = 0; i < sizeof DESCRS / sizeof *DESCRS; i++) {
        if (!h->is_list && strcmp(h->descr, DESCRS[i].descr) == 0) {
            *out = DESCRS[i].type;
            return CM_OK;
        }
    }
    return cm_fail(s->err, CM_ERR_UNSUPPORTED, "%s: the array holds %s%s%s%s",
                   s->file, advice_for(h), h->is_list ? "" : " (found '",
                   h->is_list ? "" : h->descr, h->is_list ? "" : "')");
}

static cm_status check_dims(const scanner *s, const header *h)
{
    if (h->n_dims == 1 || h->n_dims == 2) {
        return CM_OK;
    }
    return cm_fail(s->err, CM_ERR_UNSUPPORTED,
                   "%s: the array has %d dimensions, 1 or 2 are read; "
                   "reshape it before saving, for example with "
                   "X.reshape(len(X), -1)",
                   s->file, h->n_dims);
}

/* data: offset of the first element. */
static cm_status set_array(cm_npy *out, const scanner *s, const header *h,
                           size_t data, size_t n)
{
    cm_array *a = &out->array;
    uint64_t rows = h->shape[0], columns = h->n_dims == 2 ? h->shape[1] : 1;
    uint64_t bytes = 0;
    cm_status status = type_of(s, h, &a->type);
    if (status == CM_OK) {
        status = check_dims(s, h);
    }
    if (status != CM_OK) {
        return status;
    }
    if (__builtin_mul_overflow(rows, columns, &bytes) ||
        __builtin_mul_overflow(bytes, cm_array_size_of(a->type), &bytes) ||
        bytes > n - data) {
        return cm_fail(s->err, CM_ERR_PARSE,
                       "%s: offset %zu: the header says %" PRIu64 " x %" PRIu64
                       " numbers of %s, and %zu bytes are left; the file is "
                       "cut off: copy it again",
                       s->file, data, rows, columns,
                       cm_array_type_name(a->type), n - data);
    }
    out->n_dims = h->n_dims;
    a->data = s->bytes + data;
    a->n_rows = (size_t)rows;
    a->n_columns = (size_t)columns;
    a->row_step = h->fortran ? 1 : a->n_columns;
    a->column_step = h->fortran ? a->n_rows : 1;
    return CM_OK;
}

bool cm_npy_is(const uint8_t *bytes, size_t n)
{
    return n >= MAGIC_BYTES && memcmp(bytes, MAGIC, MAGIC_BYTES) == 0;
}

/* The length of the dictionary has two bytes in version 1, four later. */
static cm_status start_header(scanner *s, size_t n)
{
    if (!cm_npy_is(s->bytes, n)) {
        return fail_at(s, 0,
                       "not a .npy file: it does not start with "
                       "\\x93NUMPY");
    }
    if (n < MAGIC_BYTES + 4) {
        return fail_at(s, n, "the file is cut off");
    }
    uint8_t major = s->bytes[MAGIC_BYTES];
    const uint8_t *p = s->bytes + MAGIC_BYTES + 2;
    size_t width = major == 1 ? 2 : 4, length = 0;
    s->at = MAGIC_BYTES + 2 + width;
    if (major < 1 || major > 3) {
        return fail_at(s, MAGIC_BYTES,
                       "the version of the format is none of "
                       "1.0, 2.0 and 3.0");
    }
    for (size_t i = 0; i < width && s->at <= n; i++) {
        length |= (size_t)p[i] << (8 * i);
    }
    if (s->at > n || length > n - s->at || length > MAX_HEADER) {
        return fail_at(s, MAGIC_BYTES + 2,
                       "the header of the array is longer than the file or "
                       "64 KiB");
    }
    s->end = s->at + length;
    return CM_OK;
}

cm_status cm_npy_parse(cm_npy *out, const uint8_t *bytes, size_t n,
                       const char *file, cm_error *err)
{
    scanner s = {file, bytes, 0, 0, err};
    header h = {0};
    *out = (cm_npy){0};
    cm_status status = start_header(&s, n);
    size_t data = s.end;
    if (status == CM_OK) {
        status = take_header(&s, &h);
    }
    return status == CM_OK ? set_array(out, &s, &h, data, n) : status;
}

cm_status cm_npy_map(cm_npy *out, const char *path, cm_error *err)
{
    cm_mapping mapping = {0};
    *out = (cm_npy){0};
    cm_status status = cm_map_file(&mapping, path, err);
    if (status == CM_OK) {
        status = cm_npy_parse(out, mapping.data, mapping.size, path, err);
    }
    if (status != CM_OK) {
        cm_unmap(&mapping);
        return status;
    }
    out->mapping = mapping;
    return CM_OK;
}

void cm_npy_unmap(cm_npy *npy)
{
    cm_unmap(&npy->mapping);
    *npy = (cm_npy){0};
}
