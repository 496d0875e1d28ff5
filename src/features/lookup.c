/* Rows of texts to feature values: for each source an index from value to
 * slot, and for each slot the values of all features of that source in one
 * place. */
#include "features/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/excerpt.h"
#include "data/value.h"
#include "features/key_union.h"
#include "features/lookup_index.h"
#include "features/source.h"
#include "features/table.h"

/* One source of the plan.  No larger than it has to be: a row reads all of
 * them. */
typedef struct source_lookup {
    cm_index index;           /* TEXT and INTEGER */
    float *values;            /* (n_slots, n_features) */
    const uint32_t *features; /* (n_features) positions in the row */
    uint32_t n_features;
    uint32_t column; /* which field of a row it is made of */
    cm_source_kind kind;
} source_lookup;

struct cm_lookup {
    size_t n_features;
    size_t n_sources, n_indexed;
    source_lookup *sources; /* the indexed ones first, then those of times */
    cm_dictionary *keys;    /* (n_sources): of all tables of a source */
    uint32_t *features;     /* (n_features): the sources' lists */
    size_t n_columns;
    const char **names;    /* (n_columns), in the order of the plan */
    cm_column_kind *kinds; /* (n_columns) */
    cm_arena arena;
};

static bool is_indexed(cm_source_kind kind)
{
    return kind == CM_SOURCE_TEXT || kind == CM_SOURCE_INTEGER;
}

static cm_column_kind kind_of_column(cm_source_kind kind)
{
    return kind == CM_SOURCE_TEXT      ? CM_COLUMN_TEXT
           : kind == CM_SOURCE_INTEGER ? CM_COLUMN_INTEGER
                                       : CM_COLUMN_TIME;
}

/* ---- building --------------------------------------------------------- */

/* The column of a source, which may be there: hour and weekday share theirs. */
static cm_status add_column(cm_lookup *lookup, uint32_t *column,
                            const cm_source *source, cm_error *err)
{
    size_t c = 0;
    while (c < lookup->n_columns &&
           strcmp(lookup->names[c], source->column) != 0) {
        c++;
    }
    *column = (uint32_t)c;
    if (c == lookup->n_columns) {
        lookup->kinds[c] = kind_of_column(source->kind);
        lookup->names[c] = cm_arena_strdup(&lookup->arena, source->column,
                                           strlen(source->column), err);
        if (lookup->names[c] == NULL) {
            return CM_ERR_NOMEM;
        }
        lookup->n_columns++;
    }
    return CM_OK;
}

/* Places the sources of a plan: those with an index and those without. */
static cm_status place_sources(cm_lookup *lookup, const cm_feature_plan *plan,
                               cm_error *err)
{
    cm_status status = CM_OK;
    uint32_t *list = lookup->features;
    for (size_t s = 0; s < plan->n_sources; s++) {
        lookup->n_indexed += is_indexed(plan->sources[s].kind);
    }
    size_t next[] = {lookup->n_indexed, 0}; /* times, indexed */
    for (size_t s = 0; s < plan->n_sources && status == CM_OK; s++) {
        cm_source_kind kind = plan->sources[s].kind;
        source_lookup *source = &lookup->sources[next[is_indexed(kind)]++];
        source->kind = kind;
        source->features = list;
        for (size_t f = 0; f < plan->n_features; f++) {
            if (plan->features[f].source == s) {
                *list++ = (uint32_t)f;
            }
        }
        source->n_features = (uint32_t)(list - source->features);
        status = add_column(lookup, &source->column, &plan->sources[s], err);
    }
    return status;
}

/* The keys of all tables that start at this source. */
static cm_status collect_keys(cm_dictionary *keys, const source_lookup *source,
                              cm_arena *arena, const cm_feature_plan *plan,
                              cm_error *err)
{
    if (!is_indexed(source->kind)) {
        *keys = source->kind == CM_SOURCE_HOUR_OF_DAY ? cm_hour_dictionary
                                                      : cm_weekday_dictionary;
        return CM_OK;
    }
    const cm_table *last = NULL;
    for (size_t i = 0; i < source->n_features; i++) {
        const cm_table *table = plan->features[source->features[i]].first;
        cm_status status = CM_OK;
        if (last == NULL) {
            *keys = table->keys;
        } else if (table != last) {
            status = cm_key_union(keys, arena, keys, &table->keys, err);
        }
        if (status != CM_OK) {
            return status;
        }
        last = table;
    }
    return CM_OK;
}

