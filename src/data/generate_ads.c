/* Ads (C14) and what they determine: sizes C15 and C16, campaign C17, and of
 * the campaign C18, C19 and C21.  An ad lives for some days, and its effect
 * fades. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/generate_names.h"

enum {
    CAMPAIGNS = 435,
    C19_VALUES = 68,
    C21_VALUES = 60,
    AD_RANKS = 900 /* about as many ads as live at a time */
};

typedef struct campaign {
    uint32_t c17, c18, c19, c21;
    uint32_t format; /* of most of its ads */
    uint32_t group;  /* of the publishers it is mostly shown at */
    float effect;
} campaign;

/* How an ad is drawn: its weight while it lives, by group of publishers. */
typedef struct exposure {
    uint32_t group;
    int first_day, last_day;
    double weight;
} exposure;

static uint32_t below(cm_rng *rng, uint32_t n)
{
    return (uint32_t)((cm_rng_next(rng) >> 32) * n >> 32);
}

/* Distinct values that grow from `first` by steps of 1 to 2 * mean - 1. */
static void growing(uint32_t *values, uint32_t n, uint32_t first, uint32_t mean,
                    cm_rng *rng)
{
    for (uint32_t i = 0; i < n; i++) {
        values[i] = first;
        first += 1 + below(rng, 2 * mean - 1);
    }
}

/* Index below n, small ones far more often. */
static uint32_t skewed(cm_rng *rng, uint32_t n)
{
    double u = cm_rng_unit(rng);
    return (uint32_t)(u * u * u * n);
}

/* Half of the campaigns share one value. */
static uint32_t c19_index(cm_rng *rng)
{
    return below(rng, 10) < 3 ? 0 : skewed(rng, C19_VALUES);
}

static uint32_t c18_of(double u)
{
    return u < 0.42 ? 0 : u < 0.45 ? 1 : u < 0.60 ? 2 : 3;
}

/* Campaigns are numbered in the order they began. */
static void fill_campaigns(campaign *campaigns, cm_rng *rng)
{
    uint32_t c17[CAMPAIGNS], c19[C19_VALUES], c21[C21_VALUES];
    static const float c18_effect[4] = {0.0f, -0.25f, 0.45f, -0.15f};
    growing(c17, CAMPAIGNS, 112, 6, rng);
    growing(c19, C19_VALUES, 33, 26, rng);
    growing(c21, C21_VALUES, 13, 4, rng);
    for (uint32_t i = 0; i < CAMPAIGNS; i++) {
        campaign *c = &campaigns[i];
        c->c17 = c17[i];
        c->c18 = c18_of(cm_rng_unit(rng));
        c->c19 = c19[c19_index(rng)];
        c->c21 = c21[below(rng, C21_VALUES)];
        /* Group 0 of the publishers shows rectangles. */
        c->group = below(rng, 16) == 0 ? 0 : 1 + below(rng, 7);
        c->format = c->group == 0 ? 1 : 0;
        c->effect = 0.35f * cm_noise_of(cm_rng_next(rng)) + c18_effect[c->c18];
    }
}

static uint32_t format_of(const campaign *c, cm_rng *rng)
{
    static const uint8_t rare[] = {2, 2, 2, 3, 3, 4, 4, 5, 6, 7};
    uint32_t luck = below(rng, 100);
    if (luck >= 96) {
        return rare[below(rng, sizeof rare)];
    }
    return luck >= 90 ? 1 - c->format : c->format;
}

static void write_text(cm_ad *ad, uint32_t c14, uint32_t format,
                       const campaign *c)
{
    static const char sizes[][12] = {"320,50",   "300,250", "216,36",
                                     "728,90",   "320,480", "480,320",
                                     "768,1024", "1024,768"};
    char text[64], last[16];
    int n = snprintf(text, sizeof text,
                     "%" PRIu32 ",%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", c14,
                     sizes[format], c->c17, c->c18, c->c19);
    int m = snprintf(last, sizeof last, "%" PRIu32 "\n", c->c21);
    CM_ASSERT(n > 0 && n <= CM_AD_TEXT && m > 0 && m <= CM_C21_TEXT);
    memcpy(ad->text, text, (size_t)n);
    memcpy(ad->c21, last, (size_t)m);
    ad->text_length = (uint8_t)n;
    ad->c21_length = (uint8_t)m;
}

/* ranks (AD_RANKS): weights.  Later campaigns begin later; some began before
 * the log does. */
