/* Figures to look at and to test with: one of each kind, as a report has them.
 * test_visualization_samples.h is what tests include. */
#ifndef TEST_VISUALIZATION_PLAIN_H
#define TEST_VISUALIZATION_PLAIN_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "visualization/report.h"

enum { MOST_SAMPLES = 40, SAMPLE_SERIES = 4 };

static cm_figure samples[MOST_SAMPLES];
static size_t n_samples;

/* Memory of the samples lives as long as the program. */
static double *numbers(size_t n)
{
    double *p = calloc(n, sizeof(*p));
    if (p == NULL) {
        abort();
    }
    return p;
}

static double uniform(void)
{
    static uint64_t state = 42;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(1 - uniform())) * cos(6.283185307 * uniform());
}

/* A figure with room for series, whose number is not yet counted. */
static cm_figure *sample(const char *id, const char *title)
{
    cm_figure *figure = &samples[n_samples++];
    *figure = (cm_figure){.id = id, .title = title, .alt = title};
    figure->series = calloc(SAMPLE_SERIES, sizeof(cm_series));
    figure->below.series = calloc(SAMPLE_SERIES, sizeof(cm_series));
    if (figure->series == NULL || figure->below.series == NULL) {
        abort();
    }
    return figure;
}

static cm_series *series_of(cm_figure *figure, cm_series series)
{
    cm_series *place = (cm_series *)figure->series + figure->n_series++;
    *place = series;
    return place;
}

static void below_of(cm_figure *figure, const char *title, cm_series series)
{
    *((cm_series *)figure->below.series + figure->below.n_series++) = series;
    figure->below.y.title = title;
    figure->below.y.unit = CM_UNIT_COUNT;
}

static const char **texts(size_t n, const char *format, double scale)
{
    const char **list = calloc(n, sizeof(*list));
    for (size_t i = 0; list != NULL && i < n; i++) {
        char *text = malloc(64);
        if (text != NULL) {
            snprintf(text, 64, format, (double)i * scale);
        }
        list[i] = text;
    }
    return list;
}

static const char **texts_of(const double *values, size_t n, const char *format)
{
    const char **list = texts(n, "%.0f", 1);
    for (size_t i = 0; list != NULL && i < n; i++) {
        snprintf((char *)(uintptr_t)list[i], 64, format, values[i]);
    }
    return list;
}

static double *indices(size_t n)
{
    double *x = numbers(n);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)i;
    }
    return x;
}

/* ---- as a report has them ------------------------------------------- */

static cm_series power_curve(const char *name, double exponent, int color)
{
    enum { N = 5000 };
    double *x = numbers(N);
    double *y = numbers(N);
    for (int i = 0; i < N; i++) {
        x[i] = (double)i / (N - 1);
        y[i] = pow(x[i], exponent);
    }
    return (cm_series){.mark = CM_MARK_LINE,
                       .name = name,
                       .x = x,
                       .y = y,
                       .n = N,
                       .color = color};
}

static void sample_roc(void)
{
    cm_figure *f = sample("roc_curve", "How well the model ranks: ROC curve");
    f->note = "The further above the diagonal, the better. Area 0.743 on "
              "validation.";
    f->square = true;
    f->x = (cm_axis){.title = "Share of impressions without a click above the "
                              "threshold (false positive rate)",
                     .unit = CM_UNIT_PERCENT};
    f->y = (cm_axis){.title = "Share of clicks above it (true positive rate)",
                     .unit = CM_UNIT_PERCENT};
    static const double ENDS[] = {0, 1};
    series_of(f, (cm_series){.mark = CM_MARK_REFERENCE,
                             .name = "blind guess",
                             .x = ENDS,
                             .y = ENDS,
                             .n = 2,
                             .color = -1});
    series_of(f, power_curve("train, AUC 0.756", 0.31, 1));
    series_of(f, power_curve("validation, AUC 0.743", 0.345, 0));
}

