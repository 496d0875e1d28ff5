/* Training options: CatBoost 1.2's defaults for Logloss on the CPU, what its
 * "auto" values become, and the limits it sets.  Facts from CatBoost's
 * private/libs/options and libs/train_lib/options_helper. */
#include "boost/options.h"

#include <math.h>

#include "boost/sample.h"

enum { MANY_ROWS = 200000 };
static const double UNBALANCED = 0.3;

void cm_train_options_init(cm_train_options *options)
{
    *options = (cm_train_options){
        .iterations = 1000,
        .learning_rate = -1,
        .depth = 6,
        .l2_leaf_reg = -1,
        .random_strength = -1,
        .bootstrap = -1,
        .bagging_temperature = 1,
        .subsample = -1,
        .mvs_reg = -1,
        .rsm = 1,
        .score_function = CM_SCORE_AUTO,
        .leaf_estimation_method = CM_LEAF_NEWTON,
        .leaf_estimation_iterations = -1,
        .leaf_estimation_backtracking = true,
        .min_data_in_leaf = 1,
    };
}

/* CatBoost keeps these options in single precision and reports them so. */
static double to_float(double x)
{
    return (double)(float)x;
}

/* exp(a ln n + b) scaled by how far the iterations are from 1000, at most .5,
 * to six digits; the coefficients were fitted by CatBoost's authors. */
static double auto_learning_rate(const cm_train_options *options, size_t n_rows)
{
    static const double coefficients[2][4] = {
        {0.427, -7.525, -0.917, 2.63},   /* scores start at zero */
        {0.408, -7.299, -0.928, 2.701}}; /* boost_from_average */
    const double *c = coefficients[options->boost_from_average];
    double at_iterations = exp(c[2] * log((double)options->iterations) + c[3]);
    double at_1000 = exp(c[2] * log(1000.0) + c[3]);
    double at_rows = exp(c[0] * log((double)n_rows) + c[1]);
    double rate = fmin(at_rows * at_iterations / at_1000, 0.5);
    return round(rate * 1e6) / 1e6;
}

static void resolve_learning_rate(cm_train_options *options, size_t n_rows)
{
    bool all_unset = options->l2_leaf_reg < 0 &&
                     options->leaf_estimation_iterations <= 0 &&
                     options->leaf_estimation_method == CM_LEAF_NEWTON;
    if (options->learning_rate <= 0) {
        options->learning_rate =
            all_unset ? auto_learning_rate(options, n_rows) : 0.03;
    }
    options->learning_rate = to_float(options->learning_rate);
}

static void resolve_sampling(cm_train_options *options, size_t n_rows)
{
    static const double usual[] = {[CM_BOOTSTRAP_MVS] = 0.8,
                                   [CM_BOOTSTRAP_BAYESIAN] = 1,
                                   [CM_BOOTSTRAP_BERNOULLI] = 0.66,
                                   [CM_BOOTSTRAP_NO] = 1,
                                   [CM_BOOTSTRAP_STRATIFIED] = 0.08};
    if (options->bootstrap < 0) {
        options->bootstrap = CM_BOOTSTRAP_MVS;
    }
    if (options->subsample < 0) {
        bool known = options->bootstrap <= CM_BOOTSTRAP_STRATIFIED;
        options->subsample =
            n_rows >= 100 && known ? usual[options->bootstrap] : 1;
    }
    options->subsample = to_float(options->subsample);
    options->bagging_temperature = to_float(options->bagging_temperature);
    if (options->mvs_reg >= 0) {
        options->mvs_reg = to_float(options->mvs_reg);
    }
}

bool cm_train_samples(const cm_train_options *options, size_t n_rows)
{
    return options->bootstrap == CM_BOOTSTRAP_STRATIFIED &&
           cm_sample_is_partial(n_rows, options->subsample);
}

cm_bootstrap cm_choose_bootstrap(size_t n_rows, size_t n_clicks)
{
    size_t rarer = n_clicks < n_rows - n_clicks ? n_clicks : n_rows - n_clicks;
    bool many = n_rows >= MANY_ROWS;
    bool unbalanced = (double)rarer <= UNBALANCED * (double)n_rows;
    return many && unbalanced ? CM_BOOTSTRAP_STRATIFIED : CM_BOOTSTRAP_MVS;
}

void cm_train_options_resolve(cm_train_options *options, size_t n_rows,
                              size_t n_features)
{
    resolve_learning_rate(options, n_rows);
    resolve_sampling(options, n_rows);
    if (options->leaf_estimation_iterations <= 0) {
        bool small = options->iterations < 200 && n_features < 20;
        bool newton = options->leaf_estimation_method == CM_LEAF_NEWTON;
        options->leaf_estimation_iterations = small ? 1 : newton ? 10 : 40;
    }
    if (options->l2_leaf_reg < 0) {
        options->l2_leaf_reg = 3;
    }
    options->l2_leaf_reg = options->l2_leaf_reg > 0
                               ? to_float(options->l2_leaf_reg)
                               : to_float(1e-20);
    /* What a sample leaves out makes scores as random as they should be. */
    if (options->random_strength < 0) {
        options->random_strength = cm_train_samples(options, n_rows) ? 0 : 1;
    }
    options->random_strength = to_float(options->random_strength);
    if (options->score_function == CM_SCORE_AUTO) {
        options->score_function = cm_train_samples(options, n_rows)
                                      ? CM_SCORE_NEWTON_L2
                                      : CM_SCORE_COSINE;
    }
    options->rsm = to_float(options->rsm);
}

typedef struct limit {
    const char *name;
    double value, above, at_most; /* above < value <= at_most */
} limit;

static cm_status check_limits(const limit *limits, size_t n, cm_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const limit *l = &limits[i];
        if (!(l->value > l->above && l->value <= l->at_most)) {
            return cm_fail(err, CM_ERR_USAGE,
                           "%s is %g; it must be above %g and at most %g",
                           l->name, l->value, l->above, l->at_most);
        }
    }
    return CM_OK;
}

cm_status cm_train_options_check(const cm_train_options *options, cm_error *err)
{
    const double below_zero = -1e-300, huge = 1e30;
    const limit limits[] = {
        {"iterations", options->iterations, 0, 1e9},
        {"depth", options->depth, 0, CM_MAX_DEPTH},
        {"learning_rate", options->learning_rate, 0, huge},
        {"l2_leaf_reg", options->l2_leaf_reg, 0, huge},
        {"random_strength", options->random_strength, below_zero, huge},
        {"rsm", options->rsm, 0, 1},
        {"subsample", options->subsample, 0, 1},
        {"bagging_temperature", options->bagging_temperature, below_zero, huge},
        {"leaf_estimation_iterations", options->leaf_estimation_iterations, 0,
         1e6},
        {"bootstrap type", options->bootstrap, below_zero,
         CM_BOOTSTRAP_STRATIFIED},
    };
    cm_status status =
        check_limits(limits, sizeof limits / sizeof limits[0], err);
    if (status != CM_OK) {
        return status;
    }
    bool weighs_all = options->bootstrap == CM_BOOTSTRAP_BAYESIAN ||
                      options->bootstrap == CM_BOOTSTRAP_NO;
    if (weighs_all && options->subsample < 1) {
        return cm_fail(err, CM_ERR_USAGE,
                       "subsample is %g, but bootstrap type %s takes every "
                       "row; leave subsample out or choose MVS or Bernoulli",
                       options->subsample,
                       options->bootstrap == CM_BOOTSTRAP_NO ? "No"
                                                             : "Bayesian");
    }
    return CM_OK;
}
