/* clickmill runs compare */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/runs.h"

/* The runs side by side, and all keys of one kind that any of them has. */
typedef struct comparison {
    cli_run *runs;
    size_t n;
    const char **keys; /* (n_keys), in the order of their first run */
    size_t n_keys, room;
    bool all;
} comparison;

static cm_status add_key(comparison *out, const char *key, cm_error *err)
{
    for (size_t i = 0; i < out->n_keys; i++) {
        if (strcmp(out->keys[i], key) == 0) {
            return CM_OK;
        }
    }
    cm_status status =
        cm_grow(&out->keys, out->n_keys, &out->room, sizeof *out->keys, err);
    if (status == CM_OK) {
        out->keys[out->n_keys++] = key;
    }
    return status;
}

static cm_status find_keys(comparison *out, bool metrics, cm_error *err)
{
    cm_status status = CM_OK;
    out->n_keys = 0;
    for (size_t r = 0; r < out->n; r++) {
        const cli_run *run = &out->runs[r];
        size_t n = metrics ? run->n_last : run->record.n_params;
        for (size_t i = 0; i < n && status == CM_OK; i++) {
            status = add_key(
                out, metrics ? run->last[i].key : run->record.params[i].key,
                err);
        }
    }
    return status;
}

/* ---- params -------------------------------------------------------------- */

static bool params_differ(const comparison *c, const char *key)
{
    const char *first = cli_run_param(&c->runs[0], key);
    for (size_t r = 1; r < c->n; r++) {
        const char *other = cli_run_param(&c->runs[r], key);
        if ((first == NULL) != (other == NULL) ||
            (first != NULL && strcmp(first, other) != 0)) {
            return true;
        }
    }
    return false;
}

static void add_params(cli_table *table, const comparison *c)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        if (!c->all && !params_differ(c, c->keys[i])) {
            continue;
        }
        cli_table_add(table, c->keys[i]);
        for (size_t r = 0; r < c->n; r++) {
            const char *value = cli_run_param(&c->runs[r], c->keys[i]);
            cli_table_add(table, value != NULL ? value : "-");
        }
    }
}

static void put_params(cm_json_writer *w, const comparison *c)
{
    cm_json_begin_object(w, "params");
    for (size_t i = 0; i < c->n_keys; i++) {
        if (!c->all && !params_differ(c, c->keys[i])) {
            continue;
        }
        cm_json_begin_array(w, c->keys[i]);
        for (size_t r = 0; r < c->n; r++) {
            const char *value = cli_run_param(&c->runs[r], c->keys[i]);
            if (value != NULL) {
                cm_json_put_text(w, NULL, value);
            } else {
                cm_json_put_null(w, NULL);
            }
        }
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

/* ---- metrics ------------------------------------------------------------- */

static void add_metrics(cli_table *table, const comparison *c)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        cli_table_add(table, c->keys[i]);
        for (size_t r = 0; r < c->n; r++) {
            cli_add_number(table, cli_run_metric(&c->runs[r], c->keys[i]));
        }
    }
}

static void put_metrics(cm_json_writer *w, const comparison *c)
{
    cm_json_begin_object(w, "metrics");
    for (size_t i = 0; i < c->n_keys; i++) {
        cm_json_begin_array(w, c->keys[i]);
        for (size_t r = 0; r < c->n; r++) {
            cm_json_put_double(w, NULL,
                               cli_run_metric(&c->runs[r], c->keys[i]));
        }
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

/* ---- printing ------------------------------------------------------------ */

static cm_status print_text(comparison *c, cm_error *err)
{
    cli_table table = {.columns = c->n + 1};
    cli_table_add(&table, "Run");
    for (size_t r = 0; r < c->n; r++) {
        char id[9] = "";
        (void)snprintf(id, sizeof id, "%.8s", c->runs[r].record.id);
        cli_table_add(&table, id);
    }
    cli_table_add(&table, "name");
    for (size_t r = 0; r < c->n; r++) {
        cli_table_add(&table, c->runs[r].record.name);
    }
    cm_status status = find_keys(c, true, err);
    if (status == CM_OK) {
        add_metrics(&table, c);
        status = find_keys(c, false, err);
    }
    if (status == CM_OK) {
        add_params(&table, c);
        status = cli_print_table(&table, err);
    }
    cli_table_release(&table);
    return status;
}

static cm_status print_json(comparison *c, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "runs");
    for (size_t r = 0; r < c->n; r++) {
        cm_json_put_text(&w, NULL, c->runs[r].record.id);
    }
    cm_json_end_array(&w);
    cm_status status = find_keys(c, true, err);
    put_metrics(&w, c);
    if (status == CM_OK) {
        status = find_keys(c, false, err);
    }
    put_params(&w, c);
    cm_json_end_object(&w);
    if (status != CM_OK) {
        cm_buf_release(&json);
        return status;
    }
    return cli_print_json(&json, err);
}

cm_status cli_runs_compare(cli_context *c, cm_error *err)
{
    comparison compared = {.all = cli_switch(c, "all")};
    cm_status status = CM_OK;
    compared.runs = cm_alloc_zero(c->n_words, sizeof *compared.runs, err);
    if (compared.runs == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < c->n_words && status == CM_OK; i++) {
        status = cli_run_load(&compared.runs[i], c, c->words[i], err);
        compared.n += status == CM_OK;
    }
    if (status == CM_OK) {
        status = cli_switch(c, "json") ? print_json(&compared, err)
                                       : print_text(&compared, err);
    }
    for (size_t i = 0; i < compared.n; i++) {
        cli_run_release(&compared.runs[i]);
    }
    free(compared.runs);
    free(compared.keys);
    return status;
}
