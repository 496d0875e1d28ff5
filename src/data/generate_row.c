/* One impression: drawn from the world, then written as a line. */
#include "data/generate_row.h"

#include <string.h>

#include "data/generate_names.h"

/* Shares of 2^16. */
enum {
    WITH_DEVICE_ID = 11470, /* .175 of the impressions */
    APP_WITH_ID = 53084,    /* .81 of those are in apps */
    APP_WITHOUT_ID = 17695, /* .27 of the others */
    OTHER_DOMAIN = 1966,    /* .03 */
    GATEWAY = 2621,         /* .04 come through a shared address */
    AWAY_FROM_HOME = 9830,  /* .15 come from a place that users share */
    OTHER_NETWORK = 13107,  /* .2 use another connection than usual */
    DEVICE_TYPE_0 = 4653,   /* .071 of the site traffic without id */
    DEVICE_TYPE_4 = 3801,   /* .058 of the app traffic */
    DEVICE_TYPE_5 = 4391    /* .009, above the former */
};

static inline uint32_t take16(uint64_t bits, int part)
{
    return (uint32_t)(bits >> (16 * part)) & 0xffff;
}

/* A user is a number: those with a device_id are odd.  Small ranks are the
 * users seen most.  Weights fall as (rank + shift)^-.75 with an id and as
 * 1 / (rank + shift) without: both fitted to the distinct counts of samples of
 * the log this one imitates. */
static uint32_t draw_user(const cm_world *world, double u, bool with_id)
{
    if (with_id) {
        /* The fourth roots of 16 and about 4.8 million. */
        static const double low = 2.0, high = 46.8;
        double root = low + u * (high - low);
        double square = root * root;
        return 2 * (uint32_t)(square * square - 16.0) + 1;
    }
    double at = u * CM_WORLD_USER_CELLS;
    uint32_t cell = (uint32_t)at;
    double low = world->user_rank[cell], high = world->user_rank[cell + 1];
    return 2 * (uint32_t)(low + (at - cell) * (high - low));
}

/* Even addresses are homes, one a user; odd ones are places that sixteen
 * users visit; gateways lie above both. */
static uint32_t draw_ip(const cm_world *world, uint32_t user, cm_rng *rng)
{
    uint64_t bits = cm_rng_next(rng);
    uint32_t index = user * 2;
    if (take16(bits, 0) < GATEWAY) {
        index =
            UINT32_MAX - cm_alias_draw(&world->gateway_draw, cm_rng_next(rng));
    } else if (take16(bits, 1) < AWAY_FROM_HOME) {
        index = (user / 32) * 2 + 1;
    }
    return cm_mix32(index ^ world->ip_key);
}

static char connection_of(bool app, uint32_t bits)
{
    if (!app) {
        return bits < 62521 ? '0' : '2';
    }
    if (bits < 51970) {
        return '0';
    }
    return bits < 61997 ? '2' : bits < 65342 ? '3' : '5';
}

static float connection_effect(char connection)
{
    return connection == '0' ? 0.0f : connection == '2' ? -0.2f : -0.9f;
}

/* Type 0 is what sites see of some browsers, 4 and 5 are seen in apps. */
static char device_type_of(bool app, bool with_id, uint32_t bits)
{
    if (!app) {
        return !with_id && bits < DEVICE_TYPE_0 ? '0' : '1';
    }
    return bits < DEVICE_TYPE_4 ? '4' : bits < DEVICE_TYPE_5 ? '5' : '1';
}

static int draw_c20(const cm_publisher *publisher, uint64_t bits)
{
    if ((bits & 255) < publisher->c20_missing) {
        return -1;
    }
    return publisher->c20_first + (int)(take16(bits, 1) % 3);
}

static float device_effect(char type)
{
    return type == '0' ? 0.35f : type == '1' ? 0.0f : -0.5f;
}

static float position_effect(char banner_pos)
{
    return banner_pos == '0' ? 0.0f : banner_pos == '1' ? 0.12f : -0.3f;
}

/* All that an impression says about its click; u in [0, 1) is the user's
 * place in the order of activity: the busiest click least. */
static float log_odds_of(const cm_impression *x, const cm_world *world,
                         uint32_t publisher, uint64_t user_bits, double u)
{
    uint64_t pair = (uint64_t)publisher << 32 | (uint64_t)(x->ad - world->ads);
    float user = 0.45f * cm_noise_of(cm_mix64(user_bits));
    return x->publisher->effect + x->ad->effect[x->hour / 24] +
           x->model->effect + user + 0.5f * ((float)u - 0.5f) +
           0.35f * cm_noise_of(cm_mix64(world->pair_key ^ pair)) +
           world->hour_effect[x->hour % 24] +
           position_effect(x->publisher->banner_pos) +
           device_effect(x->device_type) + connection_effect(x->connection);
}

/* The six columns of the place, and the ad shown there; returns the number of
 * the publisher. */
static uint32_t draw_place(cm_impression *out, const cm_world *world, bool app,
                           cm_rng *rng)
{
    const cm_alias *draw = app ? &world->app_draw : &world->site_draw;
    uint32_t place = cm_alias_draw(draw, cm_rng_next(rng));
    out->publisher = (app ? world->apps : world->sites) + place;
    draw = &world->ad_draw[out->hour / 24][out->publisher->group];
    out->ad = &world->ads[cm_alias_draw(draw, cm_rng_next(rng))];
    out->c20 = draw_c20(out->publisher, cm_rng_next(rng));
    return place + (app ? CM_WORLD_SITES : 0);
}

