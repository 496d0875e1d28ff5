/* A log read the slow way: byte by byte, one record after the other, all in
 * memory.  What the fast readers give is compared with it. */
#ifndef TEST_DATA_REFERENCE_H
#define TEST_DATA_REFERENCE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "data/dataset.h"
#include "data/value.h"

typedef struct ref_row {
    uint64_t line;
    cm_str *fields; /* out of their quotes */
} ref_row;

typedef struct ref_log {
    size_t n_fields;
    size_t n_rows;
    ref_row *rows; /* the good ones */
    size_t n_bad;
    cm_arena arena;
} ref_log;

static void *ref_new(ref_log *log, size_t size)
{
    void *p = cm_arena_alloc(&log->arena, size == 0 ? 1 : size, NULL);
    if (p == NULL) {
        abort();
    }
    return p;
}

/* Text of a raw field; false when its quotes are wrong. */
static bool ref_unquote(ref_log *log, cm_str raw, cm_str *text)
{
    char *out = ref_new(log, raw.n);
    size_t n = 0;
    bool quoted = raw.n > 0 && raw.p[0] == '"';
    size_t end = raw.n;
    if (quoted) {
        if (raw.n < 2 || raw.p[raw.n - 1] != '"') {
            return false;
        }
        end--;
    }
    for (size_t i = quoted; i < end; i++) {
        if (raw.p[i] == '"') {
            if (!quoted || i + 1 >= end || raw.p[i + 1] != '"') {
                return false;
            }
            i++;
        }
        out[n++] = raw.p[i];
    }
    *text = (cm_str){out, n};
    return true;
}

/* Empty lines at the end are no rows. */
static size_t ref_length(const char *p, size_t n)
{
    for (;;) {
        size_t before = n;
        if (before > 0 && p[before - 1] == '\n') {
            before--;
            if (before > 0 && p[before - 1] == '\r') {
                before--;
            }
        }
        if (before == n || (before > 0 && p[before - 1] != '\n')) {
            return n;
        }
        n = before;
    }
}

/* Length of the record at p without its newline. */
static size_t ref_record(const char *p, size_t n)
{
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"') {
            inside = !inside;
        } else if (p[i] == '\n' && !inside) {
            return i;
        }
    }
    return n;
}

static size_t ref_fields(ref_log *log, cm_str record, char delimiter,
                         cm_str *out, size_t most, bool *good)
{
    bool inside = false;
    size_t from = 0;
    size_t n = 0;
    for (size_t i = 0; i <= record.n; i++) {
        if (i < record.n && record.p[i] == '"') {
            inside = !inside;
        }
        if (i == record.n || (record.p[i] == delimiter && !inside)) {
            cm_str raw = {record.p + from, i - from};
            cm_str text = {NULL, 0};
            if (!ref_unquote(log, raw, &text)) {
                *good = false;
            }
            if (memchr(raw.p, 0, raw.n) != NULL ||
                cm_utf8_valid(raw) != raw.n) {
                *good = false;
            }
            if (n < most) {
                out[n] = text;
            }
            n++;
            from = i + 1;
        }
    }
    return n;
}

/* Rows of text, the header of which has been taken off and stood on the lines
 * before first_line.  kinds: of each field; TEXT for those not wanted. */
static void ref_read(ref_log *log, cm_str text, char delimiter,
                     const cm_column_kind *kinds, size_t n_fields,
                     uint64_t first_line)
{
    *log = (ref_log){.n_fields = n_fields};
    size_t n = ref_length(text.p, text.n);
    log->rows = ref_new(log, (n + 1) * sizeof *log->rows);
    uint64_t line = first_line;
    for (size_t at = 0; at < n;) {
        size_t length = ref_record(text.p + at, n - at);
        cm_str record = {text.p + at, length};
        if (record.n > 0 && record.p[record.n - 1] == '\r') {
            record.n--;
        }
        bool good = true;
        cm_str *fields = ref_new(log, n_fields * sizeof *fields);
        good &= ref_fields(log, record, delimiter, fields, n_fields, &good) ==
                n_fields;
        for (size_t i = 0; good && i < n_fields; i++) {
            good = cm_value_is(fields[i], kinds[i]);
        }
        if (good) {
            log->rows[log->n_rows++] = (ref_row){line, fields};
        } else {
            log->n_bad++;
        }
        for (size_t i = 0; i <= length && at + i < n; i++) {
            line += text.p[at + i] == '\n';
        }
        at += length + 1;
    }
}

static void ref_release(ref_log *log)
{
    cm_arena_release(&log->arena);
}

/* ---- random logs ----------------------------------------------------------
 */

static size_t ref_below(cm_rng *rng, size_t n)
{
    return (size_t)(cm_rng_next(rng) % n);
}

static const char *ref_pick(cm_rng *rng, const char *const *from, size_t n)
{
    return from[ref_below(rng, n)];
}

