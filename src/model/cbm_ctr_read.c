/* Reads CTR features of CatBoost's binary model and the tables behind them.
 *
 * A feature does not name its table: both say what the keys combine, what is
 * counted and for which cut of the target, and that is how they meet. */
#include <stdlib.h>
#include <string.h>

#include "model/cbm_format.h"
#include "model/cbm_reader.h"
#include "model/projection.h"

/* ---- what feature and table have in common --------------------------- */

static void read_combination(cbm_reader *r, cm_projection *out, fb_table t)
{
    fb_vector cats = fb_get_vector(&r->fb, t, COMBINATION_CATS, 4);
    fb_vector floats = fb_get_vector(&r->fb, t, COMBINATION_FLOAT_SPLITS, 8);
    fb_vector one_hots =
        fb_get_vector(&r->fb, t, COMBINATION_ONE_HOT_SPLITS, 8);
    *out = (cm_projection){
        .n_cats = (uint32_t)cats.n,
        .n_float_splits = (uint32_t)floats.n,
        .n_one_hot_splits = (uint32_t)one_hots.n,
        .cats = cbm_copy(r, cats, sizeof *out->cats),
        .float_splits = cbm_copy(r, floats, sizeof *out->float_splits),
        .one_hot_splits = cbm_copy(r, one_hots, sizeof *out->one_hot_splits),
    };
}

static void read_base(cbm_reader *r, cm_ctr_table *out, fb_table t)
{
    uint8_t type = fb_get_byte(&r->fb, t, CTR_BASE_TYPE, 0);
    if (type > CM_CTR_FEATURE_FREQ) {
        fb_fail(&r->fb, CM_ERR_UNSUPPORTED, t.at,
                "a CTR is of type %u; this version knows 0 to %d", type,
                (int)CM_CTR_FEATURE_FREQ);
    }
    int32_t cut = fb_get_int(&r->fb, t, CTR_BASE_TARGET_CUT, 0);
    if (cut < 0) {
        fb_fail(&r->fb, CM_ERR_DATA, t.at,
                "a CTR's cut of the target is %d; expected 0 or more. The file "
                "is damaged",
                cut);
    }
    *out =
        (cm_ctr_table){.type = (cm_ctr_type)type, .target_cut = (uint32_t)cut};
    read_combination(r, &out->projection,
                     fb_get_table(&r->fb, t, CTR_BASE_COMBINATION));
}

/* ---- features -------------------------------------------------------- */

static void read_ctr_feature(cbm_reader *r, cm_ctr_feature *feature,
                             cm_ctr_table *wanted, fb_table t)
{
    fb_vector borders = fb_get_vector(&r->fb, t, CTR_FEATURE_BORDERS, 4);
    fb_table ctr = fb_get_table(&r->fb, t, CTR_FEATURE_CTR);
    int32_t target_border = fb_get_int(&r->fb, ctr, CTR_TARGET_BORDER, 0);
    read_base(r, wanted, fb_get_table(&r->fb, ctr, CTR_BASE));
    if (target_border < 0) {
        fb_fail(&r->fb, CM_ERR_DATA, ctr.at,
                "a CTR's border of the target is %d; expected 0 or more",
                target_border);
    }
    *feature = (cm_ctr_feature){
        .target_border = (uint32_t)target_border,
        .prior_num = fb_get_float(&r->fb, ctr, CTR_PRIOR_NUM, 0),
        .prior_denom = fb_get_float(&r->fb, ctr, CTR_PRIOR_DENOM, 1),
        .shift = fb_get_float(&r->fb, ctr, CTR_SHIFT, 0),
        .scale = fb_get_float(&r->fb, ctr, CTR_SCALE, 1),
        .n_borders = (uint32_t)borders.n,
        .borders = cbm_copy(r, borders, sizeof *feature->borders),
    };
}

void cbm_read_ctr_features(cbm_reader *r, fb_table trees)
{
    fb_vector list = fb_get_vector(&r->fb, trees, TREES_CTR_FEATURES, 4);
    cm_ctr_feature *features = cbm_take(r, list.n, sizeof *features);
    cm_ctr_table *wanted = cbm_take(r, list.n, sizeof *wanted);
    for (size_t i = 0; i < list.n && r->fb.status == CM_OK; i++) {
        read_ctr_feature(r, &features[i], &wanted[i],
                         fb_element_table(&r->fb, list, i));
    }
    r->wanted = wanted;
    r->ctrs = features;
    r->source.parts.ctrs = features;
    r->source.parts.n_ctrs = list.n;
}

/* ---- tables ---------------------------------------------------------- */

typedef struct bucket {
    uint64_t key;
    uint32_t index;
} bucket;

static bucket bucket_at(const cbm_reader *r, fb_vector index, size_t b)
{
    bucket found;
    const uint8_t *at = r->fb.bytes + index.at + b * CBM_BUCKET_BYTES;
    memcpy(&found.key, at, sizeof found.key);
    memcpy(&found.index, at + sizeof found.key, sizeof found.index);
    return found;
}

/* Keys by the place of their statistics, of which there are n; those that no
 * bucket leads to get CBM_EMPTY_KEY. */