static void sample_learning(void)
{
    enum { N = 300 };
    cm_figure *f = sample("learning_curve", "Log loss, tree by tree");
    f->x = (cm_axis){.title = "Trees", .unit = CM_UNIT_COUNT};
    f->y = (cm_axis){.title = "Log loss"};
    double *y[2] = {numbers(N), numbers(N)};
    for (int i = 0; i < N; i++) {
        y[0][i] = 0.39 + 0.06 * exp(-i / 40.0) - i * 1e-5;
        y[1][i] = 0.395 + 0.057 * exp(-i / 40.0) + i * i * 2e-8;
    }
    static const double BEST[] = {212};
    series_of(f, (cm_series){.mark = CM_MARK_LINE,
                             .name = "train",
                             .x = indices(N),
                             .y = y[0],
                             .n = N,
                             .color = 1});
    series_of(f, (cm_series){.mark = CM_MARK_LINE,
                             .name = "validation",
                             .x = indices(N),
                             .y = y[1],
                             .n = N,
                             .color = 0});
    series_of(f, (cm_series){.mark = CM_MARK_REFERENCE,
                             .name = "best: 212",
                             .x = BEST,
                             .n = 1,
                             .color = -1});
}

static void sample_reliability(void)
{
    enum { N = 10 };
    cm_figure *f = sample("calibration", "Are the probabilities true?");
    f->note = "Each dot: impressions of about the same predicted probability, "
              "with the 95% interval of their click-through rate.";
    f->x = (cm_axis){.title = "Predicted probability", .unit = CM_UNIT_PERCENT};
    f->y = (cm_axis){.title = "Observed click-through rate",
                     .unit = CM_UNIT_PERCENT};
    f->square = true;
    double *v[6];
    for (int k = 0; k < 6; k++) {
        v[k] = numbers(N);
    }
    for (int i = 0; i < N; i++) {
        double p = (i + 0.5) / N;
        double half = 0.004 * pow(2, i * 0.7);
        v[0][i] = p;
        v[1][i] = p * 0.96 + 0.004;
        v[2][i] = v[1][i] - half;
        v[3][i] = v[1][i] + half;
        v[4][i] = (double)i / N;
        v[5][i] = 60000 * exp(-i * 1.1);
    }
    static const double ENDS[] = {0, 1};
    series_of(f, (cm_series){.mark = CM_MARK_REFERENCE,
                             .name = "perfect",
                             .x = ENDS,
                             .y = ENDS,
                             .n = 2,
                             .color = -1});
    series_of(f, (cm_series){.mark = CM_MARK_INTERVALS,
                             .name = "model",
                             .x = v[0],
                             .y = v[1],
                             .low = v[2],
                             .high = v[3],
                             .n = N});
    double *high = numbers(N);
    for (int i = 0; i < N; i++) {
        high[i] = v[4][i] + 0.1;
    }
    below_of(f, "Impressions",
             (cm_series){.mark = CM_MARK_BARS,
                         .x = v[0],
                         .y = v[5],
                         .low = v[4],
                         .high = high,
                         .n = N,
                         .color = 5});
    f->below.y.scale = CM_SCALE_LOG;
}

static void sample_by_hour(void)
{
    enum { N = 24 };
    cm_figure *f = sample("ctr_by_hour", "Click-through rate by hour of day");
    f->x = (cm_axis){.title = "Hour (UTC)",
                     .categories = texts(N, "%02.0f", 1),
                     .n_categories = N};
    f->y = (cm_axis){.title = "Click-through rate", .unit = CM_UNIT_PERCENT};
    double *v[6];
    for (int k = 0; k < 6; k++) {
        v[k] = numbers(N);
    }
    for (int i = 0; i < N; i++) {
        v[0][i] = i - 0.17;
        v[1][i] = 0.17 + 0.02 * sin(i / 4.0);
        v[2][i] = v[1][i] - 0.004;
        v[3][i] = v[1][i] + 0.004;
        v[4][i] = v[1][i] * (1 + 0.03 * normal());
        v[5][i] = 150000 + 90000 * sin((i - 7) / 4.0);
    }
    double *x = numbers(N);
    for (int i = 0; i < N; i++) {
        x[i] = i + 0.17;
    }
    series_of(f, (cm_series){.mark = CM_MARK_INTERVALS,
                             .name = "observed",
                             .x = v[0],
                             .y = v[1],
                             .low = v[2],
                             .high = v[3],
                             .n = N,
                             .color = 1});
    series_of(f, (cm_series){.mark = CM_MARK_POINTS,
                             .name = "predicted",
                             .x = x,
                             .y = v[4],
                             .n = N,
                             .color = 0});
    below_of(f, "Impressions",
             (cm_series){.mark = CM_MARK_BARS,
                         .x = indices(N),
                         .y = v[5],
                         .n = N,
                         .color = 5});
}

