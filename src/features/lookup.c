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

/* One source of the plan. */
typedef struct source_lookup {
    cm_source_kind kind;
    size_t n_features;
    size_t *features;   /* (n_features) positions in the row */
    float *values;      /* (n_slots, n_features) */
    cm_dictionary keys; /* of all its tables */
    cm_index index;     /* TEXT and INTEGER */
} source_lookup;

/* One field of a row, and the sources that are made of it. */
typedef struct column_lookup {
    const char *name;
    cm_column_kind kind;
    size_t n_sources; /* 2: a time, of hour and weekday */
    const source_lookup *sources[2];
} column_lookup;

struct cm_lookup {
    size_t n_features;
    size_t n_sources;
    source_lookup *sources;
    size_t n_columns;
    column_lookup *columns;
    const char **names; /* (n_columns) */
    cm_arena arena;
};

static bool is_indexed(const source_lookup *source)
{
    return source->kind == CM_SOURCE_TEXT || source->kind == CM_SOURCE_INTEGER;
}

/* Slots of a source: its keys, and one more for all other values. */
static size_t slots_of(const source_lookup *source)
{
    return (size_t)source->keys.n + (is_indexed(source) ? 1 : 0);
}

static cm_status list_features(source_lookup *source, cm_arena *arena,
                               const cm_feature_plan *plan, size_t s,
                               cm_error *err)
{
    source->features =
        cm_arena_alloc(arena, plan->n_features * sizeof *source->features, err);
    if (source->features == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < plan->n_features; f++) {
        if (plan->features[f].source == s) {
            source->features[source->n_features++] = f;
        }
    }
    return CM_OK;
}

