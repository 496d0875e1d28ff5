/* Applies a model: tiles of rows, each binned once and led through all trees;
 * or one row, whose bins name the bits they set in all leaf indexes. */
#include <math.h>
#include <string.h>

#include "model/apply_kernel.h"
#include "model/model_body.h"

enum {
    BYTE_DEPTH = 8, /* conditions whose leaf index fits a byte */
    FEW_ROWS = 12   /* below, a tile costs more than its rows one by one */
};

static const apply_plan *plan_of(const cm_model *model)
{
    return &((const model_body *)model->owner)->plan;
}

static double scale_and_bias(const cm_model *model, double sum)
{
    return model->scale * sum + model->bias;
}

/* ---- where values come from ----------------------------------------- */

/* The rows that are led through the trees together, and their columns. */
typedef struct tile {
    const apply_kernel *kernel;
    const number_rows *rows;
    size_t first, n; /* among rows */
    size_t n_padded; /* n, rounded up to TILE_STEP */
    size_t block;    /* features block to block + LANES - 1 are in values */
    float values[LANES][TILE];
    float padded[TILE];
} tile;

enum { NO_BLOCK = -1 };

/* Asks the memory for what will be read. */
static inline void prefetch(const float *values, size_t n)
{
    enum { CACHE_LINE = 64 };
    const char *line = (const char *)values;
    for (size_t i = 0; i < n * sizeof *values; i += CACHE_LINE) {
        __builtin_prefetch(line + i);
    }
}

/* Asks for a share of the next tile's rows while slot s of n is worked on: the
 * processor does not look ahead across pages, which a tile has many of.  Rows
 * of which a tile does not fit the cache are left alone. */
static void prefetch_rows(const tile *t, size_t s, size_t n)
{
    enum { MOST_FLOATS = 512 };
    const number_rows *r = t->rows;
    if (r->rows == NULL || r->n_features > MOST_FLOATS) {
        return;
    }
    const float *next = r->rows + (r->first + t->first + TILE) * r->row_stride;
    for (size_t i = s * TILE / n; i < (s + 1) * TILE / n; i++) {
        prefetch(next + i * r->row_stride, r->n_features);
    }
}

/* Copies LANES features of the tile's rows to columns: those of the aligned
 * block around feature, or the last ones. */
static void load_block(tile *t, size_t feature)
{
    const number_rows *r = t->rows;
    size_t block = feature / LANES * LANES;
    bool narrow = r->n_features < LANES;
    if (!narrow && block + LANES > r->n_features) {
        block = r->n_features - LANES;
    }
    const float *from = r->rows + (r->first + t->first) * r->row_stride + block;
    size_t whole = narrow ? 0 : t->n / LANES * LANES;
    t->kernel->transpose(t->values[0], from, r->row_stride, whole);
    for (size_t i = whole; i < t->n; i++) {
        for (size_t f = 0; f < (narrow ? r->n_features : LANES); f++) {
            t->values[f][i] = from[i * r->row_stride + f];
        }
    }
    t->block = block;
}

/* The tile's values of a number, n_padded of them. */
static const float *values_of(tile *t, uint32_t number)
{
    size_t step;
    const float *values = number_column(t->rows, number, t->first, &step);
    if (step != 1) {
        if (number < t->block || number - t->block >= LANES) {
            load_block(t, number);
        }
        return t->values[number - t->block];
    }
    if (t->n < t->n_padded) {
        memcpy(t->padded, values, t->n * sizeof *values);
        return t->padded;
    }
    prefetch(values + TILE, TILE); /* too many columns to be foreseen */
    return values;
}

/* ---- a tile through the trees --------------------------------------- */

