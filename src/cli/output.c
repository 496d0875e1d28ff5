/* Results to standard output and to files. */
#include "base/num.h"
#include "cli/output.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

static cm_status write_file(void *file, cm_str bytes, cm_error *err)
{
    (void)err; /* kept by the file, reported by its commit */
    cm_atomic_write(file, bytes.p, bytes.n);
    return CM_OK;
}

static cm_status write_stdout(void *unused, cm_str bytes, cm_error *err)
{
    (void)unused;
    if (fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n) {
        return cm_fail_errno(err, "standard output");
    }
    return CM_OK;
}

cm_status cli_output_open(cli_output *out, const char *path, cm_error *err)
{
    *out = (cli_output){.sink = {NULL, write_stdout}};
    if (strcmp(path, "-") == 0) {
        return CM_OK;
    }
    cm_status status = cm_make_parent(path, err);
    if (status == CM_OK) {
        status = cm_atomic_open(&out->file, path, err);
        out->sink = (cm_sink){out->file, write_file};
    }
    return status;
}

cm_status cli_output_close(cli_output *out, cm_status status, cm_error *err)
{
    if (out->file == NULL) {
        return status;
    }
    if (status == CM_OK) {
        status = cm_atomic_commit(out->file, err);
    } else {
        cm_atomic_abandon(out->file);
    }
    out->file = NULL;
    return status;
}

cm_status cli_print_text(cm_buf *text, cm_error *err)
{
    cm_status status = cm_buf_check(text, err);
    if (status == CM_OK) {
        status = write_stdout(NULL, (cm_str){text->p, text->n}, err);
    }
    cm_buf_release(text);
    return status;
}

cm_status cli_print_json(cm_buf *json, cm_error *err)
{
    cm_buf_addc(json, '\n');
    return cli_print_text(json, err);
}

static void print_metric(const char *name, double value, const char *beside,
                         double base)
{
    printf("  %-20s %10.6f", name, value);
    if (beside != NULL) {
        printf("   %s %.6f", beside, base);
    }
    putchar('\n');
}

void cli_print_metrics(const cm_metrics *metrics)
{
    char rows[32], clicks[32];
    cm_format_count(rows, metrics->rows);
    cm_format_count(clicks, metrics->clicks);
    printf("  %-20s %10s   base rate alone:\n", "metric", "value");
    print_metric("log_loss", metrics->log_loss, "log_loss",
                 metrics->base_log_loss);
    print_metric("normalized_entropy", metrics->normalized_entropy,
                 "normalized_entropy", 1);
    print_metric("roc_auc", metrics->roc_auc, "roc_auc", 0.5);
    print_metric("f1_score (weighted)", metrics->f1_weighted, NULL, 0);
    print_metric("precision", metrics->precision, NULL, 0);
    print_metric("recall", metrics->recall, NULL, 0);
    print_metric("mean prediction", metrics->mean_prediction, "click rate",
                 metrics->base_rate);
    print_metric("calibration ratio", metrics->calibration_ratio, NULL, 0);
    printf("  %-20s %10s   with %s clicks\n", "rows", rows, clicks);
}

uint64_t cli_peak_memory(void)
{
    struct rusage usage = {0};
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    return (uint64_t)usage.ru_maxrss * 1024;
}
