/* Scores a matrix with a model, as a program that embeds the library does; for
 * bench/apply.py.
 *
 *   bench_apply MODEL ROWS.f32 RAW.f64
 *
 * ROWS holds rows of as many floats as the model takes.  For every line "all"
 * or "single" of its input it scores them once, in one call or in one call a
 * row, and prints the seconds that took.  RAW has the last raw values at the
 * end of the input.  What a row costs in instructions:
 *
 *   echo single | valgrind --tool=callgrind --toggle-collect=cm_model_predict \
 *     build/bench_apply MODEL ROWS.f32 RAW.f64 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clickmill.h"

static void fail(const char *message)
{
    fprintf(stderr, "bench_apply: %s\n", message);
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *read_rows(const char *path, size_t width, size_t *count)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fail("cannot read the rows");
    }
    size_t bytes = (size_t)ftell(file);
    *count = bytes / (width * sizeof(float));
    float *rows = malloc(bytes);
    rewind(file);
    if (rows == NULL || fread(rows, 1, bytes, file) != bytes ||
        *count * width * sizeof *rows != bytes) {
        fail("the rows are not whole");
    }
    fclose(file);
    return rows;
}

static void score(const cm_model *model, const float *rows, size_t count,
                  double *raw)
{
    cm_error err;
    const cm_model_input input = {.count = count, .numbers = rows};
    if (cm_model_predict(model, &input, CM_PREDICT_RAW, raw, &err) != CM_OK) {
        fail(err.message);
    }
}

int main(int argc, char **argv)
{
    cm_model *model = NULL;
    cm_error err;
    size_t count;
    char line[16];
    if (argc != 4) {
        return 2;
    }
    if (cm_model_load(&model, argv[1], &err) != CM_OK) {
        fail(err.message);
    }
    size_t width = cm_model_number_count(model);
    float *rows = read_rows(argv[2], width, &count);
    double *raw = calloc(count, sizeof *raw);
    while (raw != NULL && fgets(line, sizeof line, stdin) != NULL) {
        size_t step = strcmp(line, "single\n") == 0 ? 1 : count;
        double start = seconds();
        for (size_t i = 0; i < count; i += step) {
            score(model, rows + i * width, step, raw + i);
        }
        printf("%.9f\n", seconds() - start);
        fflush(stdout);
    }
    FILE *out = fopen(argv[3], "wb");
    if (raw == NULL || out == NULL ||
        fwrite(raw, sizeof *raw, count, out) != count || fclose(out) != 0) {
        fail("cannot write the raw values");
    }
    cm_model_free(model);
    free(rows);
    free(raw);
    return 0;
}
