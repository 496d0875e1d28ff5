/* Packing features into bundles, and bundles into groups. */
#include "boost/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { GROUP_AIM = 10 };

/* A feature on its way into a bundle. */
typedef struct item {
    uint32_t feature, n_bins, bundle;
} item;

static int by_bins(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->n_bins != y->n_bins) {
        return x->n_bins < y->n_bins ? 1 : -1;
    }
    return x->feature < y->feature ? -1 : 1;
}

static size_t collect_items(item *items, const cm_train_set *set)
{
    size_t n = 0;
    for (size_t f = 0; f < set->n_features; f++) {
        if (set->n_bins[f] > 1) {
            items[n++] = (item){(uint32_t)f, set->n_bins[f], 0};
        }
    }
    qsort(items, n, sizeof *items, by_bins);
    return n;
}

/* First fit, largest feature first: the bundle's number of codes is the
 * product of its features' bins. */
static size_t choose_bundles(item *items, size_t n, uint32_t *n_codes)
{
    size_t n_bundles = 0;
    for (size_t i = 0; i < n; i++) {
        size_t b = 0;
        while (b < n_bundles && n_codes[b] * items[i].n_bins > CM_MAX_CODES) {
            b++;
        }
        if (b == n_bundles) {
            n_codes[n_bundles++] = 1;
        }
        n_codes[b] *= items[i].n_bins;
        items[i].bundle = (uint32_t)b;
    }
    return n_bundles;
}

static void fill_parts(cm_bundles *out, const item *items, size_t n,
                       const uint32_t *n_codes)
{
    for (size_t b = 0; b < out->n_bundles; b++) {
        cm_bundle *bundle = &out->bundles[b];
        bundle->first_part = (uint32_t)out->n_parts;
        bundle->n_codes = (uint16_t)n_codes[b];
        uint32_t divisor = 1;
        for (size_t i = 0; i < n; i++) {
            if (items[i].bundle != b) {
                continue;
            }
            out->part_of[items[i].feature] = (uint32_t)out->n_parts;
            out->bundle_of[out->n_parts] = (uint32_t)b;
            out->parts[out->n_parts++] = (cm_part){
                items[i].feature, (uint16_t)items[i].n_bins, (uint16_t)divisor};
            divisor *= items[i].n_bins;
            bundle->n_parts++;
        }
    }
}

static cm_status choose_parts(cm_bundles *out, const cm_train_set *set,
                              cm_error *err)
{
    size_t m = set->n_features;
    item *items = cm_alloc(m, sizeof *items, err);
    uint32_t *n_codes = cm_alloc(m, sizeof *n_codes, err);
    out->parts = cm_alloc(m, sizeof *out->parts, err);
    out->part_of = cm_alloc(m, sizeof *out->part_of, err);
    out->bundle_of = cm_alloc(m, sizeof *out->bundle_of, err);
    out->bundles = cm_alloc_zero(m, sizeof *out->bundles, err);
    cm_status status = CM_ERR_NOMEM;
    if (items == NULL || n_codes == NULL || out->parts == NULL ||
        out->part_of == NULL || out->bundle_of == NULL ||
        out->bundles == NULL) {
        goto done;
    }
    memset(out->part_of, 0xff, m * sizeof *out->part_of);
    size_t n = collect_items(items, set);
    out->n_bundles = choose_bundles(items, n, n_codes);
    fill_parts(out, items, n, n_codes);
    status = CM_OK;
    if (n == 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "all %zu features are constant, so there is nothing "
                         "to split on; give features with at least two values",
                         m);
    }
done:
    free(items);
    free(n_codes);
    return status;
}

/* Groups of nearly equal size, so that threads get equal work. */
static cm_status choose_groups(cm_bundles *out, cm_error *err)
{
    out->n_groups = (out->n_bundles + GROUP_AIM - 1) / GROUP_AIM;
    out->groups = cm_alloc_zero(out->n_groups, sizeof *out->groups, err);
    if (out->groups == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t first = 0;
    for (size_t g = 0; g < out->n_groups; g++) {
        size_t last = out->n_bundles * (g + 1) / out->n_groups;
        out->groups[g] = (cm_group){(uint32_t)first, (uint32_t)(last - first)};
        first = last;
    }
    out->width =
        (out->n_bundles + CM_WIDTH_UNIT - 1) / CM_WIDTH_UNIT * CM_WIDTH_UNIT;
    return CM_OK;
}

cm_status cm_bundles_init(cm_bundles *bundles, const cm_train_set *set,
                          cm_error *err)
{
    *bundles = (cm_bundles){0};
    cm_status status = choose_parts(bundles, set, err);
    if (status == CM_OK) {
        status = choose_groups(bundles, err);
    }
    if (status != CM_OK) {
        cm_bundles_release(bundles);
    }
    return status;
}

void cm_bundles_release(cm_bundles *bundles)
{
    free(bundles->groups);
    free(bundles->bundles);
    free(bundles->parts);
    free(bundles->part_of);
    free(bundles->bundle_of);
    *bundles = (cm_bundles){0};
}
