/* Rows counted by code.  A column with few codes hits the same cell again and
 * again, and each addition would wait for the one before; so small histograms
 * are made in four lanes and added up. */
#include "features/histogram.h"

enum { LANES = 4, LANED_CODES = 1024 };

static const uint64_t steps[] = {
    [CM_MARK_NONE] = 0,
    [CM_MARK_IMPRESSION] = 1,
    [CM_MARK_CLICK] = 1 | (uint64_t)1 << 32,
};

/* What is counted: rows 0..n-1, or those of a list. */
typedef struct counted {
    const void *codes;
    const uint8_t *marks;
    const uint32_t *rows;
    size_t n;
} counted;

/* Lane l adds at cells + l * stride; stride 0: the lanes are one. */
__attribute__((always_inline)) static inline void
count(uint64_t *cells, size_t stride, counted c, unsigned width)
{
    size_t i = 0;
    for (; i + LANES <= c.n; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            size_t row = c.rows != NULL ? c.rows[i + lane] : i + lane;
            cells[lane * stride + cm_code_at(c.codes, width, row)] +=
                c.marks != NULL ? steps[c.marks[row]] : 1;
        }
    }
    for (; i < c.n; i++) {
        size_t row = c.rows != NULL ? c.rows[i] : i;
        cells[cm_code_at(c.codes, width, row)] +=
            c.marks != NULL ? steps[c.marks[row]] : 1;
    }
}

/* The same loop with its conditions settled before it starts. */
__attribute__((always_inline)) static inline void
count_by_kind(uint64_t *cells, size_t stride, counted c, unsigned width)
{
    if (c.rows != NULL) {
        count(cells, stride, (counted){c.codes, NULL, c.rows, c.n}, width);
    } else if (c.marks != NULL) {
        count(cells, stride, (counted){c.codes, c.marks, NULL, c.n}, width);
    } else {
        count(cells, stride, (counted){c.codes, NULL, NULL, c.n}, width);
    }
}

static void count_by_width(uint64_t *cells, size_t stride, counted c,
                           unsigned width)
{
    switch (width) {
    case 1:
        count_by_kind(cells, stride, c, 1);
        break;
    case 2:
        count_by_kind(cells, stride, c, 2);
        break;
    default:
        count_by_kind(cells, stride, c, 4);
        break;
    }
}

static void count_codes(uint64_t *cells, uint32_t n_codes, counted c,
                        unsigned width)
{
    if (n_codes > LANED_CODES) {
        count_by_width(cells, 0, c, width);
        return;
    }
    uint64_t lanes[LANES * LANED_CODES];
    for (size_t i = 0; i < (size_t)LANES * n_codes; i++) {
        lanes[i] = 0;
    }
    count_by_width(lanes, n_codes, c, width);
    for (size_t i = 0; i < (size_t)LANES * n_codes; i++) {
        cells[i % n_codes] += lanes[i];
    }
}

void cm_histogram_add(uint64_t *cells, const cm_source_codes *source,
                      const uint8_t *marks)
{
    counted c = {source->codes, marks, NULL, source->n_rows};
    count_codes(cells, source->dictionary->n, c, source->width);
}

void cm_histogram_add_rows(uint64_t *cells, const void *codes, unsigned width,
                           uint32_t n_codes, const uint32_t *rows, size_t n)
{
    count_codes(cells, n_codes, (counted){codes, NULL, rows, n}, width);
}
