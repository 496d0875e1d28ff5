/* Reads N, then N labels as bytes, then N doubles, all raw, until the end of
 * input.  Prints four lines for each such block: the average precision; the
 * operating points as THRESHOLD CLICKS OTHERS; the bootstrap's intervals; the
 * Wilson interval of the click rate.  With arguments A B A B …: the stability
 * index of the counts A and B. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluation/groups.h"
#include "evaluation/operating_points.h"

static void print_curve(const cm_operating_points *curve)
{
    printf("%.17g\n", curve->average_precision);
    for (size_t i = 0; i < curve->n; i++)
        printf("%.17g %" PRIu64 " %" PRIu64 " ", curve->points[i].threshold,
               curve->points[i].clicks, curve->points[i].others);
    printf("\n");
}

static void print_intervals(const cm_metric_intervals *m)
{
    const cm_interval all[] = {m->log_loss,         m->roc_auc,
                               m->f1_weighted,      m->precision,
                               m->recall,           m->base_rate,
                               m->mean_prediction,  m->normalized_entropy,
                               m->calibration_ratio};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        printf("%.17g %.17g ", all[i].low, all[i].high);
    printf("\n");
}

static int print_block(const uint8_t *labels, const double *p, size_t n)
{
    const cm_bootstrap_options options = {.level = .95, .seed = 7};
    cm_operating_points curve;
    cm_metric_intervals intervals;
    cm_error err;
    if (cm_operating_points_init(&curve, labels, p, n, &err) != CM_OK ||
        cm_bootstrap_metrics(&intervals, labels, p, n, &options, &err) != CM_OK)
        return 2;
    print_curve(&curve);
    print_intervals(&intervals);
    cm_interval rate = cm_wilson(curve.clicks, n, .95);
    printf("%.17g %.17g\n", rate.low, rate.high);
    cm_operating_points_release(&curve);
    return 0;
}

static int print_stability(int argc, char **argv)
{
    enum { MAX = 64 };
    uint64_t now[MAX], then[MAX];
    size_t n = 0;
    for (int i = 1; i + 1 < argc && n < MAX; i += 2, n++) {
        now[n] = strtoull(argv[i], NULL, 10);
        then[n] = strtoull(argv[i + 1], NULL, 10);
    }
    printf("%.17g\n", cm_stability_index(now, then, n));
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t n;
    int failed = 0;
    if (argc > 1)
        return print_stability(argc, argv);
    while (!failed && fread(&n, sizeof n, 1, stdin) == 1) {
        uint8_t *labels = malloc(n);
        double *p = malloc(n * sizeof *p);
        failed = labels == NULL || p == NULL ||
                 fread(labels, 1, n, stdin) != n ||
                 fread(p, sizeof *p, n, stdin) != n ||
                 print_block(labels, p, n) != 0;
        free(labels);
        free(p);
    }
    return failed;
}
