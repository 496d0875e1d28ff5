/* Features by counting rows. */
#include "ref/ref_features.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { KEY = 128 };

/* The value of one input in every row: as text, and as a number where it is
 * one. */
typedef struct inputs {
    char (*text)[KEY]; /* (n_rows) */
    double *number;    /* (n_rows) */
    bool is_text;
} inputs;

static void *allocate(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size);
    CM_ASSERT(p != NULL);
    return p;
}

static inputs inputs_new(size_t n)
{
    return (inputs){allocate(n, KEY), allocate(n, sizeof(double)), false};
}

static void inputs_free(inputs *in)
{
    free(in->text);
    free(in->number);
}

static void set_number(inputs *in, size_t row, double number)
{
    in->number[row] = number;
    snprintf(in->text[row], KEY, "%.0f", number);
}

static void raw_column(inputs *in, const cm_dataset *dataset, const char *name)
{
    const cm_column *column = cm_dataset_find(dataset, name);
    CM_ASSERT(column != NULL);
    in->is_text = column->kind == CM_COLUMN_TEXT;
    for (size_t row = 0; row < dataset->n_rows; row++) {
        char scratch[CM_NUM_TEXT];
        uint32_t code = cm_column_code(column, row);
        cm_str text = cm_dictionary_text(&column->dictionary, code, scratch);
        CM_ASSERT(text.n < KEY);
        snprintf(in->text[row], KEY, "%.*s", CM_STR_ARG(text));
        in->number[row] =
            in->is_text ? 0 : (double)column->dictionary.integers[code];
    }
}

static void time_column(inputs *in, const cm_dataset *dataset,
                        unsigned (*part)(int64_t))
{
    const cm_column *time = cm_dataset_of_kind(dataset, CM_COLUMN_TIME);
    for (size_t row = 0; row < dataset->n_rows; row++) {
        set_number(in, row, part(((const int64_t *)time->values)[row]));
    }
}

/* Rows of the whole input with the value that each row has. */
static void count_rows(inputs *out, const inputs *in, size_t n)
{
    for (size_t row = 0; row < n; row++) {
        double count = 0;
        for (size_t other = 0; other < n; other++) {
            count += strcmp(in->text[row], in->text[other]) == 0;
        }
        set_number(out, row, count);
    }
}

static void count_feature(inputs *out, const cm_dataset *dataset,
                          const char *name)
{
    if (strcmp(name, "hour_of_day") == 0) {
        time_column(out, dataset, cm_hour_of_day);
        return;
    }
    if (strcmp(name, "day_of_week") == 0) {
        time_column(out, dataset, cm_day_of_week);
        return;
    }
    inputs in = inputs_new(dataset->n_rows);
    if (strcmp(name, "hourly_user_count") == 0) {
        time_column(&in, dataset, cm_hour_of_day);
    } else {
        char column[KEY];
        snprintf(column, sizeof column, "%.*s",
                 (int)(strlen(name) - strlen("_count")), name);
        raw_column(&in, dataset, column);
    }
    count_rows(out, &in, dataset->n_rows);
    inputs_free(&in);
}

static bool listed(const char *name, const cm_feature_spec *spec)
{
    for (size_t i = 0; i < spec->n_count; i++) {
        if (strcmp(name, spec->count_features[i]) == 0) {
            return true;
        }
    }
    return false;
}

