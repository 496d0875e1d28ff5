/* A window moving over a mapped file, a memory or a stream. */
#include "data/log_text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

static void show_whole(cm_log_text *text)
{
    size_t left = text->whole.n - (size_t)text->bytes;
    text->p = text->whole.p + text->bytes;
    text->n = left < text->window ? left : text->window;
    text->last = text->n == left;
}

static cm_status open_stream(cm_log_text *text, cm_error *err)
{
    for (int i = 0; i < 2; i++) {
        text->buffers[i] = cm_alloc(text->window + 2 * CM_LOG_TEXT_PAD, 1, err);
        if (text->buffers[i] == NULL) {
            return CM_ERR_NOMEM;
        }
        memset(text->buffers[i], '\n', CM_LOG_TEXT_PAD);
    }
    text->p = text->buffers[0] + CM_LOG_TEXT_PAD;
    cm_status status = cm_log_text_prepare(text, 0, err);
    if (status == CM_OK) {
        cm_log_text_advance(text, 0, 0);
    }
    return status;
}

static cm_status skip_byte_order_mark(cm_log_text *text, cm_error *err)
{
    enum { MARK = 3 };
    if (text->n < MARK || memcmp(text->p, "\xef\xbb\xbf", MARK) != 0) {
        return CM_OK;
    }
    cm_status status = cm_log_text_prepare(text, MARK, err);
    if (status == CM_OK) {
        cm_log_text_advance(text, MARK, 0);
    }
    return status;
}

cm_status cm_log_text_open(cm_log_text *text, const char *input,
                           const cm_str *memory, size_t window, cm_error *err)
{
    text->window = window;
    text->line = 1;
    cm_status status = CM_OK;
    if (memory != NULL) {
        text->whole = *memory;
    } else {
        status = cm_stream_open(&text->stream, input, err);
        if (status != CM_OK) {
            return status;
        }
        const cm_mapping *mapping = cm_stream_mapping(text->stream);
        if (mapping == NULL) {
            status = open_stream(text, err);
            return status == CM_OK ? skip_byte_order_mark(text, err) : status;
        }
        text->whole = (cm_str){(const char *)mapping->data, mapping->size};
    }
    if (text->whole.n == 0) {
        text->whole.p = "";
    }
    show_whole(text);
    return skip_byte_order_mark(text, err);
}

cm_status cm_log_text_prepare(cm_log_text *text, size_t used, cm_error *err)
{
    if (text->buffers[0] == NULL) {
        return CM_OK;
    }
    char *next = text->buffers[1] + CM_LOG_TEXT_PAD;
    size_t carried = text->n - used;
    memcpy(next, text->p + used, carried);
    text->next_n = carried;
    text->next_last = true;
    if (text->last) {
        return CM_OK;
    }
    size_t got = 0;
    cm_status status = cm_stream_read(text->stream, next + carried,
                                      text->window - carried, &got, err);
    text->next_n += got;
    text->next_last = text->next_n < text->window;
    return status;
}

/* Pages of a mapped file that are done with would count as memory of this
 * process for as long as they stay mapped.  They stay cached. */
static void drop_pages(const char *from, size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)from + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)from + n) / page * page;
    if (first < end) {
        (void)madvise((void *)first, end - first, MADV_DONTNEED);
    }
}

void cm_log_text_advance(cm_log_text *text, size_t used, uint64_t lines)
{
    text->bytes += used;
    text->line += lines;
    if (text->buffers[0] == NULL) {
        if (text->stream != NULL) {
            /* The record cut by the end of the window was seen too. */
            drop_pages(text->p, used);
        }
        show_whole(text);
        return;
    }
    char *seen = text->buffers[0];
    text->buffers[0] = text->buffers[1];
    text->buffers[1] = seen;
    text->p = text->buffers[0] + CM_LOG_TEXT_PAD;
    text->n = text->next_n;
    text->last = text->next_last;
}

bool cm_log_text_has_before(const cm_log_text *text, const char *p, size_t n)
{
    const char *start =
        text->buffers[0] != NULL ? text->buffers[0] : text->whole.p;
    return (size_t)(p - start) >= n;
}

uint64_t cm_log_text_position(const cm_log_text *text)
{
    return text->buffers[0] != NULL ? cm_stream_position(text->stream)
                                    : text->bytes;
}

uint64_t cm_log_text_total(const cm_log_text *text)
{
    return text->stream != NULL ? cm_stream_total(text->stream) : text->whole.n;
}

void cm_log_text_close(cm_log_text *text)
{
    free(text->buffers[0]);
    free(text->buffers[1]);
    cm_stream_close(text->stream);
    *text = (cm_log_text){0};
}
