/* Reads CatBoost's JSON model: ours, and those CatBoost trained with symmetric
 * trees and one output on numbers and categories. */
#include "model/model.h"

#include <string.h>

#include "base/file.h"
#include "model/catboost_info.h"
#include "model/catboost_json.h"
#include "model/json_text.h"

enum { MAX_FILE_BYTES = 1 << 30 };

/* [scale, [bias]], or [scale, bias] as old versions wrote it. */
static cm_status read_scale_and_bias(json_reader *r, const json_t *root,
                                     cm_error *err)
{
    const json_t *array = json_object_get(root, "scale_and_bias");
    const json_t *bias = json_array_get(array, 1);
    r->source.scale = 1;
    if (array == NULL) {
        return CM_OK;
    }
    if (json_array_size(bias) > 1) {
        return catboost_unsupported(r->file, "several outputs (multi-class)",
                                    err);
    }
    if (json_is_array(bias)) {
        bias = json_array_get(bias, 0);
    }
    if (!json_is_number(json_array_get(array, 0)) || !json_is_number(bias)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: scale_and_bias: expected [scale, [bias]], two "
                       "numbers",
                       r->file);
    }
    r->source.scale = json_number_value(json_array_get(array, 0));
    r->source.parts.bias = json_number_value(bias);
    return CM_OK;
}

static cm_status read_info(json_reader *r, const json_t *root, cm_str text,
                           cm_error *err)
{
    static const char *const path[] = {"model_info", "params"};
    const json_t *info = json_object_get(root, "model_info");
    const catboost_facts facts = {
        .params = json_object_get(info, "params"),
        .params_text = json_text_find(text, path, 2),
        .class_params = json_object_get(info, "class_params"),
        .guid = json_string_value(json_object_get(info, "model_guid")),
    };
    cm_status status =
        catboost_info_read(&r->source, &facts, &r->arena, r->file, err);
    if (status == CM_OK && r->source.guid == NULL) {
        status = model_guid_of(r->guid, text, err);
        r->source.guid = r->guid;
    }
    return status;
}

/* What can be large, which is not in root. */
typedef struct large_parts {
    cm_str ctr_data, trees;
} large_parts;

static cm_status read_root(json_reader *r, const json_t *root, cm_str text,
                           const large_parts *large, cm_error *err)
{
    cm_status status = read_info(r, root, text, err);
    if (status == CM_OK && json_object_get(root, "trees") != NULL) {
        status =
            catboost_unsupported(r->file, "trees that are not symmetric", err);
    }
    if (status == CM_OK) {
        status = json_read_tables(r, large->ctr_data, err);
    }
    if (status == CM_OK) {
        status = read_scale_and_bias(r, root, err);
    }
    if (status == CM_OK) {
        status = json_read_features(r, root, err);
    }
    if (status == CM_OK) {
        status = json_read_trees(r, large->trees, err);
    }
    return status;
}

static cm_status parse_root(json_t **root, json_reader *r, cm_str text,
                            const large_parts *large, cm_error *err)
{
    const cm_str cuts[] = {large->ctr_data, large->trees};
    size_t bytes = json_text_bytes(text);
    for (int i = 0; i < 2; i++) {
        bytes -= cuts[i].n > 0 ? json_text_bytes(cuts[i]) : 0;
    }
    cm_status status = json_charge(r, bytes, err);
    if (status == CM_OK) {
        status = json_text_parse_without(root, text, cuts, 2, r->file, err);
    }
    if (status == CM_OK && !json_is_object(*root)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: expected a CatBoost model, which is an object",
                         r->file);
    }
    return status;
}

cm_status cm_model_parse_json(cm_model **out, cm_str text, const char *file,
                              cm_error *err)
{
    static const char *const ctr_data[] = {"ctr_data"};
    static const char *const trees[] = {"oblivious_trees"};
    json_t *root = NULL;
    json_reader r = {.file = file,
                     .budget = MEMORY_FACTOR * text.n + MEMORY_BASE,
                     .source = {.keep_unused_borders = true}};
    const large_parts large = {json_text_find(text, ctr_data, 1),
                               json_text_find(text, trees, 1)};
    *out = NULL;
    cm_status status = parse_root(&root, &r, text, &large, err);
    if (status == CM_OK) {
        status = read_root(&r, root, text, &large, err);
    }
    if (status == CM_OK) {
        status = model_construct(out, &r.source, err);
        if (status != CM_OK) {
            cm_error_prefix(err, "%s", file);
        }
    }
    json_decref(root);
    cm_arena_release(&r.arena);
    return r.over_budget ? CM_ERR_UNSUPPORTED : status;
}

cm_status cm_model_load_json(cm_model **out, const char *path, cm_error *err)
{
    cm_buf text = {0};
    *out = NULL;
    cm_status status = cm_read_file(&text, path, MAX_FILE_BYTES, err);
    if (status == CM_OK) {
        status = cm_model_parse_json(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}
