/* A sample figure by its id. */
#ifndef TEST_VISUALIZATION_FIND_H
#define TEST_VISUALIZATION_FIND_H

#include <string.h>

#include "test_visualization_samples.h"

static const cm_figure *sample_of(const char *id)
{
    samples_make();
    for (size_t i = 0; i < n_samples; i++) {
        if (strcmp(samples[i].id, id) == 0) {
            return &samples[i];
        }
    }
    abort();
}

#endif
