/* Prints GreedyLogSum borders of float32 values read from standard input:
 * probe_borders MAX_BORDERS < values > borders, both as raw float32. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/borders.h"

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static float values[1 << 22];
    static uint64_t counts[1 << 22];
    static float borders[1 << 16];
    size_t distinct = 0, n_borders;
    cm_error err;
    if (argc != 2)
        return 2;
    size_t n = fread(values, sizeof *values, 1 << 22, stdin);
    qsort(values, n, sizeof *values, compare);
    for (size_t i = 0; i < n; i++) {
        if (distinct == 0 || values[i] != values[distinct - 1])
            values[distinct++] = values[i];
        counts[distinct - 1]++;
    }
    size_t max_borders = (size_t)strtoul(argv[1], NULL, 10);
    if (max_borders > 1 << 16 ||
        cm_borders_greedy_logsum(borders, &n_borders, values, counts, distinct,
                                 max_borders, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    return fwrite(borders, sizeof *borders, n_borders, stdout) != n_borders;
}
