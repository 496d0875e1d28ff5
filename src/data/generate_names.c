/* Publishers and device models: their names, shares of the traffic and
 * effects on clicks. */
#include "data/generate_names.h"

#include <stdlib.h>
#include <string.h>

/* What the log writes for "no site" and "no app". */
static const char no_site[] = "85f751fd,c4e18dd6,50e219e0,";
static const char no_app[] = "ecad2386,7801e8d9,07d7df22,";

enum {
    NAME = 9, /* 8 digits and a comma */
    SITE_CATEGORIES = 26,
    APP_DOMAINS = 559,
    APP_CATEGORIES = 36
};

/* Keys of the bijections from index to name, one a column. */
typedef struct name_keys {
    uint32_t id, domain, category;
} name_keys;

static name_keys keys_from(cm_rng *rng)
{
    uint32_t id = (uint32_t)cm_rng_next(rng);
    uint32_t domain = (uint32_t)cm_rng_next(rng);
    return (name_keys){id, domain, (uint32_t)cm_rng_next(rng)};
}

static void put_name(char *out, const cm_world *world, uint32_t key,
                     uint32_t index)
{
    cm_hex8(out, world, cm_mix32(index ^ key));
    out[8] = ',';
}

/* What is dealt to publishers by their share of the traffic. */
typedef struct traits {
    double categories[SITE_CATEGORIES > APP_CATEGORIES ? SITE_CATEGORIES
                                                       : APP_CATEGORIES];
    cm_deal category, position, group, c1, missing;
} traits;

static const double missing_shares[] = {0.38, 0.24, 0.38};
static const uint8_t missing_levels[] = {26, 128, 218};
static const double group_shares[CM_WORLD_GROUPS] = {0.05, 0.20, 0.18, 0.16,
                                                     0.14, 0.12, 0.09, 0.06};

static void deal_traits(cm_publisher *p, traits *t, cm_rng *rng, double weight)
{
    static const char positions[] = "0124567";
    static const char c1[][5] = {"1005", "1012", "1007", "1008", "1001"};
    p->banner_pos = positions[cm_deal_next(&t->position, weight)];
    p->group = (uint8_t)cm_deal_next(&t->group, weight);
    memcpy(p->c1, c1[cm_deal_next(&t->c1, weight)], 4);
    p->c20_missing = missing_levels[cm_deal_next(&t->missing, weight)];
    /* The lower half of the values is the more frequent one. */
    uint64_t bits = cm_rng_next(rng);
    uint32_t span = bits & 1 ? CM_WORLD_C20 - 2 : 40;
    p->c20_first = (uint8_t)(((bits >> 32) * span) >> 32);
}

static traits traits_start(const double *positions, const double *c1)
{
    return (traits){.position = cm_deal_start(positions, 7),
                    .group = cm_deal_start(group_shares, CM_WORLD_GROUPS),
                    .c1 = cm_deal_start(c1, 5),
                    .missing = cm_deal_start(missing_shares, 3)};
}

/* Effects (n) on the log odds, of the given mean and deviation over the
 * traffic. */
static void draw_effects(cm_publisher *publishers, const double *weights,
                         uint32_t n, float deviation, float mean, cm_rng *rng)
{
    float effects[CM_WORLD_APPS];
    CM_ASSERT(n <= CM_WORLD_APPS);
    for (uint32_t i = 0; i < n; i++) {
        effects[i] = cm_noise_of(cm_rng_next(rng));
    }
    cm_standardize(effects, weights, n);
    for (uint32_t i = 0; i < n; i++) {
        publishers[i].effect = mean + deviation * effects[i];
    }
}

static cm_status allocate(void **out, cm_world *world, size_t n, size_t size,
                          cm_error *err)
{
    *out = cm_arena_alloc(&world->arena, n * size, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    memset(*out, 0, n * size);
    return CM_OK;
}

/* Three in ten sites share the domain of a larger one. */
static uint32_t domain_of_site(uint32_t site, uint64_t bits)
{
    if (site > 20 && bits % 10 < 3) {
        return (uint32_t)((bits >> 32) * site >> 32);
    }
    return site;
}

static cm_status build_sites(cm_world *world, cm_error *err)
{
    static const cm_tail tail = {1.5, 5, 600.0}, categories = {1.5, 8, 100.0};
    static const double positions[7] = {0.638,  0.36,   0.0008, 0.0004,
                                        0.0003, 0.0002, 0.0003};
    static const double c1[5] = {0.9945, 0.004, 0.001, 0.0003, 0.0002};
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_SITES);
    name_keys keys = keys_from(&rng);
    double weights[CM_WORLD_SITES];
    cm_tail_weights(weights, CM_WORLD_SITES, &tail);
    cm_status status = cm_alias_build(&world->site_draw, &world->arena, weights,
                                      CM_WORLD_SITES, err);
    if (status == CM_OK) {
        status = allocate((void **)&world->sites, world, CM_WORLD_SITES,
                          sizeof *world->sites, err);
    }
    if (status != CM_OK) {
        return status;
    }
    traits t = traits_start(positions, c1);
    cm_tail_weights(t.categories, SITE_CATEGORIES, &categories);
    t.category = cm_deal_start(t.categories, SITE_CATEGORIES);
    for (uint32_t i = 0; i < CM_WORLD_SITES; i++) {
        cm_publisher *p = &world->sites[i];
        uint32_t category = cm_deal_next(&t.category, weights[i]);
        uint32_t domain = domain_of_site(i, cm_rng_next(&rng));
        put_name(p->text, world, keys.id, i);
        put_name(p->text + NAME, world, keys.domain, domain);
        put_name(p->text + 2 * NAME, world, keys.category, category);
        memcpy(p->text + 3 * NAME, no_app, 3 * NAME);
        deal_traits(p, &t, &rng, weights[i]);
    }
    draw_effects(world->sites, weights, CM_WORLD_SITES, 0.7f, 0.0f, &rng);
    return CM_OK;
}

