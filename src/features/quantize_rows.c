/* Other rows into the bins of a training set: each code's value finds its bin
 * among borders that are already there. */
#include <math.h>
#include <stdlib.h>

#include "base/tasks.h"
#include "features/quantize_body.h"

typedef struct rows_job {
    binned_body *body;
    const cm_feature_codes *codes;
    const cm_float_feature *features;
    const uint32_t *rows;
} rows_job;

static uint8_t bin_of_value(const cm_float_feature *feature, double value)
{
    if (isnan(value)) {
        bool last = feature->nan_treatment == CM_NAN_AS_TRUE;
        return (uint8_t)(last ? feature->n_borders : 0);
    }
    return (uint8_t)cm_bin_of(feature->borders, feature->n_borders,
                              (float)value);
}

static cm_status bin_feature(void *context, size_t f, cm_error *err)
{
    const rows_job *job = context;
    const cm_feature_codes *codes = job->codes;
    uint8_t *bin_of = cm_alloc(codes->n_codes[f], 1, err);
    if (bin_of == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t code = 0; code < codes->n_codes[f]; code++) {
        bin_of[code] = bin_of_value(&job->features[f], codes->tables[f][code]);
    }
    binned_body_gather(job->body, codes, f, bin_of, job->rows);
    job->body->n_bins[f] = (uint16_t)(job->features[f].n_borders + 1);
    free(bin_of);
    return CM_OK;
}

cm_status cm_quantize_rows(cm_binned **out, const cm_binned *like,
                           const cm_feature_codes *codes, const uint32_t *rows,
                           size_t n_rows, const uint8_t *labels, int n_threads,
                           cm_error *err)
{
    rows_job job = {.codes = codes, .features = like->features, .rows = rows};
    CM_ASSERT(codes->n_features == like->n_features);
    cm_status status =
        binned_body_new(&job.body, codes->n_features, n_rows, err);
    if (status == CM_OK) {
        status = cm_try_parallel(codes->n_features, n_threads, bin_feature,
                                 &job, err);
    }
    if (status != CM_OK) {
        cm_binned_free(job.body != NULL ? &job.body->face : NULL);
        return status;
    }
    binned_body_gather_labels(job.body, rows, labels);
    job.body->face.features = like->features;
    *out = &job.body->face;
    return CM_OK;
}
