/* The curves as arrays of points, which `dvc plots` draws and compares between
 * revisions. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/file.h"
#include "codec/json.h"
#include "pipeline/report_figures.h"

enum { MAX_FIELDS = 4 };

/* One file: which arrays of a series are the fields of its points. */
typedef struct plot_file {
    const char *name;
    size_t series; /* offset in report_data */
    struct {
        const char *key;
        size_t array; /* offset in report_series */
    } fields[MAX_FIELDS];
    bool named; /* points have a name, too */
} plot_file;

#define SERIES(field) offsetof(report_data, field)
#define ARRAY(field)  offsetof(report_series, field)

static const plot_file plots[] = {
    {"roc",
     SERIES(ranking),
     {{"fpr", ARRAY(x)}, {"tpr", ARRAY(y)}, {"threshold", ARRAY(low)}},
     false},
    {"precision_recall",
     SERIES(ranking),
     {{"recall", ARRAY(y)},
      {"precision", ARRAY(predicted)},
      {"threshold", ARRAY(low)}},
     false},
    {"calibration",
     SERIES(reliability),
     {{"predicted", ARRAY(x)}, {"observed", ARRAY(y)}, {"rows", ARRAY(rows)}},
     false},
    {"learning_curve",
     SERIES(learning),
     {{"trees", ARRAY(x)},
      {"train_log_loss", ARRAY(predicted)},
      {"log_loss", ARRAY(y)}},
     false},
    {"importance", SERIES(importance), {{"importance", ARRAY(x)}}, true},
    {"drift",
     SERIES(drift),
     {{"stability_index", ARRAY(x)}, {"new_values", ARRAY(y)}},
     true},
};

static const double *array_of(const report_series *series, size_t array)
{
    return *(double *const *)((const char *)series + array);
}

/* `dvc plots` wants all fields in all points. */
static bool is_whole(const plot_file *plot, const report_series *series,
                     size_t i)
{
    for (size_t f = 0; f < MAX_FIELDS && plot->fields[f].key; f++) {
        if (!isfinite(array_of(series, plot->fields[f].array)[i])) {
            return false;
        }
    }
    return true;
}

static void put_point(cm_json_writer *w, const plot_file *plot,
                      const report_series *series, size_t i)
{
    cm_json_begin_object(w, NULL);
    if (plot->named) {
        cm_json_put_text(w, "name", series->names[i]);
    }
    for (size_t f = 0; f < MAX_FIELDS && plot->fields[f].key; f++) {
        cm_json_put_double(w, plot->fields[f].key,
                           array_of(series, plot->fields[f].array)[i]);
    }
    cm_json_end_object(w);
}

static void put_points(cm_json_writer *w, const plot_file *plot,
                       const report_series *series)
{
    cm_json_begin_array(w, NULL);
    for (size_t i = 0; i < series->n; i++) {
        if (is_whole(plot, series, i)) {
            put_point(w, plot, series, i);
        }
    }
    cm_json_end_array(w);
}

static cm_status save_plot(const report_data *data, const plot_file *plot,
                           const char *folder, cm_error *err)
{
    cm_buf path = {0}, json = {0};
    const report_series *series =
        (const report_series *)((const char *)data + plot->series);
    cm_json_writer w = cm_json_writer_of(&json, 2);
    put_points(&w, plot, series);
    cm_buf_addc(&json, '\n');
    cm_buf_addf(&path, "%s/plots/%s.json", folder, plot->name);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        status = cm_buf_check(&json, err);
    }
    if (status == CM_OK) {
        status = cm_make_parent(path.p, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(path.p, (cm_str){json.p, json.n}, err);
    }
    cm_buf_release(&path);
    cm_buf_release(&json);
    return status;
}

cm_status report_plots_save(const report_data *data, const char *folder,
                            cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof plots / sizeof *plots && status == CM_OK;
         i++) {
        status = save_plot(data, &plots[i], folder, err);
    }
    return status;
}
