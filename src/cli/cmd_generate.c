/* clickmill generate */
#include <string.h>

#include "base/num.h"
#include "cli/output.h"
#include "data/generate.h"

static cm_status print(const cli_context *c, const cm_generate_report *report,
                       const char *output, double seconds, cm_error *err)
{
    if (cli_switch(c, "json")) {
        cm_buf json = {0};
        cm_json_writer w = cm_json_writer_of(&json, 2);
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "output", output);
        cm_json_put_u64(&w, "rows", report->rows);
        cm_json_put_u64(&w, "clicks", report->clicks);
        cm_json_put_u64(&w, "bytes", report->bytes);
        cm_json_put_double(&w, "seconds", seconds);
        cm_json_end_object(&w);
        return cli_print_json(&json, err);
    }
    char rows[32], clicks[32];
    cm_format_count(rows, report->rows);
    cm_format_count(clicks, report->clicks);
    cm_info(&c->log, "%s: %s rows, %s clicks, %.1f MB in %.2f s", output, rows,
            clicks, (double)report->bytes / 1e6, seconds);
    return CM_OK;
}

cm_status cli_generate(cli_context *c, cm_error *err)
{
    cm_generate_options options = {.output = cli_text(c, "output"),
                                   .n_threads = (int)c->config.thread_count,
                                   .log = &c->log};
    cm_generate_report report = {0};
    double start = cm_seconds();
    cm_status status =
        cli_u64(c, "rows", 1, 100000000000ull, &options.rows, err);
    if (status == CM_OK) {
        status = cli_u64(c, "seed", 0, UINT64_MAX, &options.seed, err);
    }
    bool to_stdout = strcmp(options.output, "-") == 0;
    if (status == CM_OK && to_stdout && cli_switch(c, "json")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--json: standard output is taken by the log; give "
                       "--output PATH");
    }
    if (status == CM_OK && !to_stdout) {
        status = cm_make_parent(options.output, err);
    }
    if (status == CM_OK) {
        status = cm_generate(&report, &options, err);
    }
    if (status == CM_OK) {
        status = print(c, &report, options.output, cm_seconds() - start, err);
    }
    return status;
}
