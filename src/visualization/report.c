/* A report checked, its figures drawn by all threads, and written whole. */
#include "visualization/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/tasks.h"
#include "base/thread.h"
#include "visualization/layout.h"
#include "visualization/page.h"
#include "visualization/paint.h"

enum { WIDE_PX = 540, NARROW_PX = 300 };

typedef struct drawn_report {
    cm_drawn *figures;
    size_t n;
    bool with_files;
} drawn_report;

/* ---- checks --------------------------------------------------------- */

static cm_status check_item(const cm_report_section *section, size_t i,
                            cm_error *err)
{
    const cm_report_item *item = &section->items[i];
    int kinds =
        (item->text != NULL) + (item->table != NULL) + (item->figure != NULL);
    if (kinds != 1) {
        return cm_fail(err, CM_ERR_USAGE,
                       "section %s: item %zu is %d of text, table and figure, "
                       "and should be one",
                       section->id, i, kinds);
    }
    return item->figure != NULL ? cm_figure_check(item->figure, err) : CM_OK;
}

static cm_status check_section(const cm_report_section *section, cm_error *err)
{
    cm_status status = cm_id_check(section->id, err);
    for (size_t i = 0; i < section->n_items && status == CM_OK; i++) {
        status = check_item(section, i, err);
    }
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    const char *const *p = a;
    const char *const *q = b;
    return strcmp(*p, *q);
}

/* ids are sorted here. */
static cm_status check_distinct(const char **ids, size_t n, const char *what,
                                cm_error *err)
{
    qsort(ids, n, sizeof(*ids), compare_ids);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(ids[i - 1], ids[i]) == 0) {
            return cm_fail(err, CM_ERR_USAGE, "two %s have the id %s", what,
                           ids[i]);
        }
    }
    return CM_OK;
}

static cm_status check_ids(const cm_report *report, const drawn_report *drawn,
                           cm_error *err)
{
    size_t most = report->n_sections > drawn->n ? report->n_sections : drawn->n;
    const char **ids = cm_alloc(most, sizeof(*ids), err);
    if (ids == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < report->n_sections; i++) {
        ids[i] = report->sections[i].id;
    }
    cm_status status = check_distinct(ids, report->n_sections, "sections", err);
    for (size_t i = 0; i < drawn->n; i++) {
        ids[i] = drawn->figures[i].figure->id;
    }
    if (status == CM_OK) {
        status = check_distinct(ids, drawn->n, "figures", err);
    }
    free(ids);
    return status;
}

/* ---- drawing -------------------------------------------------------- */

static void release(drawn_report *drawn)
{
    for (size_t i = 0; i < drawn->n; i++) {
        cm_buf_release(&drawn->figures[i].page);
        cm_buf_release(&drawn->figures[i].svg);
        cm_buf_release(&drawn->figures[i].png);
    }
    free(drawn->figures);
    *drawn = (drawn_report){0};
}

static size_t count_figures(const cm_report *report)
{
    size_t n = 0;
    for (size_t s = 0; s < report->n_sections; s++) {
        for (size_t i = 0; i < report->sections[s].n_items; i++) {
            n += report->sections[s].items[i].figure != NULL;
        }
    }
    return n;
}

static void list_figures(const cm_report *report, drawn_report *drawn)
{
    for (size_t s = 0; s < report->n_sections; s++) {
        for (size_t i = 0; i < report->sections[s].n_items; i++) {
            const cm_figure *figure = report->sections[s].items[i].figure;
            if (figure != NULL) {
                drawn->figures[drawn->n++].figure = figure;
            }
        }
    }
}

/* The figure in the page: wide, or narrow for a phone. */
static cm_status draw_for_page(cm_drawn *drawn, bool wide, cm_ruler *ruler,
                               cm_error *err)
{
    cm_drawing drawing = {0};
    cm_status status = cm_layout_figure(
        &drawing, drawn->figure, wide ? WIDE_PX : NARROW_PX, true, ruler, err);
    if (status == CM_OK) {
        status = cm_paint_inline_svg(&drawn->page, &drawing,
                                     wide ? "wide" : "narrow",
                                     drawn->figure->alt, err);
    }
    cm_drawing_release(&drawing);
    return status;
}

