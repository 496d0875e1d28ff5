/* The Mersenne Twister as NumPy's legacy RandomState seeds and uses it. */
#ifndef CM_DATA_SPLIT_MT19937_H
#define CM_DATA_SPLIT_MT19937_H

#include <stddef.h>
#include <stdint.h>

enum { CM_MT19937_WORDS = 624 };

typedef struct cm_mt19937 {
    uint32_t state[CM_MT19937_WORDS];
    uint32_t output[CM_MT19937_WORDS]; /* state, tempered */
    size_t next;                       /* first unused word of output */
} cm_mt19937;

void cm_mt19937_init(cm_mt19937 *random, uint32_t seed);

/* RandomState(seed).shuffle(items): n <= 2^32. */
void cm_mt19937_shuffle(cm_mt19937 *random, uint32_t *items, size_t n);

#endif
