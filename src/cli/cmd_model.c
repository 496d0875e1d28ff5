/* clickmill model show, clickmill model rollback */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "cli/output.h"
#include "score/bundle.h"

typedef enum show_kind { SHOW_BUNDLE, SHOW_MODEL, SHOW_TRANSFORMERS } show_kind;

/* A folder or its bundle.json is a bundle; a file is told by its start. */
static cm_status find_kind(show_kind *out, const char *path, cm_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return cm_fail_errno(err, "%s", path);
    }
    *out = SHOW_BUNDLE;
    if (S_ISDIR(info.st_mode) ||
        strcmp(cm_path_base(path), "bundle.json") == 0) {
        return CM_OK;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return cm_fail_errno(err, "%s", path);
    }
    char start[4] = "";
    size_t n = fread(start, 1, sizeof start, file);
    *out = start[0] == '{' || (n == 4 && memcmp(start, "CBM1", 4) == 0)
               ? SHOW_MODEL
               : SHOW_TRANSFORMERS;
    fclose(file);
    return CM_OK;
}

static uint32_t deepest(const cm_model *model)
{
    uint32_t depth = 0;
    for (size_t i = 0; i < model->n_trees; i++) {
        depth = model->trees[i].depth > depth ? model->trees[i].depth : depth;
    }
    return depth;
}

/* Nothing for a model of numbers alone. */
static void put_categories(cm_json_writer *w, const cm_model *model)
{
    if (model->n_cat_features == 0) {
        return;
    }
    cm_json_begin_array(w, "categories");
    for (size_t i = 0; i < model->n_cat_features; i++) {
        cm_json_put_text(w, NULL, model->cat_features[i].name);
    }
    cm_json_end_array(w);
    cm_json_put_u64(w, "one_hot_features", model->n_one_hots);
    cm_json_put_u64(w, "ctr_features", model->n_ctrs);
    cm_json_put_u64(w, "ctr_tables", model->n_ctr_tables);
}

static void put_model(cm_json_writer *w, const char *key, const cm_model *model)
{
    cm_json_begin_object(w, key);
    cm_json_put_text(w, "guid", model->guid);
    cm_json_put_u64(w, "trees", model->n_trees);
    cm_json_put_u64(w, "depth", deepest(model));
    cm_json_put_double(w, "scale", model->scale);
    cm_json_put_double(w, "bias", model->bias);
    cm_json_begin_array(w, "class_names");
    for (int i = 0; i < 2 && model->class_names[i] != NULL; i++) {
        cm_json_put_text(w, NULL, model->class_names[i]);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "features");
    for (size_t i = 0; i < model->n_features; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "name", model->features[i].name);
        cm_json_put_u64(w, "borders", model->features[i].n_borders);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
    put_categories(w, model);
    if (model->params_json != NULL) {
        cm_json_put_raw(w, "params", cm_str_of(model->params_json));
    }
    cm_json_end_object(w);
}

static void print_model(const cm_model *model)
{
    printf("  model %s: %zu trees of depth up to %u, %zu features\n",
           model->guid, model->n_trees, deepest(model), model->n_features);
    for (size_t i = 0; i < model->n_features; i++) {
        printf("    %-24s %6u borders\n", model->features[i].name,
               model->features[i].n_borders);
    }
    for (size_t i = 0; i < model->n_cat_features; i++) {
        printf("    %-24s  category\n", model->cat_features[i].name);
    }
    if (model->n_cat_features > 0) {
        printf("  %zu one-hot features, %zu CTR features of %zu tables\n",
               model->n_one_hots, model->n_ctrs, model->n_ctr_tables);
    }
}

static const char *table_kind(const cm_table *table)
{
    return table->kind == CM_TABLE_COUNT ? "count" : "ctr";
}

static void put_key(cm_json_writer *w, const cm_table *table, uint32_t i)
{
    char digits[CM_NUM_TEXT];
    if (table->key_kind == CM_KEY_TEXT) {
        cm_json_put_str(w, NULL, cm_dictionary_text(&table->keys, i, digits));
    } else if (table->keys.integers[i] == CM_MISSING_INTEGER) {
        cm_json_put_null(w, NULL);
    } else {
        cm_json_put_i64(w, NULL, table->keys.integers[i]);
    }
}