static double unseen_value(const cm_feature *feature)
{
    double first = feature->first->fallback;
    return feature->second == NULL
               ? first
               : cm_table_of_integer(feature->second, (int64_t)first);
}

/* A slot for each key, and one more for all other values. */
static cm_status fill_values(source_lookup *source, const cm_dictionary *keys,
                             const cm_feature_plan *plan, cm_error *err)
{
    size_t n = source->n_features;
    size_t n_keys = keys->n;
    size_t n_slots = n_keys + (is_indexed(source->kind) ? 1 : 0);
    double *column = cm_alloc(n_keys, sizeof *column, err);
    source->values = cm_alloc(n_slots, n * sizeof *source->values, err);
    if (column == NULL || source->values == NULL) {
        free(column);
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const cm_feature *feature = &plan->features[source->features[i]];
        cm_feature_over(column, feature, keys);
        for (size_t slot = 0; slot < n_keys; slot++) {
            source->values[slot * n + i] = (float)column[slot];
        }
        if (is_indexed(source->kind)) {
            source->values[n_keys * n + i] = (float)unseen_value(feature);
        }
    }
    free(column);
    return CM_OK;
}

static cm_status build_source(source_lookup *source, cm_dictionary *keys,
                              cm_arena *arena, const cm_feature_plan *plan,
                              cm_error *err)
{
    cm_status status = collect_keys(keys, source, arena, plan, err);
    if (status == CM_OK) {
        status = fill_values(source, keys, plan, err);
    }
    if (status == CM_OK && is_indexed(source->kind)) {
        status = cm_index_init(&source->index, keys, err);
    }
    return status;
}

static cm_status allocate(cm_lookup *lookup, const cm_feature_plan *plan,
                          cm_error *err)
{
    size_t n = plan->n_sources;
    size_t n_features = plan->n_features;
    lookup->n_features = n_features;
    lookup->sources = cm_alloc_zero(n, sizeof *lookup->sources, err);
    lookup->n_sources = lookup->sources == NULL ? 0 : n;
    lookup->keys = cm_alloc_zero(n, sizeof *lookup->keys, err);
    lookup->features = cm_alloc(n_features, sizeof *lookup->features, err);
    lookup->names = cm_alloc_zero(n, sizeof *lookup->names, err);
    lookup->kinds = cm_alloc_zero(n, sizeof *lookup->kinds, err);
    return lookup->sources && lookup->keys && lookup->features &&
                   lookup->names && lookup->kinds
               ? CM_OK
               : CM_ERR_NOMEM;
}

static cm_status lookup_build(cm_lookup *lookup, const cm_feature_plan *plan,
                              cm_error *err)
{
    cm_status status = allocate(lookup, plan, err);
    if (status == CM_OK) {
        status = place_sources(lookup, plan, err);
    }
    for (size_t s = 0; s < lookup->n_sources && status == CM_OK; s++) {
        status = build_source(&lookup->sources[s], &lookup->keys[s],
                              &lookup->arena, plan, err);
    }
    return status;
}

