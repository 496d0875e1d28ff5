/* Builds models: checks the parts, keeps the borders that are used, copies
 * all into one arena, and names the result by its content. */
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/json_text.h"
#include "model/model_kept.h"

/* The least CatBoost wants to answer get_all_params(). */
#define MINIMAL_PARAMS(loss)                              \
    "{\"boosting_options\":{\"boosting_type\":\"Plain\"," \
    "\"od_config\":{\"type\":\"None\"}},"                 \
    "\"loss_function\":{\"params\":{},\"type\":\"" loss "\"}}"

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

/* Without class names a regression. */
static cm_status copy_names(cm_model *model, const cm_model_parts *parts,
                            cm_arena *arena, cm_error *err)
{
    bool classes = parts->class_names[0] != NULL;
    const char *params = parts->params_json;
    for (int i = 0; i < 2 && classes; i++) {
        const char *name = parts->class_names[i];
        model->class_names[i] = cm_arena_strdup(arena, name, strlen(name), err);
        if (model->class_names[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    if (params == NULL) {
        params = classes ? MINIMAL_PARAMS("Logloss") : MINIMAL_PARAMS("RMSE");
    }
    model->params_json = cm_arena_strdup(arena, params, strlen(params), err);
    model->class_names_are_integers =
        classes && parts->class_names_are_integers;
    return model->params_json == NULL ? CM_ERR_NOMEM : CM_OK;
}

cm_status model_guid_of(char out[CM_GUID_TEXT], cm_str content, cm_error *err)
{
    char hex[CM_SHA256_HEX];
    cm_status status = cm_sha256(hex, content.p, content.n, err);
    if (status == CM_OK) {
        (void)snprintf(out, CM_GUID_TEXT, "%.8s-%.8s-%.8s-%.8s", hex, hex + 8,
                       hex + 16, hex + 24);
    }
    return status;
}

/* By the JSON that has no guid yet. */
static cm_status name_by_content(cm_model *model, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_model_format_json(model, &text, err);
    if (status == CM_OK) {
        status = model_guid_of(model->guid, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

static cm_status fill_model(cm_model *model, const model_source *source,
                            const model_kept *kept, cm_error *err)
{
    model_body *body = model->owner;
    model->scale = source->scale;
    model->bias = source->parts.bias + 0.0;
    cm_status status =
        model_copy_parts(model, &source->parts, kept, &body->arena, err);
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
    model_kept kept = {0};
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
                                  : model_kept_init(&kept, source, err);
    if (status == CM_OK) {
        status = fill_model(model, source, &kept, err);
    }
    model_kept_release(&kept);
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
