/* Explains a model on a matrix of float32 and columns of texts:
 *
 *   probe_explain MODEL FOLDER N_ROWS
 *
 * FOLDER holds "matrix", whole columns of the float features one after the
 * other, "labels", N_ROWS floats, and "cats", whole columns of the categories,
 * a line a value.  It gets shap.f64 (N_ROWS, inputs + 1), values.f64 (inputs),
 * rows_values.f64, the same with leaves weighed by the rows, loss.f64 (inputs)
 * and pairs.f64 (pairs, 3).  Prints the nanoseconds a row of SHAP values took,
 * of the fastest of five runs on one thread, and the milliseconds of making
 * ready. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "model/cat_hash.h"
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
    check(cm_explainer_new_for(&explainer, model, rows, &err), &err);
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

/* What of FOLDER is to be explained. */
typedef struct input {
    size_t n;
    cm_mapping matrix, labels, cats;
    const float **columns;
    uint32_t **hashes;
} input;

static cm_mapping map(const char *folder, const char *name)
{
    cm_error err = {0};
    cm_mapping mapping;
    char *path = cm_path_join(folder, name);
    check(cm_map_file(&mapping, path, &err), &err);
    free(path);
    return mapping;
}

static void hash_lines(uint32_t *out, size_t n, const char **next,
                       const char *end)
{
    for (size_t i = 0; i < n; i++) {
        const char *stop = memchr(*next, '\n', (size_t)(end - *next));
        out[i] = cm_cat_hash((cm_str){*next, (size_t)(stop - *next)});
        *next = stop + 1;
    }
}

static input read_input(const cm_model *model, const char *folder, size_t n)
{
    input in = {.n = n,
                .matrix = map(folder, "matrix"),
                .labels = map(folder, "labels"),
                .cats = map(folder, "cats"),
                .columns = calloc(model->n_features + 1, sizeof(float *)),
                .hashes = calloc(model->n_cat_features + 1, sizeof(void *))};
    if (in.matrix.size != n * model->n_features * sizeof(float) ||
        in.labels.size != n * sizeof(float)) {
        fprintf(stderr, "the matrix or the labels have another size\n");
        exit(1);
    }
    for (size_t f = 0; f < model->n_features; f++) {
        in.columns[f] = (const float *)(const void *)in.matrix.data + f * n;
    }
    const char *next = (const char *)in.cats.data;
    const char *end = next + in.cats.size;
    for (size_t c = 0; c < model->n_cat_features; c++) {
        in.hashes[c] = calloc(n + 1, sizeof(uint32_t));
        hash_lines(in.hashes[c], n, &next, end);
    }
    return in;
}

static void input_release(input *in, size_t n_cats)
{
    for (size_t c = 0; c < n_cats; c++) {
        free(in->hashes[c]);
    }
    free(in->hashes);
    free(in->columns);
    cm_unmap(&in->matrix);
    cm_unmap(&in->labels);
    cm_unmap(&in->cats);
}

int main(int argc, char **argv)
{
    cm_error err = {0};
    cm_model *model = NULL;
    if (argc < 4) {
        return 2;
    }
    size_t n = (size_t)strtoull(argv[3], NULL, 10);
    check(cm_model_load(&model, argv[1], &err), &err);
    input in = read_input(model, argv[2], n);
    size_t inputs = cm_model_input_count(model);
    double *shap = calloc(n * (inputs + 1), sizeof *shap);
    double *scores = calloc(inputs + 1, sizeof *scores);
    cm_explain_rows rows = {
        .n = n,
        .columns = in.columns,
        .cats = (const uint32_t *const *)in.hashes,
        .labels = (const float *)(const void *)in.labels.data,
        .n_threads = 1,
    };
    explain(model, &rows, shap);
    save(argv[2], "shap.f64", shap, n * (inputs + 1));
    check(cm_model_values_change(model, NULL, scores, &err), &err);
    save(argv[2], "values.f64", scores, inputs);
    check(cm_model_values_change(model, &rows, scores, &err), &err);
    save(argv[2], "rows_values.f64", scores, inputs);
    check(cm_model_loss_change(model, &rows, scores, &err), &err);
    save(argv[2], "loss.f64", scores, inputs);
    save_pairs(model, argv[2]);
    input_release(&in, model->n_cat_features);
    cm_model_free(model);
    free(shap);
    free(scores);
    return 0;
}
