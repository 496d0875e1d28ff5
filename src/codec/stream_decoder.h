/* The seam between a stream and its decompressors.  Private to codec. */
#ifndef CM_CODEC_STREAM_DECODER_H
#define CM_CODEC_STREAM_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { CM_SOURCE_BUFFER = 1 << 20 };

/* Bytes as the file has them; [at, n) of the buffer are not consumed yet. */
typedef struct cm_source {
    const char *name;
    int fd;
    bool ended;
    uint64_t position; /* bytes consumed: the offset of buffer[at] */
    size_t at;
    size_t n;
    uint8_t buffer[CM_SOURCE_BUFFER];
} cm_source;

/* Moves what is left to the front and reads once more behind it; sets ended
 * when there is no more. */
CM_MUST_USE cm_status cm_source_fill(cm_source *source, cm_error *err);
void cm_source_consume(cm_source *source, size_t n);

/* Fails with CM_ERR_PARSE at the present offset: what is wrong, what to do. */
cm_status cm_source_fail(const cm_source *source, cm_error *err,
                         const char *what);

/* A decompressor.  read has the contract of cm_stream_read. */
typedef struct cm_decoder cm_decoder;
struct cm_decoder {
    cm_status (*read)(cm_decoder *self, cm_source *source, uint8_t *bytes,
                      size_t n, size_t *got, cm_error *err);
    void (*free)(cm_decoder *self);
};

CM_MUST_USE cm_status cm_gzip_new(cm_decoder **out, cm_error *err);
CM_MUST_USE cm_status cm_zstd_new(cm_decoder **out, cm_error *err);

#endif
