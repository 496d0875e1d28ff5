/* Names of features: what they are of, and helpful errors for those that are
 * of nothing. */
#include "features/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "features/table.h"

static bool is_category(const cm_column *column)
{
    return column->kind == CM_COLUMN_TEXT || column->kind == CM_COLUMN_INTEGER;
}

static cm_source source_of_column(const cm_column *column)
{
    return (cm_source){column->kind == CM_COLUMN_TEXT ? CM_SOURCE_TEXT
                                                      : CM_SOURCE_INTEGER,
                       column->name};
}

cm_source cm_source_of_input(const char *input, cm_key_kind key_kind,
                             const char *time_column)
{
    if (strcmp(input, CM_HOUR_OF_DAY) == 0) {
        return (cm_source){CM_SOURCE_HOUR_OF_DAY, time_column};
    }
    if (strcmp(input, CM_DAY_OF_WEEK) == 0) {
        return (cm_source){CM_SOURCE_DAY_OF_WEEK, time_column};
    }
    return (cm_source){
        key_kind == CM_KEY_TEXT ? CM_SOURCE_TEXT : CM_SOURCE_INTEGER, input};
}

cm_status cm_names_check(const char *const *names, size_t n, const char *key,
                         cm_error *err)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(names[i], names[k]) == 0) {
                return cm_fail(err, CM_ERR_USAGE,
                               "%s: \"%s\" stands there twice: remove one", key,
                               names[i]);
            }
        }
    }
    return CM_OK;
}

/* A list of names to choose a suggestion from. */
typedef struct name_list {
    cm_arena arena;
    const char **names;
    size_t n;
    bool failed;
} name_list;

static void list_add(name_list *list, const char *name, const char *suffix)
{
    cm_buf buf = {0};
    cm_buf_adds(&buf, name);
    cm_buf_adds(&buf, suffix);
    char *copy = cm_buf_check(&buf, NULL) == CM_OK
                     ? cm_arena_strdup(&list->arena, buf.p, buf.n, NULL)
                     : NULL;
    cm_buf_release(&buf);
    if (copy != NULL) {
        list->names[list->n++] = copy;
    }
    list->failed = list->failed || copy == NULL;
}

/* Fails with "NAME: PROBLEM; did you mean "NEAREST"?", or with the first names
 * of the list when none is near. */
static cm_status fail_with_names(const name_list *list, const char *key,
                                 const char *name, const char *problem,
                                 cm_error *err)
{
    enum { SHOWN = 8 };
    const char *nearest =
        cm_nearest_word(cm_str_of(name), list->names, list->n);
    if (nearest != NULL) {
        return cm_fail(err, CM_ERR_USAGE, "%s: \"%s\" %s; did you mean \"%s\"?",
                       key, name, problem, nearest);
    }
    cm_buf known = {0};
    for (size_t i = 0; i < list->n && i < SHOWN; i++) {
        cm_buf_addf(&known, "%s\"%s\"", i > 0 ? ", " : "", list->names[i]);
    }
    cm_buf_adds(&known, list->n > SHOWN ? ", …" : "");
    cm_fail(err, CM_ERR_USAGE, "%s: \"%s\" %s; known are: %s", key, name,
            problem, list->n > 0 && known.p != NULL ? known.p : "none");
    cm_buf_release(&known);
    return CM_ERR_USAGE;
}

static cm_status list_init(name_list *list, size_t capacity, cm_error *err)
{
    *list = (name_list){0};
    list->names = cm_alloc(capacity, sizeof *list->names, err);
    return list->names != NULL ? CM_OK : CM_ERR_NOMEM;
}

static void list_release(name_list *list)
{
    cm_arena_release(&list->arena);
    free(list->names);
}

