/* Draws sample figures, plain and nasty ones, and a report of them.
 *   probe_figures FOLDER          FOLDER/index.html and FOLDER/figures
 *   probe_figures FOLDER WIDTH THEME   FOLDER/ID.png alone, that wide */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test_visualization_pages.h"

static void stop(const cm_error *err)
{
    fprintf(stderr, "probe_figures: %s\n", err->message);
    exit(1);
}

static void write_png(const cm_figure *figure, const char *folder, double width,
                      cm_theme theme)
{
    cm_error err = {0};
    cm_buf png = {0};
    char path[400];
    snprintf(path, sizeof(path), "%s/%s.png", folder, figure->id);
    FILE *file = fopen(path, "wb");
    if (file == NULL || cm_figure_png(&png, figure, (cm_figure_size){width, 1},
                                      theme, &err) != CM_OK) {
        stop(&err);
    }
    fwrite(png.p, 1, png.n, file);
    fclose(file);
    cm_buf_release(&png);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: probe_figures FOLDER [WIDTH light|dark]\n");
        return 2;
    }
    samples_make();
    for (size_t i = 0; argc == 4 && i < n_samples; i++) {
        write_png(&samples[i], argv[1], strtod(argv[2], NULL),
                  strcmp(argv[3], "dark") == 0 ? CM_THEME_DARK
                                               : CM_THEME_LIGHT);
    }
    cm_error err = {0};
    if (argc == 2 &&
        cm_report_save(samples_report(), argv[1], 0, &err) != CM_OK) {
        stop(&err);
    }
    return 0;
}
