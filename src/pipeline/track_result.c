/* What a training gave: metrics, and the data they come from. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "codec/json.h"
#include "pipeline/track_body.h"

/* ---- metrics ------------------------------------------------------------- */

typedef struct metric {
    const char *key;
    double value;
} metric;

static cm_status log_metrics(cm_run *run, const metric *metrics, size_t n,
                             int64_t step, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status =
            cm_run_log_metric(run, metrics[i].key, metrics[i].value, step, err);
    }
    return status;
}

/* Under the names of metrics.json. */
static cm_status log_quality(cm_run *run, const cm_train_result *result,
                             cm_error *err)
{
    const cm_metrics *m = &result->metrics;
    const metric metrics[] = {
        {"f1_score", m->f1_weighted},
        {"log_loss", m->log_loss},
        {"precision", m->precision},
        {"recall", m->recall},
        {"roc_auc_score", m->roc_auc},
        {"rows", (double)m->rows},
        {"clicks", (double)m->clicks},
        {"base_rate", m->base_rate},
        {"base_log_loss", m->base_log_loss},
        {"mean_prediction", m->mean_prediction},
        {"normalized_entropy", m->normalized_entropy},
        {"calibration_ratio", m->calibration_ratio},
        {"trees", (double)result->n_trees},
    };
    return log_metrics(run, metrics, sizeof metrics / sizeof *metrics, 0, err);
}

static cm_status log_costs(cm_run *run, const cm_train_result *result,
                           cm_error *err)
{
    const cm_train_seconds *s = &result->seconds;
    const metric metrics[] = {
        {"seconds_load", s->load},
        {"seconds_features", s->features},
        {"seconds_train", s->train},
        {"seconds_evaluate", s->evaluate},
        {"seconds_save", s->save},
        {"seconds_report", s->report},
        {"seconds_total", s->total},
        {"bad_rows", (double)result->dataset.ingest.bad_rows},
    };
    return log_metrics(run, metrics, sizeof metrics / sizeof *metrics, 0, err);
}

/* ---- datasets ------------------------------------------------------------ */

typedef struct data_part {
    const char *context, *digest;
    size_t n_rows;
} data_part;

static void put_source(cm_buf *out, const char *path)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "uri", path);
    cm_json_end_object(&w);
}

static void put_profile(cm_buf *out, size_t n_rows, size_t n_columns)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_u64(&w, "num_rows", n_rows);
    cm_json_put_u64(&w, "num_elements", n_rows * n_columns);
    cm_json_end_object(&w);
}

static cm_status add_part(cm_run *run, const cm_train_job *job,
                          const cm_train_facts *facts, const data_part *part,
                          cm_error *err)
{
    const char *path = job->dataset.input;
    cm_buf source = {0}, profile = {0};
    put_source(&source, path);
    put_profile(&profile, part->n_rows, facts->n_columns);
    cm_status status = cm_buf_check(&source, err);
    if (status == CM_OK) {
        status = cm_buf_check(&profile, err);
    }
    if (status == CM_OK) {
        cm_run_dataset dataset = {.name = cm_path_base(path),
                                  .digest = part->digest,
                                  .source_type = "local",
                                  .source = source.p,
                                  .schema = facts->schema,
                                  .profile = profile.p,
                                  .context = part->context};
        status = cm_run_add_dataset(run, &dataset, err);
    }
    cm_buf_release(&source);
    cm_buf_release(&profile);
    return status;
}

static cm_status add_datasets(cm_run *run, const cm_train_job *job,
                              const cm_train_result *result, cm_error *err)
{
    const cm_train_facts *facts = &result->facts;
    const data_part parts[] = {{"train", facts->train_digest, result->n_train},
                               {"eval", facts->val_digest, result->n_val}};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == CM_OK;
         i++) {
        status = add_part(run, job, facts, &parts[i], err);
    }
    return status;
}

cm_status track_result(cm_run *run, const cm_train_job *job,
                       const cm_train_result *result, cm_error *err)
{
    cm_status status = log_quality(run, result, err);
    if (status == CM_OK) {
        status = log_costs(run, result, err);
    }
    if (status == CM_OK) {
        status = add_datasets(run, job, result, err);
    }
    if (status == CM_OK) {
        status =
            cm_run_tag(run, "clickmill.dataset", result->facts.digest, err);
    }
    return status == CM_OK ? cm_run_tag(run, "clickmill.bundle_version",
                                        result->version, err)
                           : status;
}
