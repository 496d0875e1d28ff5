/* Many values of one feature to bins, by binary search without branches; 8
 * values at a time with AVX2, the same bins without.  Private to model.
 *
 * The borders are the nodes of a full search tree of `levels` levels, in
 * Eytzinger's order: the children of node i are 2 i and 2 i + 1, the root is
 * node 1.  A value goes right when it is above the border; after the last
 * level the node it would come to, less 1 << levels, is its bin.  Nodes beyond
 * the last border are infinite, so nothing is above them. */
#ifndef CM_MODEL_BIN_SEARCH_H
#define CM_MODEL_BIN_SEARCH_H

#include "model/model.h"

enum {
    BIN_SEARCH_NODES = 256,
    BIN_SEARCH_LEAST_LEVELS = 4 /* two registers of nodes */
};

typedef struct bin_search {
    _Alignas(32) float nodes[BIN_SEARCH_NODES];
    uint32_t levels;
    uint8_t nan_bin;
} bin_search;

/* feature: at most 255 borders. */
void bin_search_init(bin_search *search, const cm_float_feature *feature);

/* bins (n) of values (n). */
typedef void (*bin_search_run)(uint8_t *bins, const float *values, size_t n,
                               const bin_search *search);
void bin_search_plain(uint8_t *bins, const float *values, size_t n,
                      const bin_search *search);
/* Only where the processor has AVX2. */
void bin_search_avx2(uint8_t *bins, const float *values, size_t n,
                     const bin_search *search);
/* The one for this processor. */
bin_search_run bin_search_best(void);

#endif
