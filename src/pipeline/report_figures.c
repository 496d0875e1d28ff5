/* One function a figure: what is to be seen of the numbers, and in which words.
 */
#include "pipeline/report_figures.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The same thing has the same colour in every figure. */
enum { OBSERVED, PREDICTED, TRAINING, OF_COLUMNS, GREY = -1 };

const char *report_say(cm_arena *arena, cm_error *err, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n;
    length = length < sizeof text ? length : sizeof text - 1;
    return cm_arena_strdup(arena, text, length, err);
}

/* Keeps n series for a figure. */
static void show(cm_figure *figure, report_figures *all,
                 const cm_series *series, size_t n)
{
    CM_ASSERT(all->n_series + n <= REPORT_MAX_SERIES);
    cm_series *kept = all->series + all->n_series;
    memcpy(kept, series, n * sizeof *series);
    all->n_series += n;
    figure->series = kept;
    figure->n_series = n;
}

static void show_below(cm_figure *figure, report_figures *all, const char *axis,
                       const cm_series *series)
{
    cm_figure holder = {0};
    show(&holder, all, series, 1);
    figure->below = (cm_panel){.y = {.title = axis, .unit = CM_UNIT_COUNT},
                               .series = holder.series,
                               .n_series = 1};
}

static cm_axis share_axis(const char *title)
{
    return (cm_axis){.title = title,
                     .unit = CM_UNIT_PERCENT,
                     .fixed = true,
                     .low = 0,
                     .high = 1};
}

static const double corners[] = {0, 1};

