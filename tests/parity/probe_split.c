/* Reads "N VAL_SIZE SEED" lines and prints of each cm_split_random the sizes
 * and a checksum that depends on the order; "show N VAL_SIZE SEED" prints the
 * validation rows and then the train rows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "data/split.h"

/* sum of (i + 1) * row modulo 2^64 */
static uint64_t checksum(const uint32_t *rows, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (i + 1) * (uint64_t)rows[i];
    return sum;
}

static void print_rows(const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s%" PRIu32, i == 0 ? "" : " ", rows[i]);
    printf("\n");
}

int main(void)
{
    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t n;
        double val_size;
        uint32_t seed;
        int show = strncmp(line, "show ", 5) == 0;
        cm_split split;
        cm_error err;
        if (sscanf(line + (show ? 5 : 0), "%zu %lf %" SCNu32, &n, &val_size,
                   &seed) != 3)
            return 2;
        if (cm_split_random(&split, n, val_size, seed, &err) != CM_OK) {
            printf("error %s\n", err.message);
            continue;
        }
        if (show) {
            print_rows(split.val, split.n_val);
            print_rows(split.train, split.n_train);
        } else {
            printf("%zu %zu %" PRIu64 " %" PRIu64 "\n", split.n_val,
                   split.n_train, checksum(split.val, split.n_val),
                   checksum(split.train, split.n_train));
        }
        cm_split_release(&split);
    }
    return 0;
}
