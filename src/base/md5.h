/* MD5, which DVC names contents by.  No secret rests on it. */
#ifndef CM_BASE_MD5_H
#define CM_BASE_MD5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

#define CM_MD5_HEX 33 /* 32 digits and NUL */

void cm_md5(char out[CM_MD5_HEX], const void *bytes, size_t n);

/* A message that comes in pieces. */
typedef struct cm_md5_stream {
    uint32_t state[4];
    uint64_t size; /* bytes added */
    uint8_t tail[64];
} cm_md5_stream;

void cm_md5_start(cm_md5_stream *stream);
void cm_md5_add(cm_md5_stream *stream, const void *bytes, size_t n);
void cm_md5_end(const cm_md5_stream *stream, char out[CM_MD5_HEX]);

/* One file of many. */
typedef struct cm_md5_file {
    const char *path;
    /* Written with the bytes as they are read: created, or emptied.  NULL: the
     * file is only read. */
    const char *copy;
    uint64_t size; /* in: what is expected, for the order; out: bytes read */
    char md5[CM_MD5_HEX]; /* out */
    int error;            /* out: errno of what failed; 0: nothing did */
    bool copy_failed;     /* out: it was the copy */
} cm_md5_file;

/* Hashes n files, sixteen at a time on each of n_threads threads (0: all).  A
 * file that fails has its error, the others go on.  Progress counts bytes. */
CM_MUST_USE cm_status cm_md5_files(cm_md5_file *files, size_t n, int n_threads,
                                   cm_progress *progress, cm_error *err);

#endif
