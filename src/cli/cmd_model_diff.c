/* clickmill model diff */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/model_arg.h"
#include "cli/output.h"
#include "model/model_diff.h"
#include "pipeline/model_table.h"

/* What is printed. */
typedef struct comparison {
    const cm_model *a, *b;
    cm_model_diff diff;
    size_t n_rows; /* scored with both; 0: none */
    cm_score_distance scores;
} comparison;

/* The raw values (*n) of a table's rows; *out is to be freed. */
static cm_status score_table(double **out, size_t *n, const cli_context *c,
                             const cm_model *model, cm_error *err)
{
    cm_table_rows table = {0};
    cm_table_paths paths = {.input = cli_text(c, "input")};
    cm_status status = cm_table_rows_load(&table, model, &paths, &c->log, err);
    if (status != CM_OK) {
        return status;
    }
    const cm_explain_rows *rows = &table.rows;
    *n = rows->n;
    *out = cm_alloc(rows->n, sizeof **out, err);
    if (*out != NULL) {
        cm_model_apply_cats(model, rows->columns, rows->cats, rows->n, *out);
    }
    cm_table_rows_release(&table);
    return *out != NULL ? CM_OK : CM_ERR_NOMEM;
}

static cm_status compare_scores(comparison *both, const cli_context *c,
                                cm_error *err)
{
    double *a = NULL, *b = NULL;
    size_t n = 0;
    cm_status status = score_table(&a, &n, c, both->a, err);
    if (status == CM_OK) {
        status = score_table(&b, &n, c, both->b, err);
    }
    if (status == CM_OK) {
        both->n_rows = n;
        both->scores = cm_score_distance_of(a, b, n);
    }
    free(a);
    free(b);
    return status;
}

/* ---- as text ----------------------------------------------------------- */

static const char *or_nothing(const char *text)
{
    return text != NULL ? text : "(none)";
}

static void print_counts(const char *what, size_t a, size_t b)
{
    printf("  %-10s %zu", what, a);
    if (a != b) {
        printf(" -> %zu", b);
    }
    putchar('\n');
}

static void print_trees(const comparison *c)
{
    const cm_model_diff *diff = &c->diff;
    if (diff->n_same == c->a->n_trees && diff->n_same == c->b->n_trees) {
        puts("  all trees are the same");
        return;
    }
    printf("  first tree that differs: %zu\n", diff->n_same);
    if (diff->n_comparable == 0) {
        return;
    }
    printf("  leaves of %zu trees with the same conditions: apart by at most "
           "%.6g, %.6g on average\n",
           diff->n_comparable, diff->max_leaf, diff->mean_leaf);
}

static cm_status print_diff(const comparison *c)
{
    const cm_model_diff *diff = &c->diff;
    char digits[32];
    print_counts("trees", c->a->n_trees, c->b->n_trees);
    print_counts("features", c->a->n_features, c->b->n_features);
    print_counts("categories", c->a->n_cat_features, c->b->n_cat_features);
    for (size_t i = 0; i < diff->n_settings; i++) {
        const cm_setting_change *change = &diff->settings[i];
        printf("  %s: %s -> %s\n", change->path, or_nothing(change->a),
               or_nothing(change->b));
    }
    for (size_t i = 0; i < diff->n_borders; i++) {
        const cm_border_change *change = &diff->borders[i];
        const char *name = change->feature;
        if (*name == '\0') {
            (void)snprintf(digits, sizeof digits, "%u", change->index);
            name = digits;
        }
        printf("  borders of %s: %u added, %u removed\n", name, change->added,
               change->removed);
    }
    if (diff->n_ctrs > 0) {
        printf("  %zu CTR features and tables differ\n", diff->n_ctrs);
    }
    print_trees(c);
    if (c->n_rows > 0) {
        printf("  scores of %zu rows: apart by at most %.6g, %.6g on average, "
               "%.2f %% of them by more than 1e-9\n",
               c->n_rows, c->scores.max, c->scores.mean,
               100 * c->scores.share_apart);
    }
    puts(diff->equal ? "  equal" : "  different");
    return CM_OK;
}

/* ---- as JSON ----------------------------------------------------------- */

static void put_counts(cm_json_writer *w, const char *key, size_t a, size_t b)
{
    cm_json_begin_array(w, key);
    cm_json_put_u64(w, NULL, a);
    cm_json_put_u64(w, NULL, b);
    cm_json_end_array(w);
}

static void put_setting(cm_json_writer *w, const char *key, const char *json)
{
    if (json == NULL) {
        cm_json_put_null(w, key);
    } else {
        cm_json_put_raw(w, key, cm_str_of(json));
    }
}

static void put_changes(cm_json_writer *w, const cm_model_diff *diff)
{
    cm_json_begin_array(w, "settings");
    for (size_t i = 0; i < diff->n_settings; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "path", diff->settings[i].path);
        put_setting(w, "a", diff->settings[i].a);
        put_setting(w, "b", diff->settings[i].b);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "borders");
    for (size_t i = 0; i < diff->n_borders; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "feature", diff->borders[i].feature);
        cm_json_put_u64(w, "index", diff->borders[i].index);
        cm_json_put_u64(w, "added", diff->borders[i].added);
        cm_json_put_u64(w, "removed", diff->borders[i].removed);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static cm_status print_json(const comparison *c, cm_error *err)
{
    const cm_model_diff *diff = &c->diff;
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_bool(&w, "equal", diff->equal);
    put_counts(&w, "trees", c->a->n_trees, c->b->n_trees);
    put_counts(&w, "features", c->a->n_features, c->b->n_features);
    put_counts(&w, "categories", c->a->n_cat_features, c->b->n_cat_features);
    put_changes(&w, diff);
    cm_json_put_u64(&w, "ctrs_that_differ", diff->n_ctrs);
    cm_json_put_u64(&w, "same_trees_from_the_first", diff->n_same);
    cm_json_put_u64(&w, "trees_with_same_conditions", diff->n_comparable);
    cm_json_put_double(&w, "max_leaf_distance", diff->max_leaf);
    cm_json_put_double(&w, "mean_leaf_distance", diff->mean_leaf);
    if (c->n_rows > 0) {
        cm_json_begin_object(&w, "scores");
        cm_json_put_u64(&w, "rows", c->n_rows);
        cm_json_put_double(&w, "max_distance", c->scores.max);
        cm_json_put_double(&w, "mean_distance", c->scores.mean);
        cm_json_put_double(&w, "share_above_1e-9", c->scores.share_apart);
        cm_json_end_object(&w);
    }
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

cm_status cli_model_diff(cli_context *c, cm_error *err)
{
    cli_model a = {0}, b = {0};
    cm_status status = cli_model_open(&a, c->words[0], err);
    if (status == CM_OK) {
        status = cli_model_open(&b, c->words[1], err);
    }
    comparison both = {.a = a.model, .b = b.model};
    if (status == CM_OK && cli_text(c, "input") != NULL) {
        status = compare_scores(&both, c, err);
    }
    if (status == CM_OK) {
        status = cm_model_diff_init(&both.diff, a.model, b.model, err);
    }
    if (status == CM_OK) {
        c->differs = !both.diff.equal;
        status =
            cli_switch(c, "json") ? print_json(&both, err) : print_diff(&both);
        cm_model_diff_release(&both.diff);
    }
    cli_model_close(&a);
    cli_model_close(&b);
    return status;
}
