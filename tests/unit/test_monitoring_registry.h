/* A registry as a server makes it, and what it says. */
#ifndef TEST_MONITORING_REGISTRY_H
#define TEST_MONITORING_REGISTRY_H

#include <string.h>

#include "monitoring/metrics.h"

enum { PREDICT, INFER, NO_ROUTE, N_HANDLERS };
enum { GET, POST, N_METHODS };

static inline cm_registry *new_registry(size_t n_shards)
{
    static const char *const handlers[] = {"/predict/",
                                           "/v2/models/{model}/infer", "none"};
    static const char *const methods[] = {"GET", "POST"};
    cm_registry *metrics = NULL;
    cm_status status = cm_registry_new(
        &metrics, n_shards, (cm_label_values){handlers, N_HANDLERS},
        (cm_label_values){methods, N_METHODS}, NULL);
    assert_int_equal(status, CM_OK);
    return metrics;
}

/* What these families and samples say (names end with NULL); free it. */
static inline char *say(const cm_registry *metrics, cm_exposition format,
                        const char *const *names)
{
    cm_str list[16];
    size_t n = 0;
    for (; names[n] != NULL; n++) {
        list[n] = cm_str_of(names[n]);
    }
    cm_buf out = {0};
    cm_registry_format(metrics, format, list, n, &out);
    assert_int_equal(cm_buf_check(&out, NULL), CM_OK);
    return out.p;
}

#endif
