/* CSV as RFC 4180 has it, in two layers: the kernels of codec/csv_scan.h find
 * the ends of the fields at memory speed, cm_csv_field gives the text of one.
 * Accepted beyond the RFC: LF line ends, a byte order mark before the header,
 * a last line without an end, empty lines at the end of the file. */
#ifndef CM_CODEC_CSV_H
#define CM_CODEC_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Limits of every reader of CSV. */
enum {
    CM_CSV_MAX_COLUMNS = 4096,
    CM_CSV_MAX_FIELD = 1 << 16, /* bytes */
    CM_CSV_MAX_RECORD = 1 << 20 /* bytes */
};

/* Appends text as a field, in quotes where the RFC wants them. */
void cm_csv_put(cm_buf *buf, cm_str text);

/* The text of the field whose raw bytes, quotes included, are given: copied to
 * out, which has room for raw.n bytes.  Returns its length, or
 * CM_CSV_MISQUOTED when a quote stands anywhere but around the whole field or
 * doubled inside such quotes. */
size_t cm_csv_field(char *out, cm_str raw);

#define CM_CSV_MISQUOTED SIZE_MAX

#endif
