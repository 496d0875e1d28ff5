/* clickmill repro */
#include "cli/output.h"
#include "versioning/repro.h"

static void put_report(cm_json_writer *w, const cm_repro_report *report)
{
    cm_json_begin_object(w, NULL);
    cm_json_begin_array(w, "stages");
    for (size_t i = 0; i < report->n; i++) {
        const cm_repro_stage *stage = &report->stages[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "stage", stage->name);
        cm_json_put_text(w, "action", cm_repro_action_name(stage->action));
        cm_json_put_text(w, "reason", stage->reason);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static cm_status print_json(const cm_repro_report *report, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    put_report(&w, report);
    return cli_print_json(&json, err);
}

/* A line a stage that did not stay as it was, and what to do next. */
static void print_report(const cm_repro_report *report, bool dry)
{
    size_t changed = 0;
    for (size_t i = 0; i < report->n; i++) {
        const cm_repro_stage *stage = &report->stages[i];
        if (stage->action != CM_REPRO_UNCHANGED) {
            printf("%-10s %s%s%s%s\n", cm_repro_action_name(stage->action),
                   stage->name, stage->reason[0] != '\0' ? " (" : "",
                   stage->reason, stage->reason[0] != '\0' ? ")" : "");
            changed++;
        }
    }
    if (changed == 0) {
        printf("Data and pipelines are up to date.\n");
    } else if (!dry) {
        printf("Use `clickmill push` to send what is new to the remote.\n");
    }
}

cm_status cli_repro(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_repro_report report = {0};
    uint64_t jobs = 0;
    bool json = cli_switch(c, "json");
    cm_repro_options options = {.targets = c->words,
                                .n_targets = c->n_words,
                                .all = cli_switch(c, "all-pipelines"),
                                .force = cli_switch(c, "force"),
                                .single = cli_switch(c, "single-item"),
                                .downstream = cli_switch(c, "downstream"),
                                .dry = cli_switch(c, "dry"),
                                .keep_going = cli_switch(c, "keep-going"),
                                .no_run_cache = cli_switch(c, "no-run-cache"),
                                .out = json ? stderr : stdout};
    cm_status status = cm_repo_open(&repo, NULL, &c->log, err);
    if (status == CM_OK) {
        status = cli_u64(c, "jobs", 0, 256, &jobs, err);
    }
    if (status == CM_OK) {
        options.jobs = (int)jobs;
        status = cm_repro(&repo, &options, &report, err);
    }
    if (status == CM_OK && !json) {
        print_report(&report, options.dry);
    } else if (json && report.n > 0) {
        cm_status printed = print_json(&report, status == CM_OK ? err : NULL);
        status = status == CM_OK ? printed : status;
    }
    cm_repro_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
