/* Applies a model: tiles of rows, each binned once and led through all trees;
 * or one row by comparing its values with the borders. */
#include "model/model.h"

#include <math.h>
#include <string.h>

#include "model/apply_kernel.h"
#include "model/borders.h"
#include "model/model_body.h"

enum {
    MAX_SLOTS = 512, /* of a tile on the stack; wider models go row by row */
    BYTE_DEPTH = 8,  /* conditions whose leaf index fits a byte */
    GROUP = 4,       /* trees led through together */
    FEW_ROWS = 12    /* below, a tile costs more than its rows one by one */
};

static void bins_scalar(uint8_t *bins, const apply_slot *slot,
                        const float *values)
{
    for (size_t i = 0; i < TILE; i++) {
        bins[i] = isnan(values[i])
                      ? (slot->nan_above ? (uint8_t)slot->n : 0)
                      : (uint8_t)cm_bin_of(slot->borders, slot->n, values[i]);
    }
}

static void leaves_scalar(uint8_t *leaves, const apply_split *splits,
                          uint32_t n, const uint8_t *codes)
{
    memset(leaves, 0, TILE);
    for (uint32_t d = 0; d < n; d++) {
        const uint8_t *bins = codes + (size_t)splits[d].slot * TILE;
        for (size_t i = 0; i < TILE; i++) {
            leaves[i] |= (uint8_t)((bins[i] >= splits[d].at_least) << d);
        }
    }
}

const apply_kernel apply_kernel_scalar = {bins_scalar, leaves_scalar};

/* One tree of any depth: the index in two bytes. */
static void add_tree(double *sums, const apply_kernel *kernel,
                     const cm_tree *tree, const apply_split *splits,
                     const uint8_t *codes)
{
    uint8_t low[TILE], high[TILE];
    uint32_t n = tree->depth < BYTE_DEPTH ? tree->depth : BYTE_DEPTH;
    kernel->leaves(low, splits, n, codes);
    kernel->leaves(high, splits + n, tree->depth - n, codes);
    for (size_t i = 0; i < TILE; i++) {
        sums[i] += tree->leaf_values[low[i] | (size_t)high[i] << BYTE_DEPTH];
    }
}

/* The leaves of GROUP trees to eight sums, leaves (GROUP, TILE).  Eight indexes
 * are loaded as one word: taking bytes out of a register is cheaper than
 * loading each, and than what compilers make of the plain loop. */
static inline void add_leaves(double *sums, const cm_tree *trees,
                              const uint8_t *leaves)
{
    const double *a = trees[0].leaf_values, *b = trees[1].leaf_values;
    const double *c = trees[2].leaf_values, *d = trees[3].leaf_values;
    uint64_t i, j, k, l;
    memcpy(&i, leaves, sizeof i);
    memcpy(&j, leaves + TILE, sizeof j);
    memcpy(&k, leaves + 2 * TILE, sizeof k);
    memcpy(&l, leaves + 3 * TILE, sizeof l);
    for (size_t r = 0; r < sizeof i; r++) {
        double sum = sums[r] + a[i & 0xff];
        sum += b[j & 0xff];
        sum += c[k & 0xff];
        sums[r] = sum + d[l & 0xff];
        i >>= 8;
        j >>= 8;
        k >>= 8;
        l >>= 8;
    }
}

/* GROUP trees whose index is one byte: a sum is loaded and stored once for all
 * of them, and still adds them in order. */
static const apply_split *add_group(double *sums, const apply_kernel *kernel,
                                    const cm_tree *trees,
                                    const apply_split *splits,
                                    const uint8_t *codes)
{
    uint8_t leaves[GROUP][TILE];
    for (size_t t = 0; t < GROUP; t++) {
        kernel->leaves(leaves[t], splits, trees[t].depth, codes);
        splits += trees[t].depth;
    }
    for (size_t i = 0; i < TILE; i += sizeof(uint64_t)) {
        add_leaves(sums + i, trees, leaves[0] + i);
    }
    return splits;
}

static bool is_group(const cm_tree *trees, size_t n)
{
    if (n < GROUP) {
        return false;
    }
    for (size_t t = 0; t < GROUP; t++) {
        if (trees[t].depth > BYTE_DEPTH) {
            return false;
        }
    }
    return true;
}

static void sum_trees(double *sums, const apply_kernel *kernel,
                      const cm_model *model, const apply_plan *plan,
                      const uint8_t *codes)
{
    const apply_split *splits = plan->splits;
    memset(sums, 0, TILE * sizeof *sums);
    for (size_t t = 0; t < model->n_trees;) {
        const cm_tree *trees = model->trees + t;
        if (is_group(trees, model->n_trees - t)) {
            splits = add_group(sums, kernel, trees, splits, codes);
            t += GROUP;
        } else {
            add_tree(sums, kernel, trees, splits, codes);
            splits += trees->depth;
            t++;
        }
    }
}

static double scale_and_bias(const cm_model *model, double sum)
{
    return model->scale * sum + model->bias;
}

