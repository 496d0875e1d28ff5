/* The metrics file. */
#include "pipeline/metrics_json.h"

#include <stddef.h>

static void put_calibration(cm_json_writer *w, const cm_metrics *metrics)
{
    cm_json_begin_array(w, "calibration");
    for (int i = 0; i < CM_CALIBRATION_BINS; i++) {
        const cm_calibration_bin *bin = &metrics->calibration[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_double(w, "low", bin->low);
        cm_json_put_double(w, "high", bin->high);
        cm_json_put_u64(w, "count", bin->count);
        cm_json_put_double(w, "mean_prediction", bin->mean_prediction);
        cm_json_put_double(w, "click_rate", bin->click_rate);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

void cm_metrics_put(cm_json_writer *w, const cm_metrics *metrics)
{
    cm_json_put_double(w, "f1_score", metrics->f1_weighted);
    cm_json_put_double(w, "log_loss", metrics->log_loss);
    cm_json_put_double(w, "precision", metrics->precision);
    cm_json_put_double(w, "recall", metrics->recall);
    cm_json_put_double(w, "roc_auc_score", metrics->roc_auc);
    cm_json_put_u64(w, "rows", metrics->rows);
    cm_json_put_u64(w, "clicks", metrics->clicks);
    cm_json_put_double(w, "base_rate", metrics->base_rate);
    cm_json_put_double(w, "base_log_loss", metrics->base_log_loss);
    cm_json_put_double(w, "mean_prediction", metrics->mean_prediction);
    cm_json_put_double(w, "normalized_entropy", metrics->normalized_entropy);
    cm_json_put_double(w, "calibration_ratio", metrics->calibration_ratio);
    put_calibration(w, metrics);
}

static void put_series(cm_json_writer *w, const char *key,
                       const cm_curve *curve, size_t offset)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < curve->n; i++) {
        const char *point = (const char *)&curve->points[i];
        cm_json_put_double(w, NULL, *(const double *)(point + offset));
    }
    cm_json_end_array(w);
}

void cm_curve_put(cm_json_writer *w, uint32_t best_trees, const cm_curve *curve)
{
    static const struct {
        const char *key;
        size_t offset;
    } series[] = {
        {"train_log_loss", offsetof(cm_curve_point, train_log_loss)},
        {"train_normalized_entropy",
         offsetof(cm_curve_point, train_normalized_entropy)},
        {"log_loss", offsetof(cm_curve_point, log_loss)},
        {"normalized_entropy", offsetof(cm_curve_point, normalized_entropy)},
        {"roc_auc", offsetof(cm_curve_point, auc)}};
    cm_json_put_u64(w, "best_iteration", best_trees - 1);
    cm_json_begin_object(w, "learning_curve");
    cm_json_begin_array(w, "trees");
    for (size_t i = 0; i < curve->n; i++) {
        cm_json_put_u64(w, NULL, curve->points[i].trees);
    }
    cm_json_end_array(w);
    for (size_t s = 0; s < sizeof series / sizeof *series; s++) {
        put_series(w, series[s].key, curve, series[s].offset);
    }
    cm_json_end_object(w);
}
