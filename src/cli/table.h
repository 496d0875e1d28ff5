/* Tables of texts, plain or in Markdown. */
#ifndef CM_CLI_TABLE_H
#define CM_CLI_TABLE_H

#include "base/str.h"

/* Cells row by row; the first row is the heading.  The texts are copies. */
typedef struct cli_table {
    char **cells;
    size_t n, capacity;
    size_t columns;
    bool failed;
} cli_table;

/* Adds a cell; rows follow each other. */
void cli_table_add(cli_table *table, const char *text);
/* As Python's tabulate lays it out: formats plain and github. */
void cli_table_put(cm_buf *out, const cli_table *table, bool markdown);
void cli_table_release(cli_table *table);

#endif
