/* Rows counted by the code they have.  Integers, so the order of rows and
 * threads cannot matter.  Private to features.
 *
 *   cells   (n_codes) impressions in the low 32 bits, clicks in the high ones
 *   marks   (n_rows) how a row counts */
#ifndef CM_FEATURES_HISTOGRAM_H
#define CM_FEATURES_HISTOGRAM_H

#include "features/source.h"

enum { CM_MARK_NONE, CM_MARK_IMPRESSION, CM_MARK_CLICK };

static inline uint32_t cm_cell_impressions(uint64_t cell)
{
    return (uint32_t)cell;
}

static inline uint32_t cm_cell_clicks(uint64_t cell)
{
    return (uint32_t)(cell >> 32);
}

/* Adds all rows to cells.  marks NULL: every row is an impression. */
void cm_histogram_add(uint64_t *cells, const cm_source_codes *source,
                      const uint8_t *marks);

/* Adds the n listed rows, as impressions. */
void cm_histogram_add_rows(uint64_t *cells, const void *codes, unsigned width,
                           uint32_t n_codes, const uint32_t *rows, size_t n);

#endif
