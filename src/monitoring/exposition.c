/* Metrics as text: format 0.0.4 of Prometheus, and OpenMetrics 1.0.
 *
 * A family is a row of the table: HELP, TYPE and the samples of its children.
 * The two formats differ in the names of families (OpenMetrics takes _total
 * and _info off), in UNIT, in what HELP escapes, and in the end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "monitoring/label_text.h"
#include "monitoring/process.h"
#include "monitoring/registry.h"

typedef struct writer {
    const cm_registry *metrics;
    const double *values; /* (n_slots): sums over shards */
    bool openmetrics;
    const cm_str *names; /* (n_names) wanted; none: all */
    size_t n_names;
    bool all;      /* of the present family, every sample is wanted */
    cm_buf labels; /* of the present child */
    cm_buf *out;
} writer;

static cm_str family_name(const writer *w, const metric_row *row)
{
    cm_str name = cm_str_of(row->name);
    static const char *const suffixes[] = {"_total", "_info"};
    for (size_t i = 0; w->openmetrics && i < 2; i++) {
        if (cm_str_ends_with(name, suffixes[i])) {
            name.n -= strlen(suffixes[i]);
        }
    }
    return name;
}

static const char *type_name(const writer *w, metric_type type)
{
    static const char *const names[] = {"counter",   "gauge",   "gauge",
                                        "histogram", "summary", "info"};
    return type == METRIC_INFO && !w->openmetrics ? "gauge" : names[type];
}

static bool is_wanted(const writer *w, cm_str name, const char *suffix)
{
    size_t n = name.n + strlen(suffix);
    for (size_t i = 0; i < w->n_names; i++) {
        cm_str wanted = w->names[i];
        if (wanted.n == n && memcmp(wanted.p, name.p, name.n) == 0 &&
            memcmp(wanted.p + name.n, suffix, n - name.n) == 0) {
            return true;
        }
    }
    return w->n_names == 0;
}

