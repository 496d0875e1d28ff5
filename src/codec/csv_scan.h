/* The kernels that look at every byte of a CSV text, 64 at a time: one set for
 * any processor and one for AVX2, with identical results.
 *
 * A quote always opens or closes: a byte is inside quotes when the number of
 * quotes before it is odd.  A doubled quote closes and opens again, so what
 * the RFC allows is read rightly, and any part of a text can be scanned on its
 * own once the number of quotes before it is known. */
#ifndef CM_CODEC_CSV_SCAN_H
#define CM_CODEC_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a stretch of bytes contains. */
typedef struct cm_csv_survey {
    uint64_t quotes;
    uint64_t newlines;
    bool nul;  /* a byte 0 */
    bool high; /* a byte above 127 */
} cm_csv_survey;

/* The ends of fields in a stretch of less than 4 GiB. */
typedef struct cm_csv_ends {
    size_t n;
    size_t newlines; /* how many of them end a record too */
} cm_csv_ends;

/* Scans write more than they report: room for CM_CSV_SCAN_SLACK more. */
enum { CM_CSV_SCAN_SLACK = 64 };

typedef struct cm_csv_kernels {
    cm_csv_survey (*survey)(const char *p, size_t n);
    /* Positions of all delimiters and newlines, in order. */
    cm_csv_ends (*scan)(uint32_t *positions, const char *p, size_t n,
                        char delimiter);
    /* Only of those outside quotes; p[0] is outside. */
    cm_csv_ends (*scan_quoted)(uint32_t *positions, const char *p, size_t n,
                               char delimiter);
} cm_csv_kernels;

/* The fastest set this processor has. */
const cm_csv_kernels *cm_csv_kernels_best(void);
/* The set for any processor. */
const cm_csv_kernels *cm_csv_kernels_portable(void);
/* NULL when this build or processor has no AVX2. */
const cm_csv_kernels *cm_csv_kernels_avx2(void);

#endif
