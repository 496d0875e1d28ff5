/* Bytes from a file or standard input, decompressed as they come: plain, gzip
 * (several members too) or zstd (several frames too), told by the first bytes,
 * not by the name. */
#ifndef CM_CODEC_STREAM_H
#define CM_CODEC_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"

typedef struct cm_stream cm_stream;

/* path "-" is standard input. */
CM_MUST_USE cm_status cm_stream_open(cm_stream **out, const char *path,
                                     cm_error *err);
/* Fills up to n bytes; *got < n only at the end.  A truncated or damaged
 * stream is CM_ERR_PARSE with the offset in the compressed file. */
CM_MUST_USE cm_status cm_stream_read(cm_stream *stream, void *bytes, size_t n,
                                     size_t *got, cm_error *err);
/* The whole file as a mapping when it is a plain regular file, else NULL:
 * readers that can work in place do. */
const cm_mapping *cm_stream_mapping(const cm_stream *stream);
/* Size of the (compressed) file and how much of it is read, for progress;
 * total 0 when unknown. */
uint64_t cm_stream_total(const cm_stream *stream);
uint64_t cm_stream_position(const cm_stream *stream);
void cm_stream_close(cm_stream *stream); /* NULL is fine */

#endif