static cm_status roc(report_figures *all, report_data *data, cm_error *err)
{
    const report_series *r = &data->ranking;
    const cm_series series[] = {{.mark = CM_MARK_REFERENCE,
                                 .name = "by chance",
                                 .x = corners,
                                 .y = corners,
                                 .n = 2,
                                 .color = GREY},
                                {.mark = CM_MARK_LINE,
                                 .name = "this model",
                                 .x = r->x,
                                 .y = r->y,
                                 .n = r->n,
                                 .color = PREDICTED}};
    all->roc = (cm_figure){
        .id = "roc_curve",
        .title = "Clicks found against others taken with them",
        .note = report_say(&data->arena, err,
                           "ROC curve; area %.4f, where .5 is chance",
                           data->source->metrics->roc_auc),
        .alt = "The share of the clicks that score above a threshold, over the "
               "share of the other rows that do",
        .x = share_axis("others above the threshold"),
        .y = share_axis("clicks above the threshold"),
        .square = true};
    show(&all->roc, all, series, 2);
    return all->roc.note != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* Two numbers of an arena, both x. */
static const double *twice(report_data *data, double x, cm_error *err)
{
    double *both = cm_arena_alloc(&data->arena, 2 * sizeof *both, err);
    if (both != NULL) {
        both[0] = both[1] = x;
    }
    return both;
}

static cm_status precision_recall(report_figures *all, report_data *data,
                                  cm_error *err)
{
    const report_series *r = &data->ranking;
    const double *rate = twice(data, data->source->metrics->base_rate, err);
    cm_figure *figure = &all->precision_recall;
    const cm_series series[] = {{.mark = CM_MARK_REFERENCE,
                                 .name = "all rows",
                                 .x = corners,
                                 .y = rate,
                                 .n = 2,
                                 .color = GREY},
                                {.mark = CM_MARK_LINE,
                                 .name = "this model",
                                 .x = r->y + 1, /* no row, no precision */
                                 .y = r->predicted + 1,
                                 .n = r->n - 1,
                                 .color = PREDICTED}};
    *figure = (cm_figure){
        .id = "precision_recall_curve",
        .title = "How many of the rows above a threshold are clicks",
        .note = report_say(&data->arena, err, "average precision %.4f",
                           data->average_precision),
        .alt = "The click rate of the rows above a threshold, over the share "
               "of all clicks that are among them",
        .x = share_axis("clicks above the threshold"),
        .y = share_axis("click rate above the threshold"),
        .square = true};
    show(figure, all, series, 2);
    return rate != NULL && figure->note != NULL ? CM_OK : CM_ERR_NOMEM;
}

static cm_status reliability(report_figures *all, report_data *data,
                             cm_error *err)
{
    const report_series *r = &data->reliability;
    const report_series *h = &data->histogram;
    double *ends = cm_arena_alloc(&data->arena, 2 * sizeof *ends, err);
    if (ends == NULL) {
        return CM_ERR_NOMEM;
    }
    ends[0] = 0;
    ends[1] = h->high[h->n - 1];
    double top = ends[1];
    for (size_t i = 0; i < r->n; i++) {
        top = fmax(top, r->high[i]);
    }
    const cm_series series[] = {{.mark = CM_MARK_REFERENCE,
                                 .name = "as predicted",
                                 .x = ends,
                                 .y = ends,
                                 .n = 2,
                                 .color = GREY},
                                {.mark = CM_MARK_INTERVALS,
                                 .name = "observed, with 95% interval",
                                 .x = r->x,
                                 .y = r->y,
                                 .low = r->low,
                                 .high = r->high,
                                 .n = r->n,
                                 .color = OBSERVED}};
    const cm_series counts = {.mark = CM_MARK_BARS,
                              .y = h->rows,
                              .x = h->low,
                              .low = h->low,
                              .high = h->high,
                              .n = h->n,
                              .color = GREY};
    all->reliability = (cm_figure){
        .id = "reliability",
        .title = "Do rows click as often as predicted?",
        .note = "twenty groups of equally many rows, by probability",
        .alt = "The observed click rate of groups of rows over their mean "
               "predicted probability, and how many rows there are",
        .x = {.title = "predicted probability",
              .unit = CM_UNIT_PERCENT,
              .fixed = true,
              .low = 0,
              .high = ends[1]},
        .y = {.title = "observed click rate",
              .unit = CM_UNIT_PERCENT,
              .fixed = true,
              .low = 0,
              .high = top}};
    show(&all->reliability, all, series, 2);
    show_below(&all->reliability, all, "rows", &counts);
    return CM_OK;
}

static cm_status histogram(report_figures *all, report_data *data,
                           cm_error *err)
{
    const report_series *h = &data->histogram;
    const cm_series series[] = {{.mark = CM_MARK_STEP,
                                 .name = "no click",
                                 .x = h->low,
                                 .y = h->y,
                                 .n = h->n,
                                 .color = TRAINING},
                                {.mark = CM_MARK_STEP,
                                 .name = "click",
                                 .x = h->low,
                                 .y = h->x,
                                 .n = h->n,
                                 .color = OBSERVED}};
    (void)err;
    all->histogram = (cm_figure){
        .id = "predicted_probabilities",
        .title = "Which probabilities are predicted",
        .note = "validation rows; the counts are on a logarithmic axis",
        .alt = "How many rows get which probability, of clicks and of others",
        .x = {.title = "predicted probability", .unit = CM_UNIT_PERCENT},
        .y = {.title = "rows", .scale = CM_SCALE_LOG, .unit = CM_UNIT_COUNT}};
    show(&all->histogram, all, series, 2);
    return CM_OK;
}

static cm_status learning(report_figures *all, report_data *data, cm_error *err)
{
    const report_series *l = &data->learning;
    const cm_series series[] = {{.mark = CM_MARK_LINE,
                                 .name = "training rows",
                                 .x = l->x,
                                 .y = l->predicted,
                                 .n = l->n,
                                 .color = TRAINING},
                                {.mark = CM_MARK_LINE,
                                 .name = "validation rows",
                                 .x = l->x,
                                 .y = l->y,
                                 .n = l->n,
                                 .color = OBSERVED}};
    (void)err;
    all->learning = (cm_figure){
        .id = "learning_curve",
        .title = "What each further tree was good for",
        .note = "log loss of up to 50,000 rows of each part: lower is better",
        .alt = "The log loss of training and validation rows over the number "
               "of trees",
        .x = {.title = "trees", .unit = CM_UNIT_COUNT},
        .y = {.title = "log loss"}};
    show(&all->learning, all, series, 2);
    return CM_OK;
}

/* 0, 1 … n - 1: the places of categories. */
static const double *counted_up(report_data *data, size_t n, cm_error *err)
{
    double *places = cm_arena_alloc(&data->arena, n * sizeof *places, err);
    for (size_t i = 0; i < n && places != NULL; i++) {
        places[i] = (double)i;
    }
    return places;
}

static cm_status importance(report_figures *all, report_data *data,
                            cm_error *err)
{
    const report_series *m = &data->importance;
    const double *places = counted_up(data, m->n, err);
    if (places == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n =
        m->n < CM_FIGURE_MAX_CATEGORIES ? m->n : CM_FIGURE_MAX_CATEGORIES;
    const cm_series bars = {.mark = CM_MARK_BARS,
                            .x = m->x,
                            .y = places,
                            .n = n,
                            .color = OF_COLUMNS};
    all->importance = (cm_figure){
        .id = "feature_importance",
        .title = "What the model looks at",
        .note = "PredictionValuesChange: how much answers change with a "
                "feature, in percent of all",
        .alt = "Features by their importance",
        .x = {.title = "percent"},
        .y = {.categories = m->names, .n_categories = n}};
    show(&all->importance, all, &bars, 1);
    return CM_OK;
}

static cm_status swarm(report_figures *all, report_data *data, cm_error *err)
{
    const report_series *s = &data->swarm;
    const cm_series dots = {.mark = CM_MARK_SWARM,
                            .x = s->x,
                            .y = s->y,
                            .shade = s->predicted,
                            .n = s->n};
    all->swarm = (cm_figure){
        .id = "shap_summary",
        .title = "What each feature added to single answers",
        .note = report_say(&data->arena, err,
                           "SHAP values of %zu validation rows, in log odds: "
                           "to the right, a click is more likely",
                           data->n_explained),
        .alt = "SHAP values of features, row by row, shaded by the feature's "
               "value",
        .x = {.title = "SHAP value"},
        .y = {.categories = data->swarm_names, .n_categories = data->n_swarm},
        .shade_low = "low value",
        .shade_high = "high value"};
    show(&all->swarm, all, &dots, 1);
    return all->swarm.note != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* ---- by group ------------------------------------------------------------ */

static cm_status hours(report_figures *all, report_data *data, cm_error *err)
{
    const report_series *v = &data->hours.values;
    const cm_series series[] = {{.mark = CM_MARK_INTERVALS,
                                 .name = "observed, with 95% interval",
                                 .x = v->x,
                                 .y = v->y,
                                 .low = v->low,
                                 .high = v->high,
                                 .n = v->n,
                                 .color = OBSERVED},
                                {.mark = CM_MARK_POINTS,
                                 .name = "predicted",
                                 .x = v->x,
                                 .y = v->predicted,
                                 .n = v->n,
                                 .color = PREDICTED}};
    const cm_series rows = {.mark = CM_MARK_BARS,
                            .x = v->x,
                            .y = v->rows,
                            .n = v->n,
                            .color = GREY};
    (void)err;
    all->hours =
        (cm_figure){.id = "click_rate_by_hour",
                    .title = "Click rate by hour of the day",
                    .note = "validation rows",
                    .alt = "Observed and predicted click rate, and rows, of "
                           "each hour of the day",
                    .x = {.title = "hour of day",
                          .categories = v->names,
                          .n_categories = v->n},
                    .y = {.title = "click rate", .unit = CM_UNIT_PERCENT}};
    show(&all->hours, all, series, 2);
    show_below(&all->hours, all, "rows", &rows);
    return CM_OK;
}

/* An id of a name: what is not a-z, 0-9 or _ becomes _. */
static const char *id_of(report_data *data, const char *start, const char *name,
                         cm_error *err)
{
    const char *id = report_say(&data->arena, err, "%s%s", start, name);
    for (char *p = (char *)id; p != NULL && *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z') {
            *p = (char)(*p - 'A' + 'a');
        } else if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *p) ==
                   NULL) {
            *p = '_';
        }
    }
    return id;
}