static cm_status unknown_count(const char *name, const cm_dataset *dataset,
                               cm_error *err)
{
    name_list known;
    if (list_init(&known, dataset->n_columns + 3, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    if (cm_dataset_of_kind(dataset, CM_COLUMN_TIME) != NULL) {
        list_add(&known, CM_HOUR_OF_DAY, "");
        list_add(&known, CM_DAY_OF_WEEK, "");
        list_add(&known, CM_USERS_OF_HOUR, "");
    }
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (is_category(&dataset->columns[i])) {
            list_add(&known, dataset->columns[i].name, CM_COUNT_SUFFIX);
        }
    }
    cm_status status = fail_with_names(
        &known, "count_features", name,
        "is not a count of this log (COLUMN_count of a category column, or a "
        "feature of its time)",
        err);
    list_release(&known);
    return status;
}

/* Column X of "X_count"; NULL when there is none. */
static const cm_column *counted_column(const char *name,
                                       const cm_dataset *dataset)
{
    size_t n = strlen(name);
    size_t suffix = strlen(CM_COUNT_SUFFIX);
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const cm_column *column = &dataset->columns[i];
        if (is_category(column) && n == strlen(column->name) + suffix &&
            strncmp(name, column->name, n - suffix) == 0 &&
            strcmp(name + n - suffix, CM_COUNT_SUFFIX) == 0) {
            return column;
        }
    }
    return NULL;
}

static bool is_time_feature(const char *name)
{
    return strcmp(name, CM_HOUR_OF_DAY) == 0 ||
           strcmp(name, CM_DAY_OF_WEEK) == 0 ||
           strcmp(name, CM_USERS_OF_HOUR) == 0;
}

cm_status cm_count_input_of(cm_count_input *out, const char *name,
                            const cm_dataset *dataset, cm_error *err)
{
    if (is_time_feature(name)) {
        const cm_column *time = cm_dataset_of_kind(dataset, CM_COLUMN_TIME);
        if (time == NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "count_features: \"%s\" needs a log with a time "
                           "column, and the schema names none",
                           name);
        }
        bool weekday = strcmp(name, CM_DAY_OF_WEEK) == 0;
        out->source =
            (cm_source){weekday ? CM_SOURCE_DAY_OF_WEEK : CM_SOURCE_HOUR_OF_DAY,
                        time->name};
        out->has_table = strcmp(name, CM_USERS_OF_HOUR) == 0;
        return CM_OK;
    }
    const cm_column *column = counted_column(name, dataset);
    if (column == NULL) {
        return unknown_count(name, dataset, err);
    }
    *out = (cm_count_input){source_of_column(column), true};
    return CM_OK;
}

static bool is_listed(const char *name, const cm_feature_spec *spec)
{
    for (size_t i = 0; i < spec->n_count; i++) {
        if (strcmp(name, spec->count_features[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Why a name is no input of a CTR, said with what would make it one. */
static cm_status unknown_ctr(const char *name, const cm_dataset *dataset,
                             const cm_feature_spec *spec, cm_error *err)
{
    const cm_column *column = cm_dataset_find(dataset, name);
    cm_count_input ignored;
    if (column != NULL && !is_category(column)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "ctr_features: \"%s\" is the %s column, not a category",
                       name, cm_column_kind_name(column->kind));
    }
    if (cm_count_input_of(&ignored, name, dataset, NULL) == CM_OK) {
        return cm_fail(err, CM_ERR_USAGE,
                       "ctr_features: \"%s\" is a count feature that "
                       "count_features does not list: add it there",
                       name);
    }
    name_list known;
    if (list_init(&known, dataset->n_columns + spec->n_count, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < spec->n_count; i++) {
        list_add(&known, spec->count_features[i], "");
    }
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (is_category(&dataset->columns[i])) {
            list_add(&known, dataset->columns[i].name, "");
        }
    }
    cm_status status = fail_with_names(
        &known, "ctr_features", name,
        "is neither a category column of the log nor one of count_features",
        err);
    list_release(&known);
    return status;
}

cm_status cm_ctr_input_of(cm_ctr_input *out, const char *name,
                          const cm_dataset *dataset,
                          const cm_transformers *counts,
                          const cm_feature_spec *spec, cm_error *err)
{
    *out = (cm_ctr_input){0};
    if (is_listed(name, spec)) {
        cm_count_input input;
        cm_status status = cm_count_input_of(&input, name, dataset, err);
        if (status != CM_OK) {
            return status;
        }
        out->source = input.source;
        out->count = input.has_table ? cm_table_find(counts, name) : NULL;
        if (input.has_table && out->count == NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "ctr_features: the count transformers have no "
                           "\"%s\": fit them with the same count_features",
                           name);
        }
        return CM_OK;
    }
    const cm_column *column = cm_dataset_find(dataset, name);
    bool reserved = is_time_feature(name);
    if (column == NULL || !is_category(column) || reserved) {
        return unknown_ctr(name, dataset, spec, err);
    }
    out->source = source_of_column(column);
    return CM_OK;
}
