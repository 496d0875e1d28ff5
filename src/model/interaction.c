/* Which inputs act together: for every two conditions of a tree, by how much
 * the answer to one changes what the other does; summed over pairs of inputs.
 * Source: catboost libs/fstr/calc_fstr.cpp, CalcFeatureInteraction. */
#include "model/explain.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/players.h"

typedef struct pair_list {
    size_t n, capacity;
    cm_interaction *pairs;
} pair_list;

static cm_status add_pair(pair_list *list, uint32_t first, uint32_t second,
                          double score, cm_error *err)
{
    cm_status status = cm_grow(&list->pairs, list->n, &list->capacity,
                               sizeof *list->pairs, err);
    if (status == CM_OK) {
        list->pairs[list->n++] = (cm_interaction){first, second, score};
    }
    return status;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* By what is paired; then by score, so that sums have one order. */
static int by_pair(const void *x, const void *y)
{
    const cm_interaction *a = x, *b = y;
    int order = compare_u32(a->first, b->first);
    order = order != 0 ? order : compare_u32(a->second, b->second);
    return order != 0 ? order : (a->score > b->score) - (a->score < b->score);
}

static int by_score(const void *x, const void *y)
{
    const cm_interaction *a = x, *b = y;
    int order = (a->score < b->score) - (a->score > b->score);
    order = order != 0 ? order : compare_u32(a->first, b->first);
    return order != 0 ? order : compare_u32(a->second, b->second);
}

/* One entry a pair. */
static void merge_pairs(pair_list *list)
{
    size_t kept = 0;
    if (list->n > 0) {
        qsort(list->pairs, list->n, sizeof *list->pairs, by_pair);
    }
    for (size_t i = 0; i < list->n; i++) {
        cm_interaction *last = &list->pairs[kept - (kept > 0)];
        const cm_interaction *next = &list->pairs[i];
        if (kept > 0 && last->first == next->first &&
            last->second == next->second) {
            last->score += next->score;
        } else {
            list->pairs[kept++] = *next;
        }
    }
    list->n = kept;
}

/* By how much two conditions together differ from each by itself. */
static double act_together(const cm_tree *tree, uint32_t a, uint32_t b)
{
    double sum = 0;
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        bool differ = ((l >> a ^ l >> b) & 1) != 0;
        sum += differ ? tree->leaf_values[l] : -tree->leaf_values[l];
    }
    return fabs(sum);
}

/* Numbers in the order in which trees first ask for them: CatBoost's own
 * numbering, which decides who comes first in a pair. */
typedef struct turns {
    uint32_t n;
    uint32_t *of;     /* (numbers): its turn, or UINT32_MAX */
    uint32_t *number; /* (n) */
} turns;

static cm_status turns_init(turns *t, const cm_model *model, cm_error *err)
{
    size_t n = model->n_features + model->n_one_hots + model->n_ctrs;
    t->of = cm_alloc(n, sizeof *t->of, err);
    t->number = cm_alloc(n, sizeof *t->number, err);
    if (t->of == NULL || t->number == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        t->of[i] = UINT32_MAX;
    }
    for (size_t i = 0; i < model->n_trees; i++) {
        for (uint32_t d = 0; d < model->trees[i].depth; d++) {
            uint32_t number = model->trees[i].splits[d].feature;
            if (t->of[number] == UINT32_MAX) {
                t->number[t->n] = number;
                t->of[number] = t->n++;
            }
        }
    }
    return CM_OK;
}

static void turns_release(turns *t)
{
    free(t->of);
    free(t->number);
}

static cm_status add_tree(pair_list *list, const cm_tree *tree, const turns *t,
                          cm_error *err)
{
    cm_status status = CM_OK;
    for (uint32_t b = 1; b < tree->depth; b++) {
        for (uint32_t a = 0; a < b && status == CM_OK; a++) {
            uint32_t i = t->of[tree->splits[a].feature];
            uint32_t j = t->of[tree->splits[b].feature];
            if (i != j) {
                status = add_pair(list, i < j ? i : j, i < j ? j : i,
                                  act_together(tree, a, b), err);
            }
        }
    }
    return status;
}

