/* Tables: columns as wide as their widest cell, and two more than their
 * heading. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void cli_table_add(cli_table *table, const char *text)
{
    char *copy = cm_strdup(text, NULL);
    if (copy == NULL || cm_grow(&table->cells, table->n, &table->capacity,
                                sizeof *table->cells, NULL) != CM_OK) {
        free(copy);
        table->failed = true;
        return;
    }
    table->cells[table->n++] = copy;
}

/* Characters of a UTF-8 text. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += ((unsigned char)*text & 0xC0u) != 0x80;
    }
    return n;
}

static size_t column_width(const cli_table *t, size_t column)
{
    size_t widest = width_of(t->cells[column]) + 2;
    for (size_t i = column; i < t->n; i += t->columns) {
        size_t width = width_of(t->cells[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void put_blanks(cm_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cm_buf_addc(out, ' ');
    }
}

static void put_row(cm_buf *out, const cli_table *t, const size_t *widths,
                    size_t first, bool markdown)
{
    for (size_t k = 0; k < t->columns; k++) {
        const char *text = t->cells[first + k];
        cm_buf_adds(out, markdown ? (k > 0 ? " | " : "| ") : k > 0 ? "  " : "");
        cm_buf_adds(out, text);
        put_blanks(out, widths[k] - width_of(text));
    }
    cm_buf_adds(out, markdown ? " |" : "");
    while (out->n > 0 && out->p[out->n - 1] == ' ') {
        out->p[--out->n] = '\0';
    }
    cm_buf_addc(out, '\n');
}

static void put_line(cm_buf *out, const cli_table *t, const size_t *widths)
{
    for (size_t k = 0; k < t->columns; k++) {
        cm_buf_addc(out, '|');
        for (size_t i = 0; i < widths[k] + 2; i++) {
            cm_buf_addc(out, '-');
        }
    }
    cm_buf_adds(out, "|\n");
}

void cli_table_put(cm_buf *out, const cli_table *table, bool markdown)
{
    size_t *widths = cm_alloc(table->columns, sizeof *widths, NULL);
    if (table->failed || widths == NULL) {
        out->failed = true;
        free(widths);
        return;
    }
    for (size_t k = 0; k < table->columns; k++) {
        widths[k] = column_width(table, k);
    }
    for (size_t i = 0; i + table->columns <= table->n; i += table->columns) {
        put_row(out, table, widths, i, markdown);
        if (i == 0 && markdown) {
            put_line(out, table, widths);
        }
    }
    free(widths);
}

void cli_table_release(cli_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    *table = (cli_table){0};
}
