/* Reading snapshots: nothing in the bytes is believed before it is checked. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "pipeline/snapshot.h"
#include "pipeline/snapshot_layout.h"

typedef struct reader {
    const uint8_t *bytes;
    size_t n, at;
    const char *file;
    cm_arena *arena;
} reader;

/* Sets a pointer to a copy of the next `size` bytes. */
static cm_status take(reader *r, void *pointer, size_t size, cm_error *err)
{
    if (size > r->n - r->at) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: offset %zu: %zu bytes are left, expected %zu; the "
                       "snapshot is damaged, remove it to start anew",
                       r->file, r->at, r->n - r->at, size);
    }
    void *copy = cm_arena_alloc(r->arena, size, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(copy, r->bytes + r->at, size);
    memcpy(pointer, &copy, sizeof copy);
    r->at += size;
    return CM_OK;
}

static cm_status check_header(const reader *r, const cm_snapshot_header *h,
                              cm_error *err)
{
    enum { COVERED = offsetof(cm_snapshot_header, options_key) };
    if (memcmp(h->magic, CM_SNAPSHOT_MAGIC, sizeof h->magic) != 0) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: not a snapshot: it does not start with %s; another "
                       "file is in the way, name a new one",
                       r->file, CM_SNAPSHOT_MAGIC);
    }
    if (h->version != CM_SNAPSHOT_VERSION || h->endian != CM_SNAPSHOT_ENDIAN) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: snapshot of version %u, expected %d in this "
                       "machine's byte order; remove it to start anew",
                       r->file, h->version, (int)CM_SNAPSHOT_VERSION);
    }
    if (h->size != r->n ||
        h->checksum != cm_xxh3(r->bytes + COVERED, r->n - COVERED)) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: the snapshot is damaged (%zu bytes, expected %llu "
                       "with another checksum); remove it to start anew",
                       r->file, r->n, (unsigned long long)h->size);
    }
    return CM_OK;
}

static cm_status check_tree(const reader *r, const cm_tree *tree,
                            uint32_t n_features, uint32_t index, cm_error *err)
{
    for (uint32_t d = 0; d < tree->depth; d++) {
        if (tree->splits[d].feature >= n_features) {
            return cm_fail(err, CM_ERR_PARSE,
                           "%s: tree %u asks for feature %u of %u", r->file,
                           index, tree->splits[d].feature, n_features);
        }
    }
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        if (!isfinite(tree->leaf_values[l]) ||
            !isfinite(tree->leaf_weights[l])) {
            return cm_fail(err, CM_ERR_PARSE,
                           "%s: leaf %zu of tree %u is not finite", r->file, l,
                           index);
        }
    }
    return CM_OK;
}

static cm_status read_tree(reader *r, cm_tree *tree, double *train_log_loss,
                           uint32_t n_features, uint32_t index, cm_error *err)
{
    const cm_snapshot_tree *head = NULL;
    cm_status status = take(r, &head, sizeof *head, err);
    if (status != CM_OK) {
        return status;
    }
    if (head->depth > CM_MAX_DEPTH || !isfinite(head->train_log_loss)) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: tree %u has depth %u and log loss %g; expected at "
                       "most %d and a finite one",
                       r->file, index, head->depth, head->train_log_loss,
                       (int)CM_MAX_DEPTH);
    }
    size_t leaf_bytes = ((size_t)1 << head->depth) * sizeof(double);
    tree->depth = head->depth;
    *train_log_loss = head->train_log_loss;
    status = take(r, &tree->splits, head->depth * sizeof *tree->splits, err);
    if (status == CM_OK) {
        status = take(r, &tree->leaf_values, leaf_bytes, err);
    }
    if (status == CM_OK) {
        status = take(r, &tree->leaf_weights, leaf_bytes, err);
    }
    return status == CM_OK ? check_tree(r, tree, n_features, index, err)
                           : status;
}