static void sample_banner(void)
{
    enum { N = 7 };
    static const char *const LABELS[N] = {
        "720,122", "278,013", "1,301", "1,250", "774", "4,263", "186"};
    static double y[N] = {.1643, .1836, .1193, .1828, .1215, .3214, .1505};
    static double half[N] = {.0009, .0014, .017, .021, .023, .014, .051};
    cm_figure *f =
        sample("ctr_by_banner_pos", "Click-through rate by banner position");
    f->note = "With 95% intervals; below, how many impressions there were.";
    f->x = (cm_axis){.title = "banner_pos",
                     .categories = texts(N, "%.0f", 1),
                     .n_categories = N};
    f->y = (cm_axis){.title = "Click-through rate", .unit = CM_UNIT_PERCENT};
    double *low = numbers(N);
    double *high = numbers(N);
    static double counts[N] = {720122, 278013, 1301, 1250, 774, 4263, 186};
    for (int i = 0; i < N; i++) {
        low[i] = y[i] - half[i];
        high[i] = y[i] + half[i];
    }
    series_of(
        f,
        (cm_series){
            .mark = CM_MARK_BARS, .x = indices(N), .y = y, .n = N, .color = 0});
    series_of(f, (cm_series){.mark = CM_MARK_INTERVALS,
                             .x = indices(N),
                             .y = y,
                             .low = low,
                             .high = high,
                             .n = N,
                             .color = 5});
    below_of(f, "Impressions",
             (cm_series){.mark = CM_MARK_BARS,
                         .x = indices(N),
                         .y = counts,
                         .labels = LABELS,
                         .n = N,
                         .color = 5});
    f->below.y.scale = CM_SCALE_LOG;
}

static void sample_histogram(void)
{
    enum { N = 50 };
    cm_figure *f =
        sample("predictions", "How the predicted probabilities are spread");
    f->x = (cm_axis){.title = "Predicted probability", .unit = CM_UNIT_PERCENT};
    f->y = (cm_axis){.title = "Impressions (logarithmic)",
                     .scale = CM_SCALE_LOG,
                     .unit = CM_UNIT_COUNT};
    double *v[5];
    for (int k = 0; k < 5; k++) {
        v[k] = numbers(N);
    }
    for (int i = 0; i < N; i++) {
        v[0][i] = (i + 0.5) / N;
        v[1][i] = (double)i / N;
        v[2][i] = (i + 1.0) / N;
        v[3][i] = floor(90000 * exp(-pow(i - 7.0, 2) / 90));
        v[4][i] = floor(v[3][i] * v[0][i]);
    }
    series_of(f, (cm_series){.mark = CM_MARK_BARS,
                             .name = "all impressions",
                             .x = v[0],
                             .low = v[1],
                             .high = v[2],
                             .y = v[3],
                             .n = N,
                             .color = 0});
    series_of(f, (cm_series){.mark = CM_MARK_STEP,
                             .name = "clicks",
                             .x = v[1],
                             .y = v[4],
                             .n = N,
                             .color = 1});
}

static const char *const FEATURES[] = {"site_id_ctr",
                                       "app_id_ctr",
                                       "device_ip_count",
                                       "C14_ctr",
                                       "site_domain_ctr",
                                       "device_model_ctr",
                                       "hour_of_day",
                                       "C17_ctr",
                                       "banner_pos",
                                       "device_id_count",
                                       "app_domain_ctr",
                                       "site_category_ctr",
                                       "C21_ctr",
                                       "day_of_week",
                                       "device_conn_type",
                                       "hourly_user_count",
                                       "app_category_ctr",
                                       "C19_ctr",
                                       "device_type",
                                       "C20_ctr",
                                       "C18",
                                       "C15",
                                       "C16",
                                       "C1"};

