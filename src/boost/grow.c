/* The level loop: score, choose, split, and stop at a split that tells nothing
 * apart. */
#include "boost/grow.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

cm_status cm_grower_init(cm_grower *grower, uint32_t depth, cm_error *err)
{
    size_t n = (size_t)1 << depth;
    grower->level.totals = cm_alloc(n, sizeof *grower->level.totals, err);
    grower->level.small_is_left = cm_alloc(n, 1, err);
    grower->left = cm_alloc(n, sizeof *grower->left, err);
    grower->wanted = cm_alloc(n, sizeof *grower->wanted, err);
    grower->out = cm_alloc(n, sizeof *grower->out, err);
    cm_status status = CM_ERR_NOMEM;
    if (grower->level.totals != NULL && grower->level.small_is_left != NULL &&
        grower->left != NULL && grower->wanted != NULL && grower->out != NULL) {
        status = cm_scorer_init(&grower->scorer, err);
    }
    if (status != CM_OK) {
        cm_grower_release(grower);
    }
    return status;
}

void cm_grower_release(cm_grower *grower)
{
    cm_scorer_release(&grower->scorer);
    free(grower->level.totals);
    free(grower->level.small_is_left);
    free(grower->left);
    free(grower->wanted);
    free(grower->out);
    *grower = (cm_grower){0};
}

/* All sampled rows in one leaf. */
static void start_root(cm_grower *grower)
{
    cm_hist_build_root(grower->hist);
    const cm_part *part = &grower->scorer.bundles->parts[0];
    cm_split_condition all = {part->feature, part->n_bins - 1u};
    grower->level.n_leaves = 1;
    grower->level.totals[0] = cm_score_left(&grower->scorer, 0, all);
}

/* Totals of the children of every leaf; true when the sampled rows show that
 * no split is redundant. */
static bool split_totals(cm_grower *grower, cm_split_condition split)
{
    cm_level *level = &grower->level;
    uint32_t n = level->n_leaves;
    for (uint32_t l = 0; l < n; l++) {
        cm_leaf_total left = {0, 0}, all = level->totals[l];
        if (all.weight > 0) {
            left = cm_score_left(&grower->scorer, l, split);
        }
        level->totals[l] = left;
        level->totals[l | n] = (cm_leaf_total){all.gradient - left.gradient,
                                               all.weight - left.weight};
        level->small_is_left[l] = 2 * left.weight <= all.weight;
    }
    level->n_leaves = 2 * n;
    for (uint32_t bit = 1; bit < 2 * n; bit *= 2) {
        uint32_t l = 0;
        while (l < 2 * n && ((l & bit) || level->totals[l].weight == 0 ||
                             level->totals[l | bit].weight == 0)) {
            l++;
        }
        if (l == 2 * n) {
            return false;
        }
    }
    return true;
}

/* Histograms of the smaller children. */
static void build_children(cm_grower *grower, uint32_t depth,
                           cm_split_condition split)
{
    const cm_level *level = &grower->level;
    uint32_t half = level->n_leaves / 2, n_wanted = 0;
    for (uint32_t l = 0; l < half; l++) {
        if (level->totals[l].weight + level->totals[l | half].weight > 0) {
            grower->wanted[n_wanted] =
                (uint16_t)(level->small_is_left[l] ? l : l | half);
            grower->out[n_wanted++] = (uint16_t)(l | half);
        }
    }
    cm_move move = {split, depth - 1};
    cm_hist_build(grower->hist, &move, grower->wanted, grower->out, n_wanted);
}

cm_status cm_grow_tree(cm_grower *grower, uint32_t max_depth, double noise,
                       cm_rng rng, cm_split_condition *splits, uint32_t *depth,
                       cm_error *err)
{
    cm_status status = CM_OK;
    uint32_t d = 0;
    grower->level.noise = noise;
    start_root(grower);
    while (d < max_depth) {
        grower->level.rng = cm_rng_stream(rng.key, d);
        if (!cm_score_level(&grower->scorer, &grower->level, &splits[d])) {
            break;
        }
        cm_split_condition split = splits[d++];
        int redundant = -1;
        if (!split_totals(grower, split)) {
            status = cm_partition_redundant(grower->partition, splits, d,
                                            &redundant, err);
        }
        if (status != CM_OK) {
            return status;
        }
        if (redundant >= 0) {
            d--;
            memmove(splits + redundant, splits + redundant + 1,
                    (d - (uint32_t)redundant) * sizeof *splits);
            break;
        }
        if (d < max_depth) {
            build_children(grower, d, split);
        }
    }
    *depth = d;
    return CM_OK;
}
