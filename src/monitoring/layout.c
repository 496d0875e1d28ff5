/* From the table of metrics to places: which slots belong to which child. */
#include "monitoring/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

const metric_row metric_rows[CM_N_METRICS] = {
#define CM_METRIC(id, type, name, labels, values, buckets, help) \
    {METRIC_##type, name, labels, values, buckets, help},
#include "monitoring/metrics.def"
};

static const char *const statuses[CM_N_STATUSES] = {"1xx", "2xx", "3xx", "4xx",
                                                    "5xx"};

cm_str list_word(const char *list, char separator, size_t i)
{
    const char separators[] = {separator, '\0'};
    for (; i > 0 && *list != '\0'; i--) {
        list += strcspn(list, separators);
        list += *list == separator;
    }
    return (cm_str){list, strcspn(list, separators)};
}

size_t list_length(const char *list, char separator)
{
    size_t n = *list != '\0';
    for (; *list != '\0'; list++) {
        n += *list == separator;
    }
    return n;
}

/* How many values a label of a row has. */
static size_t n_values(const metrics_layout *layout, const metric_row *row,
                       cm_str label)
{
    return cm_str_is(label, "handler")  ? layout->n_handlers
           : cm_str_is(label, "method") ? layout->n_methods
           : cm_str_is(label, "status") ? CM_N_STATUSES
                                        : list_length(row->values, '|');
}

/* The last label's values are neighbours. */
static void place_children(const metrics_layout *layout, const metric_row *row,
                           cm_metric_place *place)
{
    size_t n = 1;
    for (size_t i = list_length(row->labels, ','); i > 0; i--) {
        cm_str label = list_word(row->labels, ',', i - 1);
        uint32_t step = (uint32_t)n;
        if (cm_str_is(label, "handler")) {
            place->handler_step = step;
        } else if (cm_str_is(label, "method")) {
            place->method_step = step;
        } else if (cm_str_is(label, "status")) {
            place->status_step = step;
        }
        n *= n_values(layout, row, label);
    }
    place->n_children = row->type == METRIC_INFO ? 0 : (uint32_t)n;
}

static uint32_t child_width(const metric_row *row, size_t n_bounds)
{
    switch (row->type) {
    case METRIC_HISTOGRAM:
    case METRIC_SUMMARY:
        return (uint32_t)n_bounds + 2;
    case METRIC_LAST:
        return 2;
    default:
        return 1;
    }
}

/* Bounds of a row, at `bounds`; returns how many. */
static size_t read_bounds(const metric_row *row, double *bounds)
{
    size_t n = list_length(row->buckets, ',');
    for (size_t i = 0; i < n; i++) {
        CM_ASSERT(cm_parse_double(list_word(row->buckets, ',', i), &bounds[i]));
        CM_ASSERT(i == 0 || bounds[i - 1] < bounds[i]);
    }
    return n;
}

static void place_metrics(metrics_layout *layout)
{
    double *bounds = layout->bounds;
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        const metric_row *row = &metric_rows[m];
        cm_metric_place *place = &layout->places[m];
        place->bounds = bounds;
        place->n_bounds = (uint32_t)read_bounds(row, bounds);
        place->width = child_width(row, place->n_bounds);
        place->first = (uint32_t)layout->n_slots;
        place_children(layout, row, place);
        bounds += place->n_bounds;
        layout->n_slots += (size_t)place->n_children * place->width;
    }
}

static char **copy_values(cm_label_values values, cm_error *err)
{
    char **copy = cm_alloc_zero(values.n, sizeof *copy, err);
    for (size_t i = 0; copy != NULL && i < values.n; i++) {
        for (size_t j = 0; j < i; j++) {
            CM_ASSERT(strcmp(copy[j], values.values[i]) != 0);
        }
        copy[i] = cm_strdup(values.values[i], err);
        if (copy[i] == NULL) {
            while (i > 0) {
                free(copy[--i]);
            }
            free(copy);
            return NULL;
        }
    }
    return copy;
}

static void free_values(char **values, size_t n)
{
    for (size_t i = 0; values != NULL && i < n; i++) {
        free(values[i]);
    }
    free(values);
}

cm_status layout_init(metrics_layout *out, cm_label_values handlers,
                      cm_label_values methods, cm_error *err)
{
    size_t n_bounds = 0;
    for (size_t m = 0; m < CM_N_METRICS; m++) {
        n_bounds += list_length(metric_rows[m].buckets, ',');
    }
    *out = (metrics_layout){.n_handlers = handlers.n, .n_methods = methods.n};
    out->bounds = cm_alloc(n_bounds, sizeof *out->bounds, err);
    out->handlers = copy_values(handlers, err);
    out->methods = copy_values(methods, err);
    if (out->bounds == NULL || out->handlers == NULL || out->methods == NULL) {
        layout_release(out);
        return CM_ERR_NOMEM;
    }
    place_metrics(out);
    return CM_OK;
}

void layout_release(metrics_layout *layout)
{
    free_values(layout->handlers, layout->n_handlers);
    free_values(layout->methods, layout->n_methods);
    free(layout->bounds);
    *layout = (metrics_layout){0};
}

cm_str layout_label_value(const metrics_layout *layout, cm_metric metric,
                          size_t label, size_t child)
{
    const metric_row *row = &metric_rows[metric];
    const cm_metric_place *place = &layout->places[metric];
    cm_str name = list_word(row->labels, ',', label);
    if (cm_str_is(name, "handler")) {
        return cm_str_of(
            layout->handlers[child / place->handler_step % layout->n_handlers]);
    }
    if (cm_str_is(name, "method")) {
        return cm_str_of(
            layout->methods[child / place->method_step % layout->n_methods]);
    }
    if (cm_str_is(name, "status")) {
        return cm_str_of(statuses[child / place->status_step % CM_N_STATUSES]);
    }
    return list_word(row->values, '|', child);
}
