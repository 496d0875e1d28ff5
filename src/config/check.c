/* What single values cannot tell: combinations that make no sense are errors,
 * settings without effect are said. */
#include <string.h>
#include <strings.h>

#include "base/num.h"
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
    bool samples = strcmp(config->bootstrap_type, "auto") == 0 ||
                   strcmp(config->bootstrap_type, "MVS") == 0 ||
                   strcmp(config->bootstrap_type, "Stratified") == 0 ||
                   strcmp(config->bootstrap_type, "Bernoulli") == 0;
    if (config->subsample >= 0 && !samples) {
        return cm_fail_at(err, CM_ERR_USAGE, where_of(config, CM_ID_subsample),
                          "train_params.subsample: bootstrap_type %s takes no "
                          "subsample; use MVS, Bernoulli or Stratified, or "
                          "remove it",
                          config->bootstrap_type);
    }
    return CM_OK;
}

static cm_status check_class_weights(const cm_config *config, cm_error *err)
{
    const cm_list *weights = &config->class_weights;
    cm_where where = where_of(config, CM_ID_class_weights);
    if (weights->n != 0 && weights->n != 2) {
        return cm_fail_at(err, CM_ERR_USAGE, where,
                          "train_params.class_weights: found %zu numbers, "
                          "expected 2: of no click and of click",
                          weights->n);
    }
    for (size_t i = 0; i < weights->n; i++) {
        double value = 0;
        if (!cm_parse_double(cm_str_of(weights->items[i]), &value) ||
            !(value >= 0 && value <= 1e30)) {
            return cm_fail_at(err, CM_ERR_USAGE, where,
                              "train_params.class_weights: found \"%s\", "
                              "expected a number in [0, 1e30]",
                              weights->items[i]);
        }
    }
    int ways = (weights->n > 0) +
               (strcmp(config->auto_class_weights, "None") != 0) +
               (config->scale_pos_weight != 1);
    if (ways > 1) {
        return cm_fail(err, CM_ERR_USAGE,
                       "class_weights, auto_class_weights and "
                       "scale_pos_weight say the same in three ways: keep one");
    }
    return CM_OK;
}

static cm_status check_detector(const cm_config *config, cm_error *err)
{
    if (strcmp(config->od_type, "Iter") == 0 && config->od_pval > 0) {
        return cm_fail_at(err, CM_ERR_USAGE, where_of(config, CM_ID_od_pval),
                          "train_params.od_pval: od_type Iter takes none; use "
                          "IncToDec, or remove it");
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

/* It would be shown, and kept with every run. */
static cm_status check_tracking(const cm_config *config, cm_error *err)
{
    const char *uri = config->mlflow_tracking_uri;
    const char *host = strstr(uri, "://");
    if (host != NULL && memchr(host + 3, '@', strcspn(host + 3, "/")) != NULL) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_mlflow_tracking_uri),
                          "mlflow_tracking_uri: a name and password are no "
                          "part of it; set MLFLOW_TRACKING_USERNAME and "
                          "MLFLOW_TRACKING_PASSWORD");
    }
    return CM_OK;
}

static bool is_model_name(const char *name)
{
    return name[strspn(name, " \t")] != '\0' && strpbrk(name, "/:") == NULL &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* "v3" and "latest" would be taken for versions. */
static bool is_alias(const char *alias)
{
    static const char digits[] = "0123456789";
    bool is_version = (alias[0] == 'v' || alias[0] == 'V') &&
                      alias[1] != '\0' &&
                      alias[1 + strspn(alias + 1, digits)] == '\0';
    return strpbrk(alias, " \t/:.@%?#&\"'") == NULL && !is_version &&
           strcasecmp(alias, "latest") != 0;
}

/* Before a training, since the server would say so at its end. */
static cm_status check_model_names(const cm_config *config, cm_error *err)
{
    const char *name = config->register_model, *alias = config->model_alias;
    if (name[0] != '\0' && !is_model_name(name)) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_register_model),
                          "register_model: found \"%.100s\", expected a name "
                          "without / and :",
                          name);
    }
    if (!is_alias(alias)) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          where_of(config, CM_ID_model_alias),
                          "model_alias: found \"%.100s\", expected letters, "
                          "digits, _ and -, and neither latest nor a version",
                          alias);
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
        status = check_class_weights(config, err);
    }
    if (status == CM_OK) {
        status = check_detector(config, err);
    }
    if (status == CM_OK) {
        status = check_lists(config, err);
    }
    if (status == CM_OK) {
        status = check_tracking(config, err);
    }
    if (status == CM_OK) {
        status = check_model_names(config, err);
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
        strcmp(config->bootstrap_type, "MVS") != 0 &&
        strcmp(config->bootstrap_type, "auto") != 0) {
        cm_info(log, "mvs_reg does nothing with bootstrap_type %s",
                config->bootstrap_type);
    }
    if (strcmp(config->od_type, "IncToDec") == 0 && config->od_pval <= 0) {
        cm_info(log, "od_type IncToDec never stops with od_pval 0, in CatBoost "
                     "too: give od_pval, 1e-10 to 1e-2");
    }
    if (config->model_alias[0] != '\0' && config->register_model[0] == '\0') {
        cm_info(log, "model_alias: without register_model no version is made "
                     "that could have it");
    }
}
