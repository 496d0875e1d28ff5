/* Predictions against clicks, group by group of the rows. */
#include "evaluation/groups.h"

#include <math.h>
#include <stdbool.h>

#include "evaluation/ranking.h"

void cm_group_rows(cm_group *groups, const uint32_t *codes,
                   const uint8_t *labels, const double *probabilities, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cm_group *group = &groups[codes[i]];
        group->rows++;
        group->clicks += labels[i];
        group->predicted += probabilities[i];
    }
}

/* A group ends behind the row that completes its part of all rows and behind
 * those of the same probability. */
static size_t cut(cm_group *groups, size_t n_groups, const ranking *rows)
{
    size_t g = 0, part = 0;
    groups[0] = (cm_group){0};
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t key = rows->keys[i];
        bool is_tied =
            i > 0 && ranking_bits(key) == ranking_bits(rows->keys[i - 1]);
        if (!is_tied && i * n_groups / rows->n > part) {
            part = i * n_groups / rows->n;
            groups[++g] = (cm_group){0};
        }
        groups[g].rows++;
        groups[g].clicks += ranking_label(key);
        groups[g].predicted += ranking_score(key);
    }
    return g + 1;
}

cm_status cm_group_by_rank(cm_group *groups, size_t n_groups, size_t *n_out,
                           const uint8_t *labels, const double *probabilities,
                           size_t n, cm_error *err)
{
    ranking rows;
    cm_status status = ranking_init(&rows, labels, probabilities, n, err);
    if (status == CM_OK) {
        *n_out = cut(groups, n_groups, &rows);
    }
    ranking_release(&rows);
    return status;
}

/* The point of the standard normal distribution that the share p lies below.
 * Newton's steps from a start by the logistic distribution; for .5 < p < 1 the
 * distribution is concave, so they end. */
static double normal_quantile(double p)
{
    double x = log(p / (1 - p)) * .6;
    for (int i = 0; i < 50; i++) {
        double below = .5 * erfc(-x * M_SQRT1_2);
        double density = exp(-x * x / 2) * M_SQRT1_2 * .5 * M_2_SQRTPI;
        double step = (below - p) / density;
        x -= step;
        if (fabs(step) < 1e-14) {
            break;
        }
    }
    return x;
}

cm_interval cm_wilson(uint64_t clicks, uint64_t rows, double level)
{
    if (rows == 0) {
        return (cm_interval){0, 1};
    }
    double n = (double)rows, rate = (double)clicks / n;
    double z = normal_quantile((1 + level) / 2);
    double center = (rate + z * z / (2 * n)) / (1 + z * z / n);
    double half =
        z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
    return (cm_interval){clicks > 0 ? center - half : 0,
                         clicks < rows ? center + half : 1};
}

static double sum_of(const uint64_t *counts, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += counts[i];
    }
    return (double)sum;
}

double cm_stability_index(const uint64_t *now, const uint64_t *then, size_t n)
{
    double rows_now = sum_of(now, n), rows_then = sum_of(then, n), index = 0;
    if (rows_now == 0 || rows_then == 0) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (now[i] == 0 && then[i] == 0) {
            continue;
        }
        double a = fmax((double)now[i], .5) / rows_now;
        double b = fmax((double)then[i], .5) / rows_then;
        index += (a - b) * log(a / b);
    }
    return index;
}
