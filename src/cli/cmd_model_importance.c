/* clickmill model importance */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/model_arg.h"
#include "cli/output.h"
#include "pipeline/model_table.h"

typedef struct ranked {
    size_t input;
    double score;
} ranked;

static int by_score(const void *x, const void *y)
{
    const ranked *a = x, *b = y;
    int order = (a->score < b->score) - (a->score > b->score);
    return order != 0 ? order : (a->input > b->input) - (a->input < b->input);
}

/* scores (n) of inputs, largest first. */
static cm_status rank(ranked **out, const double *scores, size_t n,
                      cm_error *err)
{
    *out = cm_alloc(n, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = (ranked){i, scores[i]};
    }
    qsort(*out, n, sizeof **out, by_score);
    return CM_OK;
}

static cm_status print_ranked(const cli_context *c, const cm_model *model,
                              const ranked *list, size_t n, cm_error *err)
{
    char digits[32];
    if (!cli_switch(c, "json")) {
        printf("  %-32s %12s\n", "input", "importance");
        for (size_t i = 0; i < n; i++) {
            printf("  %-32s %12.6g\n",
                   cli_input_name(model, list[i].input, digits), list[i].score);
        }
        return CM_OK;
    }
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "type", cli_text(c, "type"));
    cm_json_begin_array(&w, "inputs");
    for (size_t i = 0; i < n; i++) {
        cm_json_begin_object(&w, NULL);
        cm_json_put_u64(&w, "input", list[i].input);
        cm_json_put_text(&w, "name",
                         cli_input_name(model, list[i].input, digits));
        cm_json_put_double(&w, "importance", list[i].score);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

/* scores (inputs) as a table or as JSON. */
static cm_status print_scores(const cli_context *c, const cm_model *model,
                              const double *scores, cm_error *err)
{
    size_t n = cm_model_input_count(model);
    ranked *list = NULL;
    cm_status status = rank(&list, scores, n, err);
    if (status == CM_OK) {
        status = print_ranked(c, model, list, n, err);
    }
    free(list);
    return status;
}

/* rows: NULL where no --input was given. */
typedef cm_status score_inputs(const cm_model *model,
                               const cm_explain_rows *rows, double *out,
                               cm_error *err);

static cm_status print_scored(const cli_context *c, const cm_model *model,
                              const cm_explain_rows *rows, score_inputs *score,
                              cm_error *err)
{
    double *scores = cm_alloc(cm_model_input_count(model), sizeof *scores, err);
    cm_status status = scores ? score(model, rows, scores, err) : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = print_scores(c, model, scores, err);
    }
    free(scores);
    return status;
}

static cm_status values_change(const cli_context *c, const cm_model *model,
                               const cm_explain_rows *rows, cm_error *err)
{
    return print_scored(c, model, rows, cm_model_values_change, err);
}

static cm_status loss_change(const cli_context *c, const cm_model *model,
                             const cm_explain_rows *rows, cm_error *err)
{
    return print_scored(c, model, rows, cm_model_loss_change, err);
}

/* ---- SHAP values ------------------------------------------------------- */

static void add_csv_name(cm_buf *out, const char *name)
{
    bool quoted = strpbrk(name, ",\"\r\n") != NULL;
    cm_buf_adds(out, quoted ? "\"" : "");
    for (; *name != '\0'; name++) {
        cm_buf_adds(out, *name == '"' ? "\"" : "");
        cm_buf_addc(out, *name);
    }
    cm_buf_adds(out, quoted ? "\"" : "");
}

static void add_csv_row(cm_buf *out, const double *row, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        cm_buf_adds(out, i > 0 ? "," : "");
        cm_buf_add_double(out, row[i]);
    }
    cm_buf_addc(out, '\n');
}

/* shap (n, width) as CSV with the inputs' names. */
static cm_status write_shap(const char *path, const cm_model *model,
                            const double *shap, size_t n, size_t width,
                            cm_error *err)
{
    enum { FLUSH = 1 << 16 };
    cli_output output = {0};
    cm_buf buf = {0};
    char digits[32];
    cm_status status = cli_output_open(&output, path, err);
    for (size_t i = 0; i + 1 < width; i++) {
        add_csv_name(&buf, cli_input_name(model, i, digits));
        cm_buf_addc(&buf, ',');
    }
    cm_buf_adds(&buf, "expected_value\n");
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        add_csv_row(&buf, shap + i * width, width);
        if (buf.n > FLUSH || i + 1 == n) {
            status = cm_buf_check(&buf, err);
            status = status == CM_OK
                         ? output.sink.write(output.sink.context,
                                             (cm_str){buf.p, buf.n}, err)
                         : status;
            cm_buf_clear(&buf);
        }
    }
    cm_buf_release(&buf);
    return cli_output_close(&output, status, err);
}

