/* Applies a CatBoost model, JSON or .cbm, to a matrix of float32:
 *
 *   probe_model MODEL MATRIX.f32 N_ROWS RAW.f64 [SAVED [REPEATS]]
 *
 * MATRIX holds whole columns one after the other; RAW gets the N_ROWS raw
 * values.  SAVED gets the model as we write it, .json or .cbm.  Prints
 * "nanoseconds a row and tree" of the fastest of REPEATS batch runs; fails when
 * one row at a time or a reload of SAVED give other bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "model/model.h"

static void check(cm_status status, const cm_error *err)
{
    if (status != CM_OK) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
}

static double fastest(const cm_model *model, const float *const *columns,
                      size_t n, double *raw, long repeats)
{
    double best = 1e30;
    for (long i = 0; i < repeats; i++) {
        double start = cm_seconds();
        cm_model_apply(model, columns, n, raw);
        double took = cm_seconds() - start;
        best = took < best ? took : best;
    }
    return best;
}

static void compare_rows(const cm_model *model, const float *const *columns,
                         size_t n, const double *raw)
{
    float *row = calloc(model->n_features + 1, sizeof *row);
    for (size_t i = 0; i < n && row != NULL; i++) {
        for (size_t f = 0; f < model->n_features; f++) {
            row[f] = columns[f][i];
        }
        double single = cm_model_apply_row(model, row);
        if (memcmp(&single, &raw[i], sizeof single) != 0) {
            fprintf(stderr, "row %zu alone gives other bits\n", i);
            exit(1);
        }
    }
    free(row);
}

static void compare_reloaded(const cm_model *model, const char *path,
                             const float *const *columns, size_t n,
                             const double *raw)
{
    cm_error err = {0};
    cm_model *again = NULL;
    double *values = calloc(n + 1, sizeof *values);
    cm_model_format format;
    if (!cm_model_format_of_path(&format, path)) {
        fprintf(stderr, "%s is neither .json nor .cbm\n", path);
        exit(2);
    }
    check(cm_model_save(model, path, format, &err), &err);
    check(cm_model_load(&again, path, &err), &err);
    cm_model_apply(again, columns, n, values);
    if (memcmp(values, raw, n * sizeof *raw) != 0) {
        fprintf(stderr, "the saved model gives other bits\n");
        exit(1);
    }
    free(values);
    cm_model_free(again);
}

int main(int argc, char **argv)
{
    cm_error err = {0};
    cm_model *model = NULL;
    cm_mapping matrix;
    if (argc < 5) {
        return 2;
    }
    size_t n = (size_t)strtoull(argv[3], NULL, 10);
    check(cm_model_load(&model, argv[1], &err), &err);
    check(cm_map_file(&matrix, argv[2], &err), &err);
    if (matrix.size != n * model->n_features * sizeof(float)) {
        fprintf(stderr, "the matrix has another size\n");
        return 1;
    }
    const float **columns = calloc(model->n_features + 1, sizeof *columns);
    double *raw = calloc(n + 1, sizeof *raw);
    for (size_t f = 0; f < model->n_features; f++) {
        columns[f] = (const float *)(const void *)matrix.data + f * n;
    }
    double took = fastest(model, columns, n, raw,
                          argc > 6 ? strtol(argv[6], NULL, 10) : 1);
    printf("%.4f\n", took * 1e9 / (double)n / (double)(model->n_trees + 1));
    compare_rows(model, columns, n, raw);
    if (argc > 5) {
        compare_reloaded(model, argv[5], columns, n, raw);
    }
    check(cm_write_file(argv[4], (cm_str){(char *)raw, n * sizeof *raw}, &err),
          &err);
    cm_unmap(&matrix);
    cm_model_free(model);
    free(columns);
    free(raw);
    return 0;
}
