/* Datasets made by hand for the tests of features. */
#ifndef TEST_FEATURES_DATA_H
#define TEST_FEATURES_DATA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "features/transformers.h"

enum {
    DATA_CLICK,
    DATA_HOUR,
    DATA_SITE,  /* few texts, one empty */
    DATA_IP,    /* many texts of all lengths */
    DATA_MODEL, /* integers, one missing, some negative */
    DATA_SLOT,  /* few integers */
    DATA_COLUMNS
};

typedef struct test_data {
    cm_dataset dataset;
    cm_column columns[DATA_COLUMNS];
    uint32_t *train; /* (n_train), a random half of the rows, shuffled */
    size_t n_train;
    void *blocks[32];
    size_t n_blocks;
} test_data;

static void *data_alloc(test_data *data, size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size);
    if (p == NULL || data->n_blocks == 32) {
        abort();
    }
    data->blocks[data->n_blocks++] = p;
    return p;
}

static void data_release(test_data *data)
{
    for (size_t i = 0; i < data->n_blocks; i++) {
        free(data->blocks[i]);
    }
}

/* n ascending texts: "", "a000001", … padded to lengths up to 14. */
static cm_dictionary data_texts(test_data *data, uint32_t n)
{
    uint64_t *offsets = data_alloc(data, n + 1, sizeof *offsets);
    char *bytes = data_alloc(data, n, 16);
    for (uint32_t i = 0; i < n; i++) {
        char text[32] = "";
        size_t length = i > 0 ? 7 + i % 8 : 0;
        snprintf(text, sizeof text, "a%06u%s", i, "-x-y-z-");
        memcpy(bytes + offsets[i], text, length);
        offsets[i + 1] = offsets[i] + length;
    }
    return (cm_dictionary){.n = n, .offsets = offsets, .bytes = bytes};
}

/* n ascending integers: missing, then from -5 on, every third. */
static cm_dictionary data_integers(test_data *data, uint32_t n)
{
    int64_t *integers = data_alloc(data, n, sizeof *integers);
    for (uint32_t i = 0; i < n; i++) {
        integers[i] = i == 0 ? CM_MISSING_INTEGER : 3 * (int64_t)i - 8;
    }
    return (cm_dictionary){.n = n, .integers = integers};
}

/* Codes, the low ones more often; some codes may have no row. */
static void data_category(test_data *data, size_t c, const char *name,
                          cm_dictionary dictionary, uint8_t width, cm_rng *rng)
{
    size_t n = data->dataset.n_rows;
    uint8_t *values = data_alloc(data, n, width);
    for (size_t row = 0; row < n; row++) {
        double u = cm_rng_unit(rng);
        uint32_t code = (uint32_t)(u * u * u * dictionary.n);
        memcpy(values + row * width, &code, width);
    }
    data->columns[c] = (cm_column){
        name,       dictionary.integers ? CM_COLUMN_INTEGER : CM_COLUMN_TEXT,
        width,      values,
        dictionary,
    };
}

static void data_rows(test_data *data, double click_rate, cm_rng *rng)
{
    size_t n = data->dataset.n_rows;
    uint8_t *clicks = data_alloc(data, n, 1);
    int64_t *times = data_alloc(data, n, sizeof *times);
    data->train = data_alloc(data, n, sizeof *data->train);
    for (size_t row = 0; row < n; row++) {
        clicks[row] = cm_rng_unit(rng) < click_rate;
        times[row] = 1413849600 + (int64_t)(cm_rng_unit(rng) * 10 * 86400);
        if (cm_rng_unit(rng) < .5) {
            size_t at = (size_t)(cm_rng_unit(rng) * (double)++data->n_train);
            data->train[data->n_train - 1] = data->train[at];
            data->train[at] = (uint32_t)row;
        }
    }
    data->columns[DATA_CLICK] =
        (cm_column){"click", CM_COLUMN_TARGET, 1, clicks, {0}};
    data->columns[DATA_HOUR] =
        (cm_column){"hour", CM_COLUMN_TIME, 8, times, {0}};
}

static void data_init(test_data *data, size_t n_rows, double click_rate,
                      uint64_t seed)
{
    cm_rng rng = cm_rng_stream(seed, 0);
    *data = (test_data){0};
    data->dataset = (cm_dataset){n_rows, DATA_COLUMNS, data->columns, NULL};
    data_rows(data, click_rate, &rng);
    data_category(data, DATA_SITE, "site", data_texts(data, 9), 1, &rng);
    data_category(data, DATA_IP, "ip", data_texts(data, 300), 2, &rng);
    data_category(data, DATA_MODEL, "model", data_integers(data, 40), 4, &rng);
    data_category(data, DATA_SLOT, "slot", data_integers(data, 3), 1, &rng);
}

static const char *const data_counts[] = {
    "ip_count",    "hour_of_day",       "model_count",
    "day_of_week", "hourly_user_count",
};
static const char *const data_ctrs[] = {
    "site",  "ip_count",    "slot",        "ip",          "hourly_user_count",
    "model", "hour_of_day", "model_count", "day_of_week",
};

enum { DATA_N_COUNT = 5, DATA_N_CTR = 9 };

static const cm_feature_spec data_spec = {data_counts, DATA_N_COUNT, data_ctrs,
                                          DATA_N_CTR};

#endif
