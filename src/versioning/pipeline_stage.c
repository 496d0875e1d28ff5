/* One stage of its resolved definition. */
#include <string.h>

#include "versioning/interpolation.h"
#include "versioning/pipeline.h"

typedef struct maker {
    cm_where where;
    cm_arena *arena;
    cm_error *err;
} maker;

/* ---- texts --------------------------------------------------------------- */

static const char *copy_text(const maker *m, const char *text)
{
    return cm_arena_strdup(m->arena, text, strlen(text), m->err);
}

/* A copy of a text; what: names it when it is none. */
static cm_status take_text(const maker *m, const json_t *value,
                           const char *what, const char **out)
{
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0' ||
        strlen(text) != json_string_length(value)) {
        return cm_fail_at(
            m->err, CM_ERR_PARSE, m->where, "found %s in %s, expected a text",
            text == NULL ? "a value that is none" : "no text", what);
    }
    *out = copy_text(m, text);
    return *out == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status take_texts(const maker *m, const json_t *list,
                            const char *what, const char *const **out,
                            size_t *n)
{
    size_t size = json_array_size(list);
    const char **texts = cm_arena_alloc(m->arena, size * sizeof *texts, m->err);
    cm_status status = texts == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < size && status == CM_OK; i++) {
        status = take_text(m, json_array_get(list, i), what, &texts[i]);
    }
    *out = texts;
    *n = status == CM_OK ? size : 0;
    return status;
}

static cm_status take_commands(const maker *m, const json_t *cmd, cm_stage *out)
{
    if (json_is_array(cmd) && json_array_size(cmd) > 0) {
        return take_texts(m, cmd, "cmd", &out->commands, &out->n_commands);
    }
    const char **one = cm_arena_alloc(m->arena, sizeof *one, m->err);
    if (one == NULL) {
        return CM_ERR_NOMEM;
    }
    out->one_command = true;
    out->commands = one;
    out->n_commands = 1;
    return take_text(m, cmd, "cmd", one);
}

/* ---- outs ---------------------------------------------------------------- */

/* Room for all outs of the three lists, at most one an item of a list or a key
 * of a map. */
static size_t most_outs(const json_t *definition)
{
    static const char *const lists[] = {"outs", "metrics", "plots"};
    size_t n = 0;
    for (size_t k = 0; k < 3; k++) {
        const json_t *list = json_object_get(definition, lists[k]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *item = json_array_get(list, i);
            n += json_is_object(item) ? json_object_size(item) : 1;
        }
    }
    return n;
}

/* The out of a path in one list: DVC adds up what is said of it. */
static cm_status find_out(const maker *m, cm_stage_out *outs, size_t *n,
                          size_t first, const char *path, cm_stage_out **out)
{
    for (size_t i = first; i < *n; i++) {
        if (strcmp(outs[i].out.path, path) == 0) {
            *out = &outs[i];
            return CM_OK;
        }
    }
    *out = &outs[*n];
    **out = (cm_stage_out){.out = {.path = copy_text(m, path)}};
    if ((*out)->out.path == NULL) {
        return CM_ERR_NOMEM;
    }
    if (path[0] == '\0' || cm_str_ends_with(cm_str_of(path), ".dvc") ||
        strcmp(path, "dvc.yaml") == 0 || strcmp(path, "dvc.lock") == 0) {
        return cm_fail_at(m->err, CM_ERR_USAGE, m->where,
                          "DVC file '%s' cannot be an output", path);
    }
    (*n)++;
    return CM_OK;
}

static cm_status take_flags(const maker *m, const json_t *flags, cm_out *out)
{
    const json_t *cache = json_object_get(flags, "cache");
    const json_t *push = json_object_get(flags, "push");
    const json_t *persist = json_object_get(flags, "persist");
    const json_t *remote = json_object_get(flags, "remote");
    const json_t *desc = json_object_get(flags, "desc");
    out->no_cache = cache != NULL ? json_is_false(cache) : out->no_cache;
    out->no_push = push != NULL ? json_is_false(push) : out->no_push;
    out->persist = persist != NULL ? json_is_true(persist) : out->persist;
    cm_status status = CM_OK;
    if (remote != NULL) {
        status = take_text(m, remote, "remote", &out->remote);
    }
    if (status == CM_OK && json_string_length(desc) > 0) {
        status = take_text(m, desc, "desc", &out->desc);
    }
    return status;
}

static cm_status take_list(const maker *m, const json_t *list, cm_out_kind kind,
                           cm_stage_out *outs, size_t *n)
{
    size_t first = *n;
    cm_status status = CM_OK;
    for (size_t i = 0; i < json_array_size(list) && status == CM_OK; i++) {
        json_t *item = json_array_get(list, i);
        cm_stage_out *out = NULL;
        const char *path;
        json_t *flags;
        if (!json_is_object(item)) {
            const char *text = NULL;
            status = take_text(m, item, "outs", &text);
            if (status == CM_OK) {
                status = find_out(m, outs, n, first, text, &out);
            }
            if (status == CM_OK) {
                out->kind = kind;
            }
            continue;
        }
        json_object_foreach(item, path, flags)
        {
            if (status == CM_OK) {
                status = find_out(m, outs, n, first, path, &out);
            }
            if (status == CM_OK) {
                out->kind = kind;
                status = take_flags(m, flags, &out->out);
            }
        }
    }
    return status;
}

