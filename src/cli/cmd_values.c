/* clickmill metrics show, metrics diff, params diff */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/table.h"
#include "versioning/values.h"
#include "versioning/workspace.h"

enum { METRIC_DIGITS = 5 };

static const char *const no_value = "-";

typedef struct values {
    cm_repo repo;
    cm_values_options options;
    const char *files[CLI_MAX_WORDS];
    cm_arena arena;
} values;

/* ---- options ------------------------------------------------------------- */

static cm_status values_open(values *v, cli_context *c, cm_values_kind kind,
                             const char *const *files, size_t n, cm_error *err)
{
    *v = (values){.options = {.kind = kind, .files = v->files, .n_files = n}};
    cm_status status = cm_repo_open(&v->repo, NULL, &c->log, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = cm_repo_path(&v->repo, files[i], &v->arena, &v->files[i], err);
    }
    return status;
}

static void values_close(values *v)
{
    cm_arena_release(&v->arena);
    cm_repo_close(&v->repo);
}

/* The object with its keys, paths, as they are from the working folder. */
static cm_status show_paths(values *v, json_t **files, cm_error *err)
{
    const char *path, *shown = NULL;
    json_t *value;
    json_t *out = json_object();
    cm_status status = CM_OK;
    json_object_foreach(*files, path, value)
    {
        if (status == CM_OK) {
            status = cm_repo_shown(&v->repo, path, &v->arena, &shown, err);
        }
        if (status == CM_OK && json_object_set(out, shown, value) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for a result");
        }
    }
    json_decref(*files);
    *files = out;
    return status;
}

static cm_status print_json(const json_t *value, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_put_value(&w, NULL, value);
    return cli_print_json(&json, err);
}

static cm_status print_table(const cli_context *c, const cli_table *table,
                             cm_error *err)
{
    cm_buf text = {0};
    if (table->n <= table->columns) {
        return CM_OK;
    }
    cli_table_put(&text, table, cli_switch(c, "md"));
    return cli_print_text(&text, err);
}