/* One tree of any depth: the index in two bytes. */
static void add_tree(double *sums, const tile *t, const cm_tree *tree,
                     const apply_split *splits, const int8_t *codes)
{
    uint8_t low[TILE], high[TILE];
    uint32_t n = tree->depth < BYTE_DEPTH ? tree->depth : BYTE_DEPTH;
    t->kernel->leaves(low, splits, n, codes, t->n_padded);
    t->kernel->leaves(high, splits + n, tree->depth - n, codes, t->n_padded);
    for (size_t i = 0; i < t->n; i++) {
        sums[i] += tree->leaf_values[low[i] | (size_t)high[i] << BYTE_DEPTH];
    }
}

/* GROUP trees whose index is one byte. */
static const apply_split *add_group(double *sums, const tile *t,
                                    const cm_tree *trees,
                                    const apply_split *splits,
                                    const int8_t *codes)
{
    uint8_t leaves[GROUP][TILE];
    for (size_t g = 0; g < GROUP; g++) {
        t->kernel->leaves(leaves[g], splits, trees[g].depth, codes,
                          t->n_padded);
        splits += trees[g].depth;
    }
    t->kernel->add(sums, trees, leaves[0], t->n_padded);
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

static void sum_trees(double *sums, const tile *rows, const cm_model *model,
                      const int8_t *codes)
{
    const apply_split *splits = plan_of(model)->splits;
    memset(sums, 0, TILE * sizeof *sums);
    for (size_t t = 0; t < model->n_trees;) {
        const cm_tree *trees = model->trees + t;
        if (is_group(trees, model->n_trees - t)) {
            splits = add_group(sums, rows, trees, splits, codes);
            t += GROUP;
        } else {
            add_tree(sums, rows, trees, splits, codes);
            splits += trees->depth;
            t++;
        }
    }
}

static void apply_tile(tile *t, const cm_model *model, double *raw)
{
    const apply_plan *plan = plan_of(model);
    int8_t codes[MAX_SLOTS * TILE];
    double sums[TILE];
    t->n_padded = (t->n + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
    t->block = (size_t)NO_BLOCK;
    for (size_t s = 0; s < plan->n_slots; s++) {
        const apply_slot *slot = &plan->slots[s];
        prefetch_rows(t, s, plan->n_slots);
        t->kernel->bins(codes + s * TILE, slot, values_of(t, slot->number),
                        t->n_padded);
    }
    sum_trees(sums, t, model, codes);
    for (size_t i = 0; i < t->n; i++) {
        raw[t->first + i] = scale_and_bias(model, sums[i]);
    }
}

/* ---- rows one by one ------------------------------------------------ */

/* Any model: its questions one after the other. */
static double ask_all(const cm_model *model, const number_rows *rows,
                      size_t index)
{
    const apply_split *split = plan_of(model)->splits;
    double sum = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t leaf = 0, step;
        for (uint32_t d = 0; d < tree->depth; d++, split++) {
            float value = *number_column(rows, split->number, index, &step);
            bool above = (value > split->border) |
                         (split->nan_above & (bool)isnan(value));
            leaf |= (size_t)above << d;
        }
        sum += tree->leaf_values[leaf];
    }
    return sum;
}

/* The row's values in the order of the plan's lanes. */
static inline void gather_lanes(float *values, const apply_row_plan *plan,
                                const number_rows *rows, size_t index)
{
    const float *row = NULL;
    if (rows->columns == NULL && rows->derived == NULL) {
        row = rows->rows + (rows->first + index) * rows->row_stride;
    }
    for (size_t i = 0; i < plan->n_groups * LANES; i += LANES) {
        const uint32_t *numbers = plan->numbers + i;
        for (size_t k = 0; row != NULL && k < LANES; k++) {
            values[i + k] = row[numbers[k]];
        }
        for (size_t k = 0, step; row == NULL && k < LANES; k++) {
            values[i + k] = *number_column(rows, numbers[k], index, &step);
        }
    }
}

static double apply_one(const apply_kernel *kernel, const cm_model *model,
                        const number_rows *rows, size_t index)
{
    const apply_row_plan *plan = &plan_of(model)->row;
    float values[MAX_SLOTS];
    if (plan->masks == NULL) {
        return scale_and_bias(model, ask_all(model, rows, index));
    }
    gather_lanes(values, plan, rows, index);
    return scale_and_bias(model, kernel->row(model, plan, values));
}

/* ---- any number of rows --------------------------------------------- */

static void apply_tiles(const apply_kernel *kernel, const cm_model *model,
                        const number_rows *rows, size_t n, double *raw)
{
    tile t = {.kernel = kernel, .rows = rows};
    for (; t.first < n; t.first += TILE) {
        t.n = n - t.first < TILE ? n - t.first : TILE;
        apply_tile(&t, model, raw);
    }
}

/* The first n of rows, whose derived numbers are there. */
static void apply_block(const apply_kernel *kernel, const cm_model *model,
                        const number_rows *rows, size_t n, double *raw)
{
    size_t in_tiles = n % TILE < FEW_ROWS ? n - n % TILE : n;
    if (plan_of(model)->n_slots > MAX_SLOTS) {
        in_tiles = 0;
    }
    if (in_tiles > 0) {
        apply_tiles(kernel, model, rows, in_tiles, raw);
    }
    for (size_t i = in_tiles; i < n; i++) {
        raw[i] = apply_one(kernel, model, rows, i);
    }
}

/* The same in blocks, each after its derived numbers. */
static void apply_derived(const apply_kernel *kernel, const cm_model *model,
                          number_rows rows, size_t n, double *raw)
{
    const category_plan *categories = &plan_of(model)->categories;
    float derived[MAX_DERIVED];
    size_t most = MAX_DERIVED / categories->n_derived;
    size_t block = most < BLOCK_ROWS ? most : BLOCK_ROWS;
    for (size_t first = 0; first < n; first += block) {
        size_t count = n - first < block ? n - first : block;
        rows.first = first;
        rows.derived = derived;
        rows.stride = count;
        category_values(derived, categories, model, &rows, count);
        apply_block(kernel, model, &rows, count, raw + first);
    }
}

void apply_with(const apply_kernel *kernel, const cm_model *model,
                const number_rows *rows, size_t n, double *raw)
{
    number_rows all = *rows;
    all.n_features = model->n_features;
    if (plan_of(model)->categories.n_derived == 0) {
        apply_block(kernel, model, &all, n, raw);
        return;
    }
    CM_ASSERT(rows->cats != NULL || rows->cat_rows != NULL);
    apply_derived(kernel, model, all, n, raw);
}

static void apply_best(const cm_model *model, const number_rows *rows, size_t n,
                       double *raw)
{
    bool avx2 = __builtin_cpu_supports("avx2");
    apply_with(avx2 ? &apply_kernel_avx2 : &apply_kernel_plain, model, rows, n,
               raw);
}

void cm_model_apply(const cm_model *model, const float *const *columns,
                    size_t n, double *raw)
{
    cm_model_apply_cats(model, columns, NULL, n, raw);
}

void cm_model_apply_cats(const cm_model *model, const float *const *columns,
                         const uint32_t *const *cats, size_t n, double *raw)
{
    apply_best(model, &(number_rows){.columns = columns, .cats = cats}, n, raw);
}

void cm_model_apply_cats_rows(const cm_model *model, const float *rows,
                              size_t stride, const uint32_t *cats,
                              size_t cat_stride, size_t n, double *raw)
{
    apply_best(model,
               &(number_rows){.rows = rows,
                              .row_stride = stride,
                              .cat_rows = cats,
                              .cat_stride = cat_stride},
               n, raw);
}

double cm_model_apply_row(const cm_model *model, const float *row)
{
    return cm_model_apply_cats_row(model, row, NULL);
}

double cm_model_apply_cats_row(const cm_model *model, const float *row,
                               const uint32_t *cats)
{
    double raw;
    apply_best(model, &(number_rows){.rows = row, .cat_rows = cats}, 1, &raw);
    return raw;
}

double cm_sigmoid(double raw)
{
    return 1 / (1 + exp(-raw));
}
