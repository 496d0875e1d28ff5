/* Any bytes as a snapshot.  The checksum would keep nearly all of them out, so
 * it and the size are made right for a second try. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/snapshot.h"
#include "pipeline/snapshot_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void sign(uint8_t *bytes, size_t n)
{
    enum { COVERED = offsetof(cm_snapshot_header, options_key) };
    cm_snapshot_header header;
    if (n >= sizeof header) {
        memcpy(&header, bytes, sizeof header);
        header.size = n;
        header.checksum = cm_xxh3(bytes + COVERED, n - COVERED);
        memcpy(bytes, &header, sizeof header);
    }
}

static void parse(const uint8_t *bytes, size_t n)
{
    cm_snapshot *snapshot = NULL;
    cm_error err = {0};
    cm_status status = cm_snapshot_parse(&snapshot, bytes, n, "input", &err);
    if (status == CM_OK) {
        double sum = 0;
        for (uint32_t t = 0; t < snapshot->n_trees; t++) {
            const cm_tree *tree = &snapshot->trees[t];
            sum += tree->leaf_values[((size_t)1 << tree->depth) - 1];
            CM_ASSERT(tree->depth == 0 ||
                      tree->splits[0].feature < snapshot->n_features);
        }
        CM_ASSERT(sum == sum || snapshot->n_trees > 1);
        cm_snapshot_free(snapshot);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n + 1);
    CM_ASSERT(copy != NULL);
    memcpy(copy, bytes, n);
    parse(copy, n);
    sign(copy, n);
    parse(copy, n);
    free(copy);
    return 0;
}