double ref_sum(const double *values, size_t n)
{
    double r[8];
    if (n > 128) {
        size_t half = n / 2 - n / 2 % 8;
        return ref_sum(values, half) + ref_sum(values + half, n - half);
    }
    double sum = 0;
    size_t whole = n / 8 * 8;
    if (whole > 0) {
        memcpy(r, values, sizeof r);
        for (size_t i = 8; i < whole; i++) {
            r[i % 8] += values[i];
        }
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (size_t i = whole; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

/* Whether the value of row a comes before that of row b. */
static bool before(const inputs *in, size_t a, size_t b)
{
    return in->is_text ? strcmp(in->text[a], in->text[b]) < 0
                       : in->number[a] < in->number[b];
}

/* A kept value, by one of the rows that have it. */
typedef struct kept {
    size_t row;
    double ctr;
} kept;

static double mean_of_kept(const inputs *in, kept *list, size_t n)
{
    double *sorted = allocate(n, sizeof *sorted);
    for (size_t i = 0; i < n; i++) {
        size_t rank = 0;
        for (size_t k = 0; k < n; k++) {
            rank += before(in, list[k].row, list[i].row);
        }
        sorted[rank] = list[i].ctr;
    }
    double mean = n > 0 ? ref_sum(sorted, n) / (double)n : (double)NAN;
    free(sorted);
    return mean;
}

/* Clicks over impressions of the training rows that share a row's value; NaN
 * when they are all alike or there are none. */
static double ctr_of_row(const inputs *in, size_t row, const uint8_t *clicks,
                         const uint32_t *train, size_t n_train)
{
    double impressions = 0;
    double clicked = 0;
    for (size_t i = 0; i < n_train; i++) {
        if (strcmp(in->text[row], in->text[train[i]]) == 0) {
            impressions += 1;
            clicked += clicks[train[i]];
        }
    }
    return clicked > 0 && clicked < impressions ? clicked / impressions
                                                : (double)NAN;
}

static void ctr_feature(double *out, size_t stride, const inputs *in,
                        const cm_dataset *dataset, const uint32_t *train,
                        size_t n_train)
{
    const uint8_t *clicks =
        cm_dataset_of_kind(dataset, CM_COLUMN_TARGET)->values;
    kept *list = allocate(dataset->n_rows, sizeof *list);
    size_t n = 0;
    for (size_t row = 0; row < dataset->n_rows; row++) {
        double ctr = ctr_of_row(in, row, clicks, train, n_train);
        bool first = !isnan(ctr);
        for (size_t k = 0; k < n && first; k++) {
            first = strcmp(in->text[list[k].row], in->text[row]) != 0;
        }
        if (first) {
            list[n++] = (kept){row, ctr};
        }
        out[row * stride] = ctr;
    }
    double mean = mean_of_kept(in, list, n);
    for (size_t row = 0; row < dataset->n_rows; row++) {
        if (isnan(out[row * stride])) {
            out[row * stride] = mean;
        }
    }
    free(list);
}

void ref_features(double *values, const cm_dataset *dataset,
                  const cm_feature_spec *spec, const uint32_t *train,
                  size_t n_train)
{
    size_t stride = spec->n_count + spec->n_ctr;
    for (size_t f = 0; f < stride; f++) {
        bool ctr = f >= spec->n_count;
        const char *name = ctr ? spec->ctr_features[f - spec->n_count]
                               : spec->count_features[f];
        inputs in = inputs_new(dataset->n_rows);
        if (ctr && !listed(name, spec)) {
            raw_column(&in, dataset, name);
        } else {
            count_feature(&in, dataset, name);
        }
        if (ctr) {
            ctr_feature(values + f, stride, &in, dataset, train, n_train);
        } else {
            for (size_t row = 0; row < dataset->n_rows; row++) {
                values[row * stride + f] = in.number[row];
            }
        }
        inputs_free(&in);
    }
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

void ref_quantize(ref_bins *out, const double *values, size_t n_rows,
                  size_t border_count, cm_nan_mode nan_mode)
{
    float *sorted = allocate(n_rows, sizeof *sorted);
    uint64_t *counts = allocate(n_rows, sizeof *counts);
    size_t n = 0;
    for (size_t i = 0; i < n_rows; i++) {
        if (!isnan(values[i])) {
            sorted[n++] = (float)values[i];
        }
    }
    bool nan = n < n_rows;
    qsort(sorted, n, sizeof *sorted, compare_floats);
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++) {
        if (distinct == 0 || sorted[distinct - 1] != sorted[i]) {
            sorted[distinct++] = sorted[i];
        }
        counts[distinct - 1]++;
    }
    float *borders = out->borders;
    size_t shift = nan && nan_mode == CM_NAN_MODE_MIN;
    if (shift) {
        borders[0] = -FLT_MAX;
    }
    out->n_borders = 0;
    if (distinct > 1 && border_count > nan) {
        CM_ASSERT(cm_borders_greedy_logsum(borders + shift, &out->n_borders,
                                           sorted, counts, distinct,
                                           border_count - nan, NULL) == CM_OK);
    }
    if (nan && nan_mode == CM_NAN_MODE_MAX) {
        borders[out->n_borders] = FLT_MAX;
    }
    out->n_borders += nan;
    for (size_t i = 0; i < n_rows; i++) {
        size_t bin = 0;
        while (bin < out->n_borders && (float)values[i] > borders[bin]) {
            bin++;
        }
        if (isnan(values[i]) && nan_mode == CM_NAN_MODE_MAX) {
            bin = out->n_borders;
        }
        out->bins[i] = (uint8_t)bin;
    }
    free(sorted);
    free(counts);
}
