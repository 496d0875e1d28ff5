/* n rows, m features, s: score of a row, y: label, p = 1 / (1 + e^-s),
 * d: weighted sum of y - p over a leaf, w: sum of its rows' weights, l2:
 * l2_leaf_reg times the mean weight. */
#include "ref/ref_train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct state {
    const cm_train_set *set;
    const cm_train_options *options;
    double total_weight, l2;
    double *s;      /* (n) */
    uint32_t *leaf; /* (n) */
} state;

static double probability(double s)
{
    return 1 / (1 + exp(-s));
}

static double weight_of(const cm_train_set *set, size_t row)
{
    return set->weights == NULL ? 1 : (double)set->weights[row];
}

static bool is_right(const state *t, cm_split_condition split, size_t row)
{
    return t->set->bins[split.feature][row] > split.border;
}

static void add_side(const state *t, double d, double w, double *numerator,
                     double *denominator)
{
    double mean = w > 0 ? d / (w + t->l2) : 0;
    *numerator += mean * d;
    *denominator += mean * mean * w;
}

/* Score of the tree so far, of `depth` splits, with one more. */
static double score_of(const state *t, cm_split_condition split, uint32_t depth)
{
    double d[2 << REF_MAX_DEPTH] = {0}, w[2 << REF_MAX_DEPTH] = {0};
    for (size_t i = 0; i < t->set->n_rows; i++) {
        uint32_t l = 2 * t->leaf[i] + is_right(t, split, i);
        double weight = weight_of(t->set, i), p = probability(t->s[i]);
        bool newton = cm_score_is_newton(t->options->score_function);
        d[l] += weight * (t->set->labels[i] - p);
        w[l] += weight * (newton ? p * (1 - p) : 1);
    }
    double numerator = 0, denominator = 1e-100;
    for (uint32_t l = 0; l < 2u << depth; l++) {
        add_side(t, d[l], w[l], &numerator, &denominator);
    }
    return !cm_score_is_cosine(t->options->score_function)
               ? numerator
               : numerator / sqrt(denominator);
}

/* The first of the largest scores; features of one border come last. */
static cm_split_condition best_split(const state *t, uint32_t depth)
{
    cm_split_condition best = {0, 0};
    double best_score = -INFINITY;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t f = 0; f < t->set->n_features; f++) {
            uint32_t n_borders = t->set->n_bins[f] - 1u;
            if ((n_borders == 1) != (pass == 1)) {
                continue;
            }
            for (uint32_t b = 0; b < n_borders; b++) {
                double score = score_of(t, (cm_split_condition){f, b}, depth);
                if (score > best_score) {
                    best_score = score;
                    best = (cm_split_condition){f, b};
                }
            }
        }
    }
    return best;
}

static void assign_leaves(const state *t, const ref_tree *tree)
{
    for (size_t i = 0; i < t->set->n_rows; i++) {
        t->leaf[i] = 0;
        for (uint32_t d = 0; d < tree->depth; d++) {
            t->leaf[i] |= (uint32_t)is_right(t, tree->splits[d], i) << d;
        }
    }
}

/* A split all of whose pairs of leaves have an empty member. */
static int redundant_split(const state *t, uint32_t depth)
{
    bool full[1 << REF_MAX_DEPTH] = {false};
    for (size_t i = 0; i < t->set->n_rows; i++) {
        full[t->leaf[i]] = true;
    }
    for (uint32_t d = 0; d < depth; d++) {
        bool useful = false;
        for (uint32_t l = 0; l < 1u << depth; l++) {
            useful |= (l >> d & 1) == 0 && full[l] && full[l | 1u << d];
        }
        if (!useful) {
            return (int)d;
        }
    }
    return -1;
}

