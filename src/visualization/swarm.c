/* The layout of a beeswarm: dots of a category that would lie on each other
 * are stacked around its middle, one above, one below, so that the swarm is as
 * thick as there are dots.  Where the row is too low for the highest stack, all
 * stacks of the row shrink by the same factor, and so still compare. */
#include "visualization/layout.h"

#include <math.h>
#include <stdlib.h>

enum { DOT_PX = 3 };

typedef struct bee {
    uint32_t row, bin;
    uint32_t index; /* in the series */
    float x;
} bee;

/* Dots of a bin lie within one diameter. */
static int compare_bees(const void *a, const void *b)
{
    const bee *p = a;
    const bee *q = b;
    if (p->row != q->row) {
        return p->row < q->row ? -1 : 1;
    }
    if (p->bin != q->bin) {
        return p->bin < q->bin ? -1 : 1;
    }
    return p->index < q->index ? -1 : p->index > q->index;
}

/* The bees whose place is in the plot, in order of rows and bins. */
static size_t gather(const cm_plot *plot, const cm_series *series, bee *bees)
{
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (!cm_plot_takes(plot, series->x[i], series->y[i])) {
            continue;
        }
        double row = round(series->y[i]);
        double x = cm_plot_x(plot, series->x[i]);
        if (row < 0 || row >= (double)plot->y.axis->n_categories ||
            x < plot->box.left || x > plot->box.right) {
            continue;
        }
        double bin = (x - plot->box.left) / (DOT_PX * 0.75);
        bees[n++] = (bee){(uint32_t)row, (uint32_t)bin, (uint32_t)i, (float)x};
    }
    qsort(bees, n, sizeof(*bees), compare_bees);
    return n;
}

/* The dots [0, n) of a bin, and the columns they may take: one, or more where
 * the bins beside are empty, so that a thousand equal values are a block and no
 * line. */
typedef struct pile {
    size_t n, columns;
} pile;

enum { MOST_COLUMNS = 5 };

static bool same_bin(const bee *a, const bee *b)
{
    return a->row == b->row && a->bin == b->bin;
}

/* The first pile of bees[i, n), whose last neighbour to the left is in bin
 * `before`; `storeys` dots lie above each other without touching. */
static pile next_pile(const bee *bees, size_t n, uint32_t before,
                      size_t storeys)
{
    pile p = {1, 1};
    while (p.n < n && same_bin(&bees[0], &bees[p.n])) {
        p.n++;
    }
    uint32_t left = bees[0].bin - before;
    uint32_t right = MOST_COLUMNS * 2;
    if (p.n < n && bees[p.n].row == bees[0].row) {
        right = bees[p.n].bin - bees[0].bin;
    }
    size_t room = left < right ? left : right;
    size_t wanted = (p.n + storeys - 1) / storeys;
    size_t most = room < 2 ? 1 : 1 + (room - 1) * 4 / 5;
    most = most < MOST_COLUMNS ? most : MOST_COLUMNS;
    p.columns = wanted < most ? wanted : most;
    return p;
}

/* 0, 1, -1, 2, -2, … */
static double around(size_t place)
{
    double step = (double)((place + 1) / 2);
    return place % 2 == 1 ? -step : step;
}

/* Where a swarm is drawn. */
typedef struct row_place {
    cm_plot *plot;
    const cm_series *series;
    double middle, room;
    size_t storeys;
} row_place;

static void put_pile(const row_place *row, const bee *bees, pile p, double step)
{
    double shift = p.columns % 2 == 0 ? DOT_PX * 0.45 : 0;
    for (size_t i = 0; i < p.n; i++) {
        double x =
            (double)bees[i].x + around(i % p.columns) * DOT_PX * 0.9 + shift;
        double y = row->middle + around(i / p.columns) * step;
        cm_drawing_dot(row->plot->layout->out, cm_clamp_x(row->plot, x), y,
                       cm_dot_ink(row->series, bees[i].index));
    }
}

/* Bees of one row: looked at first, then drawn with the step that fits. */
static void put_row(const row_place *row, const bee *bees, size_t n)
{
    double step = DOT_PX * 0.9;
    for (int drawn = 0; drawn < 2; drawn++) {
        size_t highest = 1;
        pile p = {0};
        for (size_t i = 0; i < n; i += p.n) {
            uint32_t before = i > 0 ? bees[i - 1].bin : bees[i].bin;
            before = i > 0 ? before : before - MOST_COLUMNS * 2;
            p = next_pile(bees + i, n - i, before, row->storeys);
            size_t height = (p.n + p.columns - 1) / p.columns;
            highest = height > highest ? height : highest;
            if (drawn == 1) {
                put_pile(row, bees + i, p, step);
            }
        }
        if (highest > 1) {
            step = fmin(step, row->room / (double)(highest - 1));
        }
    }
}

static void put_rows(cm_plot *plot, const cm_series *series, const bee *bees,
                     size_t n)
{
    row_place row = {plot, series, 0, plot->band * 0.92 - DOT_PX, 1};
    row.storeys += (size_t)(row.room / (DOT_PX * 0.9));
    size_t end;
    for (size_t i = 0; i < n; i = end) {
        end = i;
        while (end < n && bees[end].row == bees[i].row) {
            end++;
        }
        row.middle = cm_plot_y(plot, (double)bees[i].row);
        put_row(&row, bees + i, end - i);
    }
}

bool cm_put_swarm(cm_plot *plot, const cm_series *series)
{
    cm_drawing *out = plot->layout->out;
    bee *bees = cm_alloc(series->n, sizeof(*bees), NULL);
    if (bees == NULL) {
        out->failed = true;
        return false;
    }
    cm_drawing_shape(
        out, (cm_shape){.kind = CM_SHAPE_DOTS, .size = DOT_PX, .opacity = 0.9});
    size_t n = gather(plot, series, bees);
    put_rows(plot, series, bees, n);
    free(bees);
    return n > 0;
}
