/* The usual body in one pass: {"data": [[…], …], "features": […]}, either key
 * first.  Eight bytes at a time are asked for the end of a string or a number.
 *
 * It never says what is wrong: from escapes, other keys, rows of other lengths
 * and all that is no JSON it steps aside, and rows_json.c decides.  What it
 * does take, it takes as rows_json.c would, which a fuzz driver proves.
 *
 * The list of names is most often the last request's, to the byte: then where
 * the columns are is known already.
 *
 * Notation: p where the scan is, end behind the last '}' of the body.  No token
 * but that one contains it, so p < end holds wherever a single byte is read. */
#include "serving/rows_body.h"

#include <string.h>

enum { WORD = 8 };

static const uint64_t ONES = 0x0101010101010101ull;
static const uint64_t HIGHS = 0x8080808080808080ull;

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the first byte of a word must be its lowest bits");

/* Zeros stand for what is behind the end. */
static inline uint64_t load(const char *p, const char *end)
{
    uint64_t word = 0;
    if (end - p >= WORD) {
        memcpy(&word, p, WORD);
    } else if (p < end) {
        memcpy(&word, p, (size_t)(end - p));
    }
    return word;
}

/* The lowest bit set is exact: that of the first byte equal to c. */
static inline uint64_t bytes_equal(uint64_t word, char c)
{
    uint64_t x = word ^ (ONES * (uint8_t)c);
    return (x - ONES) & ~x & HIGHS;
}

static inline uint64_t bytes_below_space(uint64_t word)
{
    return (word - ONES * ' ') & ~word & HIGHS;
}

/* The first quote, backslash or control character; bytes over 127 are noted in
 * *high. */
static inline const char *string_end(const char *p, const char *end,
                                     uint64_t *high)
{
    for (;; p += WORD) {
        uint64_t word = load(p, end);
        uint64_t special = bytes_equal(word, '"') | bytes_equal(word, '\\') |
                           bytes_below_space(word);
        *high |= word;
        if (special != 0) {
            return p + __builtin_ctzll(special) / 8;
        }
    }
}

static inline const char *digits_end(const char *p, const char *end)
{
    for (;; p += WORD) {
        uint64_t x = load(p, end) ^ (ONES * '0');
        uint64_t other = (((x & ~HIGHS) + ONES * (0x7f - 9)) | x) & HIGHS;
        if (other != 0) {
            return p + __builtin_ctzll(other) / 8;
        }
    }
}

static inline const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r') {
        p++;
    }
    return p;
}

/* ---- values ------------------------------------------------------------- */

/* p: behind the first quote.  Returns what is behind the last, or NULL. */
static inline const char *scan_string(const char *p, const char *end,
                                      uint64_t *high, cm_str *out)
{
    const char *last = string_end(p, end, high);
    if (last >= end || *last != '"') {
        return NULL;
    }
    *out = (cm_str){p, (size_t)(last - p)};
    return last + 1;
}

/* p: the point or the exponent of a number. */
static const char *fraction_end(const char *p, const char *end)
{
    if (*p == '.') {
        const char *first = p + 1;
        p = digits_end(first, end);
        if (p == first) {
            return NULL;
        }
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        const char *first = p;
        p = digits_end(first, end);
        if (p == first) {
            return NULL;
        }
    }
    return p;
}

static inline const char *scan_number(const char *p, const char *end, cell *out)
{
    const char *first = p + (*p == '-');
    const char *last = *first == '0' ? first + 1 : digits_end(first, end);
    if (last == first) {
        return NULL;
    }
    if (*last != '.' && *last != 'e' && *last != 'E') {
        *out = (cell){p, (uint32_t)(last - p), CELL_NUMBER};
        return last;
    }
    last = fraction_end(last, end);
    if (last != NULL) {
        *out = cell_of_number(p, (size_t)(last - p));
    }
    return last;
}

static bool is_word(const char *p, const char *end, cm_str word)
{
    return (size_t)(end - p) >= word.n && memcmp(p, word.p, word.n) == 0;
}

static const char *scan_word(const char *p, const char *end, cell *out)
{
    if (is_word(p, end, CM_STR("null"))) {
        *out = (cell){"", 0, CELL_NULL};
        return p + 4;
    }
    if (is_word(p, end, CM_STR("true"))) {
        *out = (cell){p, 4, CELL_TRUE};
        return p + 4;
    }
    if (is_word(p, end, CM_STR("false"))) {
        *out = (cell){p, 5, CELL_FALSE};
        return p + 5;
    }
    return NULL;
}

static inline const char *scan_value(const char *p, const char *end,
                                     uint64_t *high, cell *out)
{
    if (*p == '"') {
        cm_str text = {0};
        p = scan_string(p + 1, end, high, &text);
        *out = (cell){text.p, (uint32_t)text.n, CELL_STRING};
        return p;
    }
    if (*p == '-' || (*p >= '0' && *p <= '9')) {
        return scan_number(p, end, out);
    }
    return scan_word(p, end, out);
}

/* ---- lists -------------------------------------------------------------- */

typedef struct scan {
    rows_reader *reader;
    const char *end;
    uint64_t high; /* the high bits of all bytes of strings */
    cm_str names;  /* the list of names; empty: it is the kept block */
    size_t n_names, width;
    bool has_names, has_data;
} scan;

