/* Reads N, then N labels as bytes, then N doubles, all raw, until the end of
 * input; prints the metrics of each such block on one line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluation/metrics.h"

static void print(const cm_metrics *m)
{
    printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g",
           m->log_loss, m->roc_auc, m->f1_weighted, m->precision, m->recall,
           m->base_rate, m->mean_prediction, m->normalized_entropy,
           m->calibration_ratio, m->base_log_loss);
    for (int i = 0; i < CM_CALIBRATION_BINS; i++)
        printf(" %" PRIu64 " %.17g %.17g", m->calibration[i].count,
               m->calibration[i].mean_prediction, m->calibration[i].click_rate);
    printf("\n");
}

int main(void)
{
    uint64_t n;
    while (fread(&n, sizeof n, 1, stdin) == 1) {
        uint8_t *labels = malloc(n + 1);
        double *probabilities = malloc((n + 1) * sizeof(double));
        cm_metrics metrics;
        cm_error err;
        if (labels == NULL || probabilities == NULL ||
            fread(labels, 1, n, stdin) != n ||
            fread(probabilities, sizeof(double), n, stdin) != n)
            return 2;
        if (cm_evaluate(&metrics, labels, probabilities, n, &err) != CM_OK)
            printf("error %s\n", err.message);
        else
            print(&metrics);
        free(labels);
        free(probabilities);
    }
    return 0;
}
