/* One impression: drawn from the world, then written as a line.  Private to
 * generate. */
#ifndef CM_DATA_GENERATE_ROW_H
#define CM_DATA_GENERATE_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "data/generate_world.h"

enum { CM_ROW_MAX = 256 }; /* bytes a line may need while it is written */

typedef struct cm_impression {
    const cm_publisher *publisher;
    const cm_ad *ad;
    const cm_model_name *model;
    uint32_t hour; /* of the log, from 0 */
    uint32_t ip, device_id;
    uint32_t other_domain; /* 0: the site's own */
    int c20;               /* -1: missing */
    bool has_device_id;
    char device_type, connection;
    float log_odds; /* of a click, without the world's intercept */
    uint32_t luck;  /* uniform: decides the click */
} cm_impression;

void cm_impression_draw(cm_impression *out, const cm_world *world,
                        uint32_t hour, cm_rng *rng);

bool cm_impression_click(const cm_impression *x, const cm_world *world);

/* Writes the line of row number `row` to out, which has CM_ROW_MAX bytes;
 * returns its length. */
size_t cm_impression_write(char *out, const cm_impression *x,
                           const cm_world *world, uint64_t row, bool click);

/* Finds the intercept that gives the log its overall click rate. */
CM_MUST_USE cm_status cm_world_calibrate(cm_world *world, cm_error *err);

#endif
