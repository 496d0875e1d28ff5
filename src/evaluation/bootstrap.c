/* One walk up the ranking per replicate: what every metric needs comes along.
 *
 * Notation: w how often a replicate takes a row, B replicates. */
#include "evaluation/bootstrap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/thread.h"
#include "evaluation/decisions.h"
#include "evaluation/loss.h"
#include "evaluation/ranking.h"
#include "evaluation/raw_loss.h"

enum {
    MAX_WEIGHT = 12, /* Poisson(1) is above it once in 6e10 rows */
    MIN_REPLICATES = 100,
    MAX_REPLICATES = 1000,
    ROWS_IN_ALL = 100000000,
    STREAM = 0x626f6f74
};

/* Where a metric lies in a row of values. */
enum {
    LOG_LOSS,
    ROC_AUC,
    F1_WEIGHTED,
    PRECISION,
    RECALL,
    BASE_RATE,
    MEAN_PREDICTION,
    NORMALIZED_ENTROPY,
    CALIBRATION_RATIO,
    N_METRICS
};

typedef struct bootstrap {
    ranking rows;
    double *losses;              /* (n), in the order of the ranking */
    size_t above;                /* rows from here on have p > .5 */
    uint32_t limits[MAX_WEIGHT]; /* 2^32 P(w <= i) */
    uint64_t seed;
    double *values; /* (N_METRICS, B) */
    uint32_t n_replicates;
} bootstrap;

static void set_limits(uint32_t *limits)
{
    double probability = exp(-1), sum = 0;
    for (int w = 0; w < MAX_WEIGHT; w++) {
        sum += probability;
        limits[w] = (uint32_t)fmin(sum * 0x1p32, UINT32_MAX);
        probability /= w + 1;
    }
}

static uint32_t poisson(const uint32_t *limits, uint32_t bits)
{
    uint32_t w = 0;
    while (w < MAX_WEIGHT && bits >= limits[w]) {
        w++;
    }
    return w;
}

/* What a replicate gathers on its way up. */
typedef struct tally {
    double loss, predicted;
    confusion decided;
    uint64_t twice_pairs;    /* as in roc_auc.c */
    uint64_t clicks, others; /* below the present score */
    uint64_t tied[2], score; /* at it, by label; its bits */
} tally;

static void end_score(tally *t)
{
    t->twice_pairs += t->tied[1] * (2 * t->others + t->tied[0]);
    t->clicks += t->tied[1];
    t->others += t->tied[0];
    t->tied[0] = t->tied[1] = 0;
}

static void take(tally *t, const bootstrap *b, size_t i, uint32_t w)
{
    uint64_t key = b->rows.keys[i];
    if (ranking_bits(key) != t->score) {
        end_score(t);
        t->score = ranking_bits(key);
    }
    t->tied[ranking_label(key)] += w;
    t->decided[ranking_label(key)][i >= b->above] += w;
    t->loss += w * b->losses[i];
    t->predicted += w * ranking_score(key);
}

static void set_values(const bootstrap *b, size_t replicate, const tally *t)
{
    uint64_t n = t->clicks + t->others;
    double rate = share_or(t->clicks, n, NAN);
    double loss = n > 0 ? t->loss / (double)n : NAN;
    double mean = n > 0 ? t->predicted / (double)n : NAN;
    bool both = t->clicks > 0 && t->others > 0;
    const double values[N_METRICS] = {
        [LOG_LOSS] = loss,
        [ROC_AUC] = both ? (double)t->twice_pairs /
                               (2.0 * (double)t->clicks * (double)t->others)
                         : NAN,
        [F1_WEIGHTED] = n > 0 ? confusion_f1_weighted(t->decided) : NAN,
        [PRECISION] = confusion_precision(t->decided),
        [RECALL] = confusion_recall(t->decided),
        [BASE_RATE] = rate,
        [MEAN_PREDICTION] = mean,
        [NORMALIZED_ENTROPY] = both ? loss / cm_base_log_loss(rate) : NAN,
        [CALIBRATION_RATIO] = t->clicks > 0 ? mean / rate : NAN,
    };
    for (size_t m = 0; m < N_METRICS; m++) {
        b->values[m * b->n_replicates + replicate] = values[m];
    }
}

