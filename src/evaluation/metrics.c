/* How good probabilities are, each number as scikit-learn 1.x computes it. */
#include "evaluation/metrics.h"

#include <inttypes.h>
#include <math.h>

#include "evaluation/decisions.h"
#include "evaluation/loss.h"
#include "evaluation/raw_loss.h"
#include "evaluation/roc_auc.h"
#include "evaluation/sum.h"

/* What one pass over the rows gathers. */
typedef struct tally {
    cm_sum loss;
    cm_sum predicted[CM_CALIBRATION_BINS];
    uint64_t rows[CM_CALIBRATION_BINS];
    uint64_t clicks[CM_CALIBRATION_BINS];
    confusion decided;
} tally;

static cm_status check_rows(const uint8_t *labels, const double *probabilities,
                            size_t n, cm_error *err)
{
    if (n == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "no rows to evaluate; give a log with at least one");
    }
    if (n > UINT32_MAX) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%zu rows to evaluate, at most %" PRIu32
                       " are handled; evaluate the log in parts",
                       n, UINT32_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        if (!(probabilities[i] >= 0.0 && probabilities[i] <= 1.0)) {
            return cm_fail(err, CM_ERR_DATA,
                           "row %zu: the prediction is %g, expected a "
                           "probability from 0 to 1",
                           i + 1, probabilities[i]);
        }
        if (labels[i] > 1) {
            return cm_fail(err, CM_ERR_DATA,
                           "row %zu: the label is %u, expected 0 or 1", i + 1,
                           (unsigned)labels[i]);
        }
    }
    return CM_OK;
}

static double edge_of(size_t bin)
{
    return (double)bin / CM_CALIBRATION_BINS;
}

/* The bin with low <= p < high, by the bounds as they are reported; 1 belongs
 * to the last. */
static size_t bin_of(double p)
{
    size_t bin = (size_t)(p * CM_CALIBRATION_BINS);
    if (p < edge_of(bin)) {
        bin--;
    } else if (p >= edge_of(bin + 1)) {
        bin++;
    }
    return bin < CM_CALIBRATION_BINS ? bin : CM_CALIBRATION_BINS - 1;
}

static void tally_rows(tally *t, const uint8_t *labels,
                       const double *probabilities, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double p = probabilities[i];
        size_t bin = bin_of(p);
        cm_sum_add(&t->loss, row_loss(labels[i], p));
        cm_sum_add(&t->predicted[bin], p);
        t->rows[bin]++;
        t->clicks[bin] += labels[i];
        t->decided[labels[i]][p > 0.5]++;
    }
}

/* a / b, and what stands for 0 / 0. */
static double ratio(double a, double b, double undefined)
{
    return b > 0.0 ? a / b : undefined;
}

static void set_decisions(cm_metrics *out, const tally *t)
{
    out->precision = confusion_precision(t->decided);
    out->recall = confusion_recall(t->decided);
    out->f1_weighted = confusion_f1_weighted(t->decided);
}

static void set_calibration(cm_metrics *out, const tally *t)
{
    cm_sum predicted = {0};
    for (size_t bin = 0; bin < CM_CALIBRATION_BINS; bin++) {
        double sum = cm_sum_value(&t->predicted[bin]);
        out->calibration[bin] = (cm_calibration_bin){
            .low = edge_of(bin),
            .high = edge_of(bin + 1),
            .count = t->rows[bin],
            .mean_prediction = ratio(sum, (double)t->rows[bin], NAN),
            .click_rate = share_or(t->clicks[bin], t->rows[bin], NAN),
        };
        cm_sum_add(&predicted, sum);
    }
    out->mean_prediction = cm_sum_value(&predicted) / (double)out->rows;
    out->calibration_ratio = ratio(out->mean_prediction, out->base_rate, NAN);
}

cm_status cm_evaluate(cm_metrics *out, const uint8_t *labels,
                      const double *probabilities, size_t n, cm_error *err)
{
    *out = (cm_metrics){.rows = n};
    cm_status status = check_rows(labels, probabilities, n, err);
    if (status != CM_OK) {
        return status;
    }
    tally t = {0};
    tally_rows(&t, labels, probabilities, n);
    out->clicks = t.decided[1][0] + t.decided[1][1];
    out->base_rate = (double)out->clicks / (double)n;
    out->base_log_loss = cm_base_log_loss(out->base_rate);
    out->log_loss = cm_sum_value(&t.loss) / (double)n;
    out->normalized_entropy = ratio(out->log_loss, out->base_log_loss, NAN);
    set_decisions(out, &t);
    set_calibration(out, &t);
    return cm_roc_auc(&out->roc_auc, labels, probabilities, n, err);
}
