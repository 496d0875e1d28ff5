/* clickmill model diff */
#include <stdlib.h>

#include "cli/model_arg.h"
#include "cli/output.h"
#include "model/model_diff.h"

/* What is printed. */
typedef struct comparison {
    const cm_model *a, *b;
    cm_model_diff diff;
} comparison;

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

static void print_diff(const comparison *c)
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
    puts(diff->equal ? "  equal" : "  different");
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
    if (status == CM_OK) {
        status = cm_model_diff_init(&both.diff, a.model, b.model, err);
    }
    if (status == CM_OK) {
        c->differs = !both.diff.equal;
        if (cli_switch(c, "json")) {
            status = print_json(&both, err);
        } else {
            print_diff(&both);
        }
        cm_model_diff_release(&both.diff);
    }
    cli_model_close(&a);
    cli_model_close(&b);
    return status;
}