static exposure expose(uint32_t index, const campaign *c, const double *ranks,
                       cm_rng *rng)
{
    int first = (int)(index * 13 / CM_WORLD_ADS) - 4 + (int)below(rng, 3);
    int last = first + (int)skewed(rng, 16);
    /* An ad that would be over before the first day never ends. */
    if (last < 0) {
        last = CM_WORLD_DAYS - 1;
    }
    return (exposure){.group = c->group,
                      .first_day = first,
                      .last_day = last,
                      .weight = ranks[below(rng, AD_RANKS)]};
}

/* An ad tires its audience, and wanders. */
static void drift(cm_ad *ad, float effect, int first_day, cm_rng *rng)
{
    for (int day = 0; day < CM_WORLD_DAYS; day++) {
        float age = (float)(day > first_day ? day - first_day : 0);
        effect += 0.08f * cm_noise_of(cm_rng_next(rng));
        ad->effect[day] = effect - 0.03f * age;
    }
}

static double views_of(const exposure *e)
{
    int first = e->first_day < 0 ? 0 : e->first_day;
    int last = e->last_day < CM_WORLD_DAYS ? e->last_day : CM_WORLD_DAYS - 1;
    return last < first ? 0.0 : e->weight * (last - first + 1);
}

static void fill_ads(cm_world *world, exposure *exposures)
{
    static const cm_tail tail = {16.0, 7, 300.0};
    static const float format_effect[8] = {0.0f, 0.9f,  0.1f, -0.8f,
                                           0.3f, -0.2f, 0.2f, 0.2f};
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_ADS);
    campaign campaigns[CAMPAIGNS];
    uint32_t c14[CM_WORLD_ADS];
    float effects[CM_WORLD_ADS];
    double ranks[AD_RANKS], views[CM_WORLD_ADS];
    cm_tail_weights(ranks, AD_RANKS, &tail);
    fill_campaigns(campaigns, &rng);
    growing(c14, CM_WORLD_ADS, 375, 9, &rng);
    for (uint32_t i = 0; i < CM_WORLD_ADS; i++) {
        const campaign *c = &campaigns[i * CAMPAIGNS / CM_WORLD_ADS];
        uint32_t format = format_of(c, &rng);
        exposures[i] = expose(i, c, ranks, &rng);
        views[i] = views_of(&exposures[i]);
        write_text(&world->ads[i], c14[i], format, c);
        effects[i] = c->effect + format_effect[format] +
                     0.3f * cm_noise_of(cm_rng_next(&rng));
    }
    cm_standardize(effects, views, CM_WORLD_ADS);
    for (uint32_t i = 0; i < CM_WORLD_ADS; i++) {
        drift(&world->ads[i], 0.6f * effects[i], exposures[i].first_day, &rng);
    }
}

/* Publishers of a group mostly show its own ads, and some of the others';
 * rectangles only appear where there is room for them. */
static double weight_at(const exposure *e, int day, uint32_t group)
{
    if (day < e->first_day || day > e->last_day) {
        return 0.0;
    }
    if (e->group == group) {
        return e->weight;
    }
    return e->weight * (e->group == 0 ? 0.002 : 0.08);
}

static cm_status build_draws(cm_world *world, const exposure *exposures,
                             cm_error *err)
{
    double weights[CM_WORLD_ADS];
    for (int day = 0; day < CM_WORLD_DAYS; day++) {
        for (uint32_t group = 0; group < CM_WORLD_GROUPS; group++) {
            for (uint32_t i = 0; i < CM_WORLD_ADS; i++) {
                weights[i] = weight_at(&exposures[i], day, group);
            }
            cm_status status =
                cm_alias_build(&world->ad_draw[day][group], &world->arena,
                               weights, CM_WORLD_ADS, err);
            if (status != CM_OK) {
                return status;
            }
        }
    }
    return CM_OK;
}

static void fill_c20(cm_world *world)
{
    for (uint32_t i = 0; i < CM_WORLD_C20; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%" PRIu32 ",", 100000 + i + i / 3);
        memcpy(world->c20[i], text, CM_C20_TEXT);
    }
}

cm_status cm_ads_build(cm_world *world, cm_error *err)
{
    fill_c20(world);
    exposure *exposures = cm_alloc(CM_WORLD_ADS, sizeof *exposures, err);
    if (exposures == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = CM_ERR_NOMEM;
    world->ads =
        cm_arena_alloc(&world->arena, CM_WORLD_ADS * sizeof *world->ads, err);
    if (world->ads != NULL) {
        fill_ads(world, exposures);
        status = build_draws(world, exposures, err);
    }
    free(exposures);
    return status;
}
