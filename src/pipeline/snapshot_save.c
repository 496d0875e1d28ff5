/* Writing snapshots, and the key that says whose they are. */
#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/snapshot.h"
#include "pipeline/snapshot_layout.h"

/* Order matters; a missing array differs from one of zeros. */
static uint64_t mix_array(uint64_t key, const void *values, size_t n_bytes)
{
    uint64_t of_array = values != NULL ? cm_xxh3(values, n_bytes) : 1;
    return cm_mix64(key * 31 + of_array);
}

static uint64_t data_key(const cm_train_set *set)
{
    size_t n = set->n_rows, m = set->n_features;
    uint64_t key = cm_mix64(n * 31 + m);
    key = mix_array(key, set->n_bins, m * sizeof *set->n_bins);
    for (size_t f = 0; f < m; f++) {
        key = mix_array(key, set->bins[f], n);
    }
    key = mix_array(key, set->labels, n);
    key = mix_array(key, set->weights, n * sizeof *set->weights);
    key = mix_array(key, set->baseline, n * sizeof *set->baseline);
    return mix_array(key, set->monotone, m);
}

static uint64_t options_key(const cm_train_options *o)
{
    const double values[] = {o->learning_rate,
                             o->depth,
                             o->l2_leaf_reg,
                             o->random_strength,
                             o->bootstrap,
                             o->bagging_temperature,
                             o->subsample,
                             o->mvs_reg,
                             o->rsm,
                             o->score_function,
                             o->leaf_estimation_method,
                             o->leaf_estimation_iterations,
                             o->leaf_estimation_backtracking,
                             o->min_data_in_leaf,
                             o->boost_from_average};
    return mix_array(cm_mix64(o->random_seed), values, sizeof values);
}

cm_snapshot_key cm_snapshot_key_of(const cm_train_set *set,
                                   const cm_train_options *options)
{
    return (cm_snapshot_key){options_key(options), data_key(set)};
}

static void add_tree(cm_buf *out, const cm_tree *tree, double train_log_loss)
{
    cm_snapshot_tree head = {.depth = tree->depth,
                             .train_log_loss = train_log_loss};
    size_t n_leaves = (size_t)1 << tree->depth;
    cm_buf_add(out, &head, sizeof head);
    cm_buf_add(out, tree->splits, tree->depth * sizeof *tree->splits);
    cm_buf_add(out, tree->leaf_values, n_leaves * sizeof *tree->leaf_values);
    cm_buf_add(out, tree->leaf_weights, n_leaves * sizeof *tree->leaf_weights);
}

cm_status cm_snapshot_save(const cm_snapshot *snapshot, const char *path,
                           cm_error *err)
{
    enum { COVERED = offsetof(cm_snapshot_header, options_key) };
    cm_snapshot_header header = {.version = CM_SNAPSHOT_VERSION,
                                 .endian = CM_SNAPSHOT_ENDIAN,
                                 .options_key = snapshot->key.options,
                                 .data_key = snapshot->key.data,
                                 .n_trees = snapshot->n_trees,
                                 .n_features = snapshot->n_features};
    cm_buf bytes = {0};
    memcpy(header.magic, CM_SNAPSHOT_MAGIC, sizeof header.magic);
    cm_buf_add(&bytes, &header, sizeof header);
    for (uint32_t t = 0; t < snapshot->n_trees; t++) {
        add_tree(&bytes, &snapshot->trees[t], snapshot->train_log_losses[t]);
    }
    cm_status status = cm_buf_check(&bytes, err);
    if (status == CM_OK) {
        header.size = bytes.n;
        header.checksum = cm_xxh3(bytes.p + COVERED, bytes.n - COVERED);
        memcpy(bytes.p, &header, COVERED);
        status = cm_make_parent(path, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){bytes.p, bytes.n}, err);
    }
    cm_buf_release(&bytes);
    return status;
}
