/* Code points to bytes and back. */
#include "dvc/utf8.h"

#include <stdbool.h>

uint32_t utf8_next(const char **p, const char *end)
{
    const char *s = *p;
    uint32_t lead = (unsigned char)s[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (n == 1) {
        *p = s + 1;
        return lead;
    }
    if ((size_t)(end - s) < n || cm_utf8_valid((cm_str){s, n}) != n) {
        *p = s + 1;
        return UTF8_ALONE + lead;
    }
    uint32_t c = lead & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
    }
    *p = s + n;
    return c;
}

void utf8_put(cm_buf *out, uint32_t c)
{
    bool alone = c >= UTF8_ALONE + 0x80 && c <= UTF8_ALONE + 0xFF;
    if (c < 0x80 || alone) {
        cm_buf_addc(out, (char)(c & 0xFF));
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    uint32_t lead = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
    cm_buf_addc(out, (char)(lead | c >> (6 * more)));
    while (more-- > 0) {
        cm_buf_addc(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
    }
}
