/* Ticks at round numbers, and their texts: thousands apart, percents, powers of
 * ten as people write them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "visualization/axis.h"

#define MINUS "\xe2\x88\x92"
#define TIMES "\xc3\x97"

static void append(char *out, const char *text)
{
    size_t n = strlen(out);
    snprintf(out + n, CM_TICK_TEXT - n, "%s", text);
}

/* "1234567.5" becomes "1,234,567.5"; magnitude >= 0 and below 1e15. */
static void append_fixed(char *out, double magnitude, int decimals)
{
    char digits[CM_TICK_TEXT];
    snprintf(digits, sizeof(digits), "%.*f", decimals, magnitude);
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; i < whole; i++) {
        char next[3] = {digits[i], 0, 0};
        if ((whole - i) % 3 == 1 && i + 1 < whole) {
            next[1] = ',';
        }
        append(out, next);
    }
    append(out, digits + whole);
}

static void append_power(char *out, int exponent)
{
    static const char *const DIGITS[] = {
        "\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
        "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
        "\xe2\x81\xb8", "\xe2\x81\xb9"};
    char digits[16];
    snprintf(digits, sizeof(digits), "%d", exponent);
    append(out, "10");
    for (const char *d = digits; *d != '\0'; d++) {
        append(out, *d == '-' ? "\xe2\x81\xbb" : DIGITS[*d - '0']);
    }
}

static int exponent_of(double magnitude)
{
    return (int)floor(log10(magnitude) + 1e-9);
}

/* Digits behind the point that multiples of step have. */
static int decimals_of(double step)
{
    int decimals = -exponent_of(step);
    return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

static void append_scientific(char *out, double magnitude, double step)
{
    int exponent = exponent_of(magnitude);
    int decimals = exponent - exponent_of(step);
    decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
    double mantissa = magnitude / pow(10, exponent);
    if (decimals > 0 || fabs(mantissa - 1) > 1e-6) {
        append_fixed(out, mantissa, decimals);
        append(out, TIMES);
    }
    append_power(out, exponent);
}

/* Large counts in millions and so on; false when it is none. */
static bool append_large_count(char *out, double magnitude, double step)
{
    static const struct {
        double unit;
        const char *name;
    } UNITS[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}};
    if (magnitude >= 1e15) {
        return false;
    }
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (magnitude >= UNITS[i].unit) {
            append_fixed(out, magnitude / UNITS[i].unit,
                         decimals_of(step / UNITS[i].unit));
            append(out, UNITS[i].name);
            return true;
        }
    }
    return false;
}

/* value as a multiple of step on an axis whose largest value is `most`. */
static void write_number(char *out, double value, double step, double most,
                         cm_unit unit)
{
    out[0] = '\0';
    double magnitude = fabs(value);
    if (magnitude < step * 1e-6) {
        append(out, unit == CM_UNIT_PERCENT ? "0%" : "0");
        return;
    }
    append(out, value < 0 ? MINUS : "");
    bool large = most >= 1e7;
    if (unit == CM_UNIT_PERCENT && most < 1e7 && step >= 1e-12) {
        append_fixed(out, magnitude * 100, decimals_of(step * 100));
        append(out, "%");
    } else if (unit == CM_UNIT_COUNT && large &&
               append_large_count(out, magnitude, step)) {
        return;
    } else if (large || most < 1e-3) {
        append_scientific(out, magnitude, step);
    } else {
        append_fixed(out, magnitude, decimals_of(step));
    }
}

static void add_tick(cm_ticks *out, double value, double step, double most,
                     cm_unit unit)
{
    bool part = unit == CM_UNIT_COUNT && value != rint(value);
    if (out->n < CM_TICKS && !part) {
        out->values[out->n] = value;
        write_number(out->texts[out->n], value, step, most, unit);
        out->n++;
    }
}

/* The smallest of 1, 2, 5 times a power of ten that is not below `least`. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    static const double STEPS[] = {1, 2, 5};
    for (size_t i = 0; i < 3; i++) {
        if (STEPS[i] * power >= least * (1 - 1e-9)) {
            return STEPS[i] * power;
        }
    }
    return 10 * power;
}

static void try_linear(cm_ticks *out, const cm_map *map, size_t wanted)
{
    double length = map->high - map->low;
    double step = round_step(length / (double)wanted);
    if (map->axis->unit == CM_UNIT_COUNT) {
        step = fmax(step, 1);
    }
    double most = fmax(fabs(map->low), fabs(map->high));
    double first = ceil(map->low / step - 1e-6);
    double last = floor(map->high / step + 1e-6);
    for (double i = first; i <= last && out->n < CM_TICKS; i++) {
        add_tick(out, i * step, step, most, map->axis->unit);
    }
}

/* One tick says nothing about a scale: then more of them are chosen. */
static void linear_ticks(cm_ticks *out, const cm_map *map, size_t wanted)
{
    for (size_t more = 0; more < 6; more++) {
        out->n = 0;
        try_linear(out, map, wanted + more);
        if (out->n >= 2) {
            return;
        }
    }
}

/* Each of a decade's first `n_steps` of 1, 2, 5; every stride-th decade. */
static void decade_ticks(cm_ticks *out, const cm_map *map, int stride,
                         int n_steps)
{
    static const double STEPS[] = {1, 2, 5};
    int first = exponent_of(map->low);
    int last = exponent_of(map->high);
    for (int e = first; e <= last; e++) {
        if (e % stride != 0) {
            continue;
        }
        for (int i = 0; i < n_steps; i++) {
            double value = STEPS[i] * pow(10, e);
            if (value >= map->low * (1 - 1e-9) &&
                value <= map->high * (1 + 1e-9)) {
                add_tick(out, value, pow(10, e), value, map->axis->unit);
            }
        }
    }
}

static void log_ticks(cm_ticks *out, const cm_map *map, size_t wanted)
{
    double decades = log10(map->high / map->low);
    int stride = (int)fmax(1, ceil(decades / (double)wanted));
    if (decades * 3 <= (double)wanted) {
        decade_ticks(out, map, 1, 3);
    } else {
        decade_ticks(out, map, stride, 1);
    }
    if (out->n < 2) {
        linear_ticks(out, map, wanted);
    }
}

void cm_ticks_choose(cm_ticks *out, const cm_map *map, size_t wanted)
{
    out->n = 0;
    wanted = wanted < 2 ? 2 : wanted > CM_TICKS / 2 ? CM_TICKS / 2 : wanted;
    if (map->axis->scale == CM_SCALE_LOG) {
        log_ticks(out, map, wanted);
    } else {
        linear_ticks(out, map, wanted);
    }
}
