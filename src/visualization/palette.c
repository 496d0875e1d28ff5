/* The colours of figures: those of M. Okabe and K. Ito, "Color Universal
 * Design", 2008, as dark on white and as light on black as lines need (a
 * contrast of 3 : 1), and shades that grow in lightness as they turn from
 * violet to orange, so that they are in order for every eye and in grey. */
#include "visualization/palette.h"

#include <math.h>

static const cm_rgb LIGHT[CM_INK_SHADE] = {
    [CM_INK_PAPER] = {255, 255, 255},   [CM_INK_TEXT] = {27, 34, 48},
    [CM_INK_SOFT] = {86, 96, 114},      [CM_INK_GRID] = {231, 233, 238},
    [CM_INK_AXIS] = {150, 158, 171},    [CM_INK_GREY] = {112, 120, 134},
    [CM_INK_COLOR] = {0, 114, 178},     [CM_INK_COLOR + 1] = {213, 94, 0},
    [CM_INK_COLOR + 2] = {0, 146, 107}, [CM_INK_COLOR + 3] = {132, 56, 136},
    [CM_INK_COLOR + 4] = {110, 76, 0},  [CM_INK_COLOR + 5] = {52, 60, 78},
};

static const cm_rgb DARK[CM_INK_SHADE] = {
    [CM_INK_PAPER] = {25, 31, 40},       [CM_INK_TEXT] = {230, 233, 239},
    [CM_INK_SOFT] = {160, 171, 187},     [CM_INK_GRID] = {44, 52, 64},
    [CM_INK_AXIS] = {104, 115, 132},     [CM_INK_GREY] = {138, 148, 164},
    [CM_INK_COLOR] = {76, 166, 232},     [CM_INK_COLOR + 1] = {240, 133, 79},
    [CM_INK_COLOR + 2] = {45, 190, 150}, [CM_INK_COLOR + 3] = {190, 110, 180},
    [CM_INK_COLOR + 4] = {230, 176, 50}, [CM_INK_COLOR + 5] = {196, 204, 216},
};

static uint8_t gamma_byte(double linear)
{
    double c = fmin(fmax(linear, 0), 1);
    c = c <= 0.0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - 0.055;
    return (uint8_t)lround(255 * c);
}

/* B. Ottosson, "A perceptual color space for image processing", 2020: OKLab
 * as lightness, chroma and hue in degrees. */
static cm_rgb oklch(double lightness, double chroma, double hue)
{
    double a = chroma * cos(hue * M_PI / 180);
    double b = chroma * sin(hue * M_PI / 180);
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return (cm_rgb){
        gamma_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        gamma_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        gamma_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

/* The same in both themes, between the two papers in lightness. */
static cm_rgb shade_rgb(int step)
{
    double t = (double)step / (CM_SHADES - 1);
    return oklch(0.49 + 0.28 * t, 0.165, 275 + 155 * t);
}

cm_rgb cm_ink_rgb(cm_ink ink, cm_theme theme)
{
    if (ink >= CM_INK_SHADE) {
        return shade_rgb((int)ink - CM_INK_SHADE);
    }
    return theme == CM_THEME_DARK ? DARK[ink] : LIGHT[ink];
}

cm_ink cm_ink_of_color(int color)
{
    if (color < 0 || color >= CM_FIGURE_COLORS) {
        return CM_INK_GREY;
    }
    return (cm_ink)(CM_INK_COLOR + color);
}

cm_ink cm_ink_of_shade(double shade)
{
    if (!isfinite(shade)) {
        return CM_INK_GREY;
    }
    double step = fmin(fmax(shade, 0), 1) * (CM_SHADES - 1);
    return (cm_ink)(CM_INK_SHADE + (int)lround(step));
}
