/* Explains a model of float features on a matrix of float32:
 *
 *   probe_explain MODEL.json MATRIX.f32 N_ROWS LABELS.f32 FOLDER
 *
 * MATRIX holds whole columns one after the other.  FOLDER gets shap.f64
 * (N_ROWS, inputs + 1), values.f64 (inputs), loss.f64 (inputs) and pairs.f64
 * (pairs, 3).  Prints the nanoseconds a row of SHAP values took, of the fastest
 * of five runs on one thread, and the milliseconds of making ready. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "model/explain.h"

static void check(cm_status status, const cm_error *err)
{
    if (status != CM_OK) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
}

static void save(const char *folder, const char *name, const double *values,
                 size_t n)
{
    cm_error err = {0};
    char *path = cm_path_join(folder, name);
    cm_str bytes = {(const char *)values, n * sizeof *values};
    check(cm_write_file(path, bytes, &err), &err);
    free(path);
}

static void explain(const cm_model *model, const cm_explain_rows *rows,
                    double *shap)
{
    cm_error err = {0};
    cm_explainer *explainer = NULL;
    double best = 1e30, start = cm_seconds();
    check(cm_explainer_new(&explainer, model, rows, &err), &err);
    double ready = cm_seconds() - start;
    for (int i = 0; i < 5; i++) {
        start = cm_seconds();
        check(cm_explainer_shap(explainer, rows, shap, &err), &err);
        double took = cm_seconds() - start;
        best = took < best ? took : best;
    }
    cm_explainer_free(explainer);
    printf("%.1f %.3f\n", best * 1e9 / (double)rows->n, ready * 1e3);
}

static void save_pairs(const cm_model *model, const char *folder)
{
    cm_error err = {0};
    cm_interaction *pairs = NULL;
    size_t n = 0;
    check(cm_model_interaction(model, &pairs, &n, &err), &err);
    double *table = calloc(3 * n + 1, sizeof *table);
    for (size_t i = 0; i < n; i++) {
        table[3 * i] = pairs[i].first;
        table[3 * i + 1] = pairs[i].second;
        table[3 * i + 2] = pairs[i].score;
    }
    save(folder, "pairs.f64", table, 3 * n);
    free(table);
    free(pairs);
}

int main(int argc, char **argv)
{
    cm_error err = {0};
    cm_model *model = NULL;
    cm_mapping matrix, labels;
    if (argc < 6) {
        return 2;
    }
    size_t n = (size_t)strtoull(argv[3], NULL, 10);
    check(cm_model_load_json(&model, argv[1], &err), &err);
    check(cm_map_file(&matrix, argv[2], &err), &err);
    check(cm_map_file(&labels, argv[4], &err), &err);
    if (matrix.size != n * model->n_features * sizeof(float) ||
        labels.size != n * sizeof(float)) {
        fprintf(stderr, "the matrix or the labels have another size\n");
        return 1;
    }
    size_t inputs = cm_model_n_inputs(model);
    const float **columns = calloc(model->n_features + 1, sizeof *columns);
    double *shap = calloc(n * (inputs + 1), sizeof *shap);
    double *scores = calloc(inputs + 1, sizeof *scores);
    for (size_t f = 0; f < model->n_features; f++) {
        columns[f] = (const float *)(const void *)matrix.data + f * n;
    }
    cm_explain_rows rows = {
        .n = n,
        .columns = columns,
        .labels = (const float *)(const void *)labels.data,
        .n_threads = 1,
    };
    explain(model, &rows, shap);
    save(argv[5], "shap.f64", shap, n * (inputs + 1));
    check(cm_model_values_change(model, NULL, scores, &err), &err);
    save(argv[5], "values.f64", scores, inputs);
    check(cm_model_loss_change(model, &rows, scores, &err), &err);
    save(argv[5], "loss.f64", scores, inputs);
    save_pairs(model, argv[5]);
    cm_unmap(&matrix);
    cm_unmap(&labels);
    cm_model_free(model);
    free(columns);
    free(shap);
    free(scores);
    return 0;
}
