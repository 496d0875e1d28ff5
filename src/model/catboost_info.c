/* What CatBoost keeps beside the trees, for both formats. */
#include "model/catboost_info.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* ---- writing --------------------------------------------------------- */

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* CatBoost's name for the kind of the labels. */
static const char *label_type(const cm_model *model)
{
    const char *const *names = model->class_names;
    if (!model->class_names_are_integers) {
        return "String";
    }
    if (is_one_of(names[0], "false", "true")) {
        return "Boolean";
    }
    return strpbrk(names[0], ".e") != NULL || strpbrk(names[1], ".e") != NULL
               ? "Float"
               : "Integer";
}

static void put_class_params(cm_json_writer *w, const cm_model *model)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "class_label_type", label_type(model));
    cm_json_begin_array(w, "class_names");
    for (int i = 0; i < 2; i++) {
        cm_str name = cm_str_of(model->class_names[i]);
        model->class_names_are_integers ? cm_json_put_raw(w, NULL, name)
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
    if (model->class_names[0] != NULL) {
        cm_json_writer w = cm_json_writer_of(&info->class_params, 0);
        put_class_params(&w, model);
        cm_str class_params = {info->class_params.p, info->class_params.n};
        add(info, "class_params", class_params);
        add(info, "loss_function", CM_STR("Logloss"));
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

/* A label's text; NULL when it is neither text nor a number nor a truth. */
static const char *label_text(char number[CM_NUM_TEXT], const json_t *label)
{
    if (json_is_integer(label)) {
        (void)cm_format_i64(number, json_integer_value(label));
        return number;
    }
    if (json_is_real(label)) { /* adding zero makes -0 a plain one */
        (void)cm_format_double(number, json_real_value(label) + 0.0);
        return number;
    }
    if (json_is_boolean(label)) {
        return json_is_true(label) ? "true" : "false";
    }
    return json_string_value(label);
}

static cm_status read_class_name(model_source *source, int i,
                                 const json_t *label, cm_arena *arena,
                                 const char *file, cm_error *err)
{
    char number[CM_NUM_TEXT];
    const char *text = label_text(number, label);
    if (text == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: class_names[%d]: expected a number, a string, "
                       "true or false",
                       file, i);
    }
    source->parts.class_names[i] =
        cm_arena_strdup(arena, text, strlen(text), err);
    source->parts.class_names_are_integers = !json_is_string(label);
    return source->parts.class_names[i] == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status read_class_names(model_source *source, const json_t *names,
                                  cm_arena *arena, const char *file,
                                  cm_error *err)
{
    const json_t *first = json_array_get(names, 0);
    const json_t *second = json_array_get(names, 1);
    cm_status status = CM_OK;
    if (json_array_size(names) != 2 ||
        json_is_string(first) != json_is_string(second)) {
        return catboost_unsupported(file, "other than two classes of one kind",
                                    err);
    }
    for (int i = 0; i < 2 && status == CM_OK; i++) {
        status = read_class_name(source, i, i == 0 ? first : second, arena,
                                 file, err);
    }
    return status;
}

/* Class names, or the usual ones of a loss of two classes; a model that names
 * neither is taken for such a one, and any other for a regression. */
static cm_status read_classes(model_source *source, const catboost_facts *facts,
                              cm_arena *arena, const char *file, cm_error *err)
{
    const json_t *loss = json_object_get(facts->params, "loss_function");
    const char *type = json_string_value(json_object_get(loss, "type"));
    const json_t *names = json_object_get(facts->class_params, "class_names");
    if (type != NULL && strncmp(type, "Multi", 5) == 0) {
        return catboost_unsupported(file, "a loss of several outputs", err);
    }
    if (json_array_size(names) > 0) {
        return read_class_names(source, names, arena, file, err);
    }
    if (type == NULL || is_one_of(type, "Logloss", "CrossEntropy")) {
        source->parts.class_names[0] = "0";
        source->parts.class_names[1] = "1";
        source->parts.class_names_are_integers = true;
    }
    return CM_OK;
}

cm_status catboost_info_read(model_source *source, const catboost_facts *facts,
                             cm_arena *arena, const char *file, cm_error *err)
{
    const char *guid = facts->guid;
    cm_status status = read_classes(source, facts, arena, file, err);
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
