/* Pieces of a log in messages. */
#include "data/excerpt.h"

#include <string.h>

/* Length of the first character; 0 when it is not UTF-8. */
static size_t character(cm_str text)
{
    for (size_t n = 1; n <= 4 && n <= text.n; n++) {
        if (cm_utf8_valid((cm_str){text.p, n}) == n) {
            return n;
        }
    }
    return 0;
}

static size_t put_escaped(char *out, unsigned char byte)
{
    static const char DIGITS[] = "0123456789abcdef";
    if (byte == '\n' || byte == '\r' || byte == '\t') {
        out[0] = '\\';
        out[1] = byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't';
        return 2;
    }
    memcpy(out, "\\x", 2);
    out[2] = DIGITS[byte >> 4];
    out[3] = DIGITS[byte & 15];
    return 4;
}

const char *cm_excerpt(char out[CM_EXCERPT], cm_str text)
{
    enum { CHARACTERS = 40 };
    size_t n = 0;
    out[n++] = '"';
    for (int i = 0; i < CHARACTERS && text.n > 0; i++) {
        unsigned char byte = (unsigned char)text.p[0];
        size_t length = character(text);
        if (length == 0 || byte < ' ' || byte == 0x7f) {
            n += put_escaped(out + n, byte);
            length = 1;
        } else {
            memcpy(out + n, text.p, length);
            n += length;
        }
        text = (cm_str){text.p + length, text.n - length};
    }
    memcpy(out + n, text.n > 0 ? "\"..." : "\"", text.n > 0 ? 5 : 2);
    return out;
}