static void sample_importance(void)
{
    enum { N = 24 };
    cm_figure *f =
        sample("feature_importance", "What the model looks at: importance");
    f->x = (cm_axis){.title = "Change of the prediction, % of all"};
    f->y = (cm_axis){.categories = FEATURES, .n_categories = N};
    double *x = numbers(N);
    for (int i = 0; i < N; i++) {
        x[i] = 23 * exp(-i / 5.0);
    }
    series_of(f, (cm_series){.mark = CM_MARK_BARS,
                             .x = x,
                             .y = indices(N),
                             .labels = texts_of(x, N, "%.1f"),
                             .n = N,
                             .color = 0});
}

static void sample_swarm(void)
{
    enum { ROWS = 20, N = 1000 };
    cm_figure *f = sample("shap_summary", "How features move the prediction");
    f->note = "A dot is an impression; to the right: a click is likelier.";
    f->x = (cm_axis){.title = "SHAP value (log odds)"};
    f->y = (cm_axis){.categories = FEATURES, .n_categories = ROWS};
    f->shade_low = "low value";
    f->shade_high = "high value";
    double *x = numbers(ROWS * N);
    double *y = numbers(ROWS * N);
    double *shade = numbers(ROWS * N);
    for (int i = 0; i < ROWS * N; i++) {
        int row = i / N;
        double value = row % 5 == 4 ? floor(3 * uniform()) / 2 : uniform();
        shade[i] = row == 7 ? NAN : value;
        y[i] = row;
        x[i] = (value - 0.5) * exp(-row / 6.0) +
               (row == 9 ? 0 : 0.12 * exp(-row / 8.0) * normal());
    }
    series_of(f, (cm_series){.mark = CM_MARK_SWARM,
                             .x = x,
                             .y = y,
                             .shade = shade,
                             .n = ROWS * N});
}

static void sample_dependence(void)
{
    enum { N = 1000 };
    cm_figure *f = sample("shap_dependence", "site_id_ctr and the prediction");
    f->x = (cm_axis){.title = "site_id_ctr", .unit = CM_UNIT_PERCENT};
    f->y = (cm_axis){.title = "SHAP value (log odds)"};
    f->shade_low = "hour_of_day: 0";
    f->shade_high = "23";
    double *v[3] = {numbers(N), numbers(N), numbers(N)};
    for (int i = 0; i < N; i++) {
        v[2][i] = uniform();
        v[0][i] = 0.5 * uniform() * uniform();
        v[1][i] = log(0.01 + v[0][i]) - log(0.12) + 0.3 * v[2][i] * normal();
    }
    static const double ZERO[] = {0};
    series_of(
        f,
        (cm_series){.mark = CM_MARK_REFERENCE, .y = ZERO, .n = 1, .color = -1});
    series_of(f, (cm_series){.mark = CM_MARK_POINTS,
                             .x = v[0],
                             .y = v[1],
                             .shade = v[2],
                             .n = N});
}

static void sample_drift(void)
{
    enum { N = 9 };
    static const double PSI[N] = {.41, .27, .16, .09, .05, .02, .01, .003, 0};
    static const double WATCH[] = {0.1};
    static const double ACT[] = {0.25};
    cm_figure *f = sample("drift", "Columns that changed between train and "
                                   "validation");
    f->note = "Population stability index: below 0.1 nothing, above 0.25 much.";
    f->x = (cm_axis){.title = "PSI"};
    f->y = (cm_axis){.categories = FEATURES, .n_categories = N};
    series_of(f, (cm_series){.mark = CM_MARK_BARS,
                             .x = PSI,
                             .y = indices(N),
                             .labels = texts_of(PSI, N, "%.2f"),
                             .n = N});
    series_of(f, (cm_series){.mark = CM_MARK_REFERENCE,
                             .name = "watch: 0.1",
                             .x = WATCH,
                             .n = 1,
                             .color = 4});
    series_of(f, (cm_series){.mark = CM_MARK_REFERENCE,
                             .name = "act: 0.25",
                             .x = ACT,
                             .n = 1,
                             .color = 1});
}

#endif
