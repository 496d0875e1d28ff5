/* CatBoost's "params" object, keys in its own (alphabetical) order.  Left out
 * is what has no meaning for numeric features on one machine, and the number
 * of threads, on which no model depends. */
#include "base/num.h"
#include "codec/json.h"
#include "pipeline/fit_model.h"

bool cm_class_names_are_integers(const char *const names[2])
{
    int64_t value = 0;
    return cm_parse_i64(cm_str_of(names[0]), &value) &&
           cm_parse_i64(cm_str_of(names[1]), &value);
}

/* Stratified is not CatBoost's; what it makes of leaf values is No. */
static const char *bootstrap_name(int bootstrap)
{
    static const char *const names[] = {[CM_BOOTSTRAP_MVS] = "MVS",
                                        [CM_BOOTSTRAP_BAYESIAN] = "Bayesian",
                                        [CM_BOOTSTRAP_BERNOULLI] = "Bernoulli",
                                        [CM_BOOTSTRAP_NO] = "No",
                                        [CM_BOOTSTRAP_STRATIFIED] = "No"};
    return names[bootstrap];
}

static const char *nan_mode_name(cm_nan_mode mode)
{
    static const char *const names[] = {[CM_NAN_MODE_MIN] = "Min",
                                        [CM_NAN_MODE_MAX] = "Max",
                                        [CM_NAN_MODE_FORBIDDEN] = "Forbidden"};
    return names[mode];
}

static const char *leaf_method_name(cm_leaf_method method)
{
    return method == CM_LEAF_NEWTON ? "Newton" : "Gradient";
}

/* CatBoost has the Newton ones on the GPU alone. */
static const char *score_name(cm_score_function function)
{
    return cm_score_is_cosine(function) ? "Cosine" : "L2";
}

static void put_metric(cm_json_writer *w, const char *key, const char *name)
{
    cm_json_begin_object(w, key);
    cm_json_begin_object(w, "params");
    cm_json_end_object(w);
    cm_json_put_text(w, "type", name);
    cm_json_end_object(w);
}

static void put_logloss(cm_json_writer *w, const char *key)
{
    put_metric(w, key, "Logloss");
}

/* CatBoost knows no normalized entropy: Logloss has the same best tree. */
static const char *eval_metric_name(const cm_watch_options *watch)
{
    return watch->on && watch->metric == CM_EVAL_AUC ? "AUC" : "Logloss";
}

static void put_detector(cm_json_writer *w, const cm_watch_options *watch)
{
    static const char *const names[] = {[CM_OD_NONE] = "None",
                                        [CM_OD_INC_TO_DEC] = "IncToDec",
                                        [CM_OD_ITER] = "Iter"};
    cm_json_begin_object(w, "od_config");
    cm_json_put_double(w, "stop_pvalue", watch->on ? watch->od.pval : 0);
    cm_json_put_text(w, "type", names[watch->on ? watch->od.type : CM_OD_NONE]);
    cm_json_put_u64(w, "wait_iterations", watch->on ? watch->od.wait : 20);
    cm_json_end_object(w);
}

static void put_boosting(cm_json_writer *w, const cm_fit_options *options)
{
    const cm_train_options *train = &options->train;
    cm_json_begin_object(w, "boosting_options");
    cm_json_put_bool(w, "approx_on_full_history", false);
    cm_json_put_bool(w, "boost_from_average", train->boost_from_average);
    cm_json_put_text(w, "boosting_type", "Plain");
    cm_json_put_u64(w, "fold_len_multiplier", 2);
    cm_json_put_u64(w, "fold_permutation_block", 0);
    cm_json_put_u64(w, "iterations", train->iterations);
    cm_json_put_double(w, "learning_rate", train->learning_rate);
    cm_json_put_text(w, "model_shrink_mode", "Constant");
    cm_json_put_u64(w, "model_shrink_rate", 0);
    put_detector(w, &options->watch);
    cm_json_put_u64(w, "permutation_count", 4);
    cm_json_put_bool(w, "posterior_sampling", false);
    cm_json_end_object(w);
}

