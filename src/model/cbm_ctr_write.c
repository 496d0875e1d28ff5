/* Writes the tables of statistics of CatBoost's binary model.
 *
 * A table's keys are a hash table of 2^k buckets, at least twice the keys:
 * a key's bucket is its low k bits, or the next free one.  Keys go in by their
 * order, so the buckets are those CatBoost makes of the same list. */
#include "model/cbm_view.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/cbm_format.h"
#include "model/model_body.h"

size_t cbm_open_part(cm_buf *out)
{
    static const uint32_t zero;
    size_t at = out->n;
    cm_buf_add(out, &zero, sizeof zero);
    return at;
}

cm_status cbm_close_part(fb_writer *w, size_t root, size_t size_at,
                         cm_error *err)
{
    cm_status status = fb_end(w, root, err);
    if (status == CM_OK) {
        uint32_t size = (uint32_t)(w->out->n - w->start);
        memcpy(w->out->p + size_at, &size, sizeof size);
    }
    return status;
}

static size_t put_combination(fb_writer *w, const cm_projection *p)
{
    const fb_field fields[N_COMBINATION_SLOTS] = {
        [COMBINATION_CATS] = fb_link(),
        [COMBINATION_FLOAT_SPLITS] = fb_link(),
        [COMBINATION_ONE_HOT_SPLITS] = fb_link(),
    };
    size_t table = fb_put_table(w, fields, N_COMBINATION_SLOTS);
    fb_set_link(w, table, COMBINATION_CATS,
                fb_put_vector(w, p->cats, p->n_cats, sizeof *p->cats, 4));
    fb_set_link(w, table, COMBINATION_FLOAT_SPLITS,
                fb_put_vector(w, p->float_splits, p->n_float_splits,
                              sizeof *p->float_splits, 4));
    fb_set_link(w, table, COMBINATION_ONE_HOT_SPLITS,
                fb_put_vector(w, p->one_hot_splits, p->n_one_hot_splits,
                              sizeof *p->one_hot_splits, 4));
    return table;
}

size_t cbm_put_ctr_base(fb_writer *w, const cm_ctr_table *table)
{
    const fb_field fields[N_CTR_BASE_SLOTS] = {
        [CTR_BASE_COMBINATION] = fb_link(),
        [CTR_BASE_TYPE] = fb_byte((uint8_t)table->type),
        [CTR_BASE_TARGET_CUT] = fb_int((int32_t)table->target_cut),
    };
    size_t base = fb_put_table(w, fields, N_CTR_BASE_SLOTS);
    fb_set_link(w, base, CTR_BASE_COMBINATION,
                put_combination(w, &table->projection));
    return base;
}

static size_t buckets_of(size_t n_keys)
{
    size_t n = 2;
    while (n < 2 * n_keys) {
        n *= 2;
    }
    return n;
}

static void fill_buckets(char *buckets, size_t n, const cm_ctr_table *table)
{
    static const uint64_t empty = CBM_EMPTY_KEY;
    for (size_t b = 0; b < n; b++) {
        memcpy(buckets + b * CBM_BUCKET_BYTES, &empty, sizeof empty);
    }
    for (size_t i = 0; i < table->n_keys; i++) {
        size_t b = table->keys[i] & (n - 1);
        uint64_t taken;
        uint32_t index = (uint32_t)i;
        for (;; b = (b + 1) & (n - 1)) {
            memcpy(&taken, buckets + b * CBM_BUCKET_BYTES, sizeof taken);
            if (taken == CBM_EMPTY_KEY) {
                break;
            }
        }
        char *bucket = buckets + b * CBM_BUCKET_BYTES;
        memcpy(bucket, &table->keys[i], sizeof taken);
        memcpy(bucket + sizeof taken, &index, sizeof index);
    }
}

static cm_status put_index(fb_writer *w, size_t table,
                           const cm_ctr_table *source, cm_error *err)
{
    size_t n = buckets_of(source->n_keys);
    char *buckets = cm_alloc_zero(n, CBM_BUCKET_BYTES, err);
    if (buckets == NULL) {
        return CM_ERR_NOMEM;
    }
    fill_buckets(buckets, n, source);
    fb_set_link(w, table, TABLE_INDEX,
                fb_put_vector(w, buckets, n * CBM_BUCKET_BYTES, 1, 4));
    free(buckets);
    return CM_OK;
}

/* Sums and counts of the means alternate; the others are counts. */
static void put_statistics(fb_writer *w, size_t table,
                           const cm_ctr_table *source)
{
    bool means = model_ctr_has_sums(source->type);
    size_t n = source->n_keys * (means ? 2 : model_ctr_width(source));
    size_t at = fb_open_vector(w, n * sizeof(int32_t), 4);
    fb_set_link(w, table, TABLE_STATISTICS, at);
    if (!means) {
        fb_add_elements(w, source->counts, n, sizeof *source->counts);
        return;
    }
    for (size_t i = 0; i < source->n_keys; i++) {
        fb_add_elements(w, &source->sums[i], 1, sizeof *source->sums);
        fb_add_elements(w, &source->counts[i], 1, sizeof *source->counts);
    }
}

static cm_status format_table(const cm_ctr_table *source, cm_buf *out,
                              cm_error *err)
{
    uint32_t width = model_ctr_width(source); /* 1: it counts no classes */
    const fb_field fields[N_TABLE_SLOTS] = {
        [TABLE_BASE] = fb_link(),
        [TABLE_INDEX] = fb_link(),
        [TABLE_STATISTICS] = fb_link(),
        [TABLE_DENOMINATOR] = fb_int(source->denominator),
        [TABLE_N_CLASSES] = fb_int(width == 1 ? 0 : (int32_t)width),
    };
    fb_writer w;
    size_t size_at = cbm_open_part(out);
    fb_begin(&w, out);
    size_t table = fb_put_table(&w, fields, N_TABLE_SLOTS);
    fb_set_link(&w, table, TABLE_BASE, cbm_put_ctr_base(&w, source));
    cm_status status = put_index(&w, table, source, err);
    if (status != CM_OK) {
        return status;
    }
    put_statistics(&w, table, source);
    return cbm_close_part(&w, table, size_at, err);
}

cm_status cbm_format_ctr_part(const cm_model *model, cm_buf *out, cm_error *err)
{
    uint32_t n = (uint32_t)model->n_ctr_tables;
    cm_status status = CM_OK;
    cm_buf_add(out, &n, sizeof n);
    for (uint32_t t = 0; t < n && status == CM_OK; t++) {
        status = format_table(&model->ctr_tables[t], out, err);
    }
    return status;
}
