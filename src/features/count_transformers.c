/* Fits the count features of a spec: one table each, but none for the hour and
 * the weekday, which every row has in itself. */
#include "features/count_transformers.h"

#include <stdlib.h>

#include "base/tasks.h"
#include "features/names.h"

typedef struct count_fit {
    const char **names;     /* (n) of the features that have tables */
    cm_source *sources;     /* (n) */
    cm_source_codes *codes; /* (n) */
    size_t n;
    cm_transformers_body *body;
} count_fit;

static cm_status list_tables(count_fit *fit, const cm_dataset *dataset,
                             const cm_feature_spec *spec, cm_error *err)
{
    fit->names = cm_alloc(spec->n_count, sizeof *fit->names, err);
    fit->sources = cm_alloc(spec->n_count, sizeof *fit->sources, err);
    if (fit->names == NULL || fit->sources == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < spec->n_count; i++) {
        cm_count_input input;
        cm_status status =
            cm_count_input_of(&input, spec->count_features[i], dataset, err);
        if (status != CM_OK) {
            return status;
        }
        if (input.has_table) {
            fit->names[fit->n] = spec->count_features[i];
            fit->sources[fit->n++] = input.source;
        }
    }
    return CM_OK;
}

static cm_status fit_count(void *context, size_t i, cm_error *err)
{
    const count_fit *fit = context;
    cm_table *table = &fit->body->tables[i];
    cm_arena *arena = &fit->body->arenas[i];
    if (fit->sources[i].kind == CM_SOURCE_HOUR_OF_DAY) {
        return cm_user_count_fit(table, arena, fit->names[i], &fit->codes[i],
                                 err);
    }
    return cm_device_count_fit(table, arena, fit->names[i], &fit->sources[i],
                               &fit->codes[i], err);
}

cm_status cm_count_transformers_fit(cm_transformers **out,
                                    const cm_dataset *dataset,
                                    const cm_feature_spec *spec, int n_threads,
                                    cm_error *err)
{
    count_fit fit = {0};
    cm_status status = cm_names_check(spec->count_features, spec->n_count,
                                      "count_features", err);
    if (status == CM_OK) {
        status = list_tables(&fit, dataset, spec, err);
    }
    if (status == CM_OK) {
        status = cm_sources_encode(&fit.codes, fit.sources, fit.n, dataset,
                                   n_threads, err);
    }
    if (status == CM_OK) {
        status = cm_transformers_body_new(&fit.body, fit.n, err);
    }
    if (status == CM_OK) {
        status = cm_try_parallel(fit.n, n_threads, fit_count, &fit, err);
    }
    cm_sources_release(fit.codes, fit.n);
    free(fit.sources);
    free(fit.names);
    if (status != CM_OK && fit.body != NULL) {
        cm_transformers_free(&fit.body->face);
    } else if (status == CM_OK) {
        *out = &fit.body->face;
    }
    return status;
}