/* The keys of all tables that start at this source. */
static cm_status collect_keys(source_lookup *source, cm_arena *arena,
                              const cm_feature_plan *plan, cm_error *err)
{
    if (!is_indexed(source)) {
        source->keys = source->kind == CM_SOURCE_HOUR_OF_DAY
                           ? cm_hour_dictionary
                           : cm_weekday_dictionary;
        return CM_OK;
    }
    const cm_table *last = NULL;
    for (size_t i = 0; i < source->n_features; i++) {
        const cm_table *table = plan->features[source->features[i]].first;
        cm_status status = CM_OK;
        if (last == NULL) {
            source->keys = table->keys;
        } else if (table != last) {
            status = cm_key_union(&source->keys, arena, &source->keys,
                                  &table->keys, err);
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

static cm_status fill_values(source_lookup *source, const cm_feature_plan *plan,
                             cm_error *err)
{
    size_t n = source->n_features;
    size_t n_keys = source->keys.n;
    double *column = cm_alloc(n_keys, sizeof *column, err);
    source->values =
        cm_alloc(slots_of(source), n * sizeof *source->values, err);
    if (column == NULL || source->values == NULL) {
        free(column);
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const cm_feature *feature = &plan->features[source->features[i]];
        cm_feature_over(column, feature, &source->keys);
        for (size_t slot = 0; slot < n_keys; slot++) {
            source->values[slot * n + i] = (float)column[slot];
        }
        if (is_indexed(source)) {
            source->values[n_keys * n + i] = (float)unseen_value(feature);
        }
    }
    free(column);
    return CM_OK;
}

static cm_status build_source(source_lookup *source, cm_arena *arena,
                              const cm_feature_plan *plan, size_t s,
                              cm_error *err)
{
    source->kind = plan->sources[s].kind;
    cm_status status = list_features(source, arena, plan, s, err);
    if (status == CM_OK) {
        status = collect_keys(source, arena, plan, err);
    }
    if (status == CM_OK) {
        status = fill_values(source, plan, err);
    }
    if (status == CM_OK && is_indexed(source)) {
        status = cm_index_init(&source->index, &source->keys, err);
    }
    return status;
}

static cm_column_kind kind_of_column(cm_source_kind kind)
{
    return kind == CM_SOURCE_TEXT      ? CM_COLUMN_TEXT
           : kind == CM_SOURCE_INTEGER ? CM_COLUMN_INTEGER
                                       : CM_COLUMN_TIME;
}

/* Gives each source its column; hour and weekday share theirs. */
static cm_status build_columns(cm_lookup *lookup, const cm_feature_plan *plan,
                               cm_error *err)
{
    for (size_t s = 0; s < lookup->n_sources; s++) {
        const char *name = plan->sources[s].column;
        size_t c = 0;
        while (c < lookup->n_columns &&
               strcmp(lookup->columns[c].name, name) != 0) {
            c++;
        }
        column_lookup *column = &lookup->columns[c];
        if (c == lookup->n_columns) {
            char *copy =
                cm_arena_strdup(&lookup->arena, name, strlen(name), err);
            if (copy == NULL) {
                return CM_ERR_NOMEM;
            }
            *column = (column_lookup){
                .name = copy, .kind = kind_of_column(plan->sources[s].kind)};
            lookup->names[lookup->n_columns++] = copy;
        }
        CM_ASSERT(column->n_sources < 2);
        column->sources[column->n_sources++] = &lookup->sources[s];
    }
    return CM_OK;
}

static cm_status lookup_build(cm_lookup *lookup, const cm_feature_plan *plan,
                              cm_error *err)
{
    size_t n = plan->n_sources;
    lookup->n_features = plan->n_features;
    lookup->sources = cm_alloc_zero(n, sizeof *lookup->sources, err);
    lookup->columns = cm_alloc_zero(n, sizeof *lookup->columns, err);
    lookup->names = cm_alloc_zero(n, sizeof *lookup->names, err);
    if (lookup->sources == NULL || lookup->columns == NULL ||
        lookup->names == NULL) {
        return CM_ERR_NOMEM;
    }
    lookup->n_sources = n;
    for (size_t s = 0; s < n; s++) {
        cm_status status =
            build_source(&lookup->sources[s], &lookup->arena, plan, s, err);
        if (status != CM_OK) {
            return status;
        }
    }
    return build_columns(lookup, plan, err);
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
    free(lookup->columns);
    free(lookup->names);
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

/* A row is looked up some fields at a time.  First it is settled where in its
 * index each will be found, then where its values are, and both are asked for
 * at once: to wait for memory field by field would be most of the work. */
enum { FIELDS_AT_ONCE = 32 };

typedef struct sought {
    const source_lookup *source; /* NULL: a time, which has been put already */
    cm_str field;
    cm_index_entry key;
    uint64_t at; /* where the search in the index starts */
    const float *values;
} sought;

static inline const float *values_of(const source_lookup *source, size_t slot)
{
    return source->values + slot * source->n_features;
}

static inline void put_values(float *row, const source_lookup *source,
                              const float *values)
{
    for (size_t i = 0; i < source->n_features; i++) {
        row[source->features[i]] = values[i];
    }
}

static void put_time(float *row, const column_lookup *column, int64_t time)
{
    for (size_t s = 0; s < column->n_sources; s++) {
        const source_lookup *source = column->sources[s];
        unsigned slot = source->kind == CM_SOURCE_HOUR_OF_DAY
                            ? cm_hour_of_day(time)
                            : cm_day_of_week(time);
        put_values(row, source, values_of(source, slot));
    }
}

/* False when the field is not of its kind. */
static inline bool seek(sought *out, float *row, const column_lookup *column,
                        cm_str field)
{
    int64_t number = 0;
    switch (column->kind) {
    case CM_COLUMN_TEXT:
        out->key = cm_index_key_of_text(field);
        break;
    case CM_COLUMN_INTEGER:
        if (!cm_value_integer(field, &number)) {
            return false;
        }
        out->key = cm_index_key_of_integer(number);
        break;
    default:
        out->source = NULL;
        if (!cm_parse_time(field, &number)) {
            return false;
        }
        put_time(row, column, number);
        return true;
    }
    const cm_index *index = &column->sources[0]->index;
    out->source = column->sources[0];
    out->field = field;
    out->at = cm_index_start(index, &out->key);
    __builtin_prefetch(&index->entries[out->at]);
    return true;
}

static inline void find(sought *s)
{
    if (s->source != NULL) {
        s->values =
            values_of(s->source, cm_index_find_from(&s->source->index, s->at,
                                                    &s->key, s->field));
        __builtin_prefetch(s->values);
    }
}

/* Looks up n fields of neighbouring columns; how many are good, from the
 * first. */
static size_t look_up(float *row, const column_lookup *columns,
                      const cm_str *fields, size_t n)
{
    sought all[FIELDS_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        if (!seek(&all[i], row, &columns[i], fields[i])) {
            return i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        find(&all[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (all[i].source != NULL) {
            put_values(row, all[i].source, all[i].values);
        }
    }
    return n;
}

static cm_status bad_field(const cm_lookup *lookup, size_t c, cm_str field,
                           size_t *bad_column, cm_error *err)
{
    const column_lookup *column = &lookup->columns[c];
    if (bad_column != NULL) {
        *bad_column = c;
    }
    char found[CM_EXCERPT];
    return cm_fail(err, CM_ERR_DATA, "column \"%s\": found %s, expected %s",
                   column->name, cm_excerpt(found, field),
                   cm_value_expected(column->kind));
}

cm_status cm_lookup_row(const cm_lookup *lookup, const cm_str *fields,
                        float *row_out, size_t *bad_column, cm_error *err)
{
    for (size_t c = 0; c < lookup->n_columns; c += FIELDS_AT_ONCE) {
        size_t left = lookup->n_columns - c;
        size_t n = left < FIELDS_AT_ONCE ? left : FIELDS_AT_ONCE;
        size_t good = look_up(row_out, lookup->columns + c, fields + c, n);
        if (good < n) {
            return bad_field(lookup, c + good, fields[c + good], bad_column,
                             err);
        }
    }
    return CM_OK;
}

static bool is_seen(const column_lookup *column, cm_str field)
{
    const cm_index *index = &column->sources[0]->index;
    int64_t number = 0;
    switch (column->kind) {
    case CM_COLUMN_TEXT:
        return cm_index_find_text(index, field) < index->keys->n;
    case CM_COLUMN_INTEGER:
        return cm_value_integer(field, &number) &&
               cm_index_find_integer(index, number) < index->keys->n;
    default:
        return true;
    }
}

void cm_lookup_seen(const cm_lookup *lookup, const cm_str *fields, bool *seen)
{
    for (size_t c = 0; c < lookup->n_columns; c++) {
        const column_lookup *column = &lookup->columns[c];
        bool known = is_seen(column, fields[c]);
        for (size_t s = 0; s < column->n_sources; s++) {
            const source_lookup *source = column->sources[s];
            for (size_t i = 0; i < source->n_features; i++) {
                seen[source->features[i]] = known;
            }
        }
    }
}
