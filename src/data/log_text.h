/* The bytes of a log as a window that moves over them, record by record: in
 * place over a mapped file, through two buffers over a stream. */
#ifndef CM_DATA_LOG_TEXT_H
#define CM_DATA_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "codec/stream.h"

typedef struct cm_log_text {
    /* The window.  p[0] starts a record. */
    const char *p;
    size_t n;
    bool last;      /* nothing follows it */
    uint64_t line;  /* on which p[0] stands, from 1 */
    uint64_t bytes; /* of text before p[0] */

    /* Private. */
    cm_stream *stream; /* NULL: whole is memory of somebody else */
    cm_str whole;      /* the mapped file or the memory */
    size_t window;     /* how much is seen at once */
    char *buffers[2];  /* of a stream: the window, and what will follow it */
    size_t next_n;
    bool next_last;
} cm_log_text;

/* At least so many bytes before and behind a stream's window are readable. */
enum { CM_LOG_TEXT_PAD = 64 };

/* The window is at the start, behind a byte order mark.  memory NULL: the file
 * input, or "-".  text is zero-initialised; close it in any case. */
CM_MUST_USE cm_status cm_log_text_open(cm_log_text *text, const char *input,
                                       const cm_str *memory, size_t window,
                                       cm_error *err);
/* Reads what follows once the first `used` bytes of the window are done with.
 * The window stays as it is, so others may still work on it. */
CM_MUST_USE cm_status cm_log_text_prepare(cm_log_text *text, size_t used,
                                          cm_error *err);
/* Moves the window, after cm_log_text_prepare of the same amount, which holds
 * so many lines. */
void cm_log_text_advance(cm_log_text *text, size_t used, uint64_t lines);
/* Whether so many bytes before p are readable. */
bool cm_log_text_has_before(const cm_log_text *text, const char *p, size_t n);
/* Position in the input, compressed or not, and its size; 0: unknown. */
uint64_t cm_log_text_position(const cm_log_text *text);
uint64_t cm_log_text_total(const cm_log_text *text);
void cm_log_text_close(cm_log_text *text);

#endif
