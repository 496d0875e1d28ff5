/* zstd (RFC 8878), any number of frames. */
#include "codec/stream_decoder.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"

typedef struct zstd_decoder {
    cm_decoder base;
    bool in_frame;
    ZSTD_DStream *context;
} zstd_decoder;

static const char *reason(size_t code)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_checksum_wrong:
        return "the zstd checksum does not match the data; the file is "
               "damaged, copy or download it again";
    case ZSTD_error_frameParameter_windowTooLarge:
        return "the zstd window is larger than 128 MiB; compress the file "
               "without --long or --ultra";
    case ZSTD_error_memory_allocation:
        return "no memory for the zstd window; give the process more memory";
    case ZSTD_error_dictionary_wrong:
        return "the zstd data need a dictionary; compress the file without "
               "one";
    case ZSTD_error_prefix_unknown:
        return "bytes that are not zstd; remove them or copy the file again";
    default:
        return "invalid zstd data; the file is damaged, copy or download it "
               "again";
    }
}

static cm_status decompress_step(zstd_decoder *self, cm_source *source,
                                 uint8_t *bytes, size_t n, size_t *got,
                                 cm_error *err)
{
    ZSTD_inBuffer in = {source->buffer + source->at, source->n - source->at, 0};
    ZSTD_outBuffer out = {bytes, n, 0};
    size_t code = ZSTD_decompressStream(self->context, &out, &in);
    cm_source_consume(source, in.pos);
    *got = out.pos;
    if (ZSTD_isError(code)) {
        return cm_source_fail(source, err, reason(code));
    }
    self->in_frame = code != 0;
    if (self->in_frame && source->ended && in.pos == 0 && out.pos == 0) {
        return cm_source_fail(source, err,
                              "the zstd data ends too early; the file is cut "
                              "off, copy or download it again");
    }
    return CM_OK;
}

static cm_status zstd_read(cm_decoder *base, cm_source *source, uint8_t *bytes,
                           size_t n, size_t *got, cm_error *err)
{
    zstd_decoder *self = (zstd_decoder *)base;
    while (*got < n) {
        cm_status status = CM_OK;
        if (source->at == source->n && !source->ended) {
            status = cm_source_fill(source, err);
        }
        if (status != CM_OK ||
            (!self->in_frame && source->at == source->n && source->ended)) {
            return status;
        }
        size_t step = 0;
        status =
            decompress_step(self, source, bytes + *got, n - *got, &step, err);
        *got += step;
        if (status != CM_OK) {
            return status;
        }
    }
    return CM_OK;
}

static void zstd_free(cm_decoder *base)
{
    zstd_decoder *self = (zstd_decoder *)base;
    ZSTD_freeDStream(self->context);
    free(self);
}

cm_status cm_zstd_new(cm_decoder **out, cm_error *err)
{
    zstd_decoder *self = cm_alloc(1, sizeof *self, err);
    if (self == NULL) {
        return CM_ERR_NOMEM;
    }
    self->base = (cm_decoder){zstd_read, zstd_free};
    self->in_frame = false;
    self->context = ZSTD_createDStream();
    if (self->context == NULL) {
        free(self);
        return cm_fail(err, CM_ERR_NOMEM, "out of memory reading zstd");
    }
    *out = &self->base;
    return CM_OK;
}
