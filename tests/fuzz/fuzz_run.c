/* Any bytes as run.json and as metrics.tsv: the record is whole, or the error
 * says what is wrong. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tracking/run_file.h"
#include "tracking/run_limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_pairs(const cm_run_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        CM_ASSERT(run_is_key(cm_str_of(pairs[i].key)));
        CM_ASSERT(strlen(pairs[i].value) <= RUN_MAX_FILE);
    }
}

static void check_file(cm_str text)
{
    cm_run_record record = {0};
    cm_error err = {0};
    cm_status status = run_file_parse(&record, text, "input", &err);
    if (status == CM_OK) {
        CM_ASSERT(strlen(record.id) == CM_RUN_ID_TEXT - 1);
        CM_ASSERT(record.experiment != NULL && record.name != NULL);
        CM_ASSERT(record.start >= 0 && record.end >= 0);
        check_pairs(record.params, record.n_params);
        check_pairs(record.tags, record.n_tags);
        for (size_t i = 0; i < record.n_datasets; i++) {
            CM_ASSERT(record.datasets[i].source != NULL);
        }
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_run_record_release(&record);
}

static void check_metrics(cm_str text)
{
    cm_run_record record = {0};
    cm_error err = {0};
    cm_status status = run_metrics_parse(&record, text, "input", &err);
    CM_ASSERT(status == CM_OK || err.code == status);
    for (size_t i = 0; i < record.n_metrics; i++) {
        CM_ASSERT(run_is_key(cm_str_of(record.metrics[i].key)));
        CM_ASSERT(record.metrics[i].time >= 0);
    }
    cm_run_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_str text = {(const char *)bytes, n};
    check_file(text);
    check_metrics(text);
    return 0;
}
