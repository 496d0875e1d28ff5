/* Monotone constraints as a user writes them. */
#ifndef CM_PIPELINE_MONOTONE_H
#define CM_PIPELINE_MONOTONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* items: either one of "1", "-1", "0" for each of the n_names features, or
 * "NAME:1" (NAME may be the feature's position, from 0).  out (n_names): 1
 * never falls, -1 never rises, 0 free. */
CM_MUST_USE cm_status cm_monotone_parse(int8_t *out, const char *const *items,
                                        size_t n_items,
                                        const char *const *names,
                                        size_t n_names, cm_error *err);

#endif
