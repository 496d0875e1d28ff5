/* The page: what the numbers and figures say, in sentences that somebody who
 * has never trained a model understands. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/report_figures.h"
#include "visualization/report.h"

enum { MAX_NUMBERS = 6, MAX_SECTIONS = 8, MAX_ITEMS = 16, MAX_TABLES = 4 };

/* All that is on the page; texts are of the data's arena.  The first failed
 * allocation stays in status, and what is written after it is not shown. */
typedef struct page {
    report_data *data;
    const report_figures *figures;
    cm_report_number numbers[MAX_NUMBERS];
    cm_report_item items[MAX_SECTIONS][MAX_ITEMS];
    cm_report_section sections[MAX_SECTIONS];
    cm_report_table tables[MAX_TABLES];
    size_t n_numbers, n_sections, n_tables;
    cm_status status;
    cm_error *err;
} page;

/* printf into the arena, never NULL. */
#define say(p, ...) \
    kept(p, report_say(&(p)->data->arena, (p)->err, __VA_ARGS__))

static const char *kept(page *p, const char *text)
{
    if (text == NULL) {
        p->status = CM_ERR_NOMEM;
    }
    return text != NULL ? text : "";
}

static const char *count(page *p, uint64_t value)
{
    char text[CM_NUM_TEXT];
    cm_format_count(text, value);
    return say(p, "%s", text);
}

/* "–" where there is no number. */
static const char *decimal(page *p, double value, int digits)
{
    return isnan(value) ? "–" : say(p, "%.*f", digits, value);
}

static const char *interval(page *p, cm_interval i)
{
    return isnan(i.low) ? "–" : say(p, "%.4f to %.4f", i.low, i.high);
}

/* ---- building blocks ------------------------------------------------------
 */

static void begin_section(page *p, const char *id, const char *title)
{
    CM_ASSERT(p->n_sections < MAX_SECTIONS);
    p->sections[p->n_sections] = (cm_report_section){
        .id = id, .title = title, .items = p->items[p->n_sections]};
    p->n_sections++;
}

static void add(page *p, cm_report_item item)
{
    cm_report_section *section = &p->sections[p->n_sections - 1];
    CM_ASSERT(section->n_items < MAX_ITEMS);
    p->items[p->n_sections - 1][section->n_items++] = item;
}

static void add_text(page *p, const char *text)
{
    add(p, (cm_report_item){.text = text});
}

static void add_figure(page *p, const cm_figure *figure)
{
    add(p, (cm_report_item){.figure = figure});
}

/* Cells of a new table, (n_rows, n_columns); NULL without memory. */
static const char **add_table(page *p, const char *caption,
                              const char *const *columns, const bool *numbers,
                              size_t n_rows, size_t n_columns)
{
    CM_ASSERT(p->n_tables < MAX_TABLES);
    cm_report_table *table = &p->tables[p->n_tables++];
    const char **cells = cm_arena_alloc(
        &p->data->arena, n_rows * n_columns * sizeof *cells, p->err);
    if (cells == NULL) {
        p->status = CM_ERR_NOMEM;
        return NULL;
    }
    *table = (cm_report_table){.caption = caption,
                               .columns = columns,
                               .cells = cells,
                               .numbers = numbers,
                               .n_rows = n_rows,
                               .n_columns = n_columns};
    add(p, (cm_report_item){.table = table});
    return cells;
}

/* ---- what is on it --------------------------------------------------------
 */

static void add_number(page *p, const char *name, double value, int digits,
                       cm_interval i)
{
    p->numbers[p->n_numbers++] =
        (cm_report_number){.name = name,
                           .value = decimal(p, value, digits),
                           .note = say(p, "95%% interval %s", interval(p, i))};
}

static void headline(page *p)
{
    const cm_metrics *m = p->data->source->metrics;
    const cm_metric_intervals *i = &p->data->intervals;
    add_number(p, "log loss", m->log_loss, 4, i->log_loss);
    add_number(p, "ROC AUC", m->roc_auc, 4, i->roc_auc);
    add_number(p, "normalized entropy", m->normalized_entropy, 4,
               i->normalized_entropy);
    add_number(p, "predicted / observed clicks", m->calibration_ratio, 3,
               i->calibration_ratio);
}