/* whole: with every key and value. */
static void put_tables(cm_json_writer *w, const char *key,
                       const cm_transformers *transformers, bool whole)
{
    cm_json_begin_array(w, key);
    for (size_t t = 0; t < transformers->n_tables; t++) {
        const cm_table *table = &transformers->tables[t];
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "name", table->name);
        cm_json_put_text(w, "input", table->input);
        cm_json_put_text(w, "kind", table_kind(table));
        cm_json_put_double(w, "default", table->fallback);
        cm_json_put_u64(w, "n", table->keys.n);
        if (whole) {
            cm_json_begin_array(w, "keys");
            for (uint32_t i = 0; i < table->keys.n; i++) {
                put_key(w, table, i);
            }
            cm_json_end_array(w);
            cm_json_begin_array(w, "values");
            for (uint32_t i = 0; i < table->keys.n; i++) {
                cm_json_put_double(w, NULL, table->values[i]);
            }
            cm_json_end_array(w);
        }
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static void print_tables(const cm_transformers *transformers)
{
    printf("  %-24s %-20s %-6s %10s %12s\n", "table", "of", "kind", "values",
           "default");
    for (size_t t = 0; t < transformers->n_tables; t++) {
        const cm_table *table = &transformers->tables[t];
        printf("  %-24s %-20s %-6s %10u %12.6g\n", table->name, table->input,
               table_kind(table), table->keys.n, table->fallback);
    }
}

static cm_status show_model(const cli_context *c, const char *path,
                            cm_error *err)
{
    cm_model *model = NULL;
    cm_status status = cm_model_load(&model, path, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        cm_buf json = {0};
        cm_json_writer w = cm_json_writer_of(&json, 2);
        put_model(&w, NULL, model);
        status = cli_print_json(&json, err);
    } else if (status == CM_OK) {
        print_model(model);
    }
    cm_model_free(model);
    return status;
}

static cm_status show_transformers(const cli_context *c, const char *path,
                                   cm_error *err)
{
    cm_transformers *transformers = NULL;
    cm_status status = cm_transformers_load(&transformers, path, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        cm_buf json = {0};
        cm_json_writer w = cm_json_writer_of(&json, 0);
        cm_json_begin_object(&w, NULL);
        put_tables(&w, "tables", transformers, true);
        cm_json_end_object(&w);
        status = cli_print_json(&json, err);
    } else if (status == CM_OK) {
        print_tables(transformers);
    }
    cm_transformers_free(transformers);
    return status;
}

static cm_status bundle_json(const cm_bundle *bundle, cm_error *err)
{
    cm_buf json = {0};
    json_t *manifest = NULL;
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_status status = cm_json_parse(&manifest, cm_bundle_manifest(bundle),
                                     "bundle.json", err);
    if (status != CM_OK) {
        return status;
    }
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "version", cm_bundle_version(bundle));
    cm_json_put_value(&w, "bundle", manifest);
    put_model(&w, "model", cm_bundle_model(bundle));
    put_tables(&w, "transformers", cm_bundle_counts(bundle), false);
    put_tables(&w, "ctr_transformer", cm_bundle_ctr(bundle), false);
    cm_json_end_object(&w);
    json_decref(manifest);
    return cli_print_json(&json, err);
}

/* The numbers among the bundle's metrics. */
static cm_status print_bundle_metrics(const cm_bundle *bundle, cm_error *err)
{
    json_t *manifest = NULL;
    const char *name = NULL;
    json_t *value = NULL;
    cm_status status = cm_json_parse(&manifest, cm_bundle_manifest(bundle),
                                     "bundle.json", err);
    if (status == CM_OK) {
        json_object_foreach(json_object_get(manifest, "metrics"), name, value)
        {
            if (json_is_number(value)) {
                printf("    %-24s %12.6g\n", name, json_number_value(value));
            }
        }
    }
    json_decref(manifest);
    return status;
}

static cm_status show_bundle(const cli_context *c, const char *path,
                             cm_error *err)
{
    cm_bundle *bundle = NULL;
    cm_status status = cm_bundle_load(&bundle, path, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        status = bundle_json(bundle, err);
    } else if (status == CM_OK) {
        printf("  bundle %s, schema %s; verified, self-test passed\n",
               cm_bundle_version(bundle), cm_bundle_schema(bundle));
        status = print_bundle_metrics(bundle, err);
        print_model(cm_bundle_model(bundle));
        print_tables(cm_bundle_counts(bundle));
        print_tables(cm_bundle_ctr(bundle));
    }
    cm_bundle_free(bundle);
    return status;
}

cm_status cli_model_show(cli_context *c, cm_error *err)
{
    show_kind kind = SHOW_BUNDLE;
    const char *path = c->words[0];
    cm_status status = find_kind(&kind, path, err);
    if (status != CM_OK) {
        return status;
    }
    switch (kind) {
    case SHOW_BUNDLE:
        return show_bundle(c, path, err);
    case SHOW_MODEL:
        return show_model(c, path, err);
    case SHOW_TRANSFORMERS:
        break;
    }
    return show_transformers(c, path, err);
}

cm_status cli_model_rollback(cli_context *c, cm_error *err)
{
    char version[65] = "";
    cm_status status = cm_bundle_rollback(c->words[0], version, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        cm_buf json = {0};
        cm_json_writer w = cm_json_writer_of(&json, 2);
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "version", version);
        cm_json_end_object(&w);
        status = cli_print_json(&json, err);
    } else if (status == CM_OK) {
        printf("  current is now %s\n", version);
    }
    return status;
}