static void put_class_names(cm_json_writer *w, const cm_fit_options *options)
{
    bool integers = cm_class_names_are_integers(options->class_names);
    cm_json_begin_array(w, "class_names");
    for (int i = 0; i < 2; i++) {
        int64_t value = 0;
        cm_str name = cm_str_of(options->class_names[i]);
        if (integers && cm_parse_i64(name, &value)) {
            cm_json_put_i64(w, NULL, value);
        } else {
            cm_json_put_str(w, NULL, name);
        }
    }
    cm_json_end_array(w);
}

static const char *auto_weights_name(const cm_class_weights *weights)
{
    static const char *const names[] = {
        [CM_CLASS_WEIGHTS_NONE] = "None",
        [CM_CLASS_WEIGHTS_BALANCED] = "Balanced",
        [CM_CLASS_WEIGHTS_SQRT_BALANCED] = "SqrtBalanced"};
    return names[weights->automatic];
}

static void put_class_weights(cm_json_writer *w,
                              const cm_class_weights *weights)
{
    cm_json_begin_array(w, "class_weights");
    if (cm_class_weights_matter(weights)) {
        cm_json_put_double(w, NULL, weights->by_class[0]);
        cm_json_put_double(w, NULL, weights->by_class[1]);
    }
    cm_json_end_array(w);
}

static void put_data_processing(cm_json_writer *w,
                                const cm_fit_options *options)
{
    cm_json_begin_object(w, "data_processing_options");
    cm_json_put_bool(w, "allow_const_label", false);
    cm_json_put_text(w, "auto_class_weights",
                     auto_weights_name(&options->class_weights));
    put_class_names(w, options);
    put_class_weights(w, &options->class_weights);
    cm_json_put_u64(w, "classes_count", 0);
    cm_json_put_u64(w, "eval_fraction", 0);
    cm_json_begin_object(w, "float_features_binarization");
    cm_json_put_u64(w, "border_count", options->border_count);
    cm_json_put_text(w, "border_type", "GreedyLogSum");
    cm_json_put_text(w, "nan_mode", nan_mode_name(options->nan_mode));
    cm_json_end_object(w);
    cm_json_put_bool(w, "force_unit_auto_pair_weights", false);
    cm_json_put_bool(w, "has_time", false);
    cm_json_begin_array(w, "ignored_features");
    cm_json_end_array(w);
    cm_json_end_object(w);
}

/* What a user would have passed to CatBoostClassifier for the same model. */
static void put_flat(cm_json_writer *w, const cm_fit_options *options)
{
    const cm_train_options *train = &options->train;
    cm_json_begin_object(w, "flat_params");
    cm_json_put_u64(w, "border_count", options->border_count);
    if (cm_class_weights_matter(&options->class_weights)) {
        put_class_weights(w, &options->class_weights);
    }
    cm_json_put_u64(w, "depth", train->depth);
    cm_json_put_u64(w, "iterations", train->iterations);
    cm_json_put_double(w, "l2_leaf_reg", train->l2_leaf_reg);
    cm_json_put_double(w, "learning_rate", train->learning_rate);
    cm_json_put_text(w, "loss_function", "Logloss");
    cm_json_put_u64(w, "random_seed", train->random_seed);
    cm_json_end_object(w);
}

static void put_metrics(cm_json_writer *w, const cm_watch_options *watch)
{
    cm_json_begin_object(w, "metrics");
    cm_json_begin_array(w, "custom_metrics");
    cm_json_end_array(w);
    put_metric(w, "eval_metric", eval_metric_name(watch));
    put_logloss(w, "objective_metric");
    cm_json_end_object(w);
}

