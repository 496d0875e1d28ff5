/* MD5 of one message, whole or in pieces. */
#include <string.h>

#include "base/hash.h"
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

size_t md5_pad(uint8_t *bytes, size_t n, uint64_t size)
{
    size_t end = (n + 1 + 8 + MD5_BLOCK - 1) / MD5_BLOCK * MD5_BLOCK;
    uint64_t bits = size * 8;
    bytes[n] = 0x80;
    memset(bytes + n + 1, 0, end - 8 - n - 1);
    memcpy(bytes + end - 8, &bits, 8);
    return end;
}

void md5_text(char *out, const uint32_t s[MD5_WORDS])
{
    cm_hex(out, s, MD5_WORDS * sizeof *s);
}

void cm_md5_end(const cm_md5_stream *stream, char out[CM_MD5_HEX])
{
    uint8_t last[2 * MD5_BLOCK];
    uint32_t s[MD5_WORDS];
    size_t used = stream->size % MD5_BLOCK;
    memcpy(s, stream->state, sizeof s);
    memcpy(last, stream->tail, used);
    md5_blocks(s, last, md5_pad(last, used, stream->size) / MD5_BLOCK);
    md5_text(out, s);
}

void cm_md5(char out[CM_MD5_HEX], const void *bytes, size_t n)
{
    cm_md5_stream stream;
    cm_md5_start(&stream);
    cm_md5_add(&stream, bytes, n);
    cm_md5_end(&stream, out);
}
