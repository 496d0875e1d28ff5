/* Candidates, their scores with CatBoost's random part, and the choice. */
#include "boost/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/logistic.h"
#include "boost/score_kernel_params.h"

enum {
    /* Room for the borders of all parts of one bundle, each part's rounded up
     * to 4: at most 256 + 8 * 3. */
    ROW_CELLS = 320,
    SCRATCH = 3 * ROW_CELLS,
    /* CatBoost keeps features of one border together, eight to a candidate. */
    PACK_FEATURES = 8,
    STEPS_PER_UNIT = 8,
    TAIL_STEPS = 9 * STEPS_PER_UNIT /* no radius from 53 bits is above 8.6 */
};

/* The border whose score with its random part is the largest. */
typedef struct cm_feature_best {
    bool any;
    uint32_t border;
    double score; /* without the random part */
    double drawn; /* with it */
} cm_feature_best;

cm_status cm_scorer_init(cm_scorer *scorer, cm_error *err)
{
    scorer->best =
        cm_alloc_zero(scorer->bundles->n_parts, sizeof *scorer->best, err);
    scorer->scratch = cm_alloc_large((size_t)scorer->n_threads,
                                     SCRATCH * sizeof(double), err);
    if (scorer->best == NULL || scorer->scratch == NULL) {
        cm_scorer_release(scorer);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_scorer_release(cm_scorer *scorer)
{
    free(scorer->best);
    free(scorer->scratch);
    scorer->best = NULL;
    scorer->scratch = NULL;
}

static cm_leaf_total unpack(const cm_packing *packing, int64_t packed)
{
    int64_t weight =
        (int64_t)((uint64_t)packed & (((uint64_t)1 << packing->low_bits) - 1));
    return (cm_leaf_total){
        (packed - weight) / ((int64_t)1 << packing->low_bits), weight};
}

/* sums[bin] of one part: the marginal of its bundle's histogram. */
static void sum_part(const cm_bundle *bundle, const cm_part *part,
                     const int64_t *restrict cells, int64_t *restrict sums)
{
    size_t divisor = part->divisor, n_bins = part->n_bins;
    if (bundle->n_parts == 1) {
        memcpy(sums, cells, n_bins * sizeof *sums);
        return;
    }
    memset(sums, 0, n_bins * sizeof *sums);
    for (size_t code = 0; code < bundle->n_codes;) {
        for (size_t bin = 0; bin < n_bins; bin++) {
            int64_t sum = 0;
            for (size_t end = code + divisor; code < end; code++) {
                sum += cells[code];
            }
            sums[bin] += sum;
        }
    }
}

cm_leaf_total cm_score_left(const cm_scorer *scorer, uint32_t leaf,
                            cm_split_condition split)
{
    const cm_bundles *bundles = scorer->bundles;
    uint32_t p = bundles->part_of[split.feature];
    uint32_t b = bundles->bundle_of[p];
    const int64_t *cells =
        cm_hist_leaf(scorer->hist, leaf) + b * CM_BUNDLE_CELLS;
    int64_t sums[CM_MAX_CODES] = {0};
    sum_part(&bundles->bundles[b], &bundles->parts[p], cells, sums);
    int64_t left = 0;
    for (uint32_t bin = 0; bin <= split.border; bin++) {
        left += sums[bin];
    }
    return unpack(scorer->packing, left);
}

/* Sibling subtraction: parent and smaller child become left and right. */
static void split_parent(int64_t *restrict left, int64_t *restrict right,
                         size_t n, bool small_is_left)
{
    for (size_t c = 0; c < n; c++) {
        int64_t parent = left[c], small = right[c];
        left[c] = small_is_left ? small : parent - small;
        right[c] = small_is_left ? parent - small : small;
    }
}

/* tail[k] = e^(-z^2 / 2), z = k / STEPS_PER_UNIT: the chance of a radius above
 * z. */
typedef struct score_job {
    cm_scorer *scorer;
    const cm_level *level;
    cm_score_function_kernel kernel;
    double steps_per_score; /* of tail; infinite without noise */
    double tail[TAIL_STEPS];
} score_job;

static void split_parents(const score_job *job, size_t b)
{
    const cm_level *level = job->level;
    const cm_hist *hist = job->scorer->hist;
    uint32_t half = level->n_leaves / 2;
    size_t n = job->scorer->bundles->bundles[b].n_codes;
    for (uint32_t l = 0; l < half; l++) {
        if (level->totals[l].weight + level->totals[l | half].weight > 0) {
            split_parent(cm_hist_leaf(hist, l) + b * CM_BUNDLE_CELLS,
                         cm_hist_leaf(hist, l | half) + b * CM_BUNDLE_CELLS, n,
                         level->small_is_left[l]);
        }
    }
}

static int monotone_of(const cm_train_set *set, uint32_t feature)
{
    return set->monotone == NULL ? 0 : set->monotone[feature];
}

/* Scores of the borders of all parts of a bundle, each part's at the next
 * multiple of 4, left in `numerators`. */
static void score_bundle(const score_job *job, size_t b, double *numerators,
                         double *denominators, int64_t *sums)
{
    const cm_scorer *scorer = job->scorer;
    const cm_bundle *bundle = &scorer->bundles->bundles[b];
    const cm_level *level = job->level;
    cm_score_params params = {.low_bits = scorer->packing->low_bits,
                              .gradient_unit = scorer->packing->gradient_unit,
                              .weight_unit = scorer->packing->weight_unit,
                              .l2 = scorer->l2};
    for (size_t i = 0; i < ROW_CELLS; i++) {
        numerators[i] = 0;
        denominators[i] = 1e-100;
    }
    for (uint32_t l = 0; l < level->n_leaves; l++) {
        if (level->totals[l].weight == 0) {
            continue;
        }
        const int64_t *cells =
            cm_hist_leaf(scorer->hist, l) + b * CM_BUNDLE_CELLS;
        params.total_gradient = (double)level->totals[l].gradient;
        params.total_weight = (double)level->totals[l].weight;
        size_t at = 0;
        for (uint32_t k = 0; k < bundle->n_parts; k++) {
            const cm_part *part =
                &scorer->bundles->parts[bundle->first_part + k];
            size_t n_borders = part->n_bins - 1u;
            sum_part(bundle, part, cells, sums);
            for (size_t bin = 1; bin < n_borders; bin++) {
                sums[bin] += sums[bin - 1];
            }
            params.monotone = monotone_of(scorer->set, part->feature);
            job->kernel(numerators + at, denominators + at, sums, n_borders,
                        &params);
            at += (n_borders + 3) / 4 * 4;
        }
    }
    if (cm_score_is_cosine(scorer->options->score_function)) {
        for (size_t i = 0; i < ROW_CELLS; i++) {
            numerators[i] /= sqrt(denominators[i]);
        }
    }
}

/* Score with its random part. */
static double draw(const cm_level *level, double score, uint64_t place)
{
    return level->noise > 0
               ? score + level->noise * cm_rng_normal_at(level->rng, place)
               : score;
}

/* Whether the random part of a place may lift score above `goal`: a look at
 * the radius alone, against a table, is enough to say no to almost all. */
static bool may_exceed(const score_job *job, double score, double goal,
                       uint64_t place)
{
    double steps = (goal - score) * job->steps_per_score;
    if (steps <= 0) {
        return true;
    }
    double u = cm_unit_of(cm_rng_at(job->level->rng, 2 * place));
    return steps < TAIL_STEPS && 1 - u <= job->tail[(int)steps];
}

/* Every border's score gets a random part of its own. */
static cm_feature_best best_border(const score_job *job, const double *scores,
                                   uint32_t n_borders, uint32_t feature)
{
    const cm_level *level = job->level;
    cm_feature_best best = {.drawn = -INFINITY};
    uint32_t first = 0;
    for (uint32_t b = 1; level->noise > 0 && b < n_borders; b++) {
        first = scores[b] > scores[first] ? b : first;
    }
    for (uint32_t i = 0; i < n_borders; i++) {
        uint32_t b = i == 0 ? first : i <= first ? i - 1 : i;
        uint64_t place = (uint64_t)feature * CM_MAX_CODES + b;
        if (best.any && !may_exceed(job, scores[b], best.drawn, place)) {
            continue;
        }
        double drawn = draw(level, scores[b], place);
        if (drawn > best.drawn) {
            best = (cm_feature_best){true, b, scores[b], drawn};
        }
    }
    return best;
}

static void score_task(void *context, size_t task, int thread)
{
    const score_job *job = context;
    cm_scorer *scorer = job->scorer;
    const cm_bundle *bundle = &scorer->bundles->bundles[task];
    double *numerators = scorer->scratch + (size_t)thread * SCRATCH;
    int64_t sums[CM_MAX_CODES + 4] = {0};
    if (job->level->n_leaves > 1) {
        split_parents(job, task);
    }
    score_bundle(job, task, numerators, numerators + ROW_CELLS, sums);
    size_t at = 0;
    for (uint32_t k = 0; k < bundle->n_parts; k++) {
        size_t p = bundle->first_part + k;
        const cm_part *part = &scorer->bundles->parts[p];
        uint32_t n_borders = part->n_bins - 1u;
        scorer->best[p] =
            best_border(job, numerators + at, n_borders, part->feature);
        at += (n_borders + 3) / 4 * 4;
    }
}

/* What the candidates are compared by.  CatBoost draws a second random part
 * for the best border of each candidate. */
typedef struct choice {
    const cm_scorer *scorer;
    const cm_level *level;
    bool any;
    double drawn;
    cm_split_condition split;
} choice;

static void offer(choice *best, uint32_t feature, const cm_feature_best *border)
{
    uint64_t place = ((uint64_t)1 << 32) + feature;
    double drawn = draw(best->level, border->score, place);
    if (!best->any || drawn > best->drawn) {
        best->any = true;
        best->drawn = drawn;
        best->split = (cm_split_condition){feature, border->border};
    }
}

/* Whether rsm lets the feature take part in this level. */
static bool takes_part(const choice *best, uint32_t feature)
{
    double rsm = best->scorer->options->rsm;
    uint64_t place = ((uint64_t)1 << 48) + feature;
    return rsm >= 1 || cm_unit_of(cm_rng_at(best->level->rng, place)) <= rsm;
}

static const cm_feature_best *best_of(const choice *best, size_t feature)
{
    uint32_t p = best->scorer->bundles->part_of[feature];
    if (p == UINT32_MAX || !takes_part(best, (uint32_t)feature)) {
        return NULL;
    }
    return &best->scorer->best[p];
}

static void offer_features(choice *best)
{
    const cm_train_set *set = best->scorer->set;
    for (size_t f = 0; f < set->n_features; f++) {
        const cm_feature_best *border = best_of(best, f);
        if (set->n_bins[f] > 2 && border != NULL) {
            offer(best, (uint32_t)f, border);
        }
    }
}

/* Features of two bins follow the others and form packs: the best of a pack
 * by the first random part is the candidate. */
static void offer_packs(choice *best)
{
    const cm_train_set *set = best->scorer->set;
    const cm_feature_best *in_pack = NULL;
    uint32_t feature = 0, n_in_pack = 0;
    for (size_t f = 0; f <= set->n_features; f++) {
        bool end = f == set->n_features || n_in_pack == PACK_FEATURES;
        if (end && in_pack != NULL) {
            offer(best, feature, in_pack);
        }
        if (end) {
            in_pack = NULL;
            n_in_pack = 0;
        }
        if (f == set->n_features || set->n_bins[f] != 2) {
            continue;
        }
        n_in_pack++;
        const cm_feature_best *border = best_of(best, f);
        if (border != NULL &&
            (in_pack == NULL || border->drawn > in_pack->drawn)) {
            in_pack = border;
            feature = (uint32_t)f;
        }
    }
}

bool cm_score_level(cm_scorer *scorer, const cm_level *level,
                    cm_split_condition *split)
{
    score_job job = {scorer,
                     level,
                     cm_score_kernel_plain,
                     STEPS_PER_UNIT / level->noise,
                     {0}};
    for (int k = 0; k < TAIL_STEPS; k++) {
        double z = (double)k / STEPS_PER_UNIT;
        job.tail[k] = cm_boost_exp(-z * z / 2);
    }
    if (__builtin_cpu_supports("avx2")) {
        job.kernel = cm_score_kernel_avx2;
    }
    cm_team_run(scorer->hist->partition->sample->rows->team,
                scorer->bundles->n_bundles, score_task, &job);
    choice best = {.scorer = scorer, .level = level};
    offer_features(&best);
    offer_packs(&best);
    *split = best.split;
    return best.any;
}