static cm_status read_trees(reader *r, cm_snapshot *out, cm_error *err)
{
    size_t least = sizeof(cm_snapshot_tree) + 2 * sizeof(double);
    if (out->n_trees > (r->n - r->at) / least) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: %u trees do not fit into %zu bytes", r->file,
                       out->n_trees, r->n - r->at);
    }
    cm_tree *trees =
        cm_arena_alloc(r->arena, out->n_trees * sizeof *trees, err);
    double *losses =
        cm_arena_alloc(r->arena, out->n_trees * sizeof *losses, err);
    if (trees == NULL || losses == NULL) {
        return CM_ERR_NOMEM;
    }
    out->trees = trees;
    out->train_log_losses = losses;
    for (uint32_t t = 0; t < out->n_trees; t++) {
        cm_status status =
            read_tree(r, &trees[t], &losses[t], out->n_features, t, err);
        if (status != CM_OK) {
            return status;
        }
    }
    return r->at == r->n ? CM_OK
                         : cm_fail(err, CM_ERR_PARSE,
                                   "%s: %zu bytes behind the last tree",
                                   r->file, r->n - r->at);
}

static cm_status read_all(cm_snapshot *out, reader *r, cm_error *err)
{
    cm_snapshot_header header = {0};
    if (r->n < sizeof header) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: not a snapshot: %zu bytes, expected at least %zu",
                       r->file, r->n, sizeof header);
    }
    memcpy(&header, r->bytes, sizeof header);
    r->at = sizeof header;
    cm_status status = check_header(r, &header, err);
    if (status == CM_OK) {
        out->key = (cm_snapshot_key){header.options_key, header.data_key};
        out->n_trees = header.n_trees;
        out->n_features = header.n_features;
        status = read_trees(r, out, err);
    }
    return status;
}

cm_status cm_snapshot_parse(cm_snapshot **out, const uint8_t *bytes, size_t n,
                            const char *file, cm_error *err)
{
    cm_snapshot *snapshot = cm_alloc_zero(1, sizeof *snapshot, err);
    cm_arena *arena = cm_alloc_zero(1, sizeof *arena, err);
    if (snapshot == NULL || arena == NULL) {
        free(snapshot);
        free(arena);
        return CM_ERR_NOMEM;
    }
    snapshot->owner = arena;
    reader r = {bytes, n, 0, file, arena};
    cm_status status = read_all(snapshot, &r, err);
    if (status != CM_OK) {
        cm_snapshot_free(snapshot);
        return status;
    }
    *out = snapshot;
    return CM_OK;
}

cm_status cm_snapshot_load(cm_snapshot **out, const char *path, cm_error *err)
{
    cm_mapping file = {0};
    cm_status status = cm_map_file(&file, path, err);
    if (status == CM_OK) {
        status = cm_snapshot_parse(out, file.data, file.size, path, err);
    }
    cm_unmap(&file);
    return status;
}

void cm_snapshot_free(cm_snapshot *snapshot)
{
    if (snapshot != NULL) {
        cm_arena_release(snapshot->owner);
        free(snapshot->owner);
        free(snapshot);
    }
}

static bool fits_set(const cm_snapshot *snapshot, const cm_train_set *set)
{
    if (snapshot->n_features != set->n_features) {
        return false;
    }
    for (uint32_t t = 0; t < snapshot->n_trees; t++) {
        const cm_tree *tree = &snapshot->trees[t];
        for (uint32_t d = 0; d < tree->depth; d++) {
            cm_split_condition split = tree->splits[d];
            if (split.border + 1 >= set->n_bins[split.feature]) {
                return false;
            }
        }
    }
    return true;
}

cm_status cm_snapshot_check(const cm_snapshot *snapshot,
                            const cm_train_set *set, cm_snapshot_key key,
                            const char *file, cm_error *err)
{
    bool same_data = snapshot->key.data == key.data && fits_set(snapshot, set);
    if (same_data && snapshot->key.options == key.options) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s: a snapshot of %u trees of another training: %s differ; "
                   "finish that one, or remove the file to start anew",
                   file, snapshot->n_trees,
                   same_data ? "its train_params" : "its training rows");
}
