/* CtrTransformer: the CTR of each value of an input over the training rows,
 * clicks / (clicks + non-clicks), for the values that have both.  All others
 * get the plain mean of those CTRs.
 *
 * In pandas: t = train.groupby([c, "click"]).size().unstack();
 * ctr = (t[1] / (t[0] + t[1])).dropna(); column.map(ctr).fillna(ctr.mean()) */
#include <math.h>
#include <stdlib.h>

#include "base/tasks.h"
#include "features/histogram.h"
#include "features/names.h"
#include "features/pairwise_sum.h"
#include "features/table.h"
#include "features/value_order.h"

typedef struct ctr_fit {
    const cm_feature_spec *spec;
    cm_ctr_input *inputs;   /* (spec->n_ctr) */
    size_t *source_of;      /* (spec->n_ctr) index into sources */
    cm_source *sources;     /* (n_sources), room for spec->n_ctr */
    cm_source_codes *codes; /* (n_sources) */
    size_t n_sources;
    uint8_t *marks; /* (n_rows) */
    cm_transformers_body *body;
} ctr_fit;

static cm_status resolve_inputs(ctr_fit *fit, const cm_dataset *dataset,
                                const cm_transformers *counts, cm_error *err)
{
    size_t n = fit->spec->n_ctr;
    fit->inputs = cm_alloc(n, sizeof *fit->inputs, err);
    fit->source_of = cm_alloc(n, sizeof *fit->source_of, err);
    fit->sources = cm_alloc(n, sizeof *fit->sources, err);
    if (fit->inputs == NULL || fit->source_of == NULL || fit->sources == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        cm_status status =
            cm_ctr_input_of(&fit->inputs[i], fit->spec->ctr_features[i],
                            dataset, counts, fit->spec, err);
        if (status != CM_OK) {
            return status;
        }
        fit->source_of[i] = cm_source_index(fit->sources, &fit->n_sources,
                                            fit->inputs[i].source);
    }
    return CM_OK;
}

static cm_status mark_rows(ctr_fit *fit, const cm_dataset *dataset,
                           const uint32_t *train, size_t n_train, cm_error *err)
{
    const cm_column *target = cm_dataset_of_kind(dataset, CM_COLUMN_TARGET);
    if (target == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR features are fitted on clicks, and the log has no "
                       "target column");
    }
    const uint8_t *clicks = target->values;
    fit->marks = cm_alloc_zero(dataset->n_rows, 1, err);
    if (fit->marks == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_train; i++) {
        CM_ASSERT(train[i] < dataset->n_rows);
        fit->marks[train[i]] =
            clicks[train[i]] != 0 ? CM_MARK_CLICK : CM_MARK_IMPRESSION;
    }
    return CM_OK;
}

/* A dictionary of integers with its cells, made by grouping. */
typedef struct groups {
    cm_dictionary dictionary;
    uint64_t *cells;
    int64_t *integers;
} groups;

static void groups_release(groups *g)
{
    free(g->cells);
    free(g->integers);
}

/* Groups the codes of a dictionary by the count each has.  Cells add up half
 * by half: neither half can exceed the number of rows. */
static cm_status group_by_count(groups *out, const cm_table *count,
                                const cm_dictionary *dictionary,
                                const uint64_t *cells, cm_error *err)
{
    cm_value_order order = {0};
    cm_feature feature = {.first = count};
    double *values = cm_alloc(dictionary->n, sizeof *values, err);
    cm_status status = values != NULL ? CM_OK : CM_ERR_NOMEM;
    if (status == CM_OK) {
        cm_feature_over(values, &feature, dictionary);
        status = cm_value_order_init(&order, values, cells, dictionary->n, err);
    }
    if (status == CM_OK) {
        out->cells = cm_alloc(order.n, sizeof *out->cells, err);
        out->integers = cm_alloc(order.n, sizeof *out->integers, err);
        status =
            out->cells != NULL && out->integers != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; status == CM_OK && i < order.n; i++) {
        int64_t key = (int64_t)values[order.codes[i]];
        if (n == 0 || out->integers[n - 1] != key) {
            out->integers[n] = key;
            out->cells[n++] = 0;
        }
        out->cells[n - 1] += cells[order.codes[i]];
    }
    out->dictionary = (cm_dictionary){.n = n, .integers = out->integers};
    cm_value_order_release(&order);
    free(values);
    return status;
}

