/* clickmill train --cv N */
#include "pipeline/cross_validate.h"

#include "cli/jobs.h"
#include "base/num.h"
#include "cli/output.h"

static const char *const keys[CM_CV_METRICS] = {[CM_CV_LOG_LOSS] = "log_loss",
                                                [CM_CV_AUC] = "roc_auc",
                                                [CM_CV_NE] =
                                                    "normalized_entropy"};

static void put_values(cm_json_writer *w, const char *key,
                       const double values[CM_CV_METRICS])
{
    cm_json_begin_object(w, key);
    for (int m = 0; m < CM_CV_METRICS; m++) {
        cm_json_put_double(w, keys[m], values[m]);
    }
    cm_json_end_object(w);
}

static cm_status print_json(const cm_cv_result *result, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_u64(&w, "best_iteration", result->best_trees - 1);
    put_values(&w, "mean", result->mean);
    put_values(&w, "sd", result->sd);
    cm_json_begin_array(&w, "folds");
    for (uint32_t k = 0; k < result->n_folds; k++) {
        const cm_cv_fold *fold = &result->folds[k];
        cm_json_begin_object(&w, NULL);
        cm_json_put_u64(&w, "train_rows", fold->n_train);
        cm_json_put_u64(&w, "validation_rows", fold->n_val);
        for (int m = 0; m < CM_CV_METRICS; m++) {
            cm_json_put_double(&w, keys[m], fold->values[m]);
        }
        cm_json_put_u64(&w, "best_iteration", fold->best_trees - 1);
        cm_json_put_u64(&w, "trees_grown", fold->n_grown);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_put_double(&w, "seconds", result->seconds);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void print_line(const char *name, const double values[CM_CV_METRICS])
{
    printf("  %-6s %10.6f %10.6f %10.6f", name, values[CM_CV_LOG_LOSS],
           values[CM_CV_AUC], values[CM_CV_NE]);
}

static void print_text(const cm_cv_result *result)
{
    printf("  %-6s %10s %10s %10s %11s %12s\n", "fold", "log_loss", "roc_auc",
           "NE", "best trees", "validated");
    for (uint32_t k = 0; k < result->n_folds; k++) {
        const cm_cv_fold *fold = &result->folds[k];
        char name[16], rows[32];
        snprintf(name, sizeof name, "%u", k + 1);
        cm_format_count(rows, fold->n_val);
        print_line(name, fold->values);
        printf(" %11u %12s\n", fold->best_trees, rows);
    }
    print_line("mean", result->mean);
    printf(" %11u\n", result->best_trees);
    print_line("sd", result->sd);
    printf("\n\n  with %u trees, the best number over all folds; NE: "
           "normalized entropy\n",
           result->best_trees);
}

cm_status cli_cross_validate(cli_context *c, const cm_train_job *job,
                             cm_error *err)
{
    cm_cv_result result = {0};
    uint64_t n_folds = 0;
    cm_config_say_unused(&c->config, &c->log);
    cm_status status = cli_u64(c, "cv", 2, 100, &n_folds, err);
    if (status == CM_OK) {
        status = cm_cross_validate(&result, job, (uint32_t)n_folds, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&result, err);
    } else if (status == CM_OK) {
        print_text(&result);
    }
    cm_cv_result_release(&result);
    return status;
}
