/* Rows by the values of a column: click rates of the validation rows, and how
 * far the values moved since the training rows.
 *
 * A column can have millions of values.  Those with the most rows are groups of
 * their own, the rest is one more. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "evaluation/groups.h"
#include "pipeline/report_figures.h"

enum {
    GROUPS_SHOWN = 12, /* of a column of the log */
    DRIFT_GROUPS = 20, /* with the one for the rest */
    HOURS = 24,
    SECONDS_OF_HOUR = 3600
};

typedef struct counted {
    uint32_t code;
    uint64_t rows;
} counted;

static int most_rows_first(const void *x, const void *y)
{
    const counted *a = x, *b = y;
    int order = (a->rows < b->rows) - (a->rows > b->rows);
    return order != 0 ? order : (a->code > b->code) - (a->code < b->code);
}

static int by_code(const void *x, const void *y)
{
    const counted *a = x, *b = y;
    return (a->code > b->code) - (a->code < b->code);
}

/* How many of `rows` (n) have each code; to be freed. */
static uint64_t *count_codes(const cm_column *column, const uint32_t *rows,
                             size_t n, cm_error *err)
{
    uint64_t *counts = cm_alloc_zero(column->dictionary.n, sizeof *counts, err);
    for (size_t i = 0; i < n && counts != NULL; i++) {
        counts[cm_column_code(column, rows[i])]++;
    }
    return counts;
}

/* top (at most n_top) gets the codes that have rows, those with the most
 * first; the number of all that have rows in *n_used. */
static cm_status most_frequent(counted *top, size_t *n_top, size_t *n_used,
                               const uint64_t *counts, uint32_t n_codes,
                               cm_error *err)
{
    counted *all = cm_alloc(n_codes, sizeof *all, err);
    size_t n = 0;
    if (all == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t code = 0; code < n_codes; code++) {
        if (counts[code] > 0) {
            all[n++] = (counted){code, counts[code]};
        }
    }
    qsort(all, n, sizeof *all, most_rows_first);
    *n_top = n < *n_top ? n : *n_top;
    *n_used = n;
    memcpy(top, all, *n_top * sizeof *top);
    free(all);
    return CM_OK;
}

/* ---- click rates by value ----------------------------------------------- */

static cm_status fill_rates(report_groups *out, const cm_group *groups,
                            size_t n, cm_arena *arena, cm_error *err)
{
    report_series *values = &out->values;
    cm_status status = report_series_new(values, n, arena, err);
    for (size_t g = 0; g < n && status == CM_OK; g++) {
        double rows = (double)groups[g].rows;
        cm_interval rate = cm_wilson(groups[g].clicks, groups[g].rows, .95);
        bool empty = groups[g].rows == 0;
        values->x[g] = (double)g;
        values->rows[g] = rows;
        values->y[g] = empty ? NAN : (double)groups[g].clicks / rows;
        values->low[g] = empty ? NAN : rate.low;
        values->high[g] = empty ? NAN : rate.high;
        values->predicted[g] = empty ? NAN : groups[g].predicted / rows;
    }
    return status;
}

static cm_status fill_hours(report_data *data, cm_error *err)
{
    const cm_report_source *source = data->source;
    const cm_split *split = source->split;
    const cm_column *time = cm_dataset_of_kind(source->dataset, CM_COLUMN_TIME);
    cm_group groups[HOURS] = {{0}};
    if (time == NULL) {
        return CM_OK;
    }
    for (size_t i = 0; i < split->n_val; i++) {
        int64_t seconds = ((const int64_t *)time->values)[split->val[i]];
        int64_t hour = seconds / SECONDS_OF_HOUR % HOURS;
        uint32_t group = (uint32_t)(hour < 0 ? hour + HOURS : hour);
        cm_group_rows(groups, &group, data->labels + i,
                      source->probabilities + i, 1);
    }
    data->hours.column = "hour of day";
    cm_status status =
        fill_rates(&data->hours, groups, HOURS, &data->arena, err);
    for (int hour = 0; hour < HOURS && status == CM_OK; hour++) {
        char text[CM_NUM_TEXT];
        size_t n = cm_format_u64(text, (uint64_t)hour);
        data->hours.values.names[hour] =
            cm_arena_strdup(&data->arena, text, n, err);
        status = data->hours.values.names[hour] ? CM_OK : CM_ERR_NOMEM;
    }
    return status;
}

/* "50e219e0 (12,345)": the value and its rows. */
static const char *name_of(const cm_column *column, const counted *value,
                           cm_arena *arena, cm_error *err)
{
    char scratch[CM_NUM_TEXT], rows[CM_NUM_TEXT];
    cm_str text = cm_dictionary_text(&column->dictionary, value->code, scratch);
    text = text.n > 0 ? text : CM_STR("none");
    cm_format_count(rows, value->rows);
    return report_say(arena, err, "%.*s (%s)", CM_STR_ARG(text), rows);
}

/* Row by row the place of its code among `top`, n_top for all others; of an
 * arena. */
static uint32_t *places_of(const cm_column *column, const cm_split *split,
                           const counted *top, size_t n_top, cm_arena *arena,
                           cm_error *err)
{
    uint32_t *places =
        cm_arena_alloc(arena, split->n_val * sizeof *places, err);
    uint32_t *place_of = cm_alloc(column->dictionary.n, sizeof *place_of, err);
    if (places != NULL && place_of != NULL) {
        for (uint32_t code = 0; code < column->dictionary.n; code++) {
            place_of[code] = (uint32_t)n_top;
        }
        for (size_t i = 0; i < n_top; i++) {
            place_of[top[i].code] = (uint32_t)i;
        }
        for (size_t i = 0; i < split->n_val; i++) {
            places[i] = place_of[cm_column_code(column, split->val[i])];
        }
    }
    bool failed = place_of == NULL;
    free(place_of);
    return failed ? NULL : places;
}