static const char *input_name(const cm_report_source *source)
{
    const char *slash = strrchr(source->input, '/');
    return slash != NULL ? slash + 1 : source->input;
}

static void summary(page *p)
{
    const report_data *data = p->data;
    const cm_metrics *m = data->source->metrics;
    const cm_split *split = data->source->split;
    begin_section(p, "summary", "What was trained on what");
    add_text(p, say(p,
                    "The model was trained on %s rows of %s and measured on "
                    "%s other rows of it, of which %s (%.2f%%) were clicked.",
                    count(p, split->n_train), input_name(data->source),
                    count(p, split->n_val), count(p, m->clicks),
                    100 * m->base_rate));
    add_text(p, say(p,
                    "Its log loss is %.2f%% %s that of a model that answers "
                    "%.2f%% for every row. A random click gets a higher "
                    "probability than a random row without a click in %.1f of "
                    "100 cases.",
                    100 * fabs(1 - m->normalized_entropy),
                    m->normalized_entropy > 1 ? "above" : "below",
                    100 * m->base_rate, 100 * m->roc_auc));
    add_text(p, say(p, "%zu trees over %zu features; bundle version %s.",
                    data->source->model->n_trees,
                    data->source->model->n_features, data->source->version));
}

static void metrics_table(page *p)
{
    static const char *const columns[] = {"metric", "value", "95% interval",
                                          "in words"};
    static const bool numbers[] = {false, true, true, false};
    const cm_metrics *m = p->data->source->metrics;
    const cm_metric_intervals *i = &p->data->intervals;
    const struct {
        const char *name;
        double value;
        cm_interval interval;
        const char *words;
    } rows[] = {
        {"log_loss", m->log_loss, i->log_loss,
         "mean surprise at what happened; lower is better"},
        {"normalized_entropy", m->normalized_entropy, i->normalized_entropy,
         "log loss as a part of that of the click rate alone"},
        {"roc_auc", m->roc_auc, i->roc_auc,
         "how often a click scores above another row"},
        {"calibration_ratio", m->calibration_ratio, i->calibration_ratio,
         "predicted clicks for one that happened"},
        {"mean_prediction", m->mean_prediction, i->mean_prediction,
         "mean predicted probability"},
        {"base_rate", m->base_rate, i->base_rate, "share of clicks"},
        {"precision", m->precision, i->precision,
         "clicks among rows above one half"},
        {"recall", m->recall, i->recall, "clicks that are above one half"},
        {"f1_weighted", m->f1_weighted, i->f1_weighted,
         "F1 of both classes, weighted by their rows"}};
    size_t n = sizeof rows / sizeof *rows;
    const char **cells =
        add_table(p, "Metrics of the validation rows", columns, numbers, n, 4);
    for (size_t r = 0; r < n && cells != NULL; r++, cells += 4) {
        cells[0] = rows[r].name;
        cells[1] = decimal(p, rows[r].value, 5);
        cells[2] = interval(p, rows[r].interval);
        cells[3] = rows[r].words;
    }
    add_text(p, say(p,
                    "Intervals are those of %u bootstrap replicates: where "
                    "the number would lie for 95 of 100 other samples of as "
                    "many rows of the same kind.",
                    i->replicates));
}

/* The first point of the ranking that has a share of the rows or more. */
static size_t point_at(const report_data *data, double share)
{
    const report_series *r = &data->ranking;
    size_t i = 0;
    while (i + 1 < r->n &&
           r->rows[i] < share * (double)data->source->split->n_val) {
        i++;
    }
    return i;
}

