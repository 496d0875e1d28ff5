/* Applies a CatBoost model to floats and texts:
 *
 *   probe_foreign MODEL FLOATS.f32 CATS.txt N_ROWS RAW.f64 SAVED
 *
 * FLOATS holds whole columns one after the other, CATS one value a line, column
 * after column.  RAW gets the N_ROWS raw values, SAVED the model as we write
 * it, in the format its name ends in.  Fails when one row at a time or a reload
 * of SAVED give other bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/cat_hash.h"
#include "model/model.h"

typedef struct rows {
    size_t n;
    const float **columns;
    uint32_t **cats;
} rows;

static void check(cm_status status, const cm_error *err)
{
    if (status != CM_OK) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
}

static void *zeros(size_t count, size_t size)
{
    void *bytes = calloc(count + 1, size);
    if (bytes == NULL) {
        exit(2);
    }
    return bytes;
}

static const char *hash_lines(uint32_t *hashes, const char *at, const char *end,
                              size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) {
            fprintf(stderr, "the categories have too few lines\n");
            exit(1);
        }
        hashes[i] = cm_cat_hash((cm_str){at, (size_t)(stop - at)});
        at = stop + 1;
    }
    return at;
}

static void read_rows(rows *r, const cm_model *model, char **paths)
{
    cm_error err = {0};
    cm_mapping floats, cats;
    check(cm_map_file(&floats, paths[0], &err), &err);
    check(cm_map_file(&cats, paths[1], &err), &err);
    r->columns = zeros(model->n_features, sizeof *r->columns);
    r->cats = zeros(model->n_cat_features, sizeof *r->cats);
    if (floats.size != r->n * model->n_features * sizeof(float)) {
        fprintf(stderr, "the matrix has another size\n");
        exit(1);
    }
    for (size_t f = 0; f < model->n_features; f++) {
        r->columns[f] = (const float *)(const void *)floats.data + f * r->n;
    }
    const char *at = (const char *)cats.data;
    for (size_t c = 0; c < model->n_cat_features; c++) {
        r->cats[c] = zeros(r->n, sizeof **r->cats);
        at = hash_lines(r->cats[c], at, (const char *)cats.data + cats.size,
                        r->n);
    }
    cm_unmap(&cats); /* the floats stay mapped */
}

static void apply(const cm_model *model, const rows *r, double *raw)
{
    cm_model_apply_cats(model, r->columns, (const uint32_t *const *)r->cats,
                        r->n, raw);
}

static void compare_rows(const cm_model *model, const rows *r,
                         const double *raw)
{
    float *floats = zeros(model->n_features, sizeof *floats);
    uint32_t *cats = zeros(model->n_cat_features, sizeof *cats);
    for (size_t i = 0; i < r->n; i += 7) {
        for (size_t f = 0; f < model->n_features; f++) {
            floats[f] = r->columns[f][i];
        }
        for (size_t c = 0; c < model->n_cat_features; c++) {
            cats[c] = r->cats[c][i];
        }
        double single = cm_model_apply_cats_row(model, floats, cats);
        if (memcmp(&single, &raw[i], sizeof single) != 0) {
            fprintf(stderr, "row %zu alone gives other bits\n", i);
            exit(1);
        }
    }
    free(floats);
    free(cats);
}

static void compare_reloaded(const cm_model *model, const char *path,
                             const rows *r, const double *raw)
{
    cm_error err = {0};
    cm_model *again = NULL;
    cm_model_format format;
    double *values = zeros(r->n, sizeof *values);
    if (!cm_model_format_of_path(&format, path)) {
        fprintf(stderr, "%s is neither .json nor .cbm\n", path);
        exit(2);
    }
    check(cm_model_save(model, path, format, &err), &err);
    check(cm_model_load(&again, path, &err), &err);
    apply(again, r, values);
    if (memcmp(values, raw, r->n * sizeof *raw) != 0) {
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
    if (argc != 7) {
        return 2;
    }
    rows r = {.n = (size_t)strtoull(argv[4], NULL, 10)};
    check(cm_model_load(&model, argv[1], &err), &err);
    read_rows(&r, model, argv + 2);
    double *raw = zeros(r.n, sizeof *raw);
    apply(model, &r, raw);
    compare_rows(model, &r, raw);
    compare_reloaded(model, argv[6], &r, raw);
    check(
        cm_write_file(argv[5], (cm_str){(char *)raw, r.n * sizeof *raw}, &err),
        &err);
    printf("%zu trees, %zu one-hot, %zu tables, %zu CTRs\n", model->n_trees,
           model->n_one_hots, model->n_ctr_tables, model->n_ctrs);
    return 0;
}
