/* A deterministic Avazu-like click log of any size. */
#ifndef CM_DATA_GENERATE_H
#define CM_DATA_GENERATE_H

#include <stdint.h>

#include "base/log.h"

typedef struct cm_generate_options {
    uint64_t rows;
    uint64_t seed;
    const char *output; /* path, or "-" for standard output */
    int n_threads;      /* <= 0: all; the bytes do not depend on it */
    const cm_log *log;
} cm_generate_options;

typedef struct cm_generate_report {
    uint64_t rows, clicks, bytes;
} cm_generate_report;

CM_MUST_USE cm_status cm_generate(cm_generate_report *report,
                                  const cm_generate_options *options,
                                  cm_error *err);

#endif
