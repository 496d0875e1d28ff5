/* The stage that tells people: a trained model, or a bundle and a log, to a
 * page. */
#include "pipeline/report.h"

#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/report_data.h"
#include "score/score.h"

cm_status cm_write_report(const cm_report_source *source,
                          const cm_report_options *options, cm_error *err)
{
    report_data data = {0};
    cm_status status = report_data_init(&data, source, options, err);
    if (status == CM_OK) {
        status = report_page_save(&data, options, err);
    }
    if (status == CM_OK) {
        status = report_plots_save(&data, options->folder, err);
    }
    report_data_release(&data);
    return status;
}

/* What a source borrows, when there is only a bundle. */
typedef struct rebuilt {
    cm_dataset *dataset;
    cm_split split;
    cm_feature_codes *codes;
    double *probabilities;
} rebuilt;

static void rebuilt_release(rebuilt *r)
{
    free(r->probabilities);
    cm_feature_codes_free(r->codes);
    cm_split_release(&r->split);
    cm_dataset_free(r->dataset);
}

static cm_status read_log(rebuilt *r, const cm_report_job *job, cm_error *err)
{
    cm_make_dataset_report report;
    cm_status status =
        cm_make_dataset(&r->dataset, &report, &job->dataset, err);
    if (status == CM_OK) {
        status = cm_split_dataset(&r->split, r->dataset, &job->features, err);
    }
    return status == CM_OK ? cm_split_sort(&r->split, r->dataset->n_rows, err)
                           : status;
}

static cm_status score(rebuilt *r, const cm_bundle *bundle, int n_threads,
                       cm_error *err)
{
    r->probabilities = cm_alloc(r->split.n_val, sizeof *r->probabilities, err);
    if (r->probabilities == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_feature_codes_new(&r->codes, cm_bundle_plan(bundle),
                                            r->dataset, n_threads, err);
    if (status == CM_OK) {
        status =
            cm_score_codes(cm_bundle_model(bundle), r->codes, r->split.val,
                           r->split.n_val, n_threads, r->probabilities, err);
    }
    return status;
}

static cm_status evaluate(cm_metrics *out, const rebuilt *r, cm_error *err)
{
    uint8_t *labels = NULL;
    cm_status status =
        cm_validation_labels(&labels, r->dataset, &r->split, err);
    if (status == CM_OK) {
        status =
            cm_evaluate(out, labels, r->probabilities, r->split.n_val, err);
    }
    free(labels);
    return status;
}

cm_status cm_report_bundle(cm_report_summary *out, const cm_bundle *bundle,
                           const cm_report_job *job, cm_error *err)
{
    rebuilt r = {0};
    double start = cm_seconds();
    *out = (cm_report_summary){0};
    cm_status status = read_log(&r, job, err);
    if (status == CM_OK) {
        status = score(&r, bundle, job->features.n_threads, err);
    }
    if (status == CM_OK) {
        status = evaluate(&out->metrics, &r, err);
    }
    if (status == CM_OK) {
        const cm_report_source source = {.dataset = r.dataset,
                                         .split = &r.split,
                                         .codes = r.codes,
                                         .model = cm_bundle_model(bundle),
                                         .probabilities = r.probabilities,
                                         .metrics = &out->metrics,
                                         .input = job->dataset.input,
                                         .version = cm_bundle_version(bundle),
                                         .created = cm_bundle_created(bundle)};
        status = cm_write_report(&source, &job->report, err);
    }
    out->n_train = r.split.n_train;
    out->n_val = r.split.n_val;
    out->seconds = cm_seconds() - start;
    rebuilt_release(&r);
    return status;
}
