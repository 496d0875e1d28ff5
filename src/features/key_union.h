/* The keys of two sorted dictionaries, each once.  Private to features. */
#ifndef CM_FEATURES_KEY_UNION_H
#define CM_FEATURES_KEY_UNION_H

#include "base/mem.h"
#include "data/dataset.h"

/* Both of texts, or both of integers.  The result lives in the arena. */
CM_MUST_USE cm_status cm_key_union(cm_dictionary *out, cm_arena *arena,
                                   const cm_dictionary *a,
                                   const cm_dictionary *b, cm_error *err);

#endif