/* The mean of what an input added, without its sign. */
static void mean_sizes(double *out, const double *shap, size_t n, size_t width)
{
    for (size_t j = 0; j + 1 < width; j++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += fabs(shap[i * width + j]);
        }
        out[j] = n > 0 ? sum / (double)n : 0;
    }
}

static cm_status shap_values(const cli_context *c, const cm_model *model,
                             const cm_explain_rows *rows, cm_error *err)
{
    const char *path = cli_text(c, "output");
    size_t width = cm_model_input_count(model) + 1;
    double *shap = cm_alloc(rows->n, width * sizeof *shap, err);
    double *sizes = cm_alloc(width, sizeof *sizes, err);
    cm_status status =
        shap && sizes ? cm_model_shap(model, rows, shap, err) : CM_ERR_NOMEM;
    if (status == CM_OK && path != NULL) {
        status = write_shap(path, model, shap, rows->n, width, err);
    } else if (status == CM_OK) {
        mean_sizes(sizes, shap, rows->n, width);
        status = print_scores(c, model, sizes, err);
    }
    free(shap);
    free(sizes);
    return status;
}

/* ---- pairs ------------------------------------------------------------- */

static cm_status print_pairs(const cli_context *c, const cm_model *model,
                             const cm_interaction *pairs, size_t n,
                             cm_error *err)
{
    char first[32], second[32];
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    if (!cli_switch(c, "json")) {
        printf("  %-24s %-24s %12s\n", "input", "with", "score");
        for (size_t i = 0; i < n; i++) {
            printf("  %-24s %-24s %12.6g\n",
                   cli_input_name(model, pairs[i].first, first),
                   cli_input_name(model, pairs[i].second, second),
                   pairs[i].score);
        }
        return CM_OK;
    }
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "type", cli_text(c, "type"));
    cm_json_begin_array(&w, "pairs");
    for (size_t i = 0; i < n; i++) {
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "first",
                         cli_input_name(model, pairs[i].first, first));
        cm_json_put_text(&w, "second",
                         cli_input_name(model, pairs[i].second, second));
        cm_json_put_double(&w, "score", pairs[i].score);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status interaction(const cli_context *c, const cm_model *model,
                             const cm_explain_rows *rows, cm_error *err)
{
    (void)rows;
    cm_interaction *pairs = NULL;
    size_t n = 0;
    cm_status status = cm_model_interaction(model, &pairs, &n, err);
    if (status == CM_OK) {
        status = print_pairs(c, model, pairs, n, err);
    }
    free(pairs);
    return status;
}

/* ---- types ------------------------------------------------------------- */

/* By CatBoost's names. */
typedef struct importance_type {
    const char *name;
    bool needs_rows, needs_labels;
    cm_status (*run)(const cli_context *c, const cm_model *model,
                     const cm_explain_rows *rows, cm_error *err);
} importance_type;

static const importance_type types[] = {
    {"PredictionValuesChange", false, false, values_change},
    {"LossFunctionChange", true, true, loss_change},
    {"Interaction", false, false, interaction},
    {"ShapValues", true, false, shap_values},
};

static cm_status find_type(const importance_type **out, const cli_context *c,
                           cm_error *err)
{
    const char *name = cli_text(c, "type");
    size_t t = 0, n = sizeof types / sizeof *types;
    while (t < n && strcmp(types[t].name, name) != 0) {
        t++;
    }
    if (t == n) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--type: found \"%s\", expected "
                       "PredictionValuesChange, LossFunctionChange, "
                       "Interaction or ShapValues",
                       name);
    }
    *out = &types[t];
    bool rows = cli_text(c, "input") != NULL;
    bool labels = cli_text(c, "labels") != NULL;
    if ((types[t].needs_rows && !rows) || (types[t].needs_labels && !labels)) {
        return cm_fail(err, CM_ERR_USAGE, "--type %s needs --input%s", name,
                       types[t].needs_labels ? " and --labels" : "");
    }
    if ((labels || cli_text(c, "weights") != NULL) && !rows) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--labels and --weights are of rows: give --input too");
    }
    return CM_OK;
}

cm_status cli_model_importance(cli_context *c, cm_error *err)
{
    const importance_type *type = NULL;
    cm_table_paths paths = {cli_text(c, "input"), cli_text(c, "labels"),
                            cli_text(c, "weights")};
    cli_model model = {0};
    cm_table_rows table = {0};
    cm_status status = find_type(&type, c, err);
    if (status == CM_OK) {
        status = cli_model_open(&model, c->words[0], err);
    }
    if (status == CM_OK && paths.input != NULL) {
        status = cm_table_rows_load(&table, model.model, &paths, &c->log, err);
    }
    table.rows.n_threads = (int)c->config.thread_count;
    if (status == CM_OK) {
        status = type->run(c, model.model,
                           paths.input != NULL ? &table.rows : NULL, err);
    }
    cm_table_rows_release(&table);
    cli_model_close(&model);
    return status;
}