/* How wild a random log is. */
typedef struct ref_style {
    unsigned quotes; /* of 100 fields */
    unsigned bad;    /* of 1000 fields */
    bool crlf;
    bool last_line_open;
    bool unicode;
} ref_style;

/* Every mixture of styles comes up among the first few hundred seeds. */
static inline ref_style ref_style_of(uint64_t seed)
{
    return (ref_style){.quotes = seed % 3 == 0   ? 0
                                 : seed % 3 == 1 ? 5
                                                 : 90,
                       .bad = seed % 4 == 0 ? 3 : 0,
                       .crlf = seed % 5 == 1,
                       .last_line_open = seed % 7 == 2,
                       .unicode = seed % 2 == 0};
}

static void ref_put(cm_buf *buf, cm_rng *rng, const ref_style *style,
                    const char *text)
{
    if (ref_below(rng, 1000) < style->bad) {
        static const char *const BAD[] = {"x,y", "\"", "a\"b",   "\xff", "2",
                                          "\n",  "q",  "\"a\"b", ""};
        cm_buf_adds(buf, ref_pick(rng, BAD, 9));
        return;
    }
    bool must = strpbrk(text, ",\"\n\r") != NULL;
    if (!must && ref_below(rng, 100) >= style->quotes) {
        cm_buf_adds(buf, text);
        return;
    }
    cm_buf_addc(buf, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"') {
            cm_buf_addc(buf, '"');
        }
        cm_buf_addc(buf, *p);
    }
    cm_buf_addc(buf, '"');
}

enum { REF_COLUMNS = 7 };

static const char REF_HEADER[] = "id,click,hour,city,size,url,unused";
static const cm_column_kind REF_KINDS[REF_COLUMNS] = {
    CM_COLUMN_ID,      CM_COLUMN_TARGET, CM_COLUMN_TIME, CM_COLUMN_TEXT,
    CM_COLUMN_INTEGER, CM_COLUMN_TEXT,   CM_COLUMN_TEXT};
static const char REF_SCHEMA[] = "name: ref\n"
                                 "columns:\n"
                                 "  - {name: id, kind: id}\n"
                                 "  - {name: click, kind: target}\n"
                                 "  - {name: hour, kind: time}\n"
                                 "  - {name: city, kind: text}\n"
                                 "  - {name: size, kind: integer}\n"
                                 "  - {name: url, kind: text}\n";

static void ref_put_row(cm_buf *buf, cm_rng *rng, const ref_style *style,
                        bool text_ids)
{
    static const char *const TIMES[] = {"14102100", "14102101", "2014-10-21",
                                        "2014-10-21 05:06:07",
                                        "2014-10-21T05:06:07"};
    static const char *const PLAIN[] = {"", "a", "oslo", "abcdefgh", "b1"};
    static const char *const ODD[] = {"new york city", "a,b", "l1\nl2", "\"q\"",
                                      "abcdefghi"};
    static const char *const UNICODE[] = {"\xc3\xa9",
                                          "\xe6\x9d\xb1\xe4\xba\xac",
                                          "a\xcc\x80", "\xf0\x9f\x98\x80!"};
    char text[64];
    uint64_t id = cm_rng_next(rng) >> ref_below(rng, 60);
    snprintf(text, sizeof text, "%s%llu", text_ids ? "0" : "",
             (unsigned long long)id);
    ref_put(buf, rng, style, text);
    cm_buf_addc(buf, ',');
    ref_put(buf, rng, style, ref_below(rng, 5) == 0 ? "1" : "0");
    cm_buf_addc(buf, ',');
    ref_put(buf, rng, style, ref_pick(rng, TIMES, 5));
    cm_buf_addc(buf, ',');
    ref_put(buf, rng, style,
            style->unicode && ref_below(rng, 4) == 0 ? ref_pick(rng, UNICODE, 4)
                                                     : ref_pick(rng, PLAIN, 5));
    cm_buf_addc(buf, ',');
    snprintf(text, sizeof text, "%s%d", ref_below(rng, 8) == 0 ? "00" : "",
             (int)ref_below(rng, 300) - 20);
    ref_put(buf, rng, style,
            ref_below(rng, 9) == 0 || strstr(text, "00-") != NULL ? "" : text);
    cm_buf_addc(buf, ',');
    snprintf(text, sizeof text, "http://example.org/%d",
             (int)ref_below(rng, 40));
    ref_put(buf, rng, style,
            style->quotes > 0 && ref_below(rng, 4) == 0 ? ref_pick(rng, ODD, 5)
                                                        : text);
    cm_buf_addc(buf, ',');
    ref_put(buf, rng, style, "unused");
}

/* n rows without the header. */
static void ref_random(cm_buf *buf, cm_rng *rng, const ref_style *style,
                       size_t n, bool text_ids)
{
    for (size_t i = 0; i < n; i++) {
        ref_put_row(buf, rng, style, text_ids && i > n / 2);
        if (i + 1 < n || !style->last_line_open) {
            cm_buf_adds(buf, style->crlf ? "\r\n" : "\n");
        }
    }
}

#endif
