/* Text that is safe inside of XML and HTML. */
#include "visualization/markup.h"

#include <string.h>

/* U+FFFE and U+FFFF. */
static bool is_nonsense(const char *p, size_t n)
{
    return n >= 3 && memcmp(p, "\xef\xbf", 2) == 0 &&
           ((unsigned char)p[2] == 0xbe || (unsigned char)p[2] == 0xbf);
}

static void add_valid(cm_buf *out, cm_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (is_nonsense(text.p + i, text.n - i)) {
            cm_buf_adds(out, "\xef\xbf\xbd");
            i += 2;
        } else {
            cm_buf_addc(out, c < 0x20 || c == 0x7f ? ' ' : text.p[i]);
        }
    }
}

void cm_add_clean(cm_buf *out, cm_str text)
{
    while (text.n > 0) {
        size_t valid = cm_utf8_valid(text);
        add_valid(out, (cm_str){text.p, valid});
        if (valid < text.n) {
            cm_buf_adds(out, "\xef\xbf\xbd");
            valid++;
        }
        text = (cm_str){text.p + valid, text.n - valid};
    }
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void cm_add_escaped(cm_buf *out, const char *text)
{
    cm_buf clean = {0};
    cm_add_clean(&clean, cm_str_of(text != NULL ? text : ""));
    out->failed = out->failed || clean.failed;
    for (size_t i = 0; i < clean.n; i++) {
        const char *name = entity(clean.p[i]);
        if (name != NULL) {
            cm_buf_adds(out, name);
        } else {
            cm_buf_addc(out, clean.p[i]);
        }
    }
    cm_buf_release(&clean);
}

void cm_add_attribute(cm_buf *out, const char *name, const char *value)
{
    cm_buf_addc(out, ' ');
    cm_buf_adds(out, name);
    cm_buf_adds(out, "=\"");
    cm_add_escaped(out, value);
    cm_buf_addc(out, '"');
}
