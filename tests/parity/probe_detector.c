/* probe_detector TYPE PVAL WAIT max|min < values: after how many values the
 * overfitting detector stops (0: never), and which was the best, from 0. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/overfit_detector.h"

static bool parse(cm_od_options *out, char **argv)
{
    uint64_t wait = 0;
    out->type = strcmp(argv[1], "Iter") == 0 ? CM_OD_ITER : CM_OD_INC_TO_DEC;
    if (!cm_parse_double(cm_str_of(argv[2]), &out->pval) ||
        !cm_parse_u64(cm_str_of(argv[3]), &wait)) {
        return false;
    }
    out->wait = (uint32_t)wait;
    return true;
}

int main(int argc, char **argv)
{
    static cm_overfit_detector detector;
    cm_od_options options = {0};
    if (argc != 5 || !parse(&options, argv)) {
        fprintf(stderr, "usage: probe_detector TYPE PVAL WAIT max|min\n");
        return 2;
    }
    double sign = strcmp(argv[4], "max") == 0 ? 1 : -1, value = 0, best = 0;
    size_t n = 0, best_at = 0, stop = 0;
    cm_overfit_detector_init(&detector, &options);
    while (stop == 0 && scanf("%lf", &value) == 1) {
        if (n == 0 || sign * value > best) {
            best = sign * value;
            best_at = n;
        }
        n++;
        stop = cm_overfit_detector_add(&detector, sign * value) ? n : 0;
    }
    printf("{\"stop\": %zu, \"best\": %zu}\n", stop, best_at);
    return 0;
}
