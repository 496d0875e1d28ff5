/* A report as data, and its page: one HTML file that needs no other file, no
 * script and no network, with the figures in it, and those figures beside it as
 * files.  What is in a report is computed elsewhere (src/pipeline). */
#ifndef CM_VISUALIZATION_REPORT_H
#define CM_VISUALIZATION_REPORT_H

#include "visualization/figure.h"

/* A headline number: a large value, its name, and a line below. */
typedef struct cm_report_number {
    const char *name;  /* "ROC AUC" */
    const char *value; /* "0.7431" */
    const char *note;  /* "95% interval 0.7412 to 0.7450"; NULL: none */
} cm_report_number;

typedef struct cm_report_table {
    const char *caption;
    const char *const *columns; /* (n_columns) */
    const char *const *cells;   /* (n_rows, n_columns), row by row; NULL: – */
    const bool *numbers;        /* (n_columns): to the right; NULL: none is */
    size_t n_rows, n_columns;
} cm_report_table;

/* What a section holds, in reading order; exactly one of the three. */
typedef struct cm_report_item {
    const char *text; /* a paragraph */
    const cm_report_table *table;
    const cm_figure
        *figure; /* neighbours stand side by side if there is room */
} cm_report_item;

typedef struct cm_report_section {
    const char *id; /* "calibration": the page's anchor; a-z, 0-9, _ and - */
    const char *title;
    const cm_report_item *items;
    size_t n_items;
} cm_report_section;

typedef struct cm_report {
    const char *title;
    const char *subtitle; /* what was trained on what, when; NULL: none */
    const cm_report_number *numbers;
    size_t n_numbers;
    const cm_report_section *sections;
    size_t n_sections;
    const char *footer; /* NULL: none */
} cm_report;

/* Appends the page.  No figure's id may come twice. */
CM_MUST_USE cm_status cm_report_html(cm_buf *out, const cm_report *report,
                                     int n_threads, cm_error *err);

/* FOLDER/index.html, FOLDER/figures/ID.png and ID.svg, each whole or not at
 * all. All is drawn, and written beside the final names, before the first file
 * takes its name; the page is the last, so an old page stays when anything
 * fails. Figures of earlier reports that this one has not are left there.  The
 * same report gives the same bytes for any number of threads. */
CM_MUST_USE cm_status cm_report_save(const cm_report *report,
                                     const char *folder, int n_threads,
                                     cm_error *err);

#endif
