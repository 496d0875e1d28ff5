/* The world the generated log is drawn from: publishers, ads, models and
 * their effects on clicks, all a function of the seed.  Private to generate.
 */
#ifndef CM_DATA_GENERATE_WORLD_H
#define CM_DATA_GENERATE_WORLD_H

#include <stdint.h>

#include "base/rng.h"
#include "data/generate_tables.h"

enum {
    CM_WORLD_SITES = 4737,
    CM_WORLD_APPS = 8552,
    CM_WORLD_MODELS = 8251,
    CM_WORLD_ADS = 2626, /* values of C14 */
    CM_WORLD_C20 = 172,
    CM_WORLD_GATEWAYS = 256, /* addresses that many users share */
    CM_WORLD_GROUPS = 8,     /* of publishers with the same kind of ads */
    CM_WORLD_DAYS = 10,
    CM_WORLD_HOURS = 24 * CM_WORLD_DAYS,
    CM_WORLD_SIGMOID = 1024, /* cells of its table, over [-8, 8] */
    CM_WORLD_USER_CELLS = 4096
};

/* A site or an app: where the ad is shown. */
typedef struct cm_publisher {
    char text[56]; /* "site_id,site_domain,site_category,app_id,...," */
    char c1[4];
    char banner_pos;
    uint8_t group;
    uint8_t c20_first;   /* its three values of C20 are from here on */
    uint8_t c20_missing; /* of 256: how often C20 is -1 */
    float effect;        /* on the log odds of a click */
} cm_publisher;

enum {
    CM_PUBLISHER_TEXT = 54,
    CM_AD_TEXT = 28,
    CM_C20_TEXT = 7,
    CM_C21_TEXT = 4
};

typedef struct cm_ad {
    char text[CM_AD_TEXT]; /* "C14,C15,C16,C17,C18,C19," */
    char c21[CM_C21_TEXT]; /* digits, then a line feed */
    uint8_t text_length, c21_length;
    float effect[CM_WORLD_DAYS]; /* drifts */
} cm_ad;

typedef struct cm_model_name {
    char text[8];
    float effect;
} cm_model_name;

typedef struct cm_world {
    uint64_t seed;
    uint64_t user_key, pair_key, id_key;
    uint32_t ip_key, device_key;
    cm_arena arena;

    cm_publisher *sites; /* (CM_WORLD_SITES) */
    cm_publisher *apps;  /* (CM_WORLD_APPS) */
    cm_ad *ads;          /* (CM_WORLD_ADS) */
    cm_model_name *models;
    cm_alias site_draw, app_draw, model_draw, gateway_draw;
    cm_alias ad_draw[CM_WORLD_DAYS][CM_WORLD_GROUPS];

    char c20[CM_WORLD_C20][8];       /* "100084," */
    char hour[CM_WORLD_HOURS][8];    /* "14102100" */
    double hour_end[CM_WORLD_HOURS]; /* share of the rows up to its end */
    float hour_effect[24];
    float sigmoid[CM_WORLD_SIGMOID + 2];
    double user_rank[CM_WORLD_USER_CELLS + 1]; /* quantiles, see draw_user */
    char hex[256][2];
    float intercept; /* 0 until calibrated */
} cm_world;

/* All but the intercept.  Release with cm_world_free. */
CM_MUST_USE cm_status cm_world_new(cm_world **out, uint64_t seed,
                                   cm_error *err);
void cm_world_free(cm_world *world);

/* The click probability of log odds x. */
static inline float cm_world_sigmoid(const cm_world *world, float x)
{
    float at = (x + 8.0f) * ((float)CM_WORLD_SIGMOID / 16.0f);
    at = at < 0.0f ? 0.0f : at;
    at = at > (float)CM_WORLD_SIGMOID ? (float)CM_WORLD_SIGMOID : at;
    int cell = (int)at;
    float low = world->sigmoid[cell], high = world->sigmoid[cell + 1];
    return low + (at - (float)cell) * (high - low);
}

#endif
