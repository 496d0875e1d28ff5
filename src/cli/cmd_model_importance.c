/* clickmill model importance */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/model_arg.h"
#include "cli/output.h"
#include "model/explain.h"

typedef struct ranked {
    size_t input;
    double score;
} ranked;

static int by_score(const void *x, const void *y)
{
    const ranked *a = x, *b = y;
    int order = (a->score < b->score) - (a->score > b->score);
    return order != 0 ? order : (a->input > b->input) - (a->input < b->input);
}

/* scores (n) of inputs, largest first. */
static cm_status rank(ranked **out, const double *scores, size_t n,
                      cm_error *err)
{
    *out = cm_alloc(n, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = (ranked){i, scores[i]};
    }
    qsort(*out, n, sizeof **out, by_score);
    return CM_OK;
}

static cm_status print_ranked(const cli_context *c, const cm_model *model,
                              const ranked *list, size_t n, cm_error *err)
{
    char digits[32];
    if (!cli_switch(c, "json")) {
        printf("  %-32s %12s\n", "input", "importance");
        for (size_t i = 0; i < n; i++) {
            printf("  %-32s %12.6g\n",
                   cli_input_name(model, list[i].input, digits), list[i].score);
        }
        return CM_OK;
    }
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "type", cli_text(c, "type"));
    cm_json_begin_array(&w, "inputs");
    for (size_t i = 0; i < n; i++) {
        cm_json_begin_object(&w, NULL);
        cm_json_put_u64(&w, "input", list[i].input);
        cm_json_put_text(&w, "name",
                         cli_input_name(model, list[i].input, digits));
        cm_json_put_double(&w, "importance", list[i].score);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status values_change(const cli_context *c, const cm_model *model,
                               cm_error *err)
{
    size_t n = cm_model_input_count(model);
    ranked *list = NULL;
    double *scores = cm_alloc(n, sizeof *scores, err);
    cm_status status = scores ? CM_OK : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = cm_model_values_change(model, NULL, scores, err);
    }
    if (status == CM_OK) {
        status = rank(&list, scores, n, err);
    }
    if (status == CM_OK) {
        status = print_ranked(c, model, list, n, err);
    }
    free(scores);
    free(list);
    return status;
}

static cm_status print_pairs(const cli_context *c, const cm_model *model,
                             const cm_interaction *pairs, size_t n,
                             cm_error *err)
{
    char first[32], second[32];
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    if (!cli_switch(c, "json")) {
        printf("  %-24s %-24s %12s\n", "input", "with", "score");
        for (size_t i = 0; i < n; i++) {
            printf("  %-24s %-24s %12.6g\n",
                   cli_input_name(model, pairs[i].first, first),
                   cli_input_name(model, pairs[i].second, second),
                   pairs[i].score);
        }
        return CM_OK;
    }
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "type", cli_text(c, "type"));
    cm_json_begin_array(&w, "pairs");
    for (size_t i = 0; i < n; i++) {
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "first",
                         cli_input_name(model, pairs[i].first, first));
        cm_json_put_text(&w, "second",
                         cli_input_name(model, pairs[i].second, second));
        cm_json_put_double(&w, "score", pairs[i].score);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status interaction(const cli_context *c, const cm_model *model,
                             cm_error *err)
{
    cm_interaction *pairs = NULL;
    size_t n = 0;
    cm_status status = cm_model_interaction(model, &pairs, &n, err);
    if (status == CM_OK) {
        status = print_pairs(c, model, pairs, n, err);
    }
    free(pairs);
    return status;
}

/* The types by CatBoost's names. */
static const struct {
    const char *name;
    cm_status (*run)(const cli_context *c, const cm_model *model,
                     cm_error *err);
} types[] = {
    {"PredictionValuesChange", values_change},
    {"Interaction", interaction},
};

cm_status cli_model_importance(cli_context *c, cm_error *err)
{
    const char *type = cli_text(c, "type");
    cli_model model = {0};
    size_t t = 0, n_types = sizeof types / sizeof *types;
    while (t < n_types && strcmp(types[t].name, type) != 0) {
        t++;
    }
    if (t == n_types) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--type: found \"%s\", expected "
                       "PredictionValuesChange or Interaction",
                       type);
    }
    cm_status status = cli_model_open(&model, c->words[0], err);
    if (status == CM_OK) {
        status = types[t].run(c, model.model, err);
    }
    cli_model_close(&model);
    return status;
}
