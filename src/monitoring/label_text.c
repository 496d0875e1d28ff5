/* Labels as both formats write them. */
#include "monitoring/label_text.h"

static void escape_valid(cm_buf *out, cm_str text, bool quotes)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n') {
            cm_buf_adds(out, "\\n");
            continue;
        }
        if (c == '\\' || (quotes && c == '"')) {
            cm_buf_addc(out, '\\');
        }
        cm_buf_addc(out, c);
    }
}

void label_text_escape(cm_buf *out, cm_str text, bool quotes)
{
    while (text.n > 0) {
        size_t valid = cm_utf8_valid(text);
        escape_valid(out, (cm_str){text.p, valid}, quotes);
        if (valid < text.n) {
            cm_buf_adds(out, "\xef\xbf\xbd");
            valid++;
        }
        text.p += valid;
        text.n -= valid;
    }
}

void label_text_add(cm_buf *out, cm_str name, cm_str value)
{
    if (out->n > 0) {
        cm_buf_addc(out, ',');
    }
    cm_buf_add(out, name.p, name.n);
    cm_buf_adds(out, "=\"");
    label_text_escape(out, value, true);
    cm_buf_addc(out, '"');
}
