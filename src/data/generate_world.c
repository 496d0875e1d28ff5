/* The world the generated log is drawn from: time, users and the tables all
 * rows share.  Publishers and ads are in generate_names.c. */
#include "data/generate_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/generate_names.h"

/* Users without a device_id: rank + shift is geometric in the uniform. */
static const double user_shift = 100.0, user_count = 6.3e6;

static void fill_hex(cm_world *world)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 256; i++) {
        world->hex[i][0] = digits[i >> 4];
        world->hex[i][1] = digits[i & 15];
    }
}

/* Impressions per hour of day, and of the ten days: the curve of the log this
 * one imitates. */
static void fill_hours(cm_world *world)
{
    static const double of_day[24] = {280, 300, 400, 480, 560, 620, 620, 560,
                                      560, 600, 600, 560, 540, 560, 560, 540,
                                      500, 450, 380, 310, 260, 230, 220, 220};
    static const double day[CM_WORLD_DAYS] = {4.12, 5.34, 3.87, 3.34, 3.36,
                                              3.84, 3.23, 5.29, 3.83, 4.22};
    double total = 0.0;
    for (int h = 0; h < CM_WORLD_HOURS; h++) {
        int hour = h % 24;
        total += of_day[hour] * day[h / 24];
        world->hour_end[h] = total;
        char text[32];
        (void)snprintf(text, sizeof text, "1410%02d%02d", 21 + h / 24, hour);
        memcpy(world->hour[h], text, sizeof world->hour[h]);
    }
    for (int h = 0; h < CM_WORLD_HOURS; h++) {
        world->hour_end[h] /= total;
    }
    /* People click a little more late in the day, when they have time. */
    for (int h = 0; h < 24; h++) {
        world->hour_effect[h] = h < 3 || h >= 15 ? 0.10f : -0.05f;
    }
}

static void fill_sigmoid(cm_world *world)
{
    for (int i = 0; i <= CM_WORLD_SIGMOID + 1; i++) {
        double x = 16.0 * i / CM_WORLD_SIGMOID - 8.0;
        world->sigmoid[i] = (float)(1.0 / (1.0 + cm_exact_exp(-x)));
    }
}

/* Equal steps of probability are equal factors of rank + shift: weights
 * proportional to 1 / (rank + shift).  The factor is a 4096th root, by twelve
 * square roots. */
static void fill_user_ranks(cm_world *world)
{
    double factor = (user_count + user_shift) / user_shift;
    for (int cells = CM_WORLD_USER_CELLS; cells > 1; cells /= 2) {
        factor = sqrt(factor);
    }
    double at = user_shift;
    for (int i = 0; i <= CM_WORLD_USER_CELLS; i++) {
        world->user_rank[i] = at - user_shift;
        at *= factor;
    }
}

static cm_status build_gateways(cm_world *world, cm_error *err)
{
    static const cm_tail tail = {3.0, 4, 200.0};
    double weights[CM_WORLD_GATEWAYS];
    cm_tail_weights(weights, CM_WORLD_GATEWAYS, &tail);
    return cm_alias_build(&world->gateway_draw, &world->arena, weights,
                          CM_WORLD_GATEWAYS, err);
}

static void fill_keys(cm_world *world)
{
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_KEYS);
    world->user_key = cm_rng_next(&rng);
    world->pair_key = cm_rng_next(&rng);
    world->id_key = cm_rng_next(&rng);
    world->ip_key = (uint32_t)cm_rng_next(&rng);
    world->device_key = (uint32_t)cm_rng_next(&rng);
}

cm_status cm_world_new(cm_world **out, uint64_t seed, cm_error *err)
{
    *out = NULL;
    cm_world *world = cm_alloc_zero(1, sizeof *world, err);
    if (world == NULL) {
        return CM_ERR_NOMEM;
    }
    world->seed = seed;
    fill_keys(world);
    fill_hex(world);
    fill_hours(world);
    fill_sigmoid(world);
    fill_user_ranks(world);
    cm_status status = build_gateways(world, err);
    if (status == CM_OK) {
        status = cm_names_build(world, err);
    }
    if (status != CM_OK) {
        cm_world_free(world);
        return status;
    }
    *out = world;
    return CM_OK;
}

void cm_world_free(cm_world *world)
{
    if (world != NULL) {
        cm_arena_release(&world->arena);
        free(world);
    }
}
