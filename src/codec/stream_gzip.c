/* gzip (RFC 1952) by ISA-L, which checks CRC and length of every member. */
#include "codec/stream_decoder.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    MAX_STEP = 1 << 30 /* ISA-L counts in 32 bits */
};

typedef struct gzip_decoder {
    cm_decoder base;
    bool in_member;
    struct inflate_state state;
} gzip_decoder;

static const char *reason(int code)
{
    switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
        return "the gzip checksum does not match the data; the file is "
               "damaged, copy or download it again";
    case ISAL_INVALID_WRAPPER:
        return "not a gzip header; the file is damaged, copy or download it "
               "again";
    case ISAL_UNSUPPORTED_METHOD:
        return "an unknown gzip compression method; compress the file with "
               "gzip or zstd";
    default:
        return "invalid gzip data; the file is damaged, copy or download it "
               "again";
    }
}

/* Between members: another one begins, or the file ends. */
static cm_status begin_member(gzip_decoder *self, cm_source *source, bool *more,
                              cm_error *err)
{
    while (source->n - source->at < 2 && !source->ended) {
        cm_status status = cm_source_fill(source, err);
        if (status != CM_OK) {
            return status;
        }
    }
    size_t left = source->n - source->at;
    const uint8_t *next = source->buffer + source->at;
    *more = left > 0;
    if (left == 0) {
        return CM_OK;
    }
    if (next[0] != 0x1f || (left > 1 && next[1] != 0x8b)) {
        return cm_source_fail(source, err,
                              "bytes that are not gzip follow the compressed "
                              "data; remove them or copy the file again");
    }
    isal_inflate_reset(&self->state);
    self->state.crc_flag = ISAL_GZIP;
    self->in_member = true;
    return CM_OK;
}

/* Inflates once.  *moved: some input was taken or some output given. */
static cm_status inflate_step(gzip_decoder *self, cm_source *source,
                              uint8_t *bytes, size_t n, size_t *got,
                              bool *moved, cm_error *err)
{
    struct inflate_state *state = &self->state;
    size_t left = source->n - source->at;
    uint32_t room = (uint32_t)(n < MAX_STEP ? n : MAX_STEP);
    state->next_in = source->buffer + source->at;
    state->avail_in = (uint32_t)left;
    state->next_out = bytes;
    state->avail_out = room;
    int code = isal_inflate(state);
    cm_source_consume(source, left - state->avail_in);
    *got = room - state->avail_out;
    *moved = *got > 0 || state->avail_in < left;
    if (code != ISAL_DECOMP_OK) {
        return cm_source_fail(source, err, reason(code));
    }
    if (state->block_state == ISAL_BLOCK_FINISH) {
        self->in_member = false;
    }
    return CM_OK;
}

/* Reads some bytes of the member begun; 0 of them need not be its end. */
static cm_status read_member(gzip_decoder *self, cm_source *source,
                             uint8_t *bytes, size_t n, size_t *got,
                             cm_error *err)
{
    if (source->at == source->n && !source->ended) {
        cm_status status = cm_source_fill(source, err);
        if (status != CM_OK) {
            return status;
        }
    }
    bool moved = false;
    cm_status status = inflate_step(self, source, bytes, n, got, &moved, err);
    if (status == CM_OK && !moved && self->in_member && source->ended) {
        return cm_source_fail(source, err,
                              "the gzip data ends too early; the file is cut "
                              "off, copy or download it again");
    }
    return status;
}

static cm_status gzip_read(cm_decoder *base, cm_source *source, uint8_t *bytes,
                           size_t n, size_t *got, cm_error *err)
{
    gzip_decoder *self = (gzip_decoder *)base;
    while (*got < n) {
        bool more = true;
        size_t step = 0;
        cm_status status = CM_OK;
        if (!self->in_member) {
            status = begin_member(self, source, &more, err);
        }
        if (status == CM_OK && more) {
            status =
                read_member(self, source, bytes + *got, n - *got, &step, err);
        }
        *got += step;
        if (status != CM_OK || !more) {
            return status;
        }
    }
    return CM_OK;
}

static void gzip_free(cm_decoder *base)
{
    free(base);
}

cm_status cm_gzip_new(cm_decoder **out, cm_error *err)
{
    gzip_decoder *self = cm_alloc(1, sizeof *self, err);
    if (self == NULL) {
        return CM_ERR_NOMEM;
    }
    self->base = (cm_decoder){gzip_read, gzip_free};
    self->in_member = false;
    isal_inflate_init(&self->state);
    *out = &self->base;
    return CM_OK;
}
