/* CSV scanning with AVX2. */
#include "codec/csv_scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define KERNEL __attribute__((target("avx2,bmi,popcnt")))

typedef struct block {
    __m256i low, high;
} block;

KERNEL static inline block block_load(const char *p)
{
    return (block){_mm256_loadu_si256((const void *)p),
                   _mm256_loadu_si256((const void *)(p + 32))};
}

KERNEL static inline uint64_t join(int low, int high)
{
    return (uint32_t)low | ((uint64_t)(uint32_t)high << 32);
}

KERNEL static inline uint64_t block_equal(block b, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);
    return join(_mm256_movemask_epi8(_mm256_cmpeq_epi8(b.low, wanted)),
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(b.high, wanted)));
}

KERNEL static inline uint64_t block_high(block b)
{
    return join(_mm256_movemask_epi8(b.low), _mm256_movemask_epi8(b.high));
}

/* A fixed number of writes for the usual block costs less than a loop whose
 * end is mispredicted; those past the last bit are overwritten by the next
 * block. */
KERNEL static inline void put_positions(uint32_t *positions, uint32_t offset,
                                        uint64_t bits)
{
    enum { USUAL = 12 };
    for (int i = 0; i < USUAL; i++) {
        positions[i] = offset + (uint32_t)_tzcnt_u64(bits);
        bits = _blsr_u64(bits);
    }
    for (positions += USUAL; bits != 0; bits = _blsr_u64(bits)) {
        *positions++ = offset + (uint32_t)_tzcnt_u64(bits);
    }
}

#include "codec/csv_scan_kernel.h"

static const cm_csv_kernels AVX2 = {kernel_survey, kernel_scan,
                                    kernel_scan_quoted};

const cm_csv_kernels *cm_csv_kernels_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("popcnt")
               ? &AVX2
               : NULL;
}

#else

const cm_csv_kernels *cm_csv_kernels_avx2(void)
{
    return NULL;
}

#endif
