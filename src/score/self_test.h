/* The self-test: rows a bundle carries with the answers it gave when it was
 * written.  Private to score. */
#ifndef CM_SCORE_SELF_TEST_H
#define CM_SCORE_SELF_TEST_H

#include "score/bundle_body.h"

/* fields (n, n_columns) in the order of the bundle's lookup; raw and
 * probabilities (n). */
typedef struct self_test {
    size_t n, n_columns;
    const char *const *columns; /* the lookup's */
    cm_str *fields;
    double *raw;
    double *probabilities;
} self_test;

/* Scores given rows: fields (n, n_sources) in the order of the plan's
 * sources. */
CM_MUST_USE cm_status self_test_make(self_test *test, const cm_bundle *bundle,
                                     const cm_str *rows, size_t n,
                                     cm_error *err);
void self_test_release(self_test *test);

/* Writes it as the member "self_test". */
void self_test_put(cm_json_writer *w, const self_test *test);

/* Scores the rows of the bundle's manifest again and compares: raw values to
 * the bit, probabilities to 1e-15 (exp() is the C library's and may differ in
 * the last place from one processor to another). */
CM_MUST_USE cm_status self_test_check(const cm_bundle *bundle, const char *file,
                                      cm_error *err);

#endif
