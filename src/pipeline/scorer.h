/* The loop that evaluate and predict share.  Private to pipeline. */
#ifndef CM_PIPELINE_SCORER_H
#define CM_PIPELINE_SCORER_H

#include "pipeline/score_log.h"

/* One more column beside those the model needs: the id, or the label. */
typedef struct cm_extra_column {
    const char *name; /* NULL: none */
    bool optional;
} cm_extra_column;

/* What is done with the rows of a batch.  row: number of the first of them in
 * the log; extra[i] is empty when the log has no such column. */
typedef struct cm_score_consumer {
    void *context;
    /* Optional.  The reason why row cannot be used, NULL when it can. */
    const char *(*refuse)(cm_str extra);
    cm_status (*take)(void *context, uint64_t row, bool has_extra,
                      const cm_str *extra, const double *probabilities,
                      size_t n, cm_error *err);
} cm_score_consumer;

CM_MUST_USE cm_status cm_score_log(cm_score_log_report *report,
                                   const cm_bundle *bundle,
                                   const cm_score_log_options *options,
                                   cm_extra_column extra,
                                   const cm_score_consumer *consumer,
                                   cm_error *err);

#endif
