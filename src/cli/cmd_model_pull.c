/* clickmill model pull, clickmill model cache */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/model_path.h"
#include "cli/output.h"
#include "cli/table.h"

/* ---- pull ---------------------------------------------------------------- */

static cm_status fetch(cm_fetched_model *out, cli_context *c, cm_error *err)
{
    cm_place_options options;
    const char *rev = cli_text(c, "rev"), *path = NULL;
    cli_place_options(&options, c);
    if ((rev != NULL) == (c->n_words > 0)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "clickmill model pull needs either PLACE@VERSION or "
                       "--rev");
    }
    if (rev == NULL) {
        return cm_model_fetch(out, c->words[0], &options, err);
    }
    cm_status status = cli_given_model(&path, c, err);
    return status == CM_OK
               ? cm_model_fetch_revision(out, rev, path, &options, err)
               : status;
}

static cm_status print(const cli_context *c, const cm_fetched_model *model,
                       cm_error *err)
{
    cm_buf text = {0};
    if (!cli_switch(c, "json")) {
        cm_buf_addf(&text, "%s\n", model->folder);
        return cli_print_text(&text, err);
    }
    cm_json_writer w = cm_json_writer_of(&text, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "folder", model->folder);
    cm_json_put_text(&w, "md5", model->md5);
    if (model->version[0] != '\0') {
        cm_json_put_text(&w, "version", model->version);
    }
    cm_json_put_bool(&w, "fetched", model->fetched);
    cm_json_end_object(&w);
    return cli_print_json(&text, err);
}

cm_status cli_model_pull(cli_context *c, cm_error *err)
{
    cm_fetched_model model = {0};
    cm_status status = fetch(&model, c, err);
    if (status == CM_OK) {
        status = print(c, &model, err);
    }
    free(model.folder);
    return status;
}

/* ---- cache --------------------------------------------------------------- */

static cm_status print_table(const cm_kept_models *kept, cm_error *err)
{
    cli_table table = {.columns = 3};
    cm_buf text = {0};
    cli_table_add(&table, "used");
    cli_table_add(&table, "size");
    cli_table_add(&table, "folder");
    for (size_t i = 0; i < kept->n; i++) {
        char cell[CM_NUM_TEXT];
        (void)cm_format_utc(cell, kept->items[i].used);
        cli_table_add(&table, cell);
        (void)snprintf(cell, sizeof cell, "%.1f MB",
                       (double)kept->items[i].size / 1e6);
        cli_table_add(&table, cell);
        cli_table_add(&table, kept->items[i].folder);
    }
    cli_table_put(&text, &table, false);
    cli_table_release(&table);
    return cli_print_text(&text, err);
}

static cm_status print_json(const cm_kept_models *kept, const char *key,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "cache", kept->folder);
    cm_json_begin_array(&w, key);
    for (size_t i = 0; i < kept->n; i++) {
        char used[CM_NUM_TEXT];
        (void)cm_format_utc(used, kept->items[i].used);
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "md5", kept->items[i].md5);
        cm_json_put_text(&w, "folder", kept->items[i].folder);
        cm_json_put_u64(&w, "size", kept->items[i].size);
        cm_json_put_text(&w, "used", used);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status print_removed(const cm_kept_models *gone, cm_error *err)
{
    uint64_t size = 0;
    cm_buf text = {0};
    for (size_t i = 0; i < gone->n; i++) {
        size += gone->items[i].size;
    }
    cm_buf_addf(&text, "%zu model%s removed, %.1f MB\n", gone->n,
                gone->n == 1 ? "" : "s", (double)size / 1e6);
    return cli_print_text(&text, err);
}

cm_status cli_model_cache(cli_context *c, cm_error *err)
{
    cm_place_options options;
    cm_kept_models kept = {0};
    uint64_t keep = 0;
    bool prunes = cli_text(c, "keep") != NULL, json = cli_switch(c, "json");
    cli_place_options(&options, c);
    cm_status status =
        prunes ? cli_u64(c, "keep", 0, 1000000, &keep, err) : CM_OK;
    if (status == CM_OK) {
        status = prunes
                     ? cm_model_cache_prune(&kept, (size_t)keep, &options, err)
                     : cm_model_cache_list(&kept, &options, err);
    }
    if (status == CM_OK) {
        status = json ? print_json(&kept, prunes ? "removed" : "models", err)
                 : prunes ? print_removed(&kept, err)
                          : print_table(&kept, err);
    }
    cm_kept_models_release(&kept);
    return status;
}
