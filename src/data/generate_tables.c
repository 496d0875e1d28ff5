/* Small tools of the generator: discrete distributions drawn in constant
 * time, and the few functions it needs. */
#include "data/generate_tables.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* A cell's share of 2^32; a full cell always gives itself, up to 2^-32. */
static uint32_t keep_of(double share)
{
    return share >= 1.0 ? UINT32_MAX : (uint32_t)(share * 0x1p32);
}

/* M. D. Vose, "A linear algorithm for generating random numbers with a given
 * distribution", 1991.  stack (n) holds the cells that are less than full
 * from below and the others from above. */
static void fill_cells(cm_alias_cell *cells, double *share, uint32_t *stack,
                       uint32_t n)
{
    uint32_t small = 0, large = n;
    for (uint32_t i = 0; i < n; i++) {
        cells[i] = (cm_alias_cell){UINT32_MAX, i};
        if (share[i] < 1.0) {
            stack[small++] = i;
        } else {
            stack[--large] = i;
        }
    }
    while (small > 0 && large < n) {
        uint32_t poor = stack[--small], rich = stack[large];
        cells[poor] = (cm_alias_cell){keep_of(share[poor]), rich};
        share[rich] -= 1.0 - share[poor];
        if (share[rich] < 1.0) {
            stack[small++] = rich;
            large++;
        }
    }
}

cm_status cm_alias_build(cm_alias *out, cm_arena *arena, const double *weights,
                         uint32_t n, cm_error *err)
{
    cm_status status = CM_ERR_NOMEM;
    uint32_t *stack = NULL;
    cm_alias_cell *cells = cm_arena_alloc(arena, n * sizeof *cells, err);
    double *share = cm_alloc(n, sizeof *share, err);
    if (cells == NULL || share == NULL) {
        goto done;
    }
    stack = cm_alloc(n, sizeof *stack, err);
    if (stack == NULL) {
        goto done;
    }
    double total = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        total += weights[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        share[i] = weights[i] / total * n;
    }
    fill_cells(cells, share, stack, n);
    *out = (cm_alias){cells, n};
    status = CM_OK;
done:
    free(stack);
    free(share);
    return status;
}

static double tail_weight(const cm_tail *tail, uint32_t rank)
{
    double base = rank + tail->shift, bent = rank / tail->knee;
    double power = 1.0;
    for (int whole = tail->quarters / 4; whole > 0; whole--) {
        power *= base;
    }
    if (tail->quarters & 2) {
        power *= sqrt(base);
    }
    if (tail->quarters & 1) {
        power *= sqrt(sqrt(base));
    }
    return 1.0 / (power * (1.0 + bent * bent));
}

void cm_tail_weights(double *weights, uint32_t n, const cm_tail *tail)
{
    double total = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        weights[i] = tail_weight(tail, i);
        total += weights[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        weights[i] /= total;
    }
}

cm_deal cm_deal_start(const double *shares, uint32_t n)
{
    CM_ASSERT(n > 0 && n <= CM_DEAL_MAX);
    return (cm_deal){.shares = shares, .n = n};
}

uint32_t cm_deal_next(cm_deal *deal, double weight)
{
    uint32_t best = 0; /* the largest class takes what fits nowhere */
    double least = HUGE_VAL;
    for (uint32_t i = 0; i < deal->n; i++) {
        double filled = deal->given[i] / deal->shares[i];
        bool fits = deal->given[i] + weight <= deal->shares[i];
        if (fits && filled < least) {
            least = filled;
            best = i;
        }
    }
    deal->given[best] += weight;
    return best;
}

void cm_standardize(float *effects, const double *weights, uint32_t n)
{
    double total = 0.0, sum = 0.0, squares = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        total += weights[i];
        sum += weights[i] * effects[i];
    }
    double mean = sum / total;
    for (uint32_t i = 0; i < n; i++) {
        double apart = effects[i] - mean;
        squares += weights[i] * apart * apart;
    }
    double deviation = sqrt(squares / total);
    for (uint32_t i = 0; i < n; i++) {
        effects[i] = (float)((effects[i] - mean) / deviation);
    }
}

/* The series at x / 1024, whose error is below one ulp, squared ten times. */
double cm_exact_exp(double x)
{
    double t = x / 1024.0, sum = 1.0, term = 1.0;
    for (int i = 1; i <= 12; i++) {
        term *= t / i;
        sum += term;
    }
    for (int i = 0; i < 10; i++) {
        sum *= sum;
    }
    return sum;
}
