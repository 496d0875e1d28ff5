/* What CatBoost keeps beside the trees, for both formats. */
#include "model/catboost_info.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* ---- writing --------------------------------------------------------- */

static void put_class_params(cm_json_writer *w, const cm_model *model)
{
    bool integers = model->class_names_are_integers;
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "class_label_type", integers ? "Integer" : "String");
    cm_json_begin_array(w, "class_names");
    for (int i = 0; i < 2; i++) {
        cm_str name = cm_str_of(model->class_names[i]);
        integers ? cm_json_put_raw(w, NULL, name)
                 : cm_json_put_str(w, NULL, name);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "class_to_label");
    cm_json_put_i64(w, NULL, 0);
    cm_json_put_i64(w, NULL, 1);
    cm_json_end_array(w);
    cm_json_put_i64(w, "classes_count", 0);
    cm_json_end_object(w);
}

static void add(catboost_info *info, const char *key, cm_str value)
{
    CM_ASSERT(info->n < CATBOOST_INFO_KEYS);
    info->keys[info->n] = key;
    info->values[info->n++] = value;
}

void catboost_info_init(catboost_info *info, const cm_model *model)
{
    *info = (catboost_info){0};
    cm_json_writer w = cm_json_writer_of(&info->class_params, 0);
    if (model->class_names[0] != NULL) {
        put_class_params(&w, model);
    }
    cm_str class_params = {info->class_params.p, info->class_params.n};
    if (model->class_names[0] != NULL) {
        add(info, "class_params", class_params);
    }
    add(info, "model_guid", cm_str_of(model->guid));
    add(info, "output_options", CM_STR("{}"));
    add(info, "params", cm_str_of(model->params_json));
}

void catboost_info_release(catboost_info *info)
{
    cm_buf_release(&info->class_params);
}

/* ---- reading --------------------------------------------------------- */

cm_status catboost_unsupported(const char *file, const char *what,
                               cm_error *err)
{
    return cm_fail(err, CM_ERR_UNSUPPORTED,
                   "%s: the model has %s; this version takes " CATBOOST_TAKEN,
                   file, what);
}

static cm_status read_class_name(model_source *source, int i,
                                 const json_t *name, cm_arena *arena,
                                 const char *file, cm_error *err)
{
    char number[32];
    const char *text = json_string_value(name);
    if (json_is_integer(name)) {
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)json_integer_value(name));
        text = number;
    }
    if (text == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: class_names[%d]: expected an integer or a string",
                       file, i);
    }
    source->parts.class_names[i] =
        cm_arena_strdup(arena, text, strlen(text), err);
    source->parts.class_names_are_integers = json_is_integer(name);
    return source->parts.class_names[i] == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status read_class_names(model_source *source,
                                  const json_t *class_params, cm_arena *arena,
                                  const char *file, cm_error *err)
{
    const json_t *names = json_object_get(class_params, "class_names");
    cm_status status = CM_OK;
    source->parts.class_names_are_integers = true;
    source->parts.class_names[0] = "0";
    source->parts.class_names[1] = "1";
    if (!json_is_array(names)) {
        return CM_OK;
    }
    if (json_array_size(names) != 2 ||
        json_typeof(json_array_get(names, 0)) !=
            json_typeof(json_array_get(names, 1))) {
        return catboost_unsupported(file, "other than two classes of one kind",
                                    err);
    }
    for (int i = 0; i < 2 && status == CM_OK; i++) {
        status = read_class_name(source, i, json_array_get(names, (size_t)i),
                                 arena, file, err);
    }
    return status;
}

/* A model of one output is a classifier when its loss function is one of
 * classes, or when it names classes. */
static bool is_classifier(const catboost_facts *facts)
{
    const json_t *loss = json_object_get(facts->params, "loss_function");
    const char *type = json_string_value(json_object_get(loss, "type"));
    return type == NULL || strcmp(type, "Logloss") == 0 ||
           strcmp(type, "CrossEntropy") == 0 ||
           json_is_array(json_object_get(facts->class_params, "class_names"));
}

cm_status catboost_info_read(model_source *source, const catboost_facts *facts,
                             cm_arena *arena, const char *file, cm_error *err)
{
    const char *guid = facts->guid;
    cm_status status = CM_OK;
    if (is_classifier(facts)) {
        status =
            read_class_names(source, facts->class_params, arena, file, err);
    }
    if (status == CM_OK && guid != NULL && guid[0] != '\0' &&
        strlen(guid) < CM_GUID_TEXT) {
        source->guid = cm_arena_strdup(arena, guid, strlen(guid), err);
        status = source->guid == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    if (status == CM_OK && json_is_object(facts->params) &&
        facts->params_text.n > 0) {
        source->parts.params_json = cm_arena_strdup(arena, facts->params_text.p,
                                                    facts->params_text.n, err);
        status = source->parts.params_json == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    return status;
}
