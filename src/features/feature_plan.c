/* The plan: each named feature resolved to a source and the at most two tables
 * that lead from it. */
#include <stdlib.h>
#include <string.h>

#include "features/names.h"
#include "features/table.h"

typedef struct plan_body {
    cm_feature_plan face;
    cm_arena arena;
    cm_source *sources; /* room for one a feature */
    cm_feature *features;
} plan_body;

static char *copy_name(plan_body *body, const char *name, cm_error *err)
{
    return cm_arena_strdup(&body->arena, name, strlen(name), err);
}

static cm_status unknown_feature(const char *name,
                                 const cm_transformers *counts,
                                 const cm_transformers *ctr, cm_error *err)
{
    const cm_transformers *both[] = {ctr, counts};
    size_t n = 0;
    for (size_t t = 0; t < 2; t++) {
        n += both[t] != NULL ? both[t]->n_tables : 0;
    }
    const char **known = cm_alloc(n, sizeof *known, err);
    if (known == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t used = 0;
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; both[t] != NULL && i < both[t]->n_tables; i++) {
            known[used++] = both[t]->tables[i].name;
        }
    }
    const char *nearest = cm_nearest_word(cm_str_of(name), known, n);
    free(known);
    return cm_fail(err, CM_ERR_USAGE,
                   "feature \"%s\": the fitted transformers have no such "
                   "feature%s%s%s",
                   name, nearest != NULL ? "; did you mean \"" : "",
                   nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "");
}

/* The chain of a CTR table: over a count when its input is one. */
static cm_status chain_ctr(cm_feature *out, const char **input,
                           cm_key_kind *key_kind, const cm_table *table,
                           const cm_transformers *counts, cm_error *err)
{
    const cm_table *count = cm_table_find(counts, table->input);
    if (count == NULL) {
        out->first = table;
        *input = table->input;
        *key_kind = table->key_kind;
        return CM_OK;
    }
    if (table->key_kind != CM_KEY_INTEGER || count->kind != CM_TABLE_COUNT) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\" is a CTR of \"%s\", and the fitted "
                       "tables of the two do not fit together: use the two "
                       "files of one training",
                       table->name, table->input);
    }
    out->first = count;
    out->second = table;
    *input = count->input;
    *key_kind = count->key_kind;
    return CM_OK;
}

static cm_status resolve(cm_feature *out, cm_source *source, const char *name,
                         const cm_transformers *counts,
                         const cm_transformers *ctr, const char *time_column,
                         cm_error *err)
{
    const char *input = name;
    cm_key_kind key_kind = CM_KEY_INTEGER;
    const cm_table *table = cm_table_find(ctr, name);
    cm_status status = CM_OK;
    if (table != NULL) {
        status = chain_ctr(out, &input, &key_kind, table, counts, err);
    } else if ((table = cm_table_find(counts, name)) != NULL) {
        out->first = table;
        input = table->input;
        key_kind = table->key_kind;
    } else if (strcmp(name, CM_HOUR_OF_DAY) != 0 &&
               strcmp(name, CM_DAY_OF_WEEK) != 0) {
        status = unknown_feature(name, counts, ctr, err);
    }
    if (status != CM_OK) {
        return status;
    }
    *source = cm_source_of_input(input, key_kind, time_column);
    if (source->column == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\" needs a log with a time column, and "
                       "the schema names none",
                       name);
    }
    bool derived = source->kind == CM_SOURCE_HOUR_OF_DAY ||
                   source->kind == CM_SOURCE_DAY_OF_WEEK;
    if (derived && key_kind != CM_KEY_INTEGER) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\": a table of \"%s\" has texts as keys, "
                       "where hours and weekdays are integers",
                       name, input);
    }
    return CM_OK;
}

/* One column cannot be text in one table and integer in another. */
static cm_status check_sources(const plan_body *body, size_t n, cm_error *err)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            const cm_source *a = &body->sources[i];
            const cm_source *b = &body->sources[k];
            bool time = a->kind >= CM_SOURCE_HOUR_OF_DAY &&
                        b->kind >= CM_SOURCE_HOUR_OF_DAY;
            if (!time && strcmp(a->column, b->column) == 0) {
                return cm_fail(err, CM_ERR_DATA,
                               "column \"%s\" is of one kind in one fitted "
                               "table and of another in the next: use the two "
                               "files of one training",
                               a->column);
            }
        }
    }
    return CM_OK;
}

static cm_status add_feature(plan_body *body, size_t f, const char *name,
                             const cm_transformers *counts,
                             const cm_transformers *ctr,
                             const char *time_column, cm_error *err)
{
    cm_feature *feature = &body->features[f];
    cm_source source;
    *feature = (cm_feature){0};
    cm_status status =
        resolve(feature, &source, name, counts, ctr, time_column, err);
    if (status != CM_OK) {
        return status;
    }
    size_t n = body->face.n_sources;
    feature->source =
        cm_source_index(body->sources, &body->face.n_sources, source);
    feature->name = copy_name(body, name, err);
    if (feature->name == NULL) {
        return CM_ERR_NOMEM;
    }
    if (body->face.n_sources > n) {
        body->sources[n].column = copy_name(body, source.column, err);
        status = body->sources[n].column != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    return status;
}

cm_status cm_feature_plan_new(cm_feature_plan **out,
                              const cm_transformers *counts,
                              const cm_transformers *ctr,
                              const char *const *names, size_t n,
                              const char *time_column, cm_error *err)
{
    plan_body *body = cm_alloc_zero(1, sizeof *body, err);
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.owner = body;
    body->sources = cm_alloc(n, sizeof *body->sources, err);
    body->features = cm_alloc(n, sizeof *body->features, err);
    cm_status status =
        body->sources != NULL && body->features != NULL ? CM_OK : CM_ERR_NOMEM;
    for (size_t f = 0; f < n && status == CM_OK; f++) {
        status = add_feature(body, f, names[f], counts, ctr, time_column, err);
    }
    if (status == CM_OK) {
        status = check_sources(body, body->face.n_sources, err);
    }
    if (status != CM_OK) {
        cm_feature_plan_free(&body->face);
        return status;
    }
    body->face.sources = body->sources;
    body->face.features = body->features;
    body->face.n_features = n;
    *out = &body->face;
    return CM_OK;
}

void cm_feature_plan_free(cm_feature_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    plan_body *body = plan->owner;
    cm_arena_release(&body->arena);
    free(body->sources);
    free(body->features);
    free(body);
}
