/* Opens a file or standard input, finds out how it is compressed, and hands
 * reads to the right decompressor. */
#include "codec/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/stream_decoder.h"

struct cm_stream {
    char *name;
    cm_decoder *decoder; /* NULL: not compressed */
    cm_mapping mapping;
    uint64_t total;
    cm_source source;
};

cm_status cm_source_fill(cm_source *source, cm_error *err)
{
    size_t left = source->n - source->at;
    memmove(source->buffer, source->buffer + source->at, left);
    source->at = 0;
    source->n = left;
    if (source->ended || left == CM_SOURCE_BUFFER) {
        return CM_OK;
    }
    ssize_t got = 0;
    do {
        got = read(source->fd, source->buffer + left, CM_SOURCE_BUFFER - left);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return cm_fail_errno(err, "%s: cannot read after %" PRIu64 " bytes",
                             source->name, source->position + left);
    }
    source->n += (size_t)got;
    source->ended = got == 0;
    return CM_OK;
}

void cm_source_consume(cm_source *source, size_t n)
{
    source->at += n;
    source->position += n;
}

cm_status cm_source_fail(const cm_source *source, cm_error *err,
                         const char *what)
{
    return cm_fail(err, CM_ERR_PARSE, "%s: at compressed byte %" PRIu64 ": %s",
                   source->name, source->position, what);
}

typedef enum compression { PLAIN, GZIP, ZSTD } compression;

static bool begins_with(const uint8_t *bytes, size_t n, const uint8_t *magic,
                        size_t n_magic)
{
    return memcmp(bytes, magic, n < n_magic ? n : n_magic) == 0;
}

/* By the first four bytes (fewer at the end of a shorter file: a cut off magic
 * number counts, unless it is text).  zstd files may begin with a skippable
 * frame, 0x184D2A5?. */
static compression detect(const uint8_t *bytes, size_t n)
{
    static const uint8_t gzip[] = {0x1f, 0x8b};
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skippable[] = {0x2a, 0x4d, 0x18};
    if (n >= 1 && begins_with(bytes, n, gzip, sizeof gzip)) {
        return GZIP;
    }
    if (n >= 2 && begins_with(bytes, n, zstd, sizeof zstd)) {
        return ZSTD;
    }
    if (n >= 4 && (bytes[0] & 0xf0) == 0x50 &&
        memcmp(bytes + 1, skippable, sizeof skippable) == 0) {
        return ZSTD;
    }
    return PLAIN;
}

static cm_status open_source(cm_stream *stream, const char *path,
                             struct stat *about, cm_error *err)
{
    cm_source *source = &stream->source;
    bool is_stdin = strcmp(path, "-") == 0;
    stream->name = cm_strdup(is_stdin ? "standard input" : path, err);
    if (stream->name == NULL) {
        return CM_ERR_NOMEM;
    }
    source->name = stream->name;
    source->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        return cm_fail_errno(err, "%s: cannot open", path);
    }
    if (fstat(source->fd, about) != 0) {
        return cm_fail_errno(err, "%s: cannot stat", source->name);
    }
    if (S_ISDIR(about->st_mode)) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: is a folder, a file was expected; name the file "
                       "in it",
                       source->name);
    }
    if (S_ISREG(about->st_mode)) {
        stream->total = (uint64_t)about->st_size;
        (void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return CM_OK;
}

/* Only when it starts at the file's beginning, which standard input need not;
 * without the mapping the stream works all the same. */
static void map_plain(cm_stream *stream, const struct stat *about)
{
    const cm_source *source = &stream->source;
    size_t size = (size_t)stream->total;
    if (size == 0 || !S_ISREG(about->st_mode) ||
        lseek(source->fd, 0, SEEK_CUR) != (off_t)source->n) {
        return;
    }
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, source->fd, 0);
    if (data != MAP_FAILED) {
        stream->mapping = (cm_mapping){data, size};
    }
}

static cm_status open_decoder(cm_stream *stream, const struct stat *about,
                              cm_error *err)
{
    cm_source *source = &stream->source;
    while (source->n < 4 && !source->ended) {
        cm_status status = cm_source_fill(source, err);
        if (status != CM_OK) {
            return status;
        }
    }
    switch (detect(source->buffer, source->n)) {
    case GZIP:
        return cm_gzip_new(&stream->decoder, err);
    case ZSTD:
        return cm_zstd_new(&stream->decoder, err);
    default:
        map_plain(stream, about);
        return CM_OK;
    }
}

cm_status cm_stream_open(cm_stream **out, const char *path, cm_error *err)
{
    *out = NULL;
    cm_stream *stream = cm_alloc(1, sizeof *stream, err);
    if (stream == NULL) {
        return CM_ERR_NOMEM;
    }
    /* All but the buffer, whose pages need not be touched. */
    memset(stream, 0, offsetof(cm_stream, source.buffer));
    stream->source.fd = -1;
    struct stat about;
    cm_status status = open_source(stream, path, &about, err);
    if (status == CM_OK) {
        status = open_decoder(stream, &about, err);
    }
    if (status != CM_OK) {
        cm_stream_close(stream);
        return status;
    }
    *out = stream;
    return CM_OK;
}

/* The buffer is the way for all: one copy is cheap beside the parsing. */
static cm_status read_plain(cm_source *source, uint8_t *bytes, size_t n,
                            size_t *got, cm_error *err)
{
    while (*got < n) {
        if (source->at == source->n && source->ended) {
            return CM_OK;
        }
        if (source->at == source->n) {
            cm_status status = cm_source_fill(source, err);
            if (status != CM_OK) {
                return status;
            }
        }
        size_t left = source->n - source->at;
        size_t step = n - *got < left ? n - *got : left;
        memcpy(bytes + *got, source->buffer + source->at, step);
        cm_source_consume(source, step);
        *got += step;
    }
    return CM_OK;
}

cm_status cm_stream_read(cm_stream *stream, void *bytes, size_t n, size_t *got,
                         cm_error *err)
{
    *got = 0;
    if (stream->decoder == NULL) {
        return read_plain(&stream->source, bytes, n, got, err);
    }
    return stream->decoder->read(stream->decoder, &stream->source, bytes, n,
                                 got, err);
}

const cm_mapping *cm_stream_mapping(const cm_stream *stream)
{
    return stream->mapping.data == NULL ? NULL : &stream->mapping;
}

uint64_t cm_stream_total(const cm_stream *stream)
{
    return stream->total;
}

uint64_t cm_stream_position(const cm_stream *stream)
{
    return stream->source.position;
}

void cm_stream_close(cm_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    if (stream->decoder != NULL) {
        stream->decoder->free(stream->decoder);
    }
    cm_unmap(&stream->mapping);
    if (stream->source.fd > STDIN_FILENO) {
        close(stream->source.fd);
    }
    free(stream->name);
    free(stream);
}