/* What follows from who the user is; user_bits are the user's own. */
static void set_device(cm_impression *out, const cm_world *world, uint32_t user,
                       uint64_t user_bits, bool app)
{
    uint64_t model_bits = cm_mix64(user_bits + 1);
    out->model = &world->models[cm_alias_draw(&world->model_draw, model_bits)];
    out->device_id = cm_mix32(user ^ world->device_key);
    out->device_type =
        device_type_of(app, out->has_device_id, take16(user_bits, 1));
}

/* A site's traffic is now and then seen under one of two other domains. */
static uint32_t other_domain_of(const cm_world *world, uint32_t place,
                                uint64_t user_bits)
{
    uint32_t which = place * 2 + (uint32_t)(user_bits >> 63);
    return cm_mix32(which ^ (uint32_t)world->pair_key);
}

void cm_impression_draw(cm_impression *out, const cm_world *world,
                        uint32_t hour, cm_rng *rng)
{
    uint64_t coins = cm_rng_next(rng);
    bool with_id = take16(coins, 0) < WITH_DEVICE_ID;
    bool app = take16(coins, 1) < (with_id ? APP_WITH_ID : APP_WITHOUT_ID);
    double u = cm_rng_unit(rng);
    uint32_t user = draw_user(world, u, with_id);
    uint64_t user_bits = cm_mix64(world->user_key + user);
    *out = (cm_impression){.hour = hour, .has_device_id = with_id};
    uint32_t place = draw_place(out, world, app, rng);
    set_device(out, world, user, user_bits, app);
    out->ip = draw_ip(world, user, rng);
    uint64_t bits = cm_rng_next(rng);
    bool usual = take16(coins, 2) >= OTHER_NETWORK;
    out->connection = connection_of(app, take16(usual ? user_bits : bits, 0));
    out->luck = (uint32_t)(bits >> 32);
    if (!app && take16(coins, 3) < OTHER_DOMAIN) {
        out->other_domain = other_domain_of(world, place, user_bits);
    }
    out->log_odds = log_odds_of(out, world, place, user_bits, u);
}

bool cm_impression_click(const cm_impression *x, const cm_world *world)
{
    float p = cm_world_sigmoid(world, x->log_odds + world->intercept);
    return (float)(x->luck >> 8) * 0x1p-24f < p;
}

/* At most 20 digits. */
static char *put_u64(char *out, uint64_t value)
{
    char digits[20];
    int at = 20;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    memcpy(out, digits + at, (size_t)(20 - at));
    return out + (20 - at);
}

static char *put(char *out, const char *text, size_t n)
{
    memcpy(out, text, n);
    return out + n;
}

static char *put_hex(char *out, const cm_world *world, uint32_t value)
{
    cm_hex8(out, world, value);
    out[8] = ',';
    return out + 9;
}

/* "C1,banner_pos,": the kind of device overrules the place. */
static char *put_slot(char *out, const cm_impression *x)
{
    char position = x->publisher->banner_pos;
    const char *c1 = x->publisher->c1;
    if (x->device_type == '0') {
        c1 = "1002";
        position = '0';
    } else if (x->device_type != '1') {
        c1 = "1010";
        position = '1';
    }
    out = put(out, c1, 4);
    return put(out, (const char[]){',', position, ','}, 3);
}

static char *put_device(char *out, const cm_impression *x,
                        const cm_world *world)
{
    if (x->has_device_id) {
        out = put_hex(out, world, x->device_id);
    } else {
        out = put(out, "a99f214a,", 9);
    }
    out = put_hex(out, world, x->ip);
    out = put(out, x->model->text, 8);
    return put(out,
               (const char[]){',', x->device_type, ',', x->connection, ','}, 5);
}

/* Texts are copied at their full width and cut by what follows. */
static char *put_ad(char *out, const cm_impression *x, const cm_world *world)
{
    memcpy(out, x->ad->text, CM_AD_TEXT);
    out += x->ad->text_length;
    if (x->c20 < 0) {
        out = put(out, "-1,", 3);
    } else {
        out = put(out, world->c20[x->c20], CM_C20_TEXT);
    }
    memcpy(out, x->ad->c21, CM_C21_TEXT);
    return out + x->ad->c21_length;
}

size_t cm_impression_write(char *out, const cm_impression *x,
                           const cm_world *world, uint64_t row, bool click)
{
    char *at = put_u64(out, cm_mix64(row + world->id_key));
    at = put(at, (const char[]){',', click ? '1' : '0', ','}, 3);
    at = put(at, world->hour[x->hour], 8);
    *at++ = ',';
    at = put_slot(at, x);
    char *place = at;
    at = put(at, x->publisher->text, CM_PUBLISHER_TEXT);
    if (x->other_domain != 0) {
        cm_hex8(place + 9, world, x->other_domain);
    }
    at = put_device(at, x, world);
    return (size_t)(put_ad(at, x, world) - out);
}
