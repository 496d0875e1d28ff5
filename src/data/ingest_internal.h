/* Ingestion with its inner sizes in the caller's hand, for tests. */
#ifndef CM_DATA_INGEST_INTERNAL_H
#define CM_DATA_INGEST_INTERNAL_H

#include "codec/csv_scan.h"
#include "data/ingest.h"

typedef struct cm_ingest_tuning {
    const cm_str *memory; /* the log itself; NULL: options->input */
    size_t window_bytes;  /* more than CM_CSV_MAX_RECORD, or as small as the
                             longest record that shall be read */
    size_t chunk_bytes;
    const cm_csv_kernels *kernels;
} cm_ingest_tuning;

cm_ingest_tuning cm_ingest_tuning_default(void);

CM_MUST_USE cm_status cm_ingest_tuned(cm_dataset **out,
                                      cm_ingest_report *report,
                                      const cm_ingest_options *options,
                                      const cm_ingest_tuning *tuning,
                                      cm_error *err);

CM_MUST_USE cm_status cm_row_reader_open_tuned(cm_row_reader **out,
                                               const cm_ingest_options *options,
                                               const cm_ingest_tuning *tuning,
                                               const char *const *wanted,
                                               const bool *optional,
                                               size_t n_wanted, cm_error *err);

#endif
