/* Numbers of a model gathered into players by the inputs they are made of. */
#include "model/players.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/explain.h"

/* A number and the inputs it is made of. */
typedef struct number_inputs {
    uint32_t number, n;
    uint32_t *inputs; /* (n) */
} number_inputs;

uint32_t players_float_input(const cm_model *model, uint32_t feature)
{
    return model->n_cat_features == 0 ? feature
                                      : model->features[feature].flat_index;
}

size_t cm_model_input_count(const cm_model *model)
{
    size_t n = 0;
    for (uint32_t f = 0; f < model->n_features; f++) {
        size_t input = players_float_input(model, f);
        n = input < n ? n : input + 1;
    }
    for (size_t c = 0; c < model->n_cat_features; c++) {
        size_t input = model->cat_features[c].flat_index;
        n = input < n ? n : input + 1;
    }
    return n;
}

static const char *find_name(const cm_model *model, size_t input)
{
    for (uint32_t f = 0; f < model->n_features; f++) {
        if (players_float_input(model, f) == input) {
            return model->features[f].name;
        }
    }
    for (size_t c = 0; c < model->n_cat_features; c++) {
        if (model->cat_features[c].flat_index == input) {
            return model->cat_features[c].name;
        }
    }
    return NULL;
}

const char *cm_model_input_name(const cm_model *model, size_t index)
{
    const char *name = find_name(model, index);
    return name != NULL && *name != '\0' ? name : NULL;
}

/* 0: a float that no tree asks for. */
static size_t n_inputs_of(const cm_model *model, size_t number)
{
    size_t ctr = number - model->n_features - model->n_one_hots;
    if (number < model->n_features) {
        return model->features[number].n_borders > 0;
    }
    if (number < model->n_features + model->n_one_hots) {
        return 1;
    }
    return model->ctr_tables[model->ctrs[ctr].table].projection.n_cats;
}

static void fill_inputs(number_inputs *out, const cm_model *model)
{
    const cm_cat_feature *cats = model->cat_features;
    if (out->number < model->n_features) {
        out->inputs[0] = players_float_input(model, out->number);
        return;
    }
    size_t derived = out->number - model->n_features;
    if (derived < model->n_one_hots) {
        out->inputs[0] = cats[model->one_hots[derived].cat_feature].flat_index;
        return;
    }
    const cm_ctr_feature *ctr = &model->ctrs[derived - model->n_one_hots];
    const cm_projection *from = &model->ctr_tables[ctr->table].projection;
    for (uint32_t c = 0; c < from->n_cats; c++) {
        out->inputs[c] = cats[from->cats[c]].flat_index;
    }
}

static int compare_inputs(const number_inputs *a, const number_inputs *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->inputs[i] != b->inputs[i]) {
            return a->inputs[i] < b->inputs[i] ? -1 : 1;
        }
    }
    return (a->n > b->n) - (a->n < b->n);
}

static int by_inputs(const void *x, const void *y)
{
    const number_inputs *a = x, *b = y;
    int order = compare_inputs(a, b);
    return order != 0 ? order
                      : (a->number > b->number) - (a->number < b->number);
}

/* All numbers, sorted by what they are made of; *storage is to be freed. */
static cm_status list_numbers(number_inputs *numbers, size_t n,
                              uint32_t **storage, const cm_model *model,
                              cm_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += n_inputs_of(model, i);
    }
    *storage = cm_alloc(total, sizeof **storage, err);
    if (*storage == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0, used = 0; i < n; i++) {
        numbers[i].number = (uint32_t)i;
        numbers[i].n = (uint32_t)n_inputs_of(model, i);
        numbers[i].inputs = *storage + used;
        if (numbers[i].n > 0) {
            fill_inputs(&numbers[i], model);
        }
        used += numbers[i].n;
    }
    qsort(numbers, n, sizeof *numbers, by_inputs);
    return CM_OK;
}

/* A new player for every run of numbers with the same inputs. */
static void gather(player_list *p, const number_inputs *numbers)
{
    uint32_t used = 0;
    for (size_t i = 0; i < p->n_numbers; i++) {
        if (numbers[i].n == 0) {
            continue; /* sorted first */
        }
        if (i == 0 || compare_inputs(&numbers[i - 1], &numbers[i]) != 0) {
            p->leading[p->n] = numbers[i].number;
            p->first[p->n++] = used;
            for (uint32_t c = 0; c < numbers[i].n; c++) {
                p->inputs[used++] = numbers[i].inputs[c];
            }
        }
        p->of[numbers[i].number] = (uint32_t)p->n - 1;
    }
    p->first[p->n] = used;
}

cm_status player_list_init(player_list *out, const cm_model *model,
                           cm_error *err)
{
    size_t n = model->n_features + model->n_one_hots + model->n_ctrs;
    size_t total = 0;
    uint32_t *storage = NULL;
    number_inputs *numbers = cm_alloc(n, sizeof *numbers, err);
    *out =
        (player_list){.n_numbers = n, .n_inputs = cm_model_input_count(model)};
    for (size_t i = 0; i < n; i++) {
        total += n_inputs_of(model, i);
    }
    out->of = cm_alloc(n, sizeof *out->of, err);
    out->leading = cm_alloc(n, sizeof *out->leading, err);
    out->first = cm_alloc(n + 1, sizeof *out->first, err);
    out->inputs = cm_alloc(total, sizeof *out->inputs, err);
    cm_status status =
        numbers && out->of && out->leading && out->first && out->inputs
            ? list_numbers(numbers, n, &storage, model, err)
            : CM_ERR_NOMEM;
    if (status == CM_OK) {
        gather(out, numbers);
    } else {
        player_list_release(out);
    }
    free(numbers);
    free(storage);
    return status;
}

void player_list_release(player_list *p)
{
    free(p->of);
    free(p->leading);
    free(p->first);
    free(p->inputs);
    *p = (player_list){0};
}

void player_list_share(const player_list *p, size_t player, double share,
                       double *row)
{
    uint32_t first = p->first[player], n = p->first[player + 1] - first;
    for (uint32_t i = 0; i < n; i++) {
        row[p->inputs[first + i]] += share / n;
    }
}
