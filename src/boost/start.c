/* One score for all rows, or one each. */
#include "boost/start.h"

#include <math.h>
#include <string.h>

static void start_alike(cm_start *start, cm_rows *rows,
                        const cm_logistic *logistic)
{
    int32_t score = cm_fixed_of(start->bias);
    double p = cm_logistic_at(logistic, score);
    for (size_t i = 0; i < rows->n; i++) {
        rows->score[i] = score;
    }
    rows->min_score = rows->max_score = score;
    double others = rows->total_weight - rows->click_weight;
    start->click_scores = rows->click_weight * score;
    start->mean_gradient = rows->click_weight * (1 - p) + others * p;
}

static void start_at(cm_start *start, cm_rows *rows, const double *baseline,
                     const cm_logistic *logistic)
{
    rows->min_score = INT32_MAX;
    rows->max_score = INT32_MIN;
    for (size_t i = 0; i < rows->n; i++) {
        int32_t score = cm_fixed_of(start->bias + baseline[i]);
        double weight = cm_row_weight(rows, i);
        double g = rows->labels[i] - cm_logistic_at(logistic, score);
        rows->score[i] = score;
        rows->min_score = score < rows->min_score ? score : rows->min_score;
        rows->max_score = score > rows->max_score ? score : rows->max_score;
        start->click_scores += rows->labels[i] * weight * score;
        start->mean_gradient += weight * fabs(g);
    }
}

cm_start cm_start_scores(cm_rows *rows, const double *baseline,
                         const cm_logistic *logistic, bool from_average)
{
    double rate = rows->click_weight / rows->total_weight;
    cm_start start = {.bias = from_average ? log(rate / (1 - rate)) : 0};
    memset(rows->leaf, 0, rows->n * sizeof *rows->leaf);
    if (baseline == NULL) {
        start_alike(&start, rows, logistic);
    } else {
        start_at(&start, rows, baseline, logistic);
    }
    start.mean_gradient /= (double)rows->n;
    return start;
}