static cm_status group(report_figures *all, size_t g, report_data *data,
                       cm_error *err)
{
    const report_groups *column = &data->groups[g];
    const report_series *v = &column->values;
    cm_figure *figure = &all->groups[g];
    const cm_series series[] = {{.mark = CM_MARK_INTERVALS,
                                 .name = "observed, with 95% interval",
                                 .x = v->y,
                                 .y = v->x,
                                 .low = v->low,
                                 .high = v->high,
                                 .n = v->n,
                                 .color = OBSERVED},
                                {.mark = CM_MARK_POINTS,
                                 .name = "predicted",
                                 .x = v->predicted,
                                 .y = v->x,
                                 .n = v->n,
                                 .color = PREDICTED}};
    *figure =
        (cm_figure){.id = id_of(data, "click_rate_by_", column->column, err),
                    .title = report_say(&data->arena, err, "Click rate by %s",
                                        column->column),
                    .note = "validation rows; in brackets how many",
                    .alt = report_say(&data->arena, err,
                                      "Observed and predicted click rate by %s",
                                      column->column),
                    .x = {.title = "click rate", .unit = CM_UNIT_PERCENT},
                    .y = {.categories = v->names, .n_categories = v->n}};
    show(figure, all, series, 2);
    return figure->id && figure->title && figure->alt ? CM_OK : CM_ERR_NOMEM;
}

