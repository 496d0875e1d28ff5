/* Training and comparing models, for the tests of boost.  Include after
 * cmocka.h. */
#ifndef TEST_BOOST_MODELS_H
#define TEST_BOOST_MODELS_H

#include <math.h>
#include <string.h>

#include "test_boost_data.h"

static const uint16_t MIXED[12] = {255, 30, 2, 7, 256, 4, 1, 2, 60, 9, 3, 2};

static inline void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance)) {
        fail_msg("%.17g and %.17g differ by %g", a, b, a - b);
    }
}

static inline cm_train_options options_of(uint32_t iterations, uint32_t depth)
{
    cm_train_options options;
    cm_train_options_init(&options);
    options.iterations = iterations;
    options.depth = depth;
    options.learning_rate = 0.2;
    options.n_threads = 2;
    return options;
}

static inline cm_trained *must_train(const cm_train_set *set,
                                     const cm_train_options *options)
{
    cm_trained *trained = NULL;
    cm_error err;
    if (cm_train(&trained, set, options, NULL, NULL, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return trained;
}

static inline bool same_models(const cm_trained *a, const cm_trained *b)
{
    bool same = a->n_trees == b->n_trees &&
                memcmp(&a->train_log_loss, &b->train_log_loss,
                       sizeof a->train_log_loss) == 0;
    for (size_t t = 0; same && t < a->n_trees; t++) {
        const cm_tree *x = &a->trees[t], *y = &b->trees[t];
        size_t n = sizeof(double) << x->depth;
        same =
            x->depth == y->depth &&
            memcmp(x->splits, y->splits, x->depth * sizeof *x->splits) == 0 &&
            memcmp(x->leaf_values, y->leaf_values, n) == 0 &&
            memcmp(x->leaf_weights, y->leaf_weights, n) == 0;
    }
    return same;
}

static inline uint32_t leaf_of(const cm_train_set *set, const cm_tree *tree,
                               size_t i)
{
    uint32_t leaf = 0;
    for (uint32_t d = 0; d < tree->depth; d++) {
        cm_split_condition split = tree->splits[d];
        leaf |= (uint32_t)(set->bins[split.feature][i] > split.border) << d;
    }
    return leaf;
}

static inline double log_loss_of(const cm_train_set *set,
                                 const cm_trained *trained)
{
    double loss = 0;
    for (size_t i = 0; i < set->n_rows; i++) {
        double s = trained->bias;
        for (size_t t = 0; t < trained->n_trees; t++) {
            const cm_tree *tree = &trained->trees[t];
            s += tree->leaf_values[leaf_of(set, tree, i)];
        }
        loss += log1p(exp(s)) - set->labels[i] * s;
    }
    return loss / (double)set->n_rows;
}

#endif
