/* One unrolled kernel for each number of bundles in a group: the place of a
 * bundle's histogram becomes a constant of the instruction. */
#include "boost/hist_kernel.h"

#include "boost/bundle.h"

#define ADD1(j)  cells[(j)*CM_BUNDLE_CELLS + code[j]] += s;
#define ADD2(j)  ADD1(j) ADD1((j) + 1)
#define ADD4(j)  ADD2(j) ADD2((j) + 2)
#define ADD8(j)  ADD4(j) ADD4((j) + 4)
#define ADD16(j) ADD8(j) ADD8((j) + 8)

#define KERNEL(n_bundles, additions)                                         \
    static void add_##n_bundles(int64_t *restrict cells,                     \
                                const uint8_t *restrict codes, size_t width, \
                                const int64_t *restrict stat, size_t n)      \
    {                                                                        \
        const uint8_t *code = codes;                                         \
        for (size_t i = 0; i < n; i++, code += width) {                      \
            int64_t s = stat[i];                                             \
            additions                                                        \
        }                                                                    \
    }

KERNEL(1, ADD1(0))
KERNEL(2, ADD2(0))
KERNEL(3, ADD2(0) ADD1(2))
KERNEL(4, ADD4(0))
KERNEL(5, ADD4(0) ADD1(4))
KERNEL(6, ADD4(0) ADD2(4))
KERNEL(7, ADD4(0) ADD2(4) ADD1(6))
KERNEL(8, ADD8(0))
KERNEL(9, ADD8(0) ADD1(8))
KERNEL(10, ADD8(0) ADD2(8))
KERNEL(11, ADD8(0) ADD2(8) ADD1(10))
KERNEL(12, ADD8(0) ADD4(8))
KERNEL(13, ADD8(0) ADD4(8) ADD1(12))
KERNEL(14, ADD8(0) ADD4(8) ADD2(12))
KERNEL(15, ADD8(0) ADD4(8) ADD2(12) ADD1(14))
KERNEL(16, ADD16(0))

cm_hist_kernel cm_hist_kernel_for(uint32_t n_bundles)
{
    static const cm_hist_kernel kernels[CM_GROUP_MAX + 1] = {
        NULL,  add_1,  add_2,  add_3,  add_4,  add_5,  add_6,  add_7, add_8,
        add_9, add_10, add_11, add_12, add_13, add_14, add_15, add_16};
    CM_ASSERT(n_bundles > 0 && n_bundles <= CM_GROUP_MAX);
    return kernels[n_bundles];
}
