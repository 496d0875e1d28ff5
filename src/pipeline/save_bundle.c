/* Model, transformers, metrics, profile and self-test into a bundle. */
#include "pipeline/save_bundle.h"

#include "pipeline/metrics_json.h"
#include "score/bundle.h"

static cm_training_profile profile_of(const cm_save_input *input)
{
    cm_training_profile profile = {.base_rate = input->metrics->base_rate,
                                   .mean_prediction =
                                       input->metrics->mean_prediction};
    for (size_t i = 0; i < input->fitted->split.n_val; i++) {
        int bin = (int)(input->probabilities[i] * CM_PROFILE_BINS);
        profile.histogram[bin < CM_PROFILE_BINS ? bin : CM_PROFILE_BINS - 1]++;
    }
    return profile;
}

static const char *name_of_kind(const cm_dataset *dataset, cm_column_kind kind)
{
    const cm_column *column = cm_dataset_of_kind(dataset, kind);
    return column != NULL ? column->name : NULL;
}

static cm_bundle_parts parts_of(const cm_train_job *job,
                                const cm_save_input *input,
                                const char *metrics_json)
{
    const cm_dataset *dataset = input->dataset;
    return (cm_bundle_parts){
        .model = input->model,
        .counts = input->fitted->counts,
        .ctr = input->fitted->ctr,
        .features = job->features.spec.ctr_features,
        .n_features = job->features.spec.n_ctr,
        .id_column = name_of_kind(dataset, CM_COLUMN_ID),
        .target_column = name_of_kind(dataset, CM_COLUMN_TARGET),
        .time_column = name_of_kind(dataset, CM_COLUMN_TIME),
        .schema = job->dataset.schema,
        .config_json = job->config_json,
        .metrics_json = metrics_json,
        .profile = profile_of(input),
        .created = job->created,
        .model_file = job->place.model_file,
        .counts_file = job->place.counts_file,
        .ctr_file = job->place.ctr_file,
        .metrics_file = job->place.metrics_file};
}

static cm_status make_links(const cm_bundle_place *place, cm_error *err)
{
    const char *const links[][2] = {{place->model_link, place->model_file},
                                    {place->counts_link, place->counts_file},
                                    {place->ctr_link, place->ctr_file},
                                    {place->metrics_link, place->metrics_file}};
    cm_status status = CM_OK;
    for (size_t i = 0; i < 4 && status == CM_OK; i++) {
        if (links[i][0] != NULL) {
            status =
                cm_link_into_bundle(links[i][0], place->root, links[i][1], err);
        }
    }
    return status;
}

static void format_metrics(cm_buf *out, const cm_metrics *metrics,
                           const cm_fit_report *fit)
{
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_json_begin_object(&w, NULL);
    cm_metrics_put(&w, metrics);
    if (fit->best_trees > 0) {
        cm_curve_put(&w, fit->best_trees, &fit->curve);
    }
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
}

cm_status cm_save_bundle(char version_out[65], const cm_train_job *job,
                         const cm_save_input *input, cm_error *err)
{
    const cm_split *split = &input->fitted->split;
    cm_arena arena = {0};
    cm_buf metrics = {0};
    cm_str *fields = NULL;
    size_t n_fields = 0;
    format_metrics(&metrics, input->metrics, input->fit);
    cm_status status = cm_buf_check(&metrics, err);
    if (status == CM_OK) {
        status =
            cm_self_test_rows(&fields, &n_fields, &arena, input->fitted->plan,
                              input->dataset, split->val, split->n_val, err);
    }
    if (status == CM_OK) {
        cm_bundle_parts parts = parts_of(job, input, metrics.p);
        parts.self_test_rows = fields;
        parts.n_self_test = n_fields;
        status = cm_bundle_save(job->place.root, &parts, version_out, err);
    }
    if (status == CM_OK) {
        status = make_links(&job->place, err);
    }
    cm_buf_release(&metrics);
    cm_arena_release(&arena);
    return status;
}