static void put_bootstrap(cm_json_writer *w, const cm_train_options *train)
{
    bool mvs = train->bootstrap == CM_BOOTSTRAP_MVS;
    cm_json_begin_object(w, "bootstrap");
    if (train->bootstrap == CM_BOOTSTRAP_BAYESIAN) {
        cm_json_put_double(w, "bagging_temperature",
                           train->bagging_temperature);
    }
    if (mvs && train->mvs_reg >= 0) {
        cm_json_put_double(w, "mvs_reg", train->mvs_reg);
    } else if (mvs) {
        cm_json_put_null(w, "mvs_reg");
    }
    if (mvs || train->bootstrap == CM_BOOTSTRAP_BERNOULLI) {
        cm_json_put_double(w, "subsample", train->subsample);
    }
    cm_json_put_text(w, "type", bootstrap_name(train->bootstrap));
    cm_json_end_object(w);
}

static void put_penalties(cm_json_writer *w)
{
    cm_json_begin_object(w, "penalties");
    cm_json_begin_object(w, "feature_weights");
    cm_json_end_object(w);
    cm_json_begin_object(w, "first_feature_use_penalties");
    cm_json_end_object(w);
    cm_json_put_u64(w, "penalties_coefficient", 1);
    cm_json_begin_object(w, "per_object_feature_penalties");
    cm_json_end_object(w);
    cm_json_end_object(w);
}

static void put_monotone(cm_json_writer *w, const int8_t *monotone, size_t n)
{
    cm_json_begin_object(w, "monotone_constraints");
    for (size_t f = 0; monotone != NULL && f < n; f++) {
        char position[CM_NUM_TEXT];
        cm_format_u64(position, f);
        if (monotone[f] != 0) {
            cm_json_put_i64(w, position, monotone[f]);
        }
    }
    cm_json_end_object(w);
}

static void put_tree_learner(cm_json_writer *w, const cm_train_options *train,
                             const int8_t *monotone, size_t n_features)
{
    cm_json_begin_object(w, "tree_learner_options");
    cm_json_put_double(w, "bayesian_matrix_reg", (double)0.1f);
    put_bootstrap(w, train);
    cm_json_put_u64(w, "depth", train->depth);
    cm_json_put_text(w, "grow_policy", "SymmetricTree");
    cm_json_put_double(w, "l2_leaf_reg", train->l2_leaf_reg);
    cm_json_put_text(w, "leaf_estimation_backtracking",
                     train->leaf_estimation_backtracking ? "AnyImprovement"
                                                         : "No");
    cm_json_put_i64(w, "leaf_estimation_iterations",
                    train->leaf_estimation_iterations);
    cm_json_put_text(w, "leaf_estimation_method",
                     leaf_method_name(train->leaf_estimation_method));
    cm_json_put_u64(w, "max_leaves", 1ull << train->depth);
    cm_json_put_u64(w, "min_data_in_leaf", train->min_data_in_leaf);
    cm_json_put_double(w, "model_size_reg", 0.5);
    put_monotone(w, monotone, n_features);
    put_penalties(w);
    cm_json_put_text(w, "random_score_type", "NormalWithModelSizeDecrease");
    cm_json_put_double(w, "random_strength", train->random_strength);
    cm_json_put_double(w, "rsm", train->rsm);
    cm_json_put_text(w, "sampling_frequency", "PerTree");
    cm_json_put_text(w, "score_function", score_name(train->score_function));
    cm_json_put_u64(w, "sparse_features_conflict_fraction", 0);
    cm_json_end_object(w);
}

void cm_catboost_params_format(cm_buf *out, const cm_fit_options *options,
                               const int8_t *monotone, size_t n_features)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    put_boosting(&w, options);
    put_data_processing(&w, options);
    cm_json_put_bool(&w, "detailed_profile", false);
    put_flat(&w, options);
    cm_json_put_text(&w, "logging_level", "Silent");
    put_logloss(&w, "loss_function");
    cm_json_begin_object(&w, "metadata");
    cm_json_end_object(&w);
    put_metrics(&w, &options->watch);
    cm_json_begin_object(&w, "pool_metainfo_options");
    cm_json_begin_object(&w, "tags");
    cm_json_end_object(&w);
    cm_json_end_object(&w);
    cm_json_put_u64(&w, "random_seed", options->train.random_seed);
    cm_json_put_text(&w, "task_type", "CPU");
    put_tree_learner(&w, &options->train, monotone, n_features);
    cm_json_end_object(&w);
}
