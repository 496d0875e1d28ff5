/* The search tree of a feature's borders, and the search for any processor. */
#include "model/bin_search.h"

#include <math.h>

void bin_search_init(bin_search *search, const cm_float_feature *feature)
{
    uint32_t levels = BIN_SEARCH_LEAST_LEVELS;
    CM_ASSERT(feature->n_borders < BIN_SEARCH_NODES);
    while (feature->n_borders >> levels != 0) {
        levels++;
    }
    search->levels = levels;
    search->nan_bin = feature->nan_treatment == CM_NAN_AS_TRUE
                          ? (uint8_t)feature->n_borders
                          : 0;
    search->nodes[0] = INFINITY;
    for (uint32_t level = 0; level < levels; level++) {
        uint32_t step = 1u << (levels - level);
        for (uint32_t q = 0; q < 1u << level; q++) {
            uint32_t border = q * step + step / 2 - 1;
            search->nodes[(1u << level) + q] = border < feature->n_borders
                                                   ? feature->borders[border]
                                                   : INFINITY;
        }
    }
}

void bin_search_plain(uint8_t *bins, const float *values, size_t n,
                      const bin_search *search)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t node = 1;
        for (uint32_t level = 0; level < search->levels; level++) {
            node = 2 * node + (values[i] > search->nodes[node]);
        }
        uint32_t bin = node - (1u << search->levels);
        bins[i] = (uint8_t)(isnan(values[i]) ? search->nan_bin : bin);
    }
}

bin_search_run bin_search_best(void)
{
    return __builtin_cpu_supports("avx2") ? bin_search_avx2 : bin_search_plain;
}
