/* Bad rows: refused, counted, or written down. */
#include "data/bad_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec/csv.h"
#include "data/excerpt.h"

#define ADVICE                                                          \
    "correct the row, or leave bad rows out with --on-bad-row=skip or " \
    "--on-bad-row=quarantine"

/* Line and column of byte `at` of the row, which may span lines. */
static cm_where place(const cm_log_plan *plan, const cm_bad_field *what)
{
    cm_where where = {plan->file, what->line, what->at + 1};
    for (size_t i = 0; i < what->at; i++) {
        if (what->row.p[i] == '\n') {
            where.line++;
            where.column = what->at - i;
        }
    }
    return where;
}

static void put_reason(cm_buf *buf, const cm_log_plan *plan,
                       const cm_bad_field *what)
{
    char shown[CM_EXCERPT];
    if (what->field != SIZE_MAX) {
        cm_buf_addf(buf,
                    "column %s: ", cm_excerpt(shown, plan->names[what->field]));
    }
    cm_buf_addf(buf, "found %s, expected %s",
                what->found_text != NULL ? what->found_text
                                         : cm_excerpt(shown, what->found),
                what->expected);
}

bool cm_bad_rows_add(cm_bad_rows *rows, const cm_log_plan *plan,
                     const cm_bad_field *what)
{
    rows->n++;
    if (rows->policy == CM_BAD_ROW_SKIP) {
        return true;
    }
    cm_where where = place(plan, what);
    cm_buf reason = {0};
    put_reason(&reason, plan, what);
    if (rows->policy == CM_BAD_ROW_FAIL) {
        (void)cm_fail_at(&rows->first, CM_ERR_PARSE, where, "%s; " ADVICE,
                         reason.failed ? "bad row" : reason.p);
        cm_buf_release(&reason);
        return false;
    }
    cm_buf *out = &rows->quarantined;
    cm_buf_addf(out, "%" PRIu64 ",%" PRIu64 ",", where.line, where.column);
    cm_csv_put(out, (cm_str){reason.p, reason.n});
    cm_buf_addc(out, ',');
    cm_csv_put(out, what->row);
    cm_buf_addc(out, '\n');
    out->failed |= reason.failed;
    cm_buf_release(&reason);
    return true;
}

void cm_bad_rows_release(cm_bad_rows *rows)
{
    cm_buf_release(&rows->quarantined);
    rows->n = 0;
}

cm_status cm_quarantine_open(cm_quarantine *quarantine,
                             const cm_ingest_options *options, cm_error *err)
{
    quarantine->file = NULL;
    if (options->on_bad_row != CM_BAD_ROW_QUARANTINE) {
        return CM_OK;
    }
    if (options->quarantine == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--on-bad-row=quarantine needs a file for the rows");
    }
    cm_status status =
        cm_atomic_open(&quarantine->file, options->quarantine, err);
    if (status == CM_OK) {
        static const char HEADER[] = "line,column,reason,row\n";
        cm_atomic_write(quarantine->file, HEADER, sizeof HEADER - 1);
    }
    return status;
}

cm_status cm_quarantine_take(cm_quarantine *quarantine, cm_bad_rows *rows,
                             cm_ingest_report *report, cm_error *err)
{
    cm_status status = CM_OK;
    if (rows->n > 0 && rows->policy == CM_BAD_ROW_FAIL) {
        status = cm_fail(err, rows->first.code, "%s", rows->first.message);
    } else if (rows->quarantined.n > 0 || rows->quarantined.failed) {
        status = cm_buf_check(&rows->quarantined, err);
        if (status == CM_OK) {
            cm_atomic_write(quarantine->file, rows->quarantined.p,
                            rows->quarantined.n);
        }
    }
    report->bad_rows += rows->n;
    cm_bad_rows_release(rows);
    return status;
}

cm_status cm_quarantine_commit(cm_quarantine *quarantine, cm_error *err)
{
    cm_atomic_file *file = quarantine->file;
    quarantine->file = NULL;
    return file == NULL ? CM_OK : cm_atomic_commit(file, err);
}

void cm_quarantine_abandon(cm_quarantine *quarantine)
{
    cm_atomic_abandon(quarantine->file);
    quarantine->file = NULL;
}
