/* What single values cannot tell: combinations that make no sense are errors,
 * settings without effect are said. */
#include <string.h>

#include "config/config.h"

static cm_where where_of(const cm_config *config, int id)
{
    return config->origins[id].where;
}

static cm_status check_class_names(const cm_config *config, cm_error *err)
{
    const cm_list *names = &config->class_names;
    if (names->n != 2) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_class_names),
                          "train_params.class_names: found %zu names, expected "
                          "2: of no click and of click",
                          names->n);
    }
    if (strcmp(names->items[0], names->items[1]) == 0) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_class_names),
                          "train_params.class_names: both classes are called "
                          "%s",
                          names->items[0]);
    }
    return CM_OK;
}

static cm_status check_subsample(const cm_config *config, cm_error *err)
{
    bool samples = strcmp(config->bootstrap_type, "MVS") == 0 ||
                   strcmp(config->bootstrap_type, "Bernoulli") == 0 ||
                   strcmp(config->bootstrap_type, "Stratified") == 0;
    if (config->subsample >= 0 && !samples) {
        return cm_fail_at(
            err, CM_ERR_USAGE, where_of(config, CM_ID_subsample),
            "train_params.subsample: bootstrap_type %s takes no "
            "subsample; use MVS, Bernoulli or Stratified, or remove "
            "it",
            config->bootstrap_type);
    }
    return CM_OK;
}

static cm_status check_lists(const cm_config *config, cm_error *err)
{
    if (config->ctr_features.n == 0) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_ctr_features),
                          "feature_params.ctr_features: the list is empty, "
                          "expected the features of the model");
    }
    return CM_OK;
}

cm_status cm_config_check(const cm_config *config, cm_error *err)
{
    cm_status status = check_class_names(config, err);
    if (status == CM_OK) {
        status = check_subsample(config, err);
    }
    if (status == CM_OK) {
        status = check_lists(config, err);
    }
    if (status == CM_OK && config->verbose && config->quiet) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "verbose and quiet contradict each other");
    }
    return status;
}

void cm_config_say_unused(const cm_config *config, const cm_log *log)
{
    if (cm_config_is_set(config, CM_ID_bagging_temperature) &&
        strcmp(config->bootstrap_type, "Bayesian") != 0) {
        cm_info(log,
                "bagging_temperature does nothing with bootstrap_type %s, in "
                "CatBoost too: it belongs to Bayesian",
                config->bootstrap_type);
    }
    if (cm_config_is_set(config, CM_ID_mvs_reg) &&
        strcmp(config->bootstrap_type, "MVS") != 0) {
        cm_info(log, "mvs_reg does nothing with bootstrap_type %s",
                config->bootstrap_type);
    }
    if (config->use_mlflow) {
        cm_info(log, "use_mlflow: runs are not logged to MLflow yet");
    }
}
