/* What the configuration says of a training. */
#include <string.h>

#include "base/num.h"
#include "cli/jobs.h"

static bool is_word(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static const char *const BOOTSTRAPS[] = {[CM_BOOTSTRAP_MVS] = "MVS",
                                         [CM_BOOTSTRAP_BAYESIAN] = "Bayesian",
                                         [CM_BOOTSTRAP_BERNOULLI] = "Bernoulli",
                                         [CM_BOOTSTRAP_NO] = "No",
                                         [CM_BOOTSTRAP_STRATIFIED] =
                                             "Stratified"};

const char *cli_bootstrap_name(int bootstrap)
{
    return BOOTSTRAPS[bootstrap];
}

/* auto with parameters of MVS is MVS. */
static int bootstrap_of(const cm_config *config)
{
    for (int b = 0; b <= CM_BOOTSTRAP_STRATIFIED; b++) {
        if (is_word(config->bootstrap_type, BOOTSTRAPS[b])) {
            return b;
        }
    }
    bool mvs = config->subsample >= 0 || config->mvs_reg >= 0;
    return mvs ? (int)CM_BOOTSTRAP_MVS : -1;
}

static const char *const SCORES[] = {[CM_SCORE_COSINE] = "Cosine",
                                     [CM_SCORE_L2] = "L2",
                                     [CM_SCORE_NEWTON_COSINE] = "NewtonCosine",
                                     [CM_SCORE_NEWTON_L2] = "NewtonL2"};

const char *cli_score_name(cm_score_function score)
{
    return score == CM_SCORE_AUTO ? "auto" : SCORES[score];
}

static cm_score_function score_of(const char *word)
{
    for (int s = 0; s <= CM_SCORE_NEWTON_L2; s++) {
        if (is_word(word, SCORES[s])) {
            return (cm_score_function)s;
        }
    }
    return CM_SCORE_AUTO;
}

/* CatBoost chooses a rate by itself only when the leaves are left to it too;
 * otherwise it takes 0.03. */
static double learning_rate_of(const cm_config *config)
{
    bool leaves_set = cm_config_is_set(config, CM_ID_leaf_estimation_method);
    return config->learning_rate < 0 && leaves_set ? 0.03
                                                   : config->learning_rate;
}

static void train_options(cm_train_options *out, const cm_config *config)
{
    cm_train_options_init(out);
    out->iterations = (uint32_t)config->n_estimators;
    out->learning_rate = learning_rate_of(config);
    out->depth = (uint32_t)config->depth;
    out->l2_leaf_reg =
        cm_config_is_set(config, CM_ID_l2_leaf_reg) ? config->l2_leaf_reg : -1;
    out->random_strength = config->random_strength;
    out->bootstrap = bootstrap_of(config);
    out->bagging_temperature = config->bagging_temperature;
    out->subsample = config->subsample;
    out->mvs_reg = config->mvs_reg;
    out->rsm = config->rsm;
    out->score_function = score_of(config->score_function);
    out->leaf_estimation_method =
        is_word(config->leaf_estimation_method, "Gradient") ? CM_LEAF_GRADIENT
                                                            : CM_LEAF_NEWTON;
    out->leaf_estimation_iterations = (int)config->leaf_estimation_iterations;
    out->leaf_estimation_backtracking =
        !is_word(config->leaf_estimation_backtracking, "No");
    out->min_data_in_leaf = (uint32_t)config->min_data_in_leaf;
    out->boost_from_average = config->boost_from_average;
    out->random_seed = (uint64_t)config->random_seed;
    out->n_threads = (int)config->thread_count;
}

static cm_nan_mode nan_mode_of(const cm_config *config)
{
    return is_word(config->nan_mode, "Max")         ? CM_NAN_MODE_MAX
           : is_word(config->nan_mode, "Forbidden") ? CM_NAN_MODE_FORBIDDEN
                                                    : CM_NAN_MODE_MIN;
}

static void class_weights(cm_class_weights *out, const cm_config *config)
{
    const char *automatic = config->auto_class_weights;
    const cm_list *given = &config->class_weights;
    *out = (cm_class_weights){.automatic = is_word(automatic, "Balanced")
                                               ? CM_CLASS_WEIGHTS_BALANCED
                                           : is_word(automatic, "SqrtBalanced")
                                               ? CM_CLASS_WEIGHTS_SQRT_BALANCED
                                               : CM_CLASS_WEIGHTS_NONE};
    if (given->n == 2) {
        out->given =
            cm_parse_double(cm_str_of(given->items[0]), &out->by_class[0]) &&
            cm_parse_double(cm_str_of(given->items[1]), &out->by_class[1]);
    } else if (config->scale_pos_weight != 1) {
        out->given = true;
        out->by_class[0] = 1;
        out->by_class[1] = config->scale_pos_weight;
    }
}

/* As in CatBoost, od_pval alone means IncToDec and od_wait alone Iter. */
static cm_od_type od_type_of(const cm_config *config)
{
    const char *type = config->od_type;
    if (!is_word(type, "auto")) {
        return is_word(type, "IncToDec") ? CM_OD_INC_TO_DEC
               : is_word(type, "Iter")   ? CM_OD_ITER
                                         : CM_OD_NONE;
    }
    return config->od_pval > 0    ? CM_OD_INC_TO_DEC
           : config->od_wait >= 0 ? CM_OD_ITER
                                  : CM_OD_NONE;
}

/* Nothing is watched unless the user asks for something that needs it: the
 * number of trees is then what the configuration says. */
static bool wants_watch(const cm_config *config)
{
    return od_type_of(config) != CM_OD_NONE ||
           !is_word(config->eval_metric, "auto") ||
           is_word(config->use_best_model, "true");
}

static void watch_options(cm_watch_options *out, const cm_config *config)
{
    const char *metric = config->eval_metric;
    *out = (cm_watch_options){
        .on = wants_watch(config),
        .metric = is_word(metric, "AUC") ? CM_EVAL_AUC
                  : is_word(metric, "NormalizedEntropy")
                      ? CM_EVAL_NORMALIZED_ENTROPY
                      : CM_EVAL_LOG_LOSS,
        .od = {od_type_of(config), config->od_pval,
               config->od_wait > 0 ? (uint32_t)config->od_wait : 20},
        .use_best_model = !is_word(config->use_best_model, "false"),
        .best_model_min_trees = (uint32_t)config->best_model_min_trees,
        .metric_period = (uint32_t)config->metric_period};
}

void cli_fit_options(cm_fit_options *out, const cm_config *config,
                     const cm_log *log)
{
    const char *snapshot = config->snapshot_file;
    *out = (cm_fit_options){.border_count = (uint32_t)config->border_count,
                            .nan_mode = nan_mode_of(config),
                            .class_names = {config->class_names.items[0],
                                            config->class_names.items[1]},
                            .monotone = config->monotone_constraints.items,
                            .n_monotone = config->monotone_constraints.n,
                            .snapshot = {snapshot[0] != '\0' ? snapshot : NULL,
                                         config->snapshot_interval},
                            .log = log};
    train_options(&out->train, config);
    class_weights(&out->class_weights, config);
    watch_options(&out->watch, config);
}
