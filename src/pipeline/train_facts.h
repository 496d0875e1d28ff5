/* What is to be told of the data of a training when the data is gone: digests,
 * the columns, some rows as the model sees them. */
#ifndef CM_PIPELINE_TRAIN_FACTS_H
#define CM_PIPELINE_TRAIN_FACTS_H

#include "pipeline/build_features.h"

enum { CM_DIGEST_TEXT = 17, CM_EXAMPLE_ROWS = 5 };

typedef struct cm_train_facts {
    char digest[CM_DIGEST_TEXT]; /* of the dataset: cm_dataset_digest */
    /* of a part: that, and the numbers of its rows */
    char train_digest[CM_DIGEST_TEXT], val_digest[CM_DIGEST_TEXT];
    size_t n_columns; /* of the dataset */
    char *schema;     /* of the dataset: JSON, as MLflow writes one */
    double *example;  /* (n_examples, features): rows that validate */
    size_t n_examples;
} cm_train_facts;

/* The split's rows are in ascending order.  One thread: others are at work. */
CM_MUST_USE cm_status cm_train_facts_init(cm_train_facts *out,
                                          const cm_dataset *dataset,
                                          const cm_fitted *fitted,
                                          cm_error *err);
void cm_train_facts_release(cm_train_facts *facts);

#endif
