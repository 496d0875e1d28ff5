/* The report's page.  No script, no file beside it, no host: its rules of style
 * and its figures are in it. */
#include "visualization/page.h"

#include <string.h>

#include "base/embed.h"
#include "visualization/markup.h"
#include "visualization/paint.h"

CM_EMBED(cm_report_style, "src/visualization/page.css");

static void add_element(cm_buf *out, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    cm_buf_addf(out, "<%s>", name);
    cm_add_escaped(out, text);
    cm_buf_addf(out, "</%s>\n", name);
}

/* The inks of both themes; what is printed is light. */
static void add_style(cm_buf *out)
{
    cm_buf_adds(out, "<style>\n");
    cm_buf_adds(out, cm_report_style);
    cm_paint_rules(out, CM_THEME_LIGHT);
    cm_buf_adds(out, "@media screen and (prefers-color-scheme: dark) {\n");
    cm_paint_rules(out, CM_THEME_DARK);
    cm_buf_adds(out, "}\n</style>\n");
}

static void add_head(cm_buf *out, const cm_report *report)
{
    cm_buf_adds(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
        "\n<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n");
    add_element(out, "title", report->title);
    add_style(out);
    cm_buf_adds(out, "</head>\n<body>\n<header>\n");
    add_element(out, "h1", report->title);
    add_element(out, "p", report->subtitle);
    cm_buf_adds(out, "</header>\n");
}

static void add_navigation(cm_buf *out, const cm_report *report)
{
    if (report->n_sections < 2) {
        return;
    }
    cm_buf_adds(out, "<nav aria-label=\"Sections\">\n<ul>\n");
    for (size_t i = 0; i < report->n_sections; i++) {
        const cm_report_section *section = &report->sections[i];
        cm_buf_addf(out, "<li><a href=\"#%s\">", section->id);
        cm_add_escaped(out, section->title);
        cm_buf_adds(out, "</a></li>\n");
    }
    cm_buf_adds(out, "</ul>\n</nav>\n");
}

static void add_numbers(cm_buf *out, const cm_report *report)
{
    if (report->n_numbers == 0) {
        return;
    }
    cm_buf_adds(out, "<dl class=\"numbers\">\n");
    for (size_t i = 0; i < report->n_numbers; i++) {
        const cm_report_number *number = &report->numbers[i];
        cm_buf_adds(out, "<div>");
        add_element(out, "dt", number->name);
        cm_buf_adds(out, "<dd>");
        cm_add_escaped(out, number->value);
        add_element(out, "small", number->note);
        cm_buf_adds(out, "</dd></div>\n");
    }
    cm_buf_adds(out, "</dl>\n");
}

/* ---- tables --------------------------------------------------------- */

/* The first cell of a row is its heading. */
static void add_cell(cm_buf *out, const cm_report_table *table, size_t column,
                     const char *scope, const char *text)
{
    bool number = table->numbers != NULL && table->numbers[column];
    cm_buf_adds(out, scope != NULL ? "<th scope=\"" : "<td");
    if (scope != NULL) {
        cm_buf_adds(out, scope);
        cm_buf_addc(out, '"');
    }
    cm_buf_adds(out, number ? " class=\"number\">" : ">");
    cm_add_escaped(out, text != NULL ? text : "\xe2\x80\x93");
    cm_buf_adds(out, scope != NULL ? "</th>" : "</td>");
}

static void add_table(cm_buf *out, const cm_report_table *table)
{
    cm_buf_adds(out,
                "<div class=\"table\"><div class=\"scroll\" tabindex=\"0\" "
                "role=\"region\"");
    cm_add_attribute(out, "aria-label", table->caption);
    cm_buf_adds(out, "><table>\n");
    add_element(out, "caption", table->caption);
    cm_buf_adds(out, "<thead><tr>");
    for (size_t c = 0; c < table->n_columns; c++) {
        add_cell(out, table, c, "col", table->columns[c]);
    }
    cm_buf_adds(out, "</tr></thead>\n<tbody>\n");
    for (size_t r = 0; r < table->n_rows; r++) {
        cm_buf_adds(out, "<tr>");
        for (size_t c = 0; c < table->n_columns; c++) {
            add_cell(out, table, c, c == 0 ? "row" : NULL,
                     table->cells[r * table->n_columns + c]);
        }
        cm_buf_adds(out, "</tr>\n");
    }
    cm_buf_adds(out, "</tbody></table></div></div>\n");
}

/* ---- figures -------------------------------------------------------- */

static void add_figure(cm_buf *out, const cm_drawn *drawn)
{
    const cm_figure *figure = drawn->figure;
    cm_buf_addf(out, "<figure id=\"figure-%s\">\n<figcaption>", figure->id);
    add_element(out, "h3", figure->title);
    add_element(out, "p", figure->note);
    cm_buf_adds(out, "</figcaption>\n");
    cm_buf_add(out, drawn->page.p, drawn->page.n);
    cm_buf_adds(out, "<p class=\"files\">");
    for (int png = 1; png >= 0; png--) {
        cm_buf_addf(out, "<a href=\"figures/%s.%s\" aria-label=\"", figure->id,
                    png ? "png" : "svg");
        cm_add_escaped(out, figure->title);
        cm_buf_addf(out, " as %s\">%s</a>", png ? "PNG" : "SVG",
                    png ? "PNG" : "SVG");
    }
    cm_buf_adds(out, "</p>\n</figure>\n");
}

/* Figures that follow each other share a grid. */
static const cm_drawn *add_item(cm_buf *out, const cm_report_section *section,
                                size_t i, const cm_drawn *next)
{
    const cm_report_item *item = &section->items[i];
    if (item->figure == NULL) {
        add_element(out, "p", item->text);
        if (item->table != NULL) {
            add_table(out, item->table);
        }
        return next;
    }
    if (i == 0 || section->items[i - 1].figure == NULL) {
        cm_buf_adds(out, "<div class=\"figures\">\n");
    }
    add_figure(out, next);
    if (i + 1 == section->n_items || section->items[i + 1].figure == NULL) {
        cm_buf_adds(out, "</div>\n");
    }
    return next + 1;
}

cm_status cm_page_write(cm_buf *out, const cm_report *report,
                        const cm_drawn *figures, cm_error *err)
{
    add_head(out, report);
    add_navigation(out, report);
    cm_buf_adds(out, "<main>\n");
    add_numbers(out, report);
    for (size_t s = 0; s < report->n_sections; s++) {
        const cm_report_section *section = &report->sections[s];
        cm_buf_addf(out,
                    "<section id=\"%s\" aria-labelledby=\"%s-title\">\n"
                    "<h2 id=\"%s-title\">",
                    section->id, section->id, section->id);
        cm_add_escaped(out, section->title);
        cm_buf_adds(out, "</h2>\n");
        for (size_t i = 0; i < section->n_items; i++) {
            figures = add_item(out, section, i, figures);
        }
        cm_buf_adds(out, "</section>\n");
    }
    cm_buf_adds(out, "</main>\n");
    add_element(out, "footer", report->footer);
    cm_buf_adds(out, "</body>\n</html>\n");
    return cm_buf_check(out, err);
}