static cm_status draw_one(void *context, size_t task, cm_error *err)
{
    drawn_report *all = context;
    cm_drawn *drawn = &all->figures[task];
    cm_ruler *ruler = NULL;
    cm_status status = cm_ruler_new(&ruler, err);
    if (status == CM_OK) {
        status = draw_for_page(drawn, true, ruler, err);
    }
    if (status == CM_OK) {
        status = draw_for_page(drawn, false, ruler, err);
    }
    if (status == CM_OK && all->with_files) {
        status = cm_figure_files(&drawn->svg, &drawn->png, drawn->figure, ruler,
                                 err);
    }
    cm_ruler_free(ruler);
    return status;
}

/* Leaves drawn for release() in every case. */
static cm_status draw_all(drawn_report *drawn, const cm_report *report,
                          bool with_files, int n_threads, cm_error *err)
{
    cm_status status = CM_OK;
    *drawn = (drawn_report){.with_files = with_files};
    for (size_t i = 0; i < report->n_sections && status == CM_OK; i++) {
        status = check_section(&report->sections[i], err);
    }
    if (status != CM_OK) {
        return status;
    }
    drawn->figures =
        cm_alloc_zero(count_figures(report), sizeof(*drawn->figures), err);
    if (drawn->figures == NULL) {
        return CM_ERR_NOMEM;
    }
    list_figures(report, drawn);
    status = check_ids(report, drawn, err);
    if (status == CM_OK) {
        status = cm_try_parallel(drawn->n, cm_thread_count(n_threads), draw_one,
                                 drawn, err);
    }
    return status;
}

cm_status cm_report_html(cm_buf *out, const cm_report *report, int n_threads,
                         cm_error *err)
{
    drawn_report drawn;
    cm_status status = draw_all(&drawn, report, false, n_threads, err);
    if (status == CM_OK) {
        status = cm_page_write(out, report, drawn.figures, err);
    }
    release(&drawn);
    return status;
}

/* ---- files ---------------------------------------------------------- */

/* Files written beside their names, which they all get at the end. */
typedef struct writing {
    cm_atomic_file **files;
    size_t n;
} writing;

static cm_status add_file(writing *w, const char *folder, const char *id,
                          const char *suffix, const cm_buf *bytes,
                          cm_error *err)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/%s%s", folder, id, suffix);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        status = cm_atomic_open(&w->files[w->n], path.p, err);
    }
    if (status == CM_OK) {
        cm_atomic_write(w->files[w->n++], bytes->p, bytes->n);
    }
    cm_buf_release(&path);
    return status;
}

static cm_status add_figures(writing *w, const drawn_report *drawn,
                             const char *folder, cm_error *err)
{
    cm_status status = cm_make_dirs(folder, err);
    for (size_t i = 0; i < drawn->n && status == CM_OK; i++) {
        const cm_drawn *figure = &drawn->figures[i];
        status =
            add_file(w, folder, figure->figure->id, ".svg", &figure->svg, err);
        if (status == CM_OK) {
            status = add_file(w, folder, figure->figure->id, ".png",
                              &figure->png, err);
        }
    }
    return status;
}

/* Gives all of them their names, in order; after a failure none. */
static cm_status end_writing(writing *w, cm_status status, cm_error *err)
{
    for (size_t i = 0; i < w->n; i++) {
        if (status != CM_OK) {
            cm_atomic_abandon(w->files[i]);
        } else if (i + 1 < w->n) {
            status = cm_atomic_commit_unsynced(w->files[i], 0, err);
        } else {
            status = cm_atomic_commit(w->files[i], err);
        }
    }
    free(w->files);
    return status;
}

static cm_status write_all(const drawn_report *drawn, const cm_buf *page,
                           const char *folder, cm_error *err)
{
    writing w = {0};
    char *figures = cm_path_join(folder, "figures");
    w.files = cm_alloc_zero(2 * drawn->n + 1, sizeof(*w.files), err);
    cm_status status = CM_ERR_NOMEM;
    if (figures == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    } else if (w.files != NULL) {
        status = add_figures(&w, drawn, figures, err);
    }
    if (status == CM_OK) {
        status = add_file(&w, folder, "index", ".html", page, err);
    }
    free(figures);
    return end_writing(&w, status, err);
}

cm_status cm_report_save(const cm_report *report, const char *folder,
                         int n_threads, cm_error *err)
{
    drawn_report drawn;
    cm_buf page = {0};
    cm_status status = draw_all(&drawn, report, true, n_threads, err);
    if (status == CM_OK) {
        status = cm_page_write(&page, report, drawn.figures, err);
    }
    if (status == CM_OK) {
        status = write_all(&drawn, &page, folder, err);
    }
    cm_buf_release(&page);
    release(&drawn);
    return status;
}