/* A tenth of the apps' traffic has no app_domain, two fifths share one. */
static void put_app_domain(char *out, const cm_world *world, uint32_t key,
                           uint32_t dealt, uint64_t bits)
{
    uint32_t other = (uint32_t)((bits >> 32) * (APP_DOMAINS - 2) >> 32);
    other = (uint32_t)((uint64_t)other * (uint32_t)bits >> 32);
    if (dealt == 0) {
        memcpy(out, no_app + NAME, NAME);
    } else {
        put_name(out, world, key, dealt == 1 ? 0 : 1 + other);
    }
}

static cm_status build_apps(cm_world *world, cm_error *err)
{
    static const cm_tail tail = {8.0, 7, 4000.0}, categories = {1.0, 8, 100.0};
    static const double positions[7] = {0.925, 0.072,  0.0002, 0.0002,
                                        0.001, 0.0001, 0.0015};
    static const double c1[5] = {0.9955, 0.003, 0.0005, 0.0009, 0.0001};
    static const double domains[3] = {0.10, 0.40, 0.50};
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_APPS);
    name_keys keys = keys_from(&rng);
    double weights[CM_WORLD_APPS];
    cm_tail_weights(weights, CM_WORLD_APPS, &tail);
    cm_status status = cm_alias_build(&world->app_draw, &world->arena, weights,
                                      CM_WORLD_APPS, err);
    if (status == CM_OK) {
        status = allocate((void **)&world->apps, world, CM_WORLD_APPS,
                          sizeof *world->apps, err);
    }
    if (status != CM_OK) {
        return status;
    }
    traits t = traits_start(positions, c1);
    cm_tail_weights(t.categories, APP_CATEGORIES, &categories);
    t.category = cm_deal_start(t.categories, APP_CATEGORIES);
    cm_deal domain = cm_deal_start(domains, 3);
    for (uint32_t i = 0; i < CM_WORLD_APPS; i++) {
        cm_publisher *p = &world->apps[i];
        uint32_t category = cm_deal_next(&t.category, weights[i]);
        memcpy(p->text, no_site, 3 * NAME);
        put_name(p->text + 3 * NAME, world, keys.id, i);
        put_app_domain(p->text + 4 * NAME, world, keys.domain,
                       cm_deal_next(&domain, weights[i]), cm_rng_next(&rng));
        put_name(p->text + 5 * NAME, world, keys.category, category);
        deal_traits(p, &t, &rng, weights[i]);
    }
    draw_effects(world->apps, weights, CM_WORLD_APPS, 0.75f, -0.45f, &rng);
    return CM_OK;
}

static cm_status build_models(cm_world *world, cm_error *err)
{
    static const cm_tail tail = {4.0, 4, 1000.0};
    cm_rng rng = cm_rng_stream(world->seed, CM_STREAM_MODELS);
    uint32_t key = (uint32_t)cm_rng_next(&rng);
    double weights[CM_WORLD_MODELS];
    cm_tail_weights(weights, CM_WORLD_MODELS, &tail);
    cm_status status = cm_alias_build(&world->model_draw, &world->arena,
                                      weights, CM_WORLD_MODELS, err);
    if (status == CM_OK) {
        status = allocate((void **)&world->models, world, CM_WORLD_MODELS,
                          sizeof *world->models, err);
    }
    if (status != CM_OK) {
        return status;
    }
    for (uint32_t i = 0; i < CM_WORLD_MODELS; i++) {
        cm_hex8(world->models[i].text, world, cm_mix32(i ^ key));
        world->models[i].effect = 0.2f * cm_noise_of(cm_rng_next(&rng));
    }
    return CM_OK;
}

cm_status cm_names_build(cm_world *world, cm_error *err)
{
    cm_status status = build_sites(world, err);
    if (status == CM_OK) {
        status = build_apps(world, err);
    }
    if (status == CM_OK) {
        status = build_models(world, err);
    }
    if (status == CM_OK) {
        status = cm_ads_build(world, err);
    }
    return status;
}