/* The inputs that CatBoost names for a number: none for a one-hot feature,
 * whose pairs count in the total all the same; of a table, not its one-hot
 * conditions. */
typedef struct named_inputs {
    const cm_model *model;
    const cm_projection *projection; /* NULL: one input */
    uint32_t n, only;
} named_inputs;

static named_inputs inputs_of(const cm_model *model, uint32_t number)
{
    size_t derived = number - model->n_features;
    if (number < model->n_features) {
        return (named_inputs){model, NULL, 1,
                              players_float_input(model, number)};
    }
    if (derived < model->n_one_hots) {
        return (named_inputs){model, NULL, 0, 0};
    }
    uint32_t table = model->ctrs[derived - model->n_one_hots].table;
    const cm_projection *from = &model->ctr_tables[table].projection;
    return (named_inputs){model, from, from->n_float_splits + from->n_cats, 0};
}

static uint32_t named_input(const named_inputs *of, uint32_t i)
{
    const cm_projection *from = of->projection;
    if (from == NULL) {
        return of->only;
    }
    if (i < from->n_float_splits) {
        return players_float_input(of->model,
                                   from->float_splits[i].float_feature);
    }
    return of->model->cat_features[from->cats[i - from->n_float_splits]]
        .flat_index;
}

/* A pair of numbers as pairs of inputs.  After a swap CatBoost goes on with
 * the swapped input in place of the first number's own; so do we. */
static cm_status spread_pair(pair_list *out, const named_inputs *a,
                             const named_inputs *b, double score, cm_error *err)
{
    cm_status status = CM_OK;
    double part = score / fmax((double)a->n * b->n, 1);
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t first = named_input(a, i);
        for (uint32_t j = 0; j < b->n && status == CM_OK; j++) {
            uint32_t second = named_input(b, j);
            if (first == second) {
                continue;
            }
            if (second < first) {
                uint32_t swapped = first;
                first = second;
                second = swapped;
            }
            status = add_pair(out, first, second, part, err);
        }
    }
    return status;
}

static cm_status spread_all(pair_list *out, const cm_model *model,
                            const pair_list *numbers, const turns *t,
                            cm_error *err)
{
    double total = 0;
    cm_status status = CM_OK;
    for (size_t i = 0; i < numbers->n && status == CM_OK; i++) {
        const cm_interaction *pair = &numbers->pairs[i];
        named_inputs a = inputs_of(model, t->number[pair->first]);
        named_inputs b = inputs_of(model, t->number[pair->second]);
        status = spread_pair(out, &a, &b, pair->score, err);
        total += pair->score;
    }
    merge_pairs(out);
    for (size_t i = 0; i < out->n; i++) {
        double score = out->pairs[i].score;
        out->pairs[i].score = total > 0 ? score / total * 100 : 0;
    }
    if (out->n > 0) {
        qsort(out->pairs, out->n, sizeof *out->pairs, by_score);
    }
    return status;
}

cm_status cm_model_interaction(const cm_model *model, cm_interaction **out,
                               size_t *n, cm_error *err)
{
    pair_list numbers = {0}, inputs = {0};
    turns t = {0};
    cm_status status = turns_init(&t, model, err);
    for (size_t i = 0; i < model->n_trees && status == CM_OK; i++) {
        status = add_tree(&numbers, &model->trees[i], &t, err);
    }
    if (status == CM_OK) {
        merge_pairs(&numbers);
        status = spread_all(&inputs, model, &numbers, &t, err);
    }
    *out = NULL;
    *n = 0;
    if (status == CM_OK) {
        *out = inputs.pairs;
        *n = inputs.n;
    } else {
        free(inputs.pairs);
    }
    free(numbers.pairs);
    turns_release(&t);
    return status;
}