static void grow(const state *t, ref_tree *tree)
{
    tree->depth = 0;
    assign_leaves(t, tree);
    while (tree->depth < t->options->depth) {
        tree->splits[tree->depth] = best_split(t, tree->depth);
        tree->depth++;
        assign_leaves(t, tree);
        int redundant = redundant_split(t, tree->depth);
        if (redundant >= 0) {
            tree->depth--;
            for (uint32_t d = (uint32_t)redundant; d < tree->depth; d++) {
                tree->splits[d] = tree->splits[d + 1];
            }
            assign_leaves(t, tree);
            return;
        }
    }
}

/* Sum of the losses with leaf l moved by value[l] + scale * step[l], in more
 * than double precision: rounding must not refuse the last small steps. */
static long double loss_of(const state *t, const double *value,
                           const double *step, double scale)
{
    long double loss = 0;
    for (size_t i = 0; i < t->set->n_rows; i++) {
        uint32_t l = t->leaf[i];
        double s = t->s[i] + value[l] + scale * step[l];
        loss += weight_of(t->set, i) * (log1p(exp(s)) - t->set->labels[i] * s);
    }
    return loss;
}

static void find_steps(const state *t, const double *value, double *step,
                       uint32_t n_leaves)
{
    double d[1 << REF_MAX_DEPTH] = {0}, h[1 << REF_MAX_DEPTH] = {0};
    bool newton = t->options->leaf_estimation_method == CM_LEAF_NEWTON;
    for (size_t i = 0; i < t->set->n_rows; i++) {
        uint32_t l = t->leaf[i];
        double p = probability(t->s[i] + value[l]);
        double weight = weight_of(t->set, i);
        d[l] += weight * (t->set->labels[i] - p);
        h[l] += weight * (newton ? p * (1 - p) : 1);
    }
    for (uint32_t l = 0; l < n_leaves; l++) {
        step[l] = d[l] / (h[l] + t->l2);
    }
}

static void estimate_leaves(const state *t, ref_tree *tree)
{
    uint32_t n_leaves = 1u << tree->depth;
    double value[1 << REF_MAX_DEPTH] = {0}, step[1 << REF_MAX_DEPTH];
    int iterations = t->options->leaf_estimation_iterations;
    for (int i = 0; i < iterations; i++) {
        find_steps(t, value, step, n_leaves);
        long double before = loss_of(t, value, step, 0);
        double scale = 1;
        while (t->options->leaf_estimation_backtracking && i < iterations &&
               !(loss_of(t, value, step, scale) < before)) {
            scale /= 2;
            i++;
        }
        for (uint32_t l = 0; i < iterations && l < n_leaves; l++) {
            value[l] += scale * step[l];
        }
    }
    memset(tree->leaf_weights, 0, sizeof tree->leaf_weights);
    for (size_t i = 0; i < t->set->n_rows; i++) {
        tree->leaf_weights[t->leaf[i]] += weight_of(t->set, i);
    }
    for (uint32_t l = 0; l < n_leaves; l++) {
        tree->leaf_values[l] = t->options->learning_rate * value[l];
    }
}

double ref_train(ref_tree *trees, const cm_train_set *set,
                 const cm_train_options *options)
{
    size_t n = set->n_rows;
    state t = {.set = set,
               .options = options,
               .s = calloc(n, sizeof(double)),
               .leaf = calloc(n, sizeof(uint32_t))};
    double loss = 0;
    if (t.s == NULL || t.leaf == NULL) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        t.total_weight += weight_of(set, i);
        t.s[i] = set->baseline == NULL ? 0 : set->baseline[i];
    }
    t.l2 = options->l2_leaf_reg * t.total_weight / (double)n;
    for (uint32_t k = 0; k < options->iterations; k++) {
        grow(&t, &trees[k]);
        estimate_leaves(&t, &trees[k]);
        for (size_t i = 0; i < n; i++) {
            t.s[i] += trees[k].leaf_values[t.leaf[i]];
        }
    }
    for (size_t i = 0; i < n; i++) {
        loss +=
            weight_of(set, i) * (log1p(exp(t.s[i])) - set->labels[i] * t.s[i]);
    }
    free(t.s);
    free(t.leaf);
    return loss / t.total_weight;
}
