/* The settings of a model as one JSON object, and two such objects walked
 * together. */
#include "model/settings_diff.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/json_text.h"

typedef struct settings_list {
    size_t n, capacity;
    cm_setting_change *changes;
} settings_list;

void free_settings(cm_setting_change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(changes[i].path);
        free(changes[i].a);
        free(changes[i].b);
    }
    free(changes);
}

/* NULL for NULL, and without memory. */
static char *text_of(const json_t *value)
{
    cm_buf buf = {0};
    cm_json_writer w = cm_json_writer_of(&buf, 0);
    if (value == NULL) {
        return NULL;
    }
    cm_json_put_value(&w, NULL, value);
    if (buf.failed) {
        cm_buf_release(&buf);
        return NULL;
    }
    return buf.p;
}

static cm_status add_change(settings_list *list, const char *path,
                            const json_t *a, const json_t *b, cm_error *err)
{
    cm_status status = cm_grow(&list->changes, list->n, &list->capacity,
                               sizeof *list->changes, err);
    if (status != CM_OK) {
        return status;
    }
    cm_setting_change *change = &list->changes[list->n++];
    change->path = cm_strdup(path, err);
    change->a = text_of(a);
    change->b = text_of(b);
    bool complete = change->path != NULL &&
                    (change->a != NULL) == (a != NULL) &&
                    (change->b != NULL) == (b != NULL);
    return complete ? CM_OK : cm_fail(err, CM_ERR_NOMEM, "out of memory");
}

/* Recursion is as deep as the parser lets documents be. */
static cm_status walk(settings_list *list, cm_buf *path, const json_t *a,
                      const json_t *b, cm_error *err);

static cm_status walk_key(settings_list *list, cm_buf *path, const char *key,
                          const json_t *a, const json_t *b, cm_error *err)
{
    size_t n = path->n;
    cm_buf_adds(path, n > 0 ? "." : "");
    cm_buf_adds(path, key);
    cm_status status = cm_buf_check(path, err);
    if (status == CM_OK) {
        status = walk(list, path, a, b, err);
        path->n = n;
        path->p[n] = '\0';
    }
    return status;
}

static cm_status walk(settings_list *list, cm_buf *path, const json_t *a,
                      const json_t *b, cm_error *err)
{
    cm_status status = CM_OK;
    const char *key;
    json_t *value;
    if (!json_is_object(a) || !json_is_object(b)) {
        bool same = a != NULL && b != NULL && json_equal(a, b);
        return same ? CM_OK : add_change(list, path->p, a, b, err);
    }
    json_object_foreach((json_t *)(uintptr_t)a, key, value)
    {
        if (status == CM_OK) {
            status =
                walk_key(list, path, key, value, json_object_get(b, key), err);
        }
    }
    json_object_foreach((json_t *)(uintptr_t)b, key, value)
    {
        if (status == CM_OK && json_object_get(a, key) == NULL) {
            status = walk_key(list, path, key, NULL, value, err);
        }
    }
    return status;
}

/* The params, and beside them what else decides answers. */
static cm_status settings_of(json_t **out, const cm_model *model, cm_error *err)
{
    const char *params = model->params_json ? model->params_json : "{}";
    cm_status status =
        json_text_parse(out, cm_str_of(params), "model params", err);
    if (status != CM_OK) {
        return status;
    }
    bool failed = json_object_set_new(*out, "scale", json_real(model->scale)) ||
                  json_object_set_new(*out, "bias", json_real(model->bias));
    if (model->class_names[0] != NULL) {
        json_t *names =
            json_pack("[ss]", model->class_names[0], model->class_names[1]);
        failed = json_object_set_new(*out, "class_names", names) || failed;
    }
    return failed ? cm_fail(err, CM_ERR_NOMEM,
                            "out of memory, or params that are no object")
                  : CM_OK;
}

cm_status compare_settings(cm_setting_change **out, size_t *n,
                           const cm_model *a, const cm_model *b, cm_error *err)
{
    json_t *x = NULL, *y = NULL;
    cm_buf path = {0};
    settings_list list = {0};
    cm_status status = settings_of(&x, a, err);
    if (status == CM_OK) {
        status = settings_of(&y, b, err);
    }
    if (status == CM_OK) {
        status = walk(&list, &path, x, y, err);
    }
    json_decref(x);
    json_decref(y);
    cm_buf_release(&path);
    if (status != CM_OK) {
        free_settings(list.changes, list.n);
        list = (settings_list){0};
    }
    *out = list.changes;
    *n = list.n;
    return status;
}
