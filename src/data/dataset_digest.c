/* What a dataset holds, as one number. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/thread.h"
#include "data/dataset_file.h"

typedef struct digest_job {
    const cm_dataset *dataset;
    uint64_t *digests; /* (n_columns) */
} digest_job;

static void digest_column(void *context, size_t i, int thread)
{
    const digest_job *job = context;
    const cm_column *column = &job->dataset->columns[i];
    cm_column_array arrays[CM_DATASET_SECTIONS];
    uint64_t parts[CM_DATASET_SECTIONS + 2];
    (void)thread;
    cm_dataset_arrays(arrays, column, job->dataset->n_rows);
    for (size_t s = 0; s < CM_DATASET_SECTIONS; s++) {
        parts[s] = cm_xxh3(arrays[s].bytes, arrays[s].size);
    }
    parts[CM_DATASET_SECTIONS] = cm_xxh3(column->name, strlen(column->name));
    parts[CM_DATASET_SECTIONS + 1] = column->kind;
    job->digests[i] = cm_xxh3(parts, sizeof parts);
}

cm_status cm_dataset_digest(const cm_dataset *dataset, int n_threads,
                            uint64_t *out, cm_error *err)
{
    size_t n = dataset->n_columns;
    digest_job job = {dataset, cm_alloc(n + 1, sizeof *job.digests, err)};
    if (job.digests == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_parallel(n, cm_thread_count(n_threads), digest_column, &job);
    job.digests[n] = dataset->n_rows;
    *out = cm_xxh3(job.digests, (n + 1) * sizeof *job.digests);
    free(job.digests);
    return CM_OK;
}
