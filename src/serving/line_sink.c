/* One buffer behind a lock.  A descriptor that poll() calls writable takes a
 * page without blocking (pipe(7)), so no more is written at once; the
 * descriptor's own flags are left alone, since others may share them. */
#include "serving/line_sink.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    MOST_WAITING = 1 << 20, /* bytes */
    PIECE = 4096,
    LAST_PATIENCE = 1000 /* milliseconds for the reader at the end */
};

struct line_sink {
    pthread_mutex_t lock;
    int fd;
    cm_buf waiting;
    size_t written; /* bytes of waiting that are out */
    size_t dropped; /* lines */
};

cm_status line_sink_new(line_sink **out, int fd, cm_error *err)
{
    *out = cm_alloc_zero(1, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->fd = fd;
    return CM_OK;
}

static size_t count_lines(cm_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n';
    }
    return n;
}

static cm_str rest_of(const line_sink *sink)
{
    return (cm_str){sink->waiting.p + sink->written,
                    sink->waiting.n - sink->written};
}

static void forget(line_sink *sink)
{
    sink->dropped += count_lines(rest_of(sink));
    cm_buf_clear(&sink->waiting);
    sink->written = 0;
}

/* One piece; false: the reader does not take it now. */
static bool write_piece(line_sink *sink, int patience)
{
    struct pollfd ready = {.fd = sink->fd, .events = POLLOUT};
    cm_str rest = rest_of(sink);
    if (rest.n == 0 || poll(&ready, 1, patience) != 1) {
        return false;
    }
    ssize_t n = write(sink->fd, rest.p, rest.n < PIECE ? rest.n : PIECE);
    if (n < 0) {
        forget(sink); /* nobody reads any more, or the disk is full */
        return false;
    }
    sink->written += (size_t)n;
    return true;
}

static void keep(line_sink *sink, cm_str lines)
{
    if (rest_of(sink).n + lines.n > MOST_WAITING) {
        sink->dropped += count_lines(lines);
        return;
    }
    if (sink->dropped > 0) {
        cm_buf_addf(&sink->waiting, "{\"dropped\":%zu}\n", sink->dropped);
        sink->dropped = 0;
    }
    cm_buf_add(&sink->waiting, lines.p, lines.n);
    if (sink->waiting.failed) {
        cm_buf_release(&sink->waiting);
        sink->written = 0;
    }
}

/* What is out is kept in front until all is, or half of the room. */
static void tidy(line_sink *sink)
{
    cm_str rest = rest_of(sink);
    if (rest.n > 0 && sink->written < MOST_WAITING / 2) {
        return;
    }
    if (rest.n > 0) {
        memmove(sink->waiting.p, rest.p, rest.n);
    }
    sink->waiting.n = rest.n;
    sink->written = 0;
}

void line_sink_add(line_sink *sink, cm_str lines)
{
    pthread_mutex_lock(&sink->lock);
    if (lines.n > 0) {
        keep(sink, lines);
    }
    while (write_piece(sink, 0)) {
    }
    tidy(sink);
    pthread_mutex_unlock(&sink->lock);
}

void line_sink_free(line_sink *sink)
{
    if (sink == NULL) {
        return;
    }
    while (write_piece(sink, LAST_PATIENCE)) {
    }
    cm_buf_release(&sink->waiting);
    pthread_mutex_destroy(&sink->lock);
    free(sink);
}
