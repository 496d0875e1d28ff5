/* Training sets made of random numbers, for the tests of boost. */
#ifndef TEST_BOOST_DATA_H
#define TEST_BOOST_DATA_H

#include <stdint.h>
#include <stdlib.h>

#include "base/rng.h"
#include "boost/train.h"

enum { DATA_MAX_FEATURES = 64 };

typedef struct boost_data {
    cm_train_set set;
    uint8_t *values, *labels;
    const uint8_t *bins[DATA_MAX_FEATURES];
    uint16_t n_bins[DATA_MAX_FEATURES];
} boost_data;

/* n rows of m features; the label depends on the first four. */
static inline void boost_data_init(boost_data *data, size_t n, size_t m,
                                   const uint16_t *n_bins, uint64_t seed)
{
    cm_rng rng = cm_rng_stream(seed, 0);
    data->values = malloc(n * m + 1);
    data->labels = malloc(n + 1);
    if (data->values == NULL || data->labels == NULL) {
        abort();
    }
    for (size_t f = 0; f < m; f++) {
        data->n_bins[f] = n_bins[f];
        data->bins[f] = data->values + f * n;
        for (size_t i = 0; i < n; i++) {
            double u = cm_rng_unit(&rng);
            data->values[f * n + i] = (uint8_t)(u * u * n_bins[f]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        double s = -1;
        for (size_t f = 0; f < m && f < 4; f++) {
            s += (double)data->bins[f][i] / n_bins[f] * (f % 2 == 0 ? 2 : -2);
        }
        data->labels[i] = cm_rng_unit(&rng) < 1 / (1 + 1 / (0.2 + s * s));
    }
    data->set = (cm_train_set){.n_rows = n,
                               .n_features = m,
                               .bins = data->bins,
                               .n_bins = data->n_bins,
                               .labels = data->labels};
}

static inline void boost_data_release(boost_data *data)
{
    free(data->values);
    free(data->labels);
}

#endif