static void add_value(cli_table *table, const json_t *value, int digits)
{
    cm_buf text = {0};
    if (value == NULL || json_is_null(value)) {
        cm_buf_adds(&text, no_value);
    } else {
        cm_values_put(&text, value, digits);
    }
    cm_buf_adds(&text, "");
    table->failed = table->failed || text.failed;
    cli_table_add(table, text.p != NULL ? text.p : "");
    cm_buf_release(&text);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keys of an object, sorted; free() the list alone.  NULL without memory. */
static const char **sorted_keys(const json_t *object, size_t *n)
{
    const char *key;
    json_t *value;
    const char **keys = cm_alloc(json_object_size(object), sizeof *keys, NULL);
    *n = 0;
    json_object_foreach((json_t *)object, key, value)
    {
        if (keys != NULL) {
            keys[(*n)++] = key;
        }
    }
    if (*n > 0) {
        qsort(keys, *n, sizeof *keys, compare_texts);
    }
    return keys;
}

/* ---- show ---------------------------------------------------------------- */

/* {path: {key: value}} of the files that could be read; warns of others. */
static json_t *flatten(const values *v, const json_t *files)
{
    const char *path;
    json_t *file;
    json_t *out = json_object();
    json_object_foreach((json_t *)files, path, file)
    {
        const json_t *error = json_object_get(file, "error");
        if (error != NULL) {
            cm_warn(v->repo.log, "%s",
                    json_string_value(json_object_get(error, "msg")));
        } else {
            json_object_set_new(out, path,
                                cm_values_flat(json_object_get(file, "data")));
        }
    }
    return out;
}

static cm_status print_show(const cli_context *c, const values *v,
                            const json_t *files, cm_error *err)
{
    cli_table table = {0};
    json_t *flat = flatten(v, files), *all = json_object();
    const char *path;
    json_t *metrics;
    size_t n = 0;
    json_object_foreach(flat, path, metrics)
    {
        json_object_update(all, metrics);
    }
    const char **keys = sorted_keys(all, &n);
    table.columns = n + 1;
    cli_table_add(&table, "Path");
    for (size_t i = 0; i < n; i++) {
        cli_table_add(&table, keys[i]);
    }
    json_object_foreach(flat, path, metrics)
    {
        cli_table_add(&table, path);
        for (size_t i = 0; i < n; i++) {
            add_value(&table, json_object_get(metrics, keys[i]), METRIC_DIGITS);
        }
    }
    cm_status status = keys == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : print_table(c, &table, err);
    free(keys);
    cli_table_release(&table);
    json_decref(flat);
    json_decref(all);
    return status;
}

cm_status cli_metrics_show(cli_context *c, cm_error *err)
{
    values v;
    json_t *files = NULL;
    cm_status status =
        values_open(&v, c, CM_VALUES_METRICS, c->words, c->n_words, err);
    if (status == CM_OK) {
        status = cm_values_show(&files, &v.repo, &v.options, cli_text(c, "rev"),
                                err);
    }
    if (status == CM_OK) {
        status = show_paths(&v, &files, err);
    }
    if (status == CM_OK) {
        status = cli_switch(c, "json") ? print_json(files, err)
                                       : print_show(c, &v, files, err);
    }
    json_decref(files);
    values_close(&v);
    return status;
}

/* ---- diff ---------------------------------------------------------------- */

static void add_heading(cli_table *table, const cli_context *c,
                        cm_values_kind kind, const char *old_rev,
                        const char *new_rev)
{
    if (!cli_switch(c, "no-path")) {
        cli_table_add(table, "Path");
    }
    cli_table_add(table, kind == CM_VALUES_METRICS ? "Metric" : "Param");
    cli_table_add(table, old_rev);
    cli_table_add(table, new_rev);
    if (kind == CM_VALUES_METRICS) {
        cli_table_add(table, "Change");
    }
    table->columns = table->n;
}

static void add_changes(cli_table *table, const cli_context *c,
                        cm_values_kind kind, const char *path,
                        const json_t *changes)
{
    size_t n = 0;
    int digits = kind == CM_VALUES_METRICS ? METRIC_DIGITS : 0;
    const char **keys = sorted_keys(changes, &n);
    table->failed = table->failed || keys == NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *change = json_object_get(changes, keys[i]);
        if (!cli_switch(c, "no-path")) {
            cli_table_add(table, path);
        }
        cli_table_add(table, keys[i]);
        add_value(table, json_object_get(change, "old"), digits);
        add_value(table, json_object_get(change, "new"), digits);
        if (kind == CM_VALUES_METRICS) {
            add_value(table, json_object_get(change, "diff"), digits);
        }
    }
    free(keys);
}

static cm_status print_diff(const cli_context *c, cm_values_kind kind,
                            const char *old_rev, const char *new_rev,
                            const json_t *diff, cm_error *err)
{
    cli_table table = {0};
    const char *path;
    json_t *changes;
    add_heading(&table, c, kind, old_rev, new_rev);
    json_object_foreach((json_t *)diff, path, changes)
    {
        add_changes(&table, c, kind, path, changes);
    }
    cm_status status = print_table(c, &table, err);
    cli_table_release(&table);
    return status;
}

static cm_status diff_values(cli_context *c, cm_values_kind kind, cm_error *err)
{
    values v;
    json_t *diff = NULL;
    const char *old_rev = c->n_words > 0 ? c->words[0] : "HEAD";
    const char *new_rev = c->n_words > 1 ? c->words[1] : "workspace";
    const char *target = cli_text(c, "target");
    cm_status status =
        values_open(&v, c, kind, &target, target != NULL ? 1 : 0, err);
    v.options.all = cli_switch(c, "all");
    if (status == CM_OK) {
        status =
            cm_values_diff(&diff, &v.repo, &v.options, old_rev, new_rev, err);
    }
    if (status == CM_OK) {
        status = show_paths(&v, &diff, err);
    }
    if (status == CM_OK) {
        status = cli_switch(c, "json")
                     ? print_json(diff, err)
                     : print_diff(c, kind, old_rev, new_rev, diff, err);
    }
    json_decref(diff);
    values_close(&v);
    return status;
}

cm_status cli_metrics_diff(cli_context *c, cm_error *err)
{
    return diff_values(c, CM_VALUES_METRICS, err);
}

cm_status cli_params_diff(cli_context *c, cm_error *err)
{
    return diff_values(c, CM_VALUES_PARAMS, err);
}
