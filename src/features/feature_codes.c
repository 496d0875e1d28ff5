/* A plan over a dataset: every feature as one table over the codes of its
 * source, whatever chain of tables it is made of. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "features/source.h"
#include "features/table.h"

typedef struct codes_body {
    cm_feature_codes face;
    cm_source_codes *sources; /* (n_sources) */
    size_t n_sources;
    double **tables;
    uint32_t *n_codes;
    const void **codes;
    uint8_t *widths;
    const cm_feature_plan *plan; /* while it is made */
} codes_body;

static cm_status make_table(void *context, size_t f, cm_error *err)
{
    codes_body *body = context;
    const cm_feature *feature = &body->plan->features[f];
    const cm_source_codes *source = &body->sources[feature->source];
    uint32_t n = source->dictionary->n;
    body->tables[f] = cm_alloc(n, sizeof **body->tables, err);
    if (body->tables[f] == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_feature_over(body->tables[f], feature, source->dictionary);
    body->n_codes[f] = n;
    body->codes[f] = source->codes;
    body->widths[f] = (uint8_t)source->width;
    return CM_OK;
}

static cm_status body_fill(codes_body *body, const cm_dataset *dataset,
                           int n_threads, cm_error *err)
{
    const cm_feature_plan *plan = body->plan;
    size_t n = plan->n_features;
    body->tables = cm_alloc_zero(n, sizeof *body->tables, err);
    body->n_codes = cm_alloc_zero(n, sizeof *body->n_codes, err);
    body->codes = cm_alloc_zero(n, sizeof *body->codes, err);
    body->widths = cm_alloc_zero(n, sizeof *body->widths, err);
    if (body->tables == NULL || body->n_codes == NULL || body->codes == NULL ||
        body->widths == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status =
        cm_sources_encode(&body->sources, plan->sources, plan->n_sources,
                          dataset, n_threads, err);
    if (status != CM_OK) {
        return status;
    }
    body->n_sources = plan->n_sources;
    return cm_try_parallel(n, n_threads, make_table, body, err);
}

cm_status cm_feature_codes_new(cm_feature_codes **out,
                               const cm_feature_plan *plan,
                               const cm_dataset *dataset, int n_threads,
                               cm_error *err)
{
    codes_body *body = cm_alloc_zero(1, sizeof *body, err);
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.owner = body;
    body->face.n_rows = dataset->n_rows;
    body->face.n_features = plan->n_features;
    body->plan = plan;
    cm_status status = body_fill(body, dataset, n_threads, err);
    if (status != CM_OK) {
        cm_feature_codes_free(&body->face);
        return status;
    }
    body->plan = NULL;
    body->face.tables = (const double *const *)body->tables;
    body->face.n_codes = body->n_codes;
    body->face.codes = (const void *const *)body->codes;
    body->face.widths = body->widths;
    *out = &body->face;
    return CM_OK;
}

void cm_feature_codes_free(cm_feature_codes *codes)
{
    if (codes == NULL) {
        return;
    }
    codes_body *body = codes->owner;
    for (size_t f = 0; body->tables != NULL && f < body->face.n_features; f++) {
        free(body->tables[f]);
    }
    cm_sources_release(body->sources, body->n_sources);
    free(body->tables);
    free(body->n_codes);
    free(body->codes);
    free(body->widths);
    free(body);
}

double cm_feature_value(const cm_feature_codes *codes, size_t f, size_t row)
{
    return codes->tables[f][cm_code_at(codes->codes[f], codes->widths[f], row)];
}
