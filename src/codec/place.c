/* Lines and columns. */
#include "codec/place.h"

cm_where text_place(cm_str text, size_t offset, const char *file)
{
    cm_where where = {file, 1, 1};
    for (size_t i = 0; i < offset; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\n') {
            where.line++;
            where.column = 1;
        } else if ((c & 0xc0) != 0x80) {
            where.column++;
        }
    }
    return where;
}