/* The table of the CTRs of a dictionary's codes. */
static cm_status build_table(cm_table *out, cm_arena *arena, cm_table_head head,
                             const cm_dictionary *dictionary,
                             const uint64_t *cells, cm_error *err)
{
    double *values = cm_alloc(dictionary->n, sizeof *values, err);
    if (values == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t code = 0; code < dictionary->n; code++) {
        uint32_t clicks = cm_cell_clicks(cells[code]);
        uint32_t impressions = cm_cell_impressions(cells[code]);
        values[code] = clicks > 0 && clicks < impressions
                           ? (double)clicks / (double)impressions
                           : (double)NAN;
    }
    cm_status status =
        cm_table_build(out, arena, head, dictionary, values, err);
    free(values);
    if (status == CM_OK) {
        out->fallback = out->keys.n > 0
                            ? cm_pairwise_sum(out->values, out->keys.n) /
                                  (double)out->keys.n
                            : (double)NAN;
    }
    return status;
}

static cm_status fit_ctr(void *context, size_t i, cm_error *err)
{
    const ctr_fit *fit = context;
    const cm_ctr_input *input = &fit->inputs[i];
    const cm_source_codes *codes = &fit->codes[fit->source_of[i]];
    const char *name = fit->spec->ctr_features[i];
    cm_table_head head = {name, name, CM_TABLE_CTR, CM_KEY_INTEGER};
    groups g = {{0}, NULL, NULL};
    uint64_t *cells = cm_alloc_zero(codes->dictionary->n, sizeof *cells, err);
    cm_status status = cells != NULL ? CM_OK : CM_ERR_NOMEM;
    if (status == CM_OK) {
        cm_histogram_add(cells, codes, fit->marks);
    }
    if (status == CM_OK && input->count != NULL) {
        status =
            group_by_count(&g, input->count, codes->dictionary, cells, err);
    }
    if (status == CM_OK) {
        if (input->count == NULL && input->source.kind == CM_SOURCE_TEXT) {
            head.key_kind = CM_KEY_TEXT;
        }
        bool grouped = input->count != NULL;
        status = build_table(&fit->body->tables[i], &fit->body->arenas[i], head,
                             grouped ? &g.dictionary : codes->dictionary,
                             grouped ? g.cells : cells, err);
    }
    groups_release(&g);
    free(cells);
    return status;
}

static cm_status fit_all(ctr_fit *fit, const cm_dataset *dataset,
                         const cm_transformers *counts, const uint32_t *train,
                         size_t n_train, int n_threads, cm_error *err)
{
    cm_status status = cm_names_check(fit->spec->ctr_features, fit->spec->n_ctr,
                                      "ctr_features", err);
    if (status == CM_OK) {
        status = resolve_inputs(fit, dataset, counts, err);
    }
    if (status == CM_OK) {
        status = cm_sources_encode(&fit->codes, fit->sources, fit->n_sources,
                                   dataset, n_threads, err);
    }
    if (status == CM_OK) {
        status = mark_rows(fit, dataset, train, n_train, err);
    }
    if (status == CM_OK) {
        status = cm_transformers_body_new(&fit->body, fit->spec->n_ctr, err);
    }
    if (status == CM_OK) {
        status =
            cm_try_parallel(fit->spec->n_ctr, n_threads, fit_ctr, fit, err);
    }
    return status;
}

cm_status cm_ctr_transformer_fit(cm_transformers **out,
                                 const cm_dataset *dataset,
                                 const cm_transformers *counts,
                                 const cm_feature_spec *spec,
                                 const uint32_t *train, size_t n_train,
                                 int n_threads, cm_error *err)
{
    ctr_fit fit = {.spec = spec};
    cm_status status =
        fit_all(&fit, dataset, counts, train, n_train, n_threads, err);
    cm_sources_release(fit.codes, fit.n_sources);
    free(fit.marks);
    free(fit.sources);
    free(fit.source_of);
    free(fit.inputs);
    if (status == CM_OK) {
        *out = &fit.body->face;
    } else if (fit.body != NULL) {
        cm_transformers_free(&fit.body->face);
    }
    return status;
}
