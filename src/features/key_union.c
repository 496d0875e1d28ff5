/* Two sorted dictionaries merged into one. */
#include "features/key_union.h"

#include <string.h>

#include "features/table.h"

/* A dictionary being written; the arrays have room for all. */
typedef struct writer {
    uint32_t n;
    uint64_t *offsets;
    char *bytes;
    int64_t *integers;
} writer;

static cm_status writer_init(writer *w, cm_arena *arena, const cm_dictionary *a,
                             const cm_dictionary *b, cm_error *err)
{
    uint64_t n = (uint64_t)a->n + b->n;
    if (n > UINT32_MAX) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "tables of one column have %llu keys in all, and at "
                       "most %u are handled",
                       (unsigned long long)n, UINT32_MAX);
    }
    if (a->integers != NULL) {
        w->integers = cm_arena_alloc(arena, n * sizeof *w->integers, err);
        return w->integers != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    w->offsets = cm_arena_alloc(arena, (n + 1) * sizeof *w->offsets, err);
    w->bytes = cm_arena_alloc(arena, a->offsets[a->n] + b->offsets[b->n], err);
    if (w->offsets == NULL || w->bytes == NULL) {
        return CM_ERR_NOMEM;
    }
    w->offsets[0] = 0;
    return CM_OK;
}

static void put_key(writer *w, const cm_dictionary *from, uint32_t i)
{
    if (w->integers != NULL) {
        w->integers[w->n++] = from->integers[i];
        return;
    }
    cm_str text = cm_key_text(from, i);
    if (text.n > 0) {
        memcpy(w->bytes + w->offsets[w->n], text.p, text.n);
    }
    w->offsets[w->n + 1] = w->offsets[w->n] + text.n;
    w->n++;
}

static int compare_keys(const cm_dictionary *a, uint32_t i,
                        const cm_dictionary *b, uint32_t k)
{
    if (a->integers != NULL) {
        return (a->integers[i] > b->integers[k]) -
               (a->integers[i] < b->integers[k]);
    }
    return cm_str_compare(cm_key_text(a, i), cm_key_text(b, k));
}

cm_status cm_key_union(cm_dictionary *out, cm_arena *arena,
                       const cm_dictionary *a, const cm_dictionary *b,
                       cm_error *err)
{
    writer w = {0};
    cm_status status = writer_init(&w, arena, a, b, err);
    if (status != CM_OK) {
        return status;
    }
    uint32_t i = 0;
    uint32_t k = 0;
    while (i < a->n || k < b->n) {
        int order = i == a->n ? 1 : k == b->n ? -1 : compare_keys(a, i, b, k);
        put_key(&w, order <= 0 ? a : b, order <= 0 ? i : k);
        i += order <= 0;
        k += order >= 0;
    }
    *out = (cm_dictionary){.n = w.n,
                           .offsets = w.offsets,
                           .bytes = w.bytes,
                           .integers = w.integers};
    return CM_OK;
}
