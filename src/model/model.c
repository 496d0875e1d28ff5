/* Builds models: checks the parts, keeps the borders that are used, copies
 * all into one arena, and names the result by its content. */
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/json_text.h"
#include "model/model_body.h"

/* The least CatBoost wants to answer get_all_params(). */
static const char minimal_params[] =
    "{\"boosting_options\":{\"boosting_type\":\"Plain\","
    "\"od_config\":{\"type\":\"None\"}},"
    "\"loss_function\":{\"params\":{},\"type\":\"Logloss\"}}";

void *model_alloc(cm_arena *arena, size_t count, size_t size, cm_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        (void)cm_fail(err, CM_ERR_NOMEM,
                      "out of memory: a model asks for %zu times %zu bytes",
                      count, size);
        return NULL;
    }
    return cm_arena_alloc(arena, bytes, err);
}

/* Where borders of the source go: position[f][b], for used ones. */
typedef struct border_map {
    size_t n_features;
    uint32_t **position;
    uint32_t *n_kept; /* (n_features) */
} border_map;

static void border_map_release(border_map *map)
{
    for (size_t f = 0; map->position != NULL && f < map->n_features; f++) {
        free(map->position[f]);
    }
    free(map->position);
    free(map->n_kept);
}

static cm_status border_map_init(border_map *map, const cm_model_parts *parts,
                                 cm_error *err)
{
    map->n_features = parts->n_features;
    map->position =
        cm_alloc_zero(parts->n_features, sizeof *map->position, err);
    map->n_kept = cm_alloc_zero(parts->n_features, sizeof *map->n_kept, err);
    if (map->position == NULL || map->n_kept == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < parts->n_features; f++) {
        map->position[f] =
            cm_alloc_zero(parts->features[f].n_borders, sizeof(uint32_t), err);
        if (map->position[f] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static void border_map_fill(border_map *map, const model_source *source)
{
    const cm_model_parts *parts = &source->parts;
    for (size_t t = 0; t < parts->n_trees; t++) {
        for (uint32_t d = 0; d < parts->trees[t].depth; d++) {
            cm_split_condition c = parts->trees[t].splits[d];
            map->position[c.feature][c.border] = 1;
        }
    }
    for (size_t f = 0; f < parts->n_features; f++) {
        for (uint32_t b = 0; b < parts->features[f].n_borders; b++) {
            bool keep = source->keep_unused_borders || map->position[f][b] != 0;
            map->position[f][b] = keep ? map->n_kept[f]++ : UINT32_MAX;
        }
    }
}

static cm_status copy_feature(cm_float_feature *to,
                              const cm_float_feature *from,
                              const border_map *map, size_t index,
                              cm_arena *arena, cm_error *err)
{
    float *borders =
        model_alloc(arena, map->n_kept[index], sizeof *borders, err);
    const char *name =
        cm_arena_strdup(arena, from->name, strlen(from->name), err);
    if (borders == NULL || name == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t b = 0; b < from->n_borders; b++) {
        uint32_t position = map->position[index][b];
        if (position != UINT32_MAX) {
            borders[position] = from->borders[b] + 0.0f; /* -0 becomes 0 */
        }
    }
    *to = *from;
    to->name = name;
    to->borders = borders;
    to->n_borders = map->n_kept[index];
    return CM_OK;
}

/* Adding zero makes -0, which JSON text does not keep, a plain zero. */
static const double *copy_doubles(const double *from, size_t n, cm_arena *arena,
                                  cm_error *err)
{
    double *to = model_alloc(arena, n, sizeof *to, err);
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[i] = from == NULL ? 0 : from[i] + 0.0;
    }
    return to;
}

static cm_status copy_tree(cm_tree *to, const cm_tree *from,
                           const border_map *map, cm_arena *arena,
                           cm_error *err)
{
    size_t n_leaves = (size_t)1 << from->depth;
    cm_split_condition *splits =
        model_alloc(arena, from->depth, sizeof *splits, err);
    to->depth = from->depth;
    to->splits = splits;
    to->leaf_values = copy_doubles(from->leaf_values, n_leaves, arena, err);
    to->leaf_weights = copy_doubles(from->leaf_weights, n_leaves, arena, err);
    if (splits == NULL || to->leaf_values == NULL || to->leaf_weights == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t d = 0; d < from->depth; d++) {
        cm_split_condition c = from->splits[d];
        splits[d].feature = c.feature;
        splits[d].border = map->position[c.feature][c.border];
    }
    return CM_OK;
}

static cm_status copy_content(cm_model *model, const cm_model_parts *parts,
                              const border_map *map, cm_arena *arena,
                              cm_error *err)
{
    cm_float_feature *features =
        model_alloc(arena, parts->n_features, sizeof *features, err);
    cm_tree *trees = model_alloc(arena, parts->n_trees, sizeof *trees, err);
    cm_status status = features && trees ? CM_OK : CM_ERR_NOMEM;
    for (size_t f = 0; f < parts->n_features && status == CM_OK; f++) {
        status =
            copy_feature(&features[f], &parts->features[f], map, f, arena, err);
    }
    for (size_t t = 0; t < parts->n_trees && status == CM_OK; t++) {
        status = copy_tree(&trees[t], &parts->trees[t], map, arena, err);
    }
    model->n_features = parts->n_features;
    model->features = features;
    model->n_trees = parts->n_trees;
    model->trees = trees;
    return status;
}

/* The params must be one JSON object: CatBoost reads them back. */
static cm_status check_params(const char *params, cm_error *err)
{
    json_t *parsed = NULL;
    cm_status status =
        json_text_parse(&parsed, cm_str_of(params), "model params", err);
    if (status == CM_OK && !json_is_object(parsed)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "model params: found another kind of value, expected "
                         "an object");
    }
    json_decref(parsed);
    return status;
}

static cm_status copy_names(cm_model *model, const cm_model_parts *parts,
                            cm_arena *arena, cm_error *err)
{
    static const char *const usual[2] = {"0", "1"};
    const char *params = parts->params_json;
    for (int i = 0; i < 2; i++) {
        const char *name = parts->class_names[i];
        name = name == NULL ? usual[i] : name;
        model->class_names[i] = cm_arena_strdup(arena, name, strlen(name), err);
    }
    params = params == NULL ? minimal_params : params;
    model->params_json = cm_arena_strdup(arena, params, strlen(params), err);
    model->class_names_are_integers = parts->class_names_are_integers;
    return model->class_names[0] && model->class_names[1] && model->params_json
               ? CM_OK
               : CM_ERR_NOMEM;
}

/* The first 128 bits of the SHA-256 of the JSON that has no guid yet. */
static cm_status name_by_content(cm_model *model, cm_error *err)
{
    char hex[CM_SHA256_HEX];
    cm_buf text = {0};
    cm_status status = cm_model_format_json(model, &text, err);
    if (status == CM_OK) {
        status = cm_sha256(hex, text.p, text.n, err);
    }
    if (status == CM_OK) {
        (void)snprintf(model->guid, sizeof model->guid, "%.8s-%.8s-%.8s-%.8s",
                       hex, hex + 8, hex + 16, hex + 24);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status fill_model(cm_model *model, const model_source *source,
                            const border_map *map, cm_error *err)
{
    model_body *body = model->owner;
    model->scale = source->scale;
    model->bias = source->parts.bias + 0.0;
    cm_status status =
        copy_content(model, &source->parts, map, &body->arena, err);
    if (status == CM_OK) {
        status = copy_names(model, &source->parts, &body->arena, err);
    }
    if (status == CM_OK) {
        status = apply_plan_init(&body->plan, model, &body->arena, err);
    }
    if (status == CM_OK && source->guid == NULL) {
        status = name_by_content(model, err);
    } else if (status == CM_OK) {
        (void)snprintf(model->guid, sizeof model->guid, "%s", source->guid);
    }
    return status;
}

cm_status model_construct(cm_model **out, const model_source *source,
                          cm_error *err)
{
    border_map map = {0};
    cm_model *model = NULL;
    *out = NULL;
    cm_status status = model_check(source, err);
    if (status != CM_OK) {
        return status;
    }
    model = cm_alloc_zero(1, sizeof *model, err);
    if (model == NULL) {
        return CM_ERR_NOMEM;
    }
    model->owner = cm_alloc_zero(1, sizeof(model_body), err);
    status = model->owner == NULL ? CM_ERR_NOMEM
                                  : border_map_init(&map, &source->parts, err);
    if (status == CM_OK) {
        border_map_fill(&map, source);
        status = fill_model(model, source, &map, err);
    }
    border_map_release(&map);
    if (status != CM_OK) {
        cm_model_free(model);
        return status;
    }
    *out = model;
    return CM_OK;
}

cm_status cm_model_build(cm_model **out, const cm_model_parts *parts,
                         cm_error *err)
{
    model_source source = {.parts = *parts, .scale = 1};
    *out = NULL;
    cm_status status =
        parts->params_json ? check_params(parts->params_json, err) : CM_OK;
    return status == CM_OK ? model_construct(out, &source, err) : status;
}

void cm_model_free(cm_model *model)
{
    if (model == NULL) {
        return;
    }
    model_body *body = model->owner;
    if (body != NULL) {
        cm_arena_release(&body->arena);
        free(body);
    }
    free(model);
}