static cm_status take_outs(const maker *m, const json_t *definition,
                           cm_stage *out)
{
    cm_stage_out *outs =
        cm_arena_alloc(m->arena, most_outs(definition) * sizeof *outs, m->err);
    if (outs == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n = 0;
    cm_status status = take_list(m, json_object_get(definition, "outs"),
                                 CM_OUT_PLAIN, outs, &n);
    if (status == CM_OK) {
        status = take_list(m, json_object_get(definition, "metrics"),
                           CM_OUT_METRIC, outs, &n);
    }
    if (status == CM_OK) {
        status = take_list(m, json_object_get(definition, "plots"), CM_OUT_PLOT,
                           outs, &n);
    }
    out->outs = outs;
    out->n_outs = n;
    return status;
}

/* ---- params -------------------------------------------------------------- */

/* Params of a stage being put together: {file: [keys]}. */
typedef struct param_files {
    json_t *files;
    bool odd;    /* a file has something else than keys */
    bool failed; /* memory ran out */
} param_files;

/* Adds keys of a file; an empty list, the whole file, takes no more. */
static void add_keys(param_files *p, const char *file, json_t *keys)
{
    json_t *own = json_object_get(p->files, file);
    int status = 0;
    if (own == NULL) {
        status = json_object_set_new(p->files, file, json_copy(keys));
    } else if (json_array_size(own) > 0) {
        status = json_array_extend(own, keys);
    }
    p->failed = p->failed || status != 0;
}

static bool is_whole(const json_t *keys)
{
    return json_is_null(keys) ||
           (json_is_array(keys) && json_array_size(keys) == 0);
}

/* Files that an item of params names whole. */
static void add_whole(param_files *p, json_t *item)
{
    const char *file;
    json_t *keys;
    json_object_foreach(item, file, keys)
    {
        if (is_whole(keys) &&
            json_object_set_new(p->files, file, json_array()) != 0) {
            p->failed = true;
        }
    }
}

static void add_item(param_files *p, json_t *item)
{
    const char *file;
    json_t *keys;
    if (json_is_string(item)) {
        keys = json_pack("[O]", item);
        p->failed = p->failed || keys == NULL;
        add_keys(p, "params.yaml", keys);
        json_decref(keys);
    }
    json_object_foreach(item, file, keys)
    {
        p->odd = p->odd || !(is_whole(keys) || json_is_array(keys));
        if (!is_whole(keys)) {
            add_keys(p, file, keys);
        }
    }
}

/* An empty list is the whole file, whatever else names keys of it. */
static void merge_params(param_files *p, const json_t *list)
{
    p->files = json_object();
    p->failed = p->files == NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        add_whole(p, json_array_get(list, i));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        add_item(p, json_array_get(list, i));
    }
}

static cm_status refuse_params(const maker *m, const param_files *p)
{
    if (p->failed) {
        return cm_fail(m->err, CM_ERR_NOMEM, "out of memory for params");
    }
    return cm_fail_at(m->err, CM_ERR_PARSE, m->where,
                      "found a file in params without a list of keys, expected "
                      "FILE: [KEY, …], or FILE: for all of it");
}

static cm_status take_params(const maker *m, const json_t *list, cm_stage *out)
{
    param_files p = {0};
    size_t n = 0;
    const char *file;
    json_t *keys;
    merge_params(&p, list);
    cm_stage_params *params = cm_arena_alloc(
        m->arena, json_object_size(p.files) * sizeof *params, m->err);
    cm_status status = params == NULL      ? CM_ERR_NOMEM
                       : p.odd || p.failed ? refuse_params(m, &p)
                                           : CM_OK;
    json_object_foreach(p.files, file, keys)
    {
        if (status != CM_OK) {
            break;
        }
        params[n].file = copy_text(m, file);
        status =
            params[n].file == NULL
                ? CM_ERR_NOMEM
                : take_texts(m, keys, "params", &params[n].keys, &params[n].n);
        n++;
    }
    out->params = params;
    out->n_params = n;
    json_decref(p.files);
    return status;
}

/* ---- the stage ----------------------------------------------------------- */

static cm_status take_wdir(const maker *m, const json_t *wdir,
                           const char *folder, cm_stage *out)
{
    cm_buf text = {0};
    if (wdir != NULL) {
        interpolation_put(&text, wdir);
    }
    cm_buf_adds(&text, text.n == 0 ? "." : "");
    cm_status status = cm_buf_check(&text, m->err);
    if (status == CM_OK) {
        status = path_in_repo(&out->wdir, folder, text.p, m->arena, m->err);
    }
    if (status == CM_OK && out->wdir == NULL) {
        status =
            cm_fail_at(m->err, CM_ERR_USAGE, m->where,
                       "the wdir '%s' is outside of the repository", text.p);
    }
    cm_buf_release(&text);
    return status;
}

cm_status stage_of_json(cm_stage *out, const json_t *definition,
                        const char *folder, cm_where where, cm_arena *arena,
                        cm_error *err)
{
    maker m = {where, arena, err};
    const json_t *desc = json_object_get(definition, "desc");
    out->frozen = json_is_true(json_object_get(definition, "frozen"));
    out->always_changed =
        json_is_true(json_object_get(definition, "always_changed"));
    cm_status status =
        take_commands(&m, json_object_get(definition, "cmd"), out);
    if (status == CM_OK) {
        status =
            take_wdir(&m, json_object_get(definition, "wdir"), folder, out);
    }
    if (status == CM_OK) {
        status = take_texts(&m, json_object_get(definition, "deps"), "deps",
                            &out->deps, &out->n_deps);
    }
    if (status == CM_OK) {
        status = take_params(&m, json_object_get(definition, "params"), out);
    }
    if (status == CM_OK) {
        status = take_outs(&m, definition, out);
    }
    if (status == CM_OK && json_string_length(desc) > 0) {
        status = take_text(&m, desc, "desc", &out->desc);
    }
    return status;
}