static cm_status drift(report_figures *all, report_data *data, cm_error *err)
{
    static const double limits[] = {.1, .25};
    const report_series *d = &data->drift;
    const double *places = counted_up(data, d->n, err);
    if (places == NULL) {
        return CM_ERR_NOMEM;
    }
    const cm_series series[] = {{.mark = CM_MARK_BARS,
                                 .x = d->x,
                                 .y = places,
                                 .n = d->n,
                                 .color = OF_COLUMNS},
                                {.mark = CM_MARK_REFERENCE,
                                 .name = "some drift: 0.1, much: 0.25",
                                 .x = limits,
                                 .n = 2,
                                 .color = GREY}};
    all->drift = (cm_figure){
        .id = "drift",
        .title = "What moved between training and validation rows",
        .note = "population stability index of each column",
        .alt = "Columns of the log by their population stability index",
        .x = {.title = "population stability index"},
        .y = {.categories = d->names, .n_categories = d->n}};
    show(&all->drift, all, series, 2);
    return CM_OK;
}

static cm_status dependence(report_figures *all, size_t i, report_data *data,
                            cm_error *err)
{
    const report_dependence *d = &data->dependences[i];
    cm_figure *figure = &all->dependences[i];
    const cm_series dots = {.mark = CM_MARK_POINTS,
                            .x = d->points.x,
                            .y = d->points.y,
                            .shade = d->partner ? d->points.predicted : NULL,
                            .n = d->points.n,
                            .color = PREDICTED};
    *figure = (cm_figure){
        .id = id_of(data, "shap_of_", d->feature, err),
        .title = report_say(&data->arena, err, "What %s adds, by its value",
                            d->feature),
        .note = d->partner ? report_say(&data->arena, err,
                                        "shaded by the value of %s", d->partner)
                           : NULL,
        .alt = report_say(&data->arena, err,
                          "SHAP values of %s over its values", d->feature),
        .x = {.title = report_say(&data->arena, err, "%s, as the model sees it",
                                  d->feature)},
        .y = {.title = "SHAP value"},
        .shade_low = d->partner ? "low" : NULL,
        .shade_high = d->partner ? "high" : NULL};
    show(figure, all, &dots, 1);
    return figure->id && figure->title && figure->alt && figure->x.title
               ? CM_OK
               : CM_ERR_NOMEM;
}

cm_status report_figures_init(report_figures *out, report_data *data,
                              cm_error *err)
{
    typedef cm_status make(report_figures *, report_data *, cm_error *);
    static make *const makers[] = {
        roc,      precision_recall, reliability, histogram,
        learning, importance,       swarm,       hours,
        drift};
    cm_status status = CM_OK;
    *out = (report_figures){0};
    for (size_t i = 0; i < sizeof makers / sizeof *makers && status == CM_OK;
         i++) {
        status = makers[i](out, data, err);
    }
    for (size_t i = 0; i < data->n_groups && status == CM_OK; i++) {
        status = group(out, i, data, err);
    }
    for (size_t i = 0; i < data->n_dependences && status == CM_OK; i++) {
        status = dependence(out, i, data, err);
    }
    return status;
}
