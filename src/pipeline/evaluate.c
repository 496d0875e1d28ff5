/* Metrics of a labelled log, and the gates they must pass. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "pipeline/scorer.h"

/* All labels and probabilities: a ranking needs them together. */
typedef struct scored {
    size_t n;
    size_t labels_capacity, probabilities_capacity;
    uint8_t *labels;
    double *probabilities;
} scored;

static const char *refuse_label(cm_str label)
{
    bool fine = cm_str_is(label, "0") || cm_str_is(label, "1");
    return fine ? NULL : "expected 0 or 1";
}

static cm_status take(void *context, uint64_t row, bool has_extra,
                      const cm_str *extra, const double *probabilities,
                      size_t n, cm_error *err)
{
    scored *all = context;
    (void)row;
    (void)has_extra;
    for (size_t i = 0; i < n; i++) {
        cm_status status = cm_grow(&all->labels, all->n, &all->labels_capacity,
                                   sizeof *all->labels, err);
        if (status == CM_OK) {
            status = cm_grow(&all->probabilities, all->n,
                             &all->probabilities_capacity,
                             sizeof *all->probabilities, err);
        }
        if (status != CM_OK) {
            return status;
        }
        all->labels[all->n] = extra[i].p[0] == '1';
        all->probabilities[all->n++] = probabilities[i];
    }
    return CM_OK;
}

cm_status cm_evaluate_log(cm_metrics *out, cm_score_log_report *report,
                          const cm_bundle *bundle,
                          const cm_score_log_options *options, cm_error *err)
{
    const char *target = cm_bundle_target_column(bundle);
    scored all = {0};
    cm_score_consumer consumer = {&all, refuse_label, take};
    if (target == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "the bundle names no target column, so there is "
                       "nothing to compare predictions with");
    }
    cm_status status =
        cm_score_log(report, bundle, options, (cm_extra_column){target, false},
                     &consumer, err);
    if (status == CM_OK && all.n == 0) {
        status =
            cm_fail(err, CM_ERR_DATA, "%s: no row to evaluate", options->input);
    }
    if (status == CM_OK) {
        status = cm_evaluate(out, all.labels, all.probabilities, all.n, err);
    }
    free(all.labels);
    free(all.probabilities);
    return status;
}

static void add_gate(cm_buf *out, const char *metric, double value,
                     const char *relation, const char *flag, double limit)
{
    cm_buf_addf(out, "%s%s ", out->n > 0 ? "; " : "", metric);
    cm_buf_add_double(out, value);
    cm_buf_addf(out, " is %s %s ", relation, flag);
    cm_buf_add_double(out, limit);
}

cm_status cm_check_gates(const cm_metrics *metrics, const cm_gates *gates,
                         cm_error *err)
{
    cm_buf failed = {0};
    if (!isnan(gates->max_log_loss) &&
        !(metrics->log_loss <= gates->max_log_loss)) {
        add_gate(&failed, "log_loss", metrics->log_loss, "above",
                 "--max-log-loss", gates->max_log_loss);
    }
    if (!isnan(gates->min_auc) && !(metrics->roc_auc >= gates->min_auc)) {
        add_gate(&failed, "roc_auc", metrics->roc_auc, "not at least",
                 "--min-auc", gates->min_auc);
    }
    cm_status status = cm_buf_check(&failed, err);
    if (status == CM_OK && failed.n > 0) {
        status = cm_fail(err, CM_ERR_GATE, "gate not met: %s", failed.p);
    }
    cm_buf_release(&failed);
    return status;
}
