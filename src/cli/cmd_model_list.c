/* clickmill model list, clickmill model alias */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "cli/model_path.h"
#include "cli/output.h"
#include "cli/table.h"

/* ---- list ---------------------------------------------------------------- */

/* "champion, latest" */
static void put_aliases(cm_buf *out, const cm_model_list *list,
                        const char *version)
{
    cm_buf_clear(out);
    cm_buf_adds(out, "");
    for (size_t i = 0; i < list->n_aliases; i++) {
        if (strcmp(list->aliases[i].version, version) == 0) {
            cm_buf_addf(out, "%s%s", out->n > 0 ? ", " : "",
                        list->aliases[i].alias);
        }
    }
}

/* A metric as a cell; empty where the model has none of that name. */
static void add_metric(cli_table *table, const json_t *metrics,
                       const char *name)
{
    char text[CM_NUM_TEXT] = "";
    const json_t *value = json_object_get(metrics, name);
    if (json_is_number(value)) {
        (void)snprintf(text, sizeof text, "%.6f", json_number_value(value));
    }
    cli_table_add(table, text);
}

static cm_status add_row(cli_table *table, const cm_model_list *list,
                         const cm_model_record *record, cm_error *err)
{
    json_t *metrics = NULL;
    cm_buf text = {0};
    cm_status status = cm_json_parse(&metrics, cm_str_of(record->metrics),
                                     record->version, err);
    if (status == CM_OK) {
        cli_table_add(table, record->version);
        put_aliases(&text, list, record->version);
        cli_table_add(table, text.failed ? "" : text.p);
        cli_table_add(table, record->pushed);
        cm_buf_clear(&text);
        cm_buf_addf(&text, "%.1f MB", (double)record->size / 1e6);
        cli_table_add(table, text.failed ? "" : text.p);
        add_metric(table, metrics, "log_loss");
        add_metric(table, metrics, "roc_auc_score");
        status = cm_buf_check(&text, err);
    }
    json_decref(metrics);
    cm_buf_release(&text);
    return status;
}

static cm_status print_table(const cm_model_list *list, cm_error *err)
{
    static const char *const headings[] = {"version", "aliases",  "pushed",
                                           "size",    "log_loss", "roc_auc"};
    enum { COLUMNS = sizeof headings / sizeof *headings };
    cli_table table = {.columns = COLUMNS};
    cm_buf text = {0};
    cm_status status = CM_OK;
    for (size_t i = 0; i < COLUMNS; i++) {
        cli_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < list->n_records && status == CM_OK; i++) {
        status = add_row(&table, list, &list->records[i], err);
    }
    cli_table_put(&text, &table, false);
    cli_table_release(&table);
    if (status != CM_OK) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

static void put_record(cm_json_writer *w, const cm_model_record *record)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "version", record->version);
    cm_json_put_text(w, "md5", record->md5);
    cm_json_put_u64(w, "size", record->size);
    cm_json_put_u64(w, "nfiles", record->n_files);
    cm_json_put_text(w, "created", record->created);
    cm_json_put_text(w, "pushed", record->pushed);
    cm_json_put_raw(w, "metrics", cm_str_of(record->metrics));
    cm_json_end_object(w);
}

static cm_status print_json(const cm_model_list *list, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "versions");
    for (size_t i = 0; i < list->n_records; i++) {
        put_record(&w, &list->records[i]);
    }
    cm_json_end_array(&w);
    cm_json_begin_object(&w, "aliases");
    for (size_t i = 0; i < list->n_aliases; i++) {
        cm_json_put_text(&w, list->aliases[i].alias, list->aliases[i].version);
    }
    cm_json_end_object(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

cm_status cli_model_list(cli_context *c, cm_error *err)
{
    cm_place_options options;
    cm_place *place = NULL;
    cm_model_list list = {0};
    cli_place_options(&options, c);
    cm_status status = cm_place_open(&place, c->words[0], &options, err);
    if (status == CM_OK) {
        status = cm_place_list(place, &list, err);
    }
    if (status == CM_OK) {
        status = cli_switch(c, "json") ? print_json(&list, err)
                                       : print_table(&list, err);
    }
    cm_model_list_release(&list);
    cm_place_close(place);
    return status;
}

/* ---- alias --------------------------------------------------------------- */

static void put_version(cm_json_writer *w, const char *key, const char *version)
{
    if (version[0] == '\0') {
        cm_json_put_null(w, key);
    } else {
        cm_json_put_text(w, key, version);
    }
}

static cm_status print_move(const cli_context *c, const char *alias,
                            const cm_alias_move *move, cm_error *err)
{
    cm_buf text = {0};
    const char *to = move->to[0] != '\0' ? move->to : "removed";
    if (cli_switch(c, "json")) {
        cm_json_writer w = cm_json_writer_of(&text, 2);
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "alias", alias);
        put_version(&w, "from", move->from);
        put_version(&w, "to", move->to);
        cm_json_end_object(&w);
        return cli_print_json(&text, err);
    }
    if (move->from[0] == '\0') {
        cm_buf_addf(&text, "%s: %s\n", alias, to);
    } else if (strcmp(move->from, move->to) == 0) {
        cm_buf_addf(&text, "%s: %s, as before\n", alias, to);
    } else {
        cm_buf_addf(&text, "%s: %s -> %s\n", alias, move->from, to);
    }
    return cli_print_text(&text, err);
}

cm_status cli_model_alias(cli_context *c, cm_error *err)
{
    cm_place_options options;
    cm_place *place = NULL;
    cm_alias_move move;
    const char *alias = c->words[1];
    bool removes = cli_switch(c, "remove");
    if (removes != (c->n_words == 2)) {
        return cm_fail(err, CM_ERR_USAGE,
                       removes ? "clickmill model alias --remove takes PLACE "
                                 "NAME, and no version"
                               : "clickmill model alias needs PLACE NAME "
                                 "VERSION, or --remove");
    }
    cli_place_options(&options, c);
    cm_status status = cm_place_open(&place, c->words[0], &options, err);
    if (status == CM_OK) {
        status = removes ? cm_place_remove_alias(place, alias, &move, err)
                         : cm_place_move_alias(place, alias, c->words[2], false,
                                               &move, err);
    }
    if (status == CM_OK) {
        status = print_move(c, alias, &move, err);
    }
    cm_place_close(place);
    return status;
}