static void gains_table(page *p)
{
    static const double shares[] = {.01, .05, .1, .2, .3, .5};
    static const char *const columns[] = {"rows shown", "from probability",
                                          "click rate", "of all clicks",
                                          "lift"};
    static const bool numbers[] = {true, true, true, true, true};
    const report_series *r = &p->data->ranking;
    size_t n = sizeof shares / sizeof *shares;
    const char **cells =
        add_table(p, "What choosing the most promising rows would give",
                  columns, numbers, n, 5);
    for (size_t s = 0; s < n && cells != NULL; s++, cells += 5) {
        size_t i = point_at(p->data, shares[s]);
        double rows = r->rows[i] / (double)p->data->source->split->n_val;
        cells[0] = say(p, "%.1f%%", 100 * rows);
        cells[1] = say(p, "%.2f%%", 100 * r->low[i]);
        cells[2] = say(p, "%.2f%%", 100 * r->predicted[i]);
        cells[3] = say(p, "%.1f%%", 100 * r->y[i]);
        cells[4] = say(p, "%.2f", r->y[i] / rows);
    }
}

static void ranking_section(page *p)
{
    begin_section(p, "ranking", "How well it tells clicks from others");
    add_figure(p, &p->figures->roc);
    add_figure(p, &p->figures->precision_recall);
    gains_table(p);
    add_figure(p, &p->figures->histogram);
}

static void calibration_section(page *p)
{
    begin_section(p, "calibration", "Are the probabilities right?");
    add_text(p, "A price is set by the probability itself, so of rows that "
                "get 20% one in five should click: dots on the dashed line. "
                "An interval that does not touch it is more than chance.");
    add_figure(p, &p->figures->reliability);
    if (p->data->hours.values.n > 0) {
        add_figure(p, &p->figures->hours);
    }
    for (size_t i = 0; i < p->data->n_groups; i++) {
        add_figure(p, &p->figures->groups[i]);
    }
}

static void model_section(page *p)
{
    begin_section(p, "model", "What it has learned from");
    add_figure(p, &p->figures->importance);
    add_figure(p, &p->figures->swarm);
    for (size_t i = 0; i < p->data->n_dependences; i++) {
        add_figure(p, &p->figures->dependences[i]);
    }
    add_figure(p, &p->figures->learning);
}

static void drift_section(page *p)
{
    static const char *const columns[] = {"column", "stability index",
                                          "rows with a new value"};
    static const bool numbers[] = {false, true, true};
    const report_series *d = &p->data->drift;
    begin_section(p, "drift", "What moved since the training rows");
    add_text(p, "An index below 0.1 is usually called stable, above 0.25 a "
                "shift. A value that no training row had is answered as an "
                "average one.");
    add_figure(p, &p->figures->drift);
    const char **cells =
        add_table(p, "The columns that moved most", columns, numbers, d->n, 3);
    for (size_t i = 0; i < d->n && cells != NULL; i++, cells += 3) {
        cells[0] = d->names[i];
        cells[1] = say(p, "%.4f", d->x[i]);
        cells[2] = say(p, "%.2f%%", 100 * d->y[i]);
    }
}

static void fill_page(page *p)
{
    headline(p);
    summary(p);
    metrics_table(p);
    ranking_section(p);
    calibration_section(p);
    model_section(p);
    if (p->data->drift.n > 0) {
        drift_section(p);
    }
}

static cm_status save(page *p, const cm_report_options *options)
{
    const cm_report_source *source = p->data->source;
    const cm_report report = {
        .title = "Click prediction: what the model can do",
        .subtitle = say(p, "%s, %s", input_name(source), source->created),
        .numbers = p->numbers,
        .n_numbers = p->n_numbers,
        .sections = p->sections,
        .n_sections = p->n_sections,
        .footer = "made by clickmill report"};
    return p->status == CM_OK ? cm_report_save(&report, options->folder,
                                               options->n_threads, p->err)
                              : p->status;
}

cm_status report_page_save(report_data *data, const cm_report_options *options,
                           cm_error *err)
{
    page *p = cm_arena_alloc(&data->arena, sizeof *p, err);
    report_figures *figures =
        cm_arena_alloc(&data->arena, sizeof *figures, err);
    if (p == NULL || figures == NULL) {
        return CM_ERR_NOMEM;
    }
    *p = (page){.data = data, .figures = figures, .err = err};
    cm_status status = report_figures_init(figures, data, err);
    if (status == CM_OK) {
        fill_page(p);
        status = save(p, options);
    }
    return status;
}
