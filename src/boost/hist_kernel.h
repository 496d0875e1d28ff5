/* The inner loop of training: adds the statistics of rows to the histograms of
 * a group of bundles. */
#ifndef CM_BOOST_HIST_KERNEL_H
#define CM_BOOST_HIST_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Row i of n has its codes at codes + i * width. */
typedef void (*cm_hist_kernel)(int64_t *restrict cells,
                               const uint8_t *restrict codes, size_t width,
                               const int64_t *restrict stat, size_t n);

/* The kernel for a group of n_bundles. */
cm_hist_kernel cm_hist_kernel_for(uint32_t n_bundles);

#endif