cm_status cm_lookup_new(cm_lookup **out, const cm_feature_plan *plan,
                        cm_error *err)
{
    cm_lookup *lookup = cm_alloc_zero(1, sizeof *lookup, err);
    if (lookup == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = lookup_build(lookup, plan, err);
    if (status != CM_OK) {
        cm_lookup_free(lookup);
        return status;
    }
    *out = lookup;
    return CM_OK;
}

void cm_lookup_free(cm_lookup *lookup)
{
    if (lookup == NULL) {
        return;
    }
    for (size_t s = 0; s < lookup->n_sources; s++) {
        free(lookup->sources[s].values);
        cm_index_release(&lookup->sources[s].index);
    }
    free(lookup->sources);
    free(lookup->keys);
    free(lookup->features);
    free(lookup->names);
    free(lookup->kinds);
    cm_arena_release(&lookup->arena);
    free(lookup);
}

const char *const *cm_lookup_columns(const cm_lookup *lookup, size_t *n_columns)
{
    *n_columns = lookup->n_columns;
    return lookup->names;
}

size_t cm_lookup_n_features(const cm_lookup *lookup)
{
    return lookup->n_features;
}

/* ---- a row ------------------------------------------------------------ */

enum { GROUP = 32 }; /* sources whose places are asked for before any is read */

static inline void put_values(float *row, const source_lookup *source,
                              size_t slot)
{
    const float *values = source->values + slot * source->n_features;
    for (size_t i = 0; i < source->n_features; i++) {
        row[source->features[i]] = values[i];
    }
}

/* An integer that is not there as it is written; false when it is none. */
static bool find_integer(uint32_t *slot, const source_lookup *source,
                         cm_str field)
{
    int64_t number = 0;
    if (!cm_value_integer(field, &number)) {
        return false;
    }
    *slot = cm_index_find_integer(&source->index, number);
    return true;
}

/* n indexed sources, at most GROUP.  Places are scattered over the memory, so
 * all are asked for before the first is read.  False: a field is not of its
 * kind. */
static bool look_up_group(float *row, const source_lookup *sources, size_t n,
                          const cm_str *fields)
{
    cm_index_key keys[GROUP];
    for (size_t i = 0; i < n; i++) {
        const source_lookup *source = &sources[i];
        keys[i] = cm_index_seek_text(&source->index, fields[source->column]);
        __builtin_prefetch(&source->index.entries[keys[i].at]);
    }
    for (size_t i = 0; i < n; i++) {
        const source_lookup *source = &sources[i];
        cm_str field = fields[source->column];
        uint32_t slot = cm_index_find(&source->index, keys[i], field);
        if (slot == source->index.n && source->kind == CM_SOURCE_INTEGER &&
            !find_integer(&slot, source, field)) {
            return false;
        }
        put_values(row, source, slot);
    }
    return true;
}

/* Hour and weekday of one time are neighbours, which read it once. */
static bool look_up_times(float *row, const cm_lookup *lookup,
                          const cm_str *fields)
{
    int64_t time = 0;
    const source_lookup *before = NULL;
    for (size_t s = lookup->n_indexed; s < lookup->n_sources; s++) {
        const source_lookup *source = &lookup->sources[s];
        if ((before == NULL || before->column != source->column) &&
            !cm_parse_time(fields[source->column], &time)) {
            return false;
        }
        before = source;
        put_values(row, source,
                   source->kind == CM_SOURCE_HOUR_OF_DAY
                       ? cm_hour_of_day(time)
                       : cm_day_of_week(time));
    }
    return true;
}

/* The first field that is not of its kind. */
static cm_status bad_row_failed(const cm_lookup *lookup, const cm_str *fields,
                                size_t *bad_column, cm_error *err)
{
    size_t c = 0;
    while (lookup->kinds[c] == CM_COLUMN_TEXT ||
           cm_value_is(fields[c], lookup->kinds[c])) {
        c++;
        CM_ASSERT(c < lookup->n_columns);
    }
    if (bad_column != NULL) {
        *bad_column = c;
    }
    char found[CM_EXCERPT];
    return cm_fail(err, CM_ERR_DATA, "column \"%s\": found %s, expected %s",
                   lookup->names[c], cm_excerpt(found, fields[c]),
                   cm_value_expected(lookup->kinds[c]));
}

cm_status cm_lookup_row(const cm_lookup *lookup, const cm_str *fields,
                        float *row_out, size_t *bad_column, cm_error *err)
{
    for (size_t s = 0; s < lookup->n_indexed; s += GROUP) {
        size_t left = lookup->n_indexed - s;
        if (!look_up_group(row_out, lookup->sources + s,
                           left < GROUP ? left : GROUP, fields)) {
            return bad_row_failed(lookup, fields, bad_column, err);
        }
    }
    return look_up_times(row_out, lookup, fields)
               ? CM_OK
               : bad_row_failed(lookup, fields, bad_column, err);
}

static bool is_seen(const source_lookup *source, cm_str field)
{
    const cm_index *index = &source->index;
    int64_t number = 0;
    switch (source->kind) {
    case CM_SOURCE_TEXT:
        return cm_index_find_text(index, field) < index->n;
    case CM_SOURCE_INTEGER:
        return cm_value_integer(field, &number) &&
               cm_index_find_integer(index, number) < index->n;
    default:
        return true;
    }
}

void cm_lookup_seen(const cm_lookup *lookup, const cm_str *fields, bool *seen)
{
    for (size_t s = 0; s < lookup->n_sources; s++) {
        const source_lookup *source = &lookup->sources[s];
        bool known = is_seen(source, fields[source->column]);
        for (size_t i = 0; i < source->n_features; i++) {
            seen[source->features[i]] = known;
        }
    }
}