static void put_number(cm_buf *out, double value)
{
    if (isfinite(value)) {
        cm_buf_add_double(out, value);
    } else {
        cm_buf_adds(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    }
}

/* With a point or an exponent, as OpenMetrics wants bounds to be written;
 * the same in both formats, so that the series do not depend on it. */
static void put_bound(cm_buf *out, double bound)
{
    size_t start = out->n;
    put_number(out, bound);
    if (!out->failed && isfinite(bound) &&
        strpbrk(out->p + start, ".e") == NULL) {
        cm_buf_adds(out, ".0");
    }
}

static void put_comment(writer *w, const char *word, cm_str family)
{
    cm_buf_addf(w->out, "# %s %.*s ", word, CM_STR_ARG(family));
}

static void put_header(writer *w, const metric_row *row)
{
    cm_str family = family_name(w, row);
    put_comment(w, "HELP", family);
    label_text_escape(w->out, cm_str_of(row->help), w->openmetrics);
    cm_buf_addc(w->out, '\n');
    put_comment(w, "TYPE", family);
    cm_buf_addf(w->out, "%s\n", type_name(w, row->type));
    static const char *const units[] = {"seconds", "bytes"};
    for (size_t i = 0; w->openmetrics && i < 2; i++) {
        if (cm_str_ends_with(family, units[i])) {
            put_comment(w, "UNIT", family);
            cm_buf_addf(w->out, "%s\n", units[i]);
        }
    }
}

/* bound: of a bucket, NULL for other samples. */
static void put_sample(writer *w, const metric_row *row, const char *suffix,
                       const double *bound, double value)
{
    if (!w->all && !is_wanted(w, cm_str_of(row->name), suffix)) {
        return;
    }
    cm_buf *out = w->out;
    cm_buf_adds(out, row->name);
    cm_buf_adds(out, suffix);
    if (w->labels.n > 0 || bound != NULL) {
        cm_buf_addc(out, '{');
        cm_buf_add(out, w->labels.p, w->labels.n);
        if (bound != NULL) {
            cm_buf_adds(out, w->labels.n > 0 ? ",le=\"" : "le=\"");
            put_bound(out, *bound);
            cm_buf_addc(out, '"');
        }
        cm_buf_addc(out, '}');
    }
    cm_buf_addc(out, ' ');
    put_number(out, value);
    cm_buf_addc(out, '\n');
}

/* slots: sum, then the counts of the buckets. */
static void put_distribution(writer *w, const metric_row *row,
                             const cm_metric_place *place, const double *slots)
{
    double count = 0;
    for (size_t i = 0; i <= place->n_bounds; i++) {
        double bound = i < place->n_bounds ? place->bounds[i] : INFINITY;
        count += slots[1 + i];
        if (row->type == METRIC_HISTOGRAM) {
            put_sample(w, row, "_bucket", &bound, count);
        }
    }
    put_sample(w, row, "_sum", NULL, slots[0]);
    put_sample(w, row, "_count", NULL, count);
}

/* What the system does not say (NaN) is left out.  Children that stand for a
 * combination of handler, method and status are told of once something was
 * counted: most combinations never come.  All others are there from the start,
 * so that their rate is known. */
static bool is_told(const cm_metric_place *place, const double *slots)
{
    if (place->handler_step == 0) {
        return place->width > 1 || !isnan(slots[0]);
    }
    double counted = 0;
    for (size_t i = place->width > 1; i < place->width; i++) {
        counted += slots[i];
    }
    return counted > 0;
}

static void put_child(writer *w, cm_metric metric, size_t child)
{
    const metric_row *row = &metric_rows[metric];
    const cm_metric_place *place = &w->metrics->layout.places[metric];
    const double *slots = w->values + place->first + child * place->width;
    if (!is_told(place, slots)) {
        return;
    }
    cm_buf_clear(&w->labels);
    for (size_t i = 0; i < list_length(row->labels, ','); i++) {
        label_text_add(
            &w->labels, list_word(row->labels, ',', i),
            layout_label_value(&w->metrics->layout, metric, i, child));
    }
    if (row->type == METRIC_HISTOGRAM || row->type == METRIC_SUMMARY) {
        put_distribution(w, row, place, slots);
    } else {
        put_sample(w, row, "", NULL, slots[0]);
    }
}

static void put_info(writer *w, cm_metric metric)
{
    info_labels *info = w->metrics->info;
    cm_buf_clear(&w->labels);
    pthread_mutex_lock(&info->lock);
    if (info->texts[metric] != NULL) {
        cm_buf_adds(&w->labels, info->texts[metric]);
    }
    pthread_mutex_unlock(&info->lock);
    if (w->labels.n > 0) {
        put_sample(w, &metric_rows[metric], "", NULL, 1);
    }
}

/* A family none of whose samples is wanted leaves no header either. */
static void put_family(writer *w, cm_metric metric)
{
    const metric_row *row = &metric_rows[metric];
    size_t start = w->out->n;
    w->all = is_wanted(w, family_name(w, row), "") ||
             is_wanted(w, cm_str_of(row->name), "");
    put_header(w, row);
    size_t samples = w->out->n;
    if (row->type == METRIC_INFO) {
        put_info(w, metric);
    }
    for (size_t c = 0; c < w->metrics->layout.places[metric].n_children; c++) {
        put_child(w, metric, c);
    }
    if (!w->all && w->out->n == samples && !w->out->failed) {
        w->out->n = start;
        w->out->p[start] = '\0';
    }
}

/* What the system says, over the sums (which are 0). */
static void set_process_values(const cm_registry *metrics, double *values)
{
    const cm_metric_place *places = metrics->layout.places;
    process_figures process = process_read();
    values[places[CM_METRIC_process_cpu].first] = process.cpu_seconds;
    values[places[CM_METRIC_process_resident].first] = process.resident_bytes;
    values[places[CM_METRIC_process_virtual].first] = process.virtual_bytes;
    values[places[CM_METRIC_process_start].first] = metrics->process_start;
    values[places[CM_METRIC_process_open_fds].first] = process.open_fds;
    values[places[CM_METRIC_process_max_fds].first] = process.max_fds;
}

void cm_registry_format(const cm_registry *metrics, cm_exposition format,
                        const cm_str *names, size_t n_names, cm_buf *out)
{
    double *values = cm_alloc(metrics->layout.n_slots, sizeof *values, NULL);
    if (values == NULL) {
        out->failed = true;
        return;
    }
    registry_sum_up(metrics, values);
    set_process_values(metrics, values);
    writer w = {.metrics = metrics,
                .values = values,
                .openmetrics = format == CM_EXPOSITION_OPENMETRICS,
                .names = names,
                .n_names = n_names,
                .out = out};
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        put_family(&w, (cm_metric)m);
    }
    if (w.openmetrics) {
        cm_buf_adds(out, "# EOF\n");
    }
    out->failed |= w.labels.failed;
    cm_buf_release(&w.labels);
    free(values);
}
