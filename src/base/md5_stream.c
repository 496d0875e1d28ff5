/* MD5 of one message, whole or in pieces. */
#include <string.h>

#include "base/md5.h"
#include "base/md5_lanes.h"

void cm_md5_start(cm_md5_stream *stream)
{
    md5_start(stream->state);
    stream->size = 0;
}

void cm_md5_add(cm_md5_stream *stream, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    size_t used = stream->size % MD5_BLOCK;
    stream->size += n;
    if (used > 0 && used + n >= MD5_BLOCK) {
        size_t missing = MD5_BLOCK - used;
        memcpy(stream->tail + used, at, missing);
        md5_blocks(stream->state, stream->tail, 1);
        at += missing;
        n -= missing;
        used = 0;
    }
    if (used == 0) {
        size_t whole = n / MD5_BLOCK;
        md5_blocks(stream->state, at, whole);
        at += whole * MD5_BLOCK;
        n -= whole * MD5_BLOCK;
    }
    if (n > 0) {
        memcpy(stream->tail + used, at, n);
    }
}

void cm_md5_end(const cm_md5_stream *stream, char out[CM_MD5_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t last[2 * MD5_BLOCK] = {0};
    uint32_t s[MD5_WORDS];
    size_t used = stream->size % MD5_BLOCK;
    size_t blocks = used + 1 + 8 > MD5_BLOCK ? 2 : 1;
    memcpy(s, stream->state, sizeof s);
    memcpy(last, stream->tail, used);
    last[used] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        last[blocks * MD5_BLOCK - 8 + i] =
            (uint8_t)(stream->size * 8 >> (8 * i));
    }
    md5_blocks(s, last, blocks);
    for (size_t i = 0; i < 16; i++) {
        uint32_t byte = s[i / 4] >> (8 * (i % 4)) & 255;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    out[32] = '\0';
}

void cm_md5(char out[CM_MD5_HEX], const void *bytes, size_t n)
{
    cm_md5_stream stream;
    cm_md5_start(&stream);
    cm_md5_add(&stream, bytes, n);
    cm_md5_end(&stream, out);
}
