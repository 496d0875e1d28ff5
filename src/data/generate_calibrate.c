/* The intercept that gives the log its overall click rate, whatever the seed:
 * found on a pilot sample spread over all hours like the log itself. */
#include <stdlib.h>

#include "data/generate_names.h"
#include "data/generate_row.h"

static const double click_rate = 0.17;

enum { PILOT = 1 << 16, STEPS = 24 };

static double mean_rate(const cm_world *world, const float *log_odds,
                        float intercept)
{
    double sum = 0.0;
    for (size_t i = 0; i < PILOT; i++) {
        sum += cm_world_sigmoid(world, log_odds[i] + intercept);
    }
    return sum / PILOT;
}

cm_status cm_world_calibrate(cm_world *world, cm_error *err)
{
    float *log_odds = cm_alloc(PILOT, sizeof *log_odds, err);
    if (log_odds == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_PILOT);
    uint32_t hour = 0;
    for (size_t i = 0; i < PILOT; i++) {
        while ((double)i >= PILOT * world->hour_end[hour]) {
            hour++;
        }
        cm_impression x;
        cm_impression_draw(&x, world, hour, &rng);
        log_odds[i] = x.log_odds;
    }
    float low = -8.0f, high = 8.0f;
    for (int step = 0; step < STEPS; step++) {
        float middle = 0.5f * (low + high);
        if (mean_rate(world, log_odds, middle) < click_rate) {
            low = middle;
        } else {
            high = middle;
        }
    }
    world->intercept = low;
    free(log_odds);
    return CM_OK;
}