static uint64_t *read_keys(cbm_reader *r, fb_vector index, size_t n)
{
    size_t n_buckets = index.n / CBM_BUCKET_BYTES;
    if (index.n % CBM_BUCKET_BYTES != 0) {
        fb_fail(&r->fb, CM_ERR_DATA, index.at,
                "a table's index has %zu bytes, which is no number of buckets "
                "of %d. The file is damaged",
                index.n, (int)CBM_BUCKET_BYTES);
    }
    uint64_t *keys = cbm_take(r, n, sizeof *keys);
    (void)cbm_charge(r, n, 48); /* the index for applying, at most */
    if (keys == NULL) {
        return NULL;
    }
    memset(keys, 0xff, n * sizeof *keys); /* CBM_EMPTY_KEY */
    for (size_t b = 0; b < n_buckets && r->fb.status == CM_OK; b++) {
        bucket found = bucket_at(r, index, b);
        if (found.key == CBM_EMPTY_KEY) {
            continue;
        }
        if (found.index >= n || keys[found.index] != CBM_EMPTY_KEY) {
            fb_fail(&r->fb, CM_ERR_DATA, index.at + b * CBM_BUCKET_BYTES,
                    "bucket %zu leads to statistic %u, which is one too many "
                    "or another bucket's. The file is damaged",
                    b, found.index);
        } else {
            keys[found.index] = found.key;
        }
    }
    return keys;
}

static uint32_t read_classes(cbm_reader *r, fb_table t, cm_ctr_type type)
{
    if (type != CM_CTR_BORDERS && type != CM_CTR_BUCKETS) {
        return 1;
    }
    return cbm_get_index(r, t, TABLE_N_CLASSES, "a table's number of classes");
}

/* What a table's statistics are copied to, key by key. */
typedef struct statistics {
    uint64_t *keys;
    float *sums;     /* or NULL */
    int32_t *counts; /* (n, n_counts) */
    size_t n_counts;
} statistics;

/* Statistics without a key are left out: CatBoost has one in each table that
 * it read from JSON, where it writes its empty bucket as a key. */
static size_t copy_keyed(const statistics *s, const uint8_t *at, size_t n)
{
    size_t n_keys = 0;
    for (size_t i = 0; i < n; i++) {
        s->keys[n_keys] = s->keys[i];
        if (s->sums != NULL) {
            memcpy(&s->sums[n_keys], at, sizeof *s->sums);
            at += sizeof *s->sums;
        }
        memcpy(s->counts + n_keys * s->n_counts, at,
               s->n_counts * sizeof *s->counts);
        at += s->n_counts * sizeof *s->counts;
        n_keys += s->keys[n_keys] != CBM_EMPTY_KEY;
    }
    return n_keys;
}

static void read_statistics(cbm_reader *r, cm_ctr_table *table, fb_table t)
{
    fb_vector index = fb_get_vector(&r->fb, t, TABLE_INDEX, 1);
    fb_vector blob = fb_get_vector(&r->fb, t, TABLE_STATISTICS, 1);
    bool has_sums = model_ctr_has_sums(table->type);
    size_t n_counts = table->n_classes;
    size_t row = 4 * (n_counts + (has_sums ? 1 : 0)); /* both have 32 bits */
    if (r->fb.status == CM_OK && (n_counts == 0 || blob.n % row != 0)) {
        fb_fail(&r->fb, CM_ERR_DATA, blob.at,
                "%zu bytes of statistics; keys with %zu numbers each ask for a "
                "multiple of %zu. The file is damaged",
                blob.n, row / 4, row);
    }
    if (r->fb.status != CM_OK) {
        return;
    }
    size_t n = blob.n / row;
    const statistics to = {
        .keys = read_keys(r, index, n),
        .sums = has_sums ? cbm_take(r, n, sizeof *to.sums) : NULL,
        .counts = cbm_take(r, n, n_counts * sizeof *to.counts),
        .n_counts = n_counts,
    };
    if (r->fb.status == CM_OK) {
        table->n_keys = copy_keyed(&to, r->fb.bytes + blob.at, n);
        table->keys = to.keys;
        table->sums = to.sums;
        table->counts = to.counts;
    }
}

static void read_table(cbm_reader *r, cm_ctr_table *table)
{
    cbm_next_part(r);
    fb_table t = fb_root(&r->fb);
    read_base(r, table, fb_get_table(&r->fb, t, TABLE_BASE));
    table->n_classes = read_classes(r, t, table->type);
    table->denominator = fb_get_int(&r->fb, t, TABLE_DENOMINATOR, 0);
    read_statistics(r, table, t);
}

/* ---- features find their tables -------------------------------------- */

static int compare_tables(const void *a, const void *b)
{
    return ctr_table_compare(a, b);
}

static void join(cbm_reader *r, cm_ctr_table *tables, size_t n)
{
    if (n > 1) {
        qsort(tables, n, sizeof *tables, compare_tables);
    }
    for (size_t c = 0; c < r->source.parts.n_ctrs; c++) {
        const cm_ctr_table *found =
            n == 0 ? NULL
                   : bsearch(&r->wanted[c], tables, n, sizeof *tables,
                             compare_tables);
        if (found == NULL) {
            fb_fail(&r->fb, CM_ERR_DATA, 0,
                    "CTR feature %zu has no table in the file", c);
            return;
        }
        r->ctrs[c].table = (uint32_t)(found - tables);
    }
}

void cbm_read_ctr_part(cbm_reader *r)
{
    uint32_t n = cbm_next_u32(r);
    /* Each table has a size of its own. */
    if (r->fb.status == CM_OK && n > (r->file.n - r->at) / sizeof n) {
        fb_fail(&r->fb, CM_ERR_DATA, 0,
                "%u tables do not fit behind here. The file is damaged", n);
    }
    cm_ctr_table *tables = cbm_take(r, n, sizeof *tables);
    (void)cbm_charge(r, n, 64); /* their indexes for applying */
    for (uint32_t t = 0; t < n && r->fb.status == CM_OK; t++) {
        read_table(r, &tables[t]);
    }
    if (r->fb.status == CM_OK) {
        join(r, tables, n);
    }
    r->source.parts.ctr_tables = tables;
    r->source.parts.n_ctr_tables = n;
}
