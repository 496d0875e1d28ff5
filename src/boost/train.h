/* The trainer: binned features and labels in, trees out.  No input or output
 * of its own; the same seed gives the same bits for any thread count. */
#ifndef CM_BOOST_TRAIN_H
#define CM_BOOST_TRAIN_H

#include "base/error.h"
#include "model/model.h"

typedef enum cm_bootstrap {
    CM_BOOTSTRAP_MVS,
    CM_BOOTSTRAP_BAYESIAN,
    CM_BOOTSTRAP_BERNOULLI,
    CM_BOOTSTRAP_NO,
    /* Not CatBoost's.  Splits are chosen on `subsample` (.08) of the rows, the
     * rarer label sampled more densely, leaf values come from all; the training
     * set must be in the order of cm_stratified_order.  Up to 32,768 rows it is
     * the same as No. */
    CM_BOOTSTRAP_STRATIFIED
} cm_bootstrap;

/* What a split is judged by: sums of a d or their cosine, with a = d / (w + l2)
 * of the sums of gradients d and weights w.  The Newton ones have second
 * derivatives for weights. */
typedef enum cm_score_function {
    CM_SCORE_AUTO = -1, /* Cosine; NewtonL2 with a stratified sample */
    CM_SCORE_COSINE,
    CM_SCORE_L2,
    CM_SCORE_NEWTON_COSINE,
    CM_SCORE_NEWTON_L2
} cm_score_function;

static inline bool cm_score_is_newton(cm_score_function score)
{
    return score == CM_SCORE_NEWTON_COSINE || score == CM_SCORE_NEWTON_L2;
}

static inline bool cm_score_is_cosine(cm_score_function score)
{
    return score == CM_SCORE_COSINE || score == CM_SCORE_NEWTON_COSINE;
}

typedef enum cm_leaf_method { CM_LEAF_NEWTON, CM_LEAF_GRADIENT } cm_leaf_method;

/* Names and defaults are CatBoost's; cm_train_options_init sets the defaults
 * that CatBoost 1.2 uses for Logloss on the CPU.  "auto" values are resolved
 * by cm_train_options_resolve from the shape of the data. */
typedef struct cm_train_options {
    uint32_t iterations;    /* 1000 */
    double learning_rate;   /* <= 0: auto */
    uint32_t depth;         /* 6 */
    double l2_leaf_reg;     /* 3; < 0: unset (3, and lets the rate be auto) */
    double random_strength; /* < 0: auto (1; 0 with a stratified sample) */
    int bootstrap;          /* cm_bootstrap, -1: auto (MVS) */
    double bagging_temperature;       /* 1, Bayesian only */
    double subsample;                 /* < 0: auto (.8; 1 below 100 rows) */
    double mvs_reg;                   /* < 0: auto */
    double rsm;                       /* 1 */
    cm_score_function score_function; /* auto */
    cm_leaf_method leaf_estimation_method; /* Newton */
    int leaf_estimation_iterations;        /* <= 0: auto (10, or 1) */
    bool leaf_estimation_backtracking;     /* true: AnyImprovement */
    uint32_t min_data_in_leaf;             /* 1 */
    bool boost_from_average;               /* false */
    uint64_t random_seed;                  /* 0 */
    int n_threads;                         /* <= 0: all */
} cm_train_options;

void cm_train_options_init(cm_train_options *options);

/* Whether splits will be chosen on a stratified sample; options are
 * resolved. */
bool cm_train_samples(const cm_train_options *options, size_t n_rows);

/* What to do when nobody names a bootstrap: Stratified for many rows (200,000)
 * of unbalanced labels (at most 30 % of the rarer), else MVS. */
cm_bootstrap cm_choose_bootstrap(size_t n_rows, size_t n_clicks);

/* Replaces every "auto" by what CatBoost would choose for this shape. */
void cm_train_options_resolve(cm_train_options *options, size_t n_rows,
                              size_t n_features);

/* The binned training set: m features of n rows, column-wise.  bins[f][i] is
 * in [0, n_bins[f]), n_bins[f] <= 256; a feature with one bin is never used. */
typedef struct cm_train_set {
    size_t n_rows;
    size_t n_features;
    const uint8_t *const *bins; /* (m) pointers to (n) */
    const uint16_t *n_bins;     /* (m) */
    const uint8_t *labels;      /* (n): 0 or 1 */
    /* What may be left NULL or 0. */
    const float *weights;   /* (n), not negative: how much a row counts */
    const double *baseline; /* (n): scores to start from (another model's) */
    const int8_t *monotone; /* (m): 1 never falls, -1 never rises, 0 free */
    /* Trees of a training that was interrupted: goes on after them, and gives
     * the bits that it would have given. */
    const cm_tree *first_trees;
    size_t n_first_trees;
} cm_train_set;

typedef struct cm_train_progress {
    uint32_t iteration; /* trees done */
    uint32_t iterations;
    double train_log_loss; /* of all training rows after that tree */
    const cm_tree *tree;   /* the last one, over the full border lists */
} cm_train_progress;

typedef enum cm_train_verdict {
    CM_TRAIN_GO_ON,
    CM_TRAIN_STOP, /* enough: the trees so far are the result */
    CM_TRAIN_ABORT /* CM_ERR_INTERRUPTED */
} cm_train_verdict;

/* Called after each tree from the calling thread. */
typedef cm_train_verdict (*cm_train_callback)(void *context,
                                              const cm_train_progress *p);

/* Trees over the full border lists: split {f, b} is bin > b.  Owns itself. */
typedef struct cm_trained {
    size_t n_trees;
    cm_tree *trees;
    double bias;
    double train_log_loss;
    void *owner; /* private */
} cm_trained;

/* callback may be NULL.  options are resolved inside (a copy). */
CM_MUST_USE cm_status cm_train(cm_trained **out, const cm_train_set *set,
                               const cm_train_options *options,
                               cm_train_callback callback, void *context,
                               cm_error *err);
void cm_trained_free(cm_trained *trained); /* NULL is fine */

#endif
