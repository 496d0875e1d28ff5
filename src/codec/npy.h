/* NumPy's .npy files, mapped: docs/formats/matrix.md says what is taken. */
#ifndef CM_CODEC_NPY_H
#define CM_CODEC_NPY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/file.h"
#include "codec/array.h"

typedef struct cm_npy {
    cm_array array; /* into the mapping */
    int n_dims;     /* 1 or 2 */
    cm_mapping mapping;
} cm_npy;

CM_MUST_USE cm_status cm_npy_map(cm_npy *out, const char *path, cm_error *err);
void cm_npy_unmap(cm_npy *npy);

/* The same of bytes in memory; file names them in errors.  out->mapping stays
 * empty. */
CM_MUST_USE cm_status cm_npy_parse(cm_npy *out, const uint8_t *bytes, size_t n,
                                   const char *file, cm_error *err);

/* Whether the bytes start as a .npy file does. */
bool cm_npy_is(const uint8_t *bytes, size_t n);

#endif
