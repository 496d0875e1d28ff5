/* The window of a log, cut into chunks of whole records that threads take one
 * at a time.  Where the cuts are depends on the text alone. */
#ifndef CM_DATA_CHUNKS_H
#define CM_DATA_CHUNKS_H

#include "codec/csv_scan.h"
#include "data/log_text.h"

typedef struct cm_chunk {
    const char *p;
    size_t n;
    uint64_t line;   /* on which p[0] stands */
    bool has_before; /* eight bytes before p are readable */
    /* False: the chunk has none of these. */
    bool quotes, nul, high;
} cm_chunk;

typedef struct cm_chunks {
    size_t n;
    cm_chunk *list;
    size_t used;    /* bytes of the window that are done with after them */
    uint64_t lines; /* in those */

    /* Private. */
    const cm_csv_kernels *kernels;
    size_t chunk_bytes;
    int n_threads;
    size_t capacity;
    cm_csv_survey *surveys; /* of each chunk_bytes of the window */
    cm_csv_survey *before;  /* their sums: element k is of the first k */
} cm_chunks;

/* For windows of at most so many bytes. */
CM_MUST_USE cm_status cm_chunks_init(cm_chunks *chunks, size_t window,
                                     size_t chunk_bytes,
                                     const cm_csv_kernels *kernels,
                                     int n_threads, cm_error *err);
void cm_chunks_release(cm_chunks *chunks);

/* Cuts the window.  An unfinished record at its end is left for the next one,
 * and so are empty lines, until it is known whether they end the log. */
void cm_chunks_cut(cm_chunks *chunks, const cm_log_text *text);

#endif