/* The columns are too many streams for the processor to foresee. */
static inline void prefetch_tile(const float *values)
{
    enum { CACHE_LINE = 64 };
    const char *line = (const char *)values;
    for (size_t i = 0; i < TILE * sizeof *values; i += CACHE_LINE) {
        __builtin_prefetch(line + i);
    }
}

/* Rows [first, first + n), n <= TILE; what is missing to a tile is zeros. */
static void apply_tile(const apply_kernel *kernel, const cm_model *model,
                       const number_rows *rows, size_t first, size_t n,
                       double *raw)
{
    const apply_plan *plan = &((const model_body *)model->owner)->plan;
    uint8_t codes[MAX_SLOTS * TILE];
    float padded[TILE] = {0};
    double sums[TILE];
    for (size_t s = 0; s < plan->n_slots; s++) {
        const apply_slot *slot = &plan->slots[s];
        const float *values = number_column(rows, slot->number, first);
        if (n < TILE) {
            memcpy(padded, values, n * sizeof *values);
            values = padded;
        }
        kernel->bins(codes + s * TILE, slot, values);
        prefetch_tile(values + TILE);
    }
    sum_trees(sums, kernel, model, plan, codes);
    for (size_t i = 0; i < n; i++) {
        raw[first + i] = scale_and_bias(model, sums[i]);
    }
}

static inline double apply_one(const cm_model *model, const number_rows *rows,
                               size_t index)
{
    const apply_split *split = ((const model_body *)model->owner)->plan.splits;
    double sum = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t leaf = 0;
        for (uint32_t d = 0; d < tree->depth; d++, split++) {
            float value = *number_column(rows, split->number, index);
            bool above = (value > split->border) |
                         (split->nan_above & (bool)isnan(value));
            leaf |= (size_t)above << d;
        }
        sum += tree->leaf_values[leaf];
    }
    return scale_and_bias(model, sum);
}

static inline void apply_rows(const apply_kernel *kernel, const cm_model *model,
                              const number_rows *rows, size_t n, double *raw)
{
    bool wide = ((const model_body *)model->owner)->plan.n_slots > MAX_SLOTS;
    for (size_t first = 0; first < n; first += TILE) {
        size_t end = n - first < TILE ? n : first + TILE;
        if (!wide && end - first >= FEW_ROWS) {
            apply_tile(kernel, model, rows, first, end - first, raw);
            continue;
        }
        for (size_t i = first; i < end; i++) {
            raw[i] = apply_one(model, rows, i);
        }
    }
}

static size_t derived_count(const cm_model *model)
{
    return ((const model_body *)model->owner)->plan.categories.n_derived;
}

void apply_with(const apply_kernel *kernel, const cm_model *model,
                const float *const *columns, size_t n, double *raw)
{
    const number_rows rows = {.columns = columns};
    CM_ASSERT(derived_count(model) == 0);
    apply_rows(kernel, model, &rows, n, raw);
}

void apply_cats_with(const apply_kernel *kernel, const cm_model *model,
                     const float *const *columns, const uint32_t *const *cats,
                     size_t n, double *raw)
{
    const apply_plan *plan = &((const model_body *)model->owner)->plan;
    size_t n_derived = derived_count(model);
    if (n_derived == 0) {
        apply_with(kernel, model, columns, n, raw);
        return;
    }
    float derived[MAX_DERIVED];
    size_t most = MAX_DERIVED / n_derived;
    size_t block = most < BLOCK_ROWS ? most : BLOCK_ROWS;
    for (size_t first = 0; first < n; first += block) {
        size_t end = n - first < block ? n : first + block;
        const number_rows rows = {.columns = columns,
                                  .cats = cats,
                                  .first = first,
                                  .derived = derived,
                                  .stride = end - first,
                                  .n_features = model->n_features};
        category_values(derived, &plan->categories, model, &rows, end - first);
        apply_rows(kernel, model, &rows, end - first, raw + first);
    }
}

static const apply_kernel *best_kernel(void)
{
    return __builtin_cpu_supports("avx2") ? &apply_kernel_avx2
                                          : &apply_kernel_scalar;
}

void cm_model_apply(const cm_model *model, const float *const *columns,
                    size_t n, double *raw)
{
    apply_with(best_kernel(), model, columns, n, raw);
}

void cm_model_apply_cats(const cm_model *model, const float *const *columns,
                         const uint32_t *const *cats, size_t n, double *raw)
{
    apply_cats_with(best_kernel(), model, columns, cats, n, raw);
}

double cm_model_apply_row(const cm_model *model, const float *row)
{
    const number_rows rows = {.row = row};
    CM_ASSERT(derived_count(model) == 0);
    return apply_one(model, &rows, 0);
}

double cm_model_apply_cats_row(const cm_model *model, const float *row,
                               const uint32_t *cats)
{
    const apply_plan *plan = &((const model_body *)model->owner)->plan;
    float derived[MAX_DERIVED];
    const number_rows rows = {.row = row,
                              .cat_row = cats,
                              .derived = derived,
                              .stride = 1,
                              .n_features = model->n_features};
    category_values(derived, &plan->categories, model, &rows, 1);
    return apply_one(model, &rows, 0);
}

double cm_sigmoid(double raw)
{
    return 1 / (1 + exp(-raw));
}
