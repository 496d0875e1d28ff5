/* Single CSV fields: taken out of their quotes, and put into them. */
#include "codec/csv.h"

#include <string.h>

void cm_csv_put(cm_buf *buf, cm_str text)
{
    bool quote = false;
    for (size_t i = 0; i < text.n && !quote; i++) {
        char c = text.p[i];
        quote = c == '"' || c == ',' || c == '\n' || c == '\r';
    }
    if (!quote) {
        cm_buf_add(buf, text.p, text.n);
        return;
    }
    cm_buf_addc(buf, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') {
            cm_buf_addc(buf, '"');
        }
        cm_buf_addc(buf, text.p[i]);
    }
    cm_buf_addc(buf, '"');
}

/* The inside of a quoted field, where a quote must be doubled. */
static size_t unescape(char *out, const char *p, size_t n)
{
    size_t length = 0;
    while (n > 0) {
        const char *quote = memchr(p, '"', n);
        size_t plain = quote == NULL ? n : (size_t)(quote - p) + 1;
        memcpy(out + length, p, plain);
        length += plain;
        p += plain;
        n -= plain;
        if (quote != NULL) {
            if (n == 0 || *p != '"') {
                return CM_CSV_MISQUOTED;
            }
            p++;
            n--;
        }
    }
    return length;
}

size_t cm_csv_field(char *out, cm_str raw)
{
    if (raw.n == 0) {
        return 0;
    }
    if (raw.p[0] == '"') {
        return raw.n < 2 || raw.p[raw.n - 1] != '"'
                   ? CM_CSV_MISQUOTED
                   : unescape(out, raw.p + 1, raw.n - 2);
    }
    if (memchr(raw.p, '"', raw.n) != NULL) {
        return CM_CSV_MISQUOTED;
    }
    memcpy(out, raw.p, raw.n);
    return raw.n;
}