/* p: behind the bracket.  *next: where the cells go, then behind them. */
static const char *scan_row(const char *p, const char *end, uint64_t *high,
                            cell **next)
{
    p = skip_space(p);
    if (*p == ']') {
        return p + 1;
    }
    for (;;) {
        p = scan_value(p, end, high, *next);
        if (p == NULL) {
            return NULL;
        }
        ++*next;
        p = skip_space(p);
        if (*p != ',') {
            return *p == ']' ? p + 1 : NULL;
        }
        p = skip_space(p + 1);
    }
}

/* Every value takes two bytes with what follows it, so there is room for all
 * cells from the start; what is not used is never touched. */
static const char *scan_data(scan *s, const char *p)
{
    rows_reader *reader = s->reader;
    cell *next = reader->cells;
    uint64_t high = s->high;
    size_t n = 0;
    if (s->has_data || *p != '[') {
        return NULL;
    }
    s->has_data = true;
    p = skip_space(p + 1);
    while (*p == '[' && n < reader->limits.max_rows) {
        const cell *row = next;
        p = scan_row(p + 1, s->end, &high, &next);
        size_t width = (size_t)(next - row);
        s->width = n++ == 0 ? width : s->width;
        if (p == NULL || width != s->width) {
            return NULL;
        }
        p = skip_space(p);
        if (*p != ',') {
            break;
        }
        p = skip_space(p + 1);
        if (*p != '[') {
            return NULL;
        }
    }
    s->high = high;
    reader->n_rows = n;
    return *p == ']' ? p + 1 : NULL;
}

static const char *scan_new_names(scan *s, const char *p)
{
    const char *begin = p;
    cm_buf_clear(&s->reader->block);
    p = skip_space(p + 1);
    for (;;) {
        cm_str name = {0};
        if (*p != '"') {
            return NULL;
        }
        p = scan_string(p + 1, s->end, &s->high, &name);
        if (p == NULL || !rows_add_name(s->reader, name)) {
            return NULL;
        }
        p = skip_space(p);
        if (*p != ',') {
            break;
        }
        p = skip_space(p + 1);
    }
    s->names = (cm_str){begin, (size_t)(p + 1 - begin)};
    s->n_names = s->reader->n_names;
    return *p == ']' ? p + 1 : NULL;
}

static const char *scan_names(scan *s, const char *p)
{
    const cm_buf *block = &s->reader->block;
    if (s->has_names || *p != '[') {
        return NULL;
    }
    s->has_names = true;
    if (block->n > 0 && (size_t)(s->end - p) >= block->n &&
        memcmp(p, block->p, block->n) == 0) {
        s->n_names = s->reader->block_names;
        return p + block->n;
    }
    return scan_new_names(s, p);
}

/* ---- the body ----------------------------------------------------------- */

/* p: the quote of a key.  Returns what is behind its value. */
static const char *scan_member(scan *s, const char *p)
{
    bool data = is_word(p, s->end, CM_STR("\"data\""));
    if (!data && !is_word(p, s->end, CM_STR("\"features\""))) {
        return NULL;
    }
    p = skip_space(p + (data ? sizeof "\"data\"" : sizeof "\"features\"") - 1);
    if (*p != ':') {
        return NULL;
    }
    p = skip_space(p + 1);
    return data ? scan_data(s, p) : scan_names(s, p);
}

static bool scan_body(scan *s, const char *p)
{
    p = skip_space(p);
    if (*p != '{') {
        return false;
    }
    p = scan_member(s, skip_space(p + 1));
    if (p == NULL) {
        return false;
    }
    p = skip_space(p);
    if (*p != ',') {
        return false;
    }
    p = scan_member(s, skip_space(p + 1));
    return p != NULL && skip_space(p) == s->end - 1;
}

/* Names that are new: the columns are found, and the list is kept. */
static bool take_names(scan *s)
{
    rows_reader *reader = s->reader;
    if (reader->n_names > reader->limits.max_columns ||
        rows_find_twice(reader) != reader->n_names || !rows_bind(reader)) {
        return false;
    }
    if (s->names.n <= LONGEST_BLOCK) {
        cm_buf_add(&reader->block, s->names.p, s->names.n);
        reader->block_names = reader->n_names;
    }
    return true;
}

bool rows_scan(rows_reader *reader, cm_str body)
{
    enum { DEPTH = 3 };
    size_t n = body.n;
    while (n > 0 && (body.p[n - 1] == ' ' || body.p[n - 1] == '\n' ||
                     body.p[n - 1] == '\r' || body.p[n - 1] == '\t')) {
        n--;
    }
    if (n == 0 || body.p[n - 1] != '}' || reader->limits.max_depth < DEPTH ||
        !rows_reserve(&reader->cells, &reader->cells_capacity, n / 2 + 1,
                      sizeof *reader->cells)) {
        return false;
    }
    scan s = {.reader = reader, .end = body.p + n};
    if (!scan_body(&s, body.p) ||
        (reader->n_rows > 0 && s.width != s.n_names) ||
        ((s.high & HIGHS) != 0 && cm_utf8_valid(body) < body.n)) {
        return false;
    }
    if (s.names.n > 0 && !take_names(&s)) {
        return false;
    }
    reader->n_names = s.n_names;
    return true;
}