static void run_replicate(void *context, size_t replicate, int thread)
{
    const bootstrap *b = context;
    cm_rng rng = cm_rng_stream(b->seed, STREAM + replicate);
    tally t = {0};
    (void)thread;
    for (size_t i = 0; i < b->rows.n; i += 2) {
        uint64_t bits = cm_rng_at(rng, i);
        take(&t, b, i, poisson(b->limits, (uint32_t)bits));
        if (i + 1 < b->rows.n) {
            take(&t, b, i + 1, poisson(b->limits, (uint32_t)(bits >> 32)));
        }
    }
    end_score(&t);
    set_values(b, replicate, &t);
}

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* The value below which `share` of the sorted ones are, between two of them by
 * a straight line: NumPy's default. */
static double quantile(const double *sorted, size_t n, double share)
{
    double at = share * (double)(n - 1);
    size_t low = (size_t)at;
    size_t high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

/* Replicates in which the metric is not defined are left out. */
static cm_interval interval_of(double *values, size_t n, double level)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(values[i])) {
            values[kept++] = values[i];
        }
    }
    if (kept == 0) {
        return (cm_interval){NAN, NAN};
    }
    qsort(values, kept, sizeof *values, ascending);
    return (cm_interval){quantile(values, kept, (1 - level) / 2),
                         quantile(values, kept, (1 + level) / 2)};
}

static void set_intervals(cm_metric_intervals *out, bootstrap *b, double level)
{
    cm_interval *const places[N_METRICS] = {
        [LOG_LOSS] = &out->log_loss,
        [ROC_AUC] = &out->roc_auc,
        [F1_WEIGHTED] = &out->f1_weighted,
        [PRECISION] = &out->precision,
        [RECALL] = &out->recall,
        [BASE_RATE] = &out->base_rate,
        [MEAN_PREDICTION] = &out->mean_prediction,
        [NORMALIZED_ENTROPY] = &out->normalized_entropy,
        [CALIBRATION_RATIO] = &out->calibration_ratio,
    };
    for (size_t m = 0; m < N_METRICS; m++) {
        *places[m] = interval_of(b->values + m * b->n_replicates,
                                 b->n_replicates, level);
    }
    out->replicates = b->n_replicates;
}

static uint32_t replicates_for(size_t n, uint32_t wanted)
{
    if (wanted > 0) {
        return wanted;
    }
    size_t allowed = ROWS_IN_ALL / n;
    return allowed < MIN_REPLICATES   ? MIN_REPLICATES
           : allowed > MAX_REPLICATES ? MAX_REPLICATES
                                      : (uint32_t)allowed;
}

static cm_status prepare(bootstrap *b, const uint8_t *labels,
                         const double *probabilities, size_t n, cm_error *err)
{
    cm_status status = ranking_init(&b->rows, labels, probabilities, n, err);
    if (status != CM_OK) {
        return status;
    }
    b->losses = cm_alloc_large(n, sizeof *b->losses, err);
    b->values = cm_alloc(b->n_replicates, N_METRICS * sizeof *b->values, err);
    if (b->losses == NULL || b->values == NULL) {
        return CM_ERR_NOMEM;
    }
    b->above = n;
    for (size_t i = n; i > 0; i--) {
        uint64_t key = b->rows.keys[i - 1];
        double p = ranking_score(key);
        b->losses[i - 1] = row_loss(ranking_label(key), p);
        b->above -= p > .5;
    }
    set_limits(b->limits);
    return CM_OK;
}

cm_status cm_bootstrap_metrics(cm_metric_intervals *out, const uint8_t *labels,
                               const double *probabilities, size_t n,
                               const cm_bootstrap_options *options,
                               cm_error *err)
{
    CM_ASSERT(n > 0 && n <= INT32_MAX);
    bootstrap b = {.seed = options->seed,
                   .n_replicates = replicates_for(n, options->replicates)};
    cm_status status = prepare(&b, labels, probabilities, n, err);
    if (status == CM_OK) {
        cm_parallel(b.n_replicates, cm_thread_count(options->n_threads),
                    run_replicate, &b);
        set_intervals(out, &b, options->level);
    }
    free(b.values);
    free(b.losses);
    ranking_release(&b.rows);
    return status;
}