static cm_status rates_of(report_groups *out, report_data *data,
                          const cm_column *column, const counted *top,
                          size_t n_top, size_t n_used, cm_error *err)
{
    const cm_report_source *source = data->source;
    cm_group groups[GROUPS_SHOWN + 1] = {{0}};
    size_t n_groups = n_top + (n_used > n_top);
    const uint32_t *places =
        places_of(column, source->split, top, n_top, &data->arena, err);
    if (places == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_group_rows(groups, places, data->labels, source->probabilities,
                  source->split->n_val);
    cm_status status = fill_rates(out, groups, n_groups, &data->arena, err);
    for (size_t g = 0; g < n_groups && status == CM_OK; g++) {
        out->values.names[g] = g < n_top
                                   ? name_of(column, &top[g], &data->arena, err)
                                   : "all others";
        status = out->values.names[g] != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    return status;
}

/* Few values stand in their own order, many by their rows. */
static cm_status fill_column(report_data *data, const cm_column *column,
                             cm_error *err)
{
    const cm_split *split = data->source->split;
    counted top[GROUPS_SHOWN];
    size_t n_top = GROUPS_SHOWN, n_used = 0;
    report_groups *out = &data->groups[data->n_groups];
    uint64_t *counts = count_codes(column, split->val, split->n_val, err);
    cm_status status = counts != NULL
                           ? most_frequent(top, &n_top, &n_used, counts,
                                           column->dictionary.n, err)
                           : CM_ERR_NOMEM;
    free(counts);
    if (status == CM_OK && n_used == n_top) {
        qsort(top, n_top, sizeof *top, by_code);
    }
    if (status == CM_OK) {
        status = rates_of(out, data, column, top, n_top, n_used, err);
    }
    if (status == CM_OK) {
        out->column = column->name;
        data->n_groups++;
    }
    return status;
}

cm_status report_groups_fill(report_data *data,
                             const cm_report_options *options, cm_error *err)
{
    cm_status status = fill_hours(data, err);
    for (size_t i = 0; i < options->n_groups && status == CM_OK; i++) {
        const cm_column *column =
            cm_dataset_find(data->source->dataset, options->groups[i]);
        if (column != NULL && column->dictionary.n > 0 &&
            data->n_groups < REPORT_MAX_GROUPS) {
            status = fill_column(data, column, err);
        }
    }
    return status;
}

/* ---- drift ----------------------------------------------------------------
 */

typedef struct moved {
    const char *column;
    double index, unseen;
} moved;

static int most_moved_first(const void *x, const void *y)
{
    const moved *a = x, *b = y;
    int order = (a->index < b->index) - (a->index > b->index);
    return order != 0 ? order : strcmp(a->column, b->column);
}

/* train, val: rows by code.  The last group has all codes but the top ones. */
static cm_status compare(moved *out, const cm_column *column,
                         const uint64_t *train, const uint64_t *val,
                         const cm_split *split, cm_error *err)
{
    uint32_t n_codes = column->dictionary.n;
    uint64_t then[DRIFT_GROUPS] = {0}, now[DRIFT_GROUPS] = {0}, unseen = 0;
    counted top[DRIFT_GROUPS - 1];
    size_t n_top = DRIFT_GROUPS - 1, n_used = 0;
    cm_status status = most_frequent(top, &n_top, &n_used, train, n_codes, err);
    if (status != CM_OK) {
        return status;
    }
    then[n_top] = split->n_train;
    now[n_top] = split->n_val;
    for (size_t g = 0; g < n_top; g++) {
        then[g] = train[top[g].code];
        now[g] = val[top[g].code];
        then[n_top] -= then[g];
        now[n_top] -= now[g];
    }
    for (uint32_t code = 0; code < n_codes; code++) {
        unseen += train[code] == 0 ? val[code] : 0;
    }
    *out = (moved){.column = column->name,
                   .index = cm_stability_index(now, then, n_top + 1),
                   .unseen = (double)unseen / (double)split->n_val};
    return CM_OK;
}

static cm_status compare_column(moved *out, const cm_column *column,
                                const cm_split *split, cm_error *err)
{
    uint64_t *train = count_codes(column, split->train, split->n_train, err);
    uint64_t *val = count_codes(column, split->val, split->n_val, err);
    cm_status status = train != NULL && val != NULL
                           ? compare(out, column, train, val, split, err)
                           : CM_ERR_NOMEM;
    free(train);
    free(val);
    return status;
}

static bool is_category(const cm_column *column)
{
    return (column->kind == CM_COLUMN_TEXT ||
            column->kind == CM_COLUMN_INTEGER) &&
           column->dictionary.n > 0;
}

cm_status report_drift_fill(report_data *data, cm_error *err)
{
    const cm_dataset *dataset = data->source->dataset;
    moved *all = cm_alloc(dataset->n_columns, sizeof *all, err);
    size_t n = 0;
    cm_status status = all != NULL ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < dataset->n_columns && status == CM_OK; i++) {
        if (is_category(&dataset->columns[i])) {
            status = compare_column(&all[n++], &dataset->columns[i],
                                    data->source->split, err);
        }
    }
    if (status == CM_OK) {
        qsort(all, n, sizeof *all, most_moved_first);
        n = n < REPORT_DRIFT_SHOWN ? n : REPORT_DRIFT_SHOWN;
        status = report_series_new(&data->drift, n, &data->arena, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        data->drift.names[i] = all[i].column;
        data->drift.x[i] = all[i].index;
        data->drift.y[i] = all[i].unseen;
    }
    free(all);
    return status;
}
