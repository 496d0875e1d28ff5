/* The Mersenne Twister as NumPy's legacy RandomState seeds and uses it.
 * M. Matsumoto and T. Nishimura, "Mersenne Twister", 1998; the seeding is
 * their init_genrand of 2002, the bounded draw NumPy's random_interval. */
#include "data/split_mt19937.h"

enum { N = CM_MT19937_WORDS, M = 397 };

void cm_mt19937_init(cm_mt19937 *random, uint32_t seed)
{
    random->state[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        uint32_t last = random->state[i - 1];
        random->state[i] = 1812433253u * (last ^ (last >> 30)) + i;
    }
    random->next = N;
}

static uint32_t twist(uint32_t upper, uint32_t lower, uint32_t far)
{
    uint32_t mixed = (upper & 0x80000000u) | (lower & 0x7fffffffu);
    return far ^ (mixed >> 1) ^ (0x9908b0dfu & (0u - (lower & 1)));
}

static uint32_t temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

static void refill(cm_mt19937 *random)
{
    uint32_t *s = random->state;
    for (int i = 0; i < N - M; i++) {
        s[i] = twist(s[i], s[i + 1], s[i + M]);
    }
    for (int i = N - M; i < N - 1; i++) {
        s[i] = twist(s[i], s[i + 1], s[i + M - N]);
    }
    s[N - 1] = twist(s[N - 1], s[0], s[M - 1]);
    for (int i = 0; i < N; i++) {
        random->output[i] = temper(s[i]);
    }
    random->next = 0;
}

/* Uniform in [0, max]: words masked to max's bits, those above it rejected. */
static inline uint32_t draw(cm_mt19937 *random, uint32_t max, uint32_t mask)
{
    for (;;) {
        if (random->next == N) {
            refill(random);
        }
        uint32_t value = random->output[random->next++] & mask;
        if (value <= max) {
            return value;
        }
    }
}

static uint32_t mask_of(uint32_t max)
{
    return max == 0 ? 0 : UINT32_MAX >> __builtin_clz(max);
}

/* Positions are drawn a batch ahead of the swaps, so that the cache lines of
 * a large array are on their way when the swaps come. */
void cm_mt19937_shuffle(cm_mt19937 *random, uint32_t *items, size_t n)
{
    enum { BATCH = 64 };
    uint32_t position[BATCH];
    size_t i = n == 0 ? 0 : n - 1; /* the item to be swapped next */
    while (i > 0) {
        size_t batch = i < BATCH ? i : BATCH;
        for (size_t b = 0; b < batch; b++) {
            uint32_t max = (uint32_t)(i - b);
            position[b] = draw(random, max, mask_of(max));
            __builtin_prefetch(&items[position[b]], 1);
        }
        for (size_t b = 0; b < batch; b++, i--) {
            uint32_t kept = items[position[b]];
            items[position[b]] = items[i];
            items[i] = kept;
        }
    }
}
