/* How the readers of bodies work together.  Every format becomes the same
 * table: names, and rows of cells in the order of the request.  rows_reader.c
 * then gathers the cells that the model wants.  Private to rows*.c.
 *
 * Notation: "wanted" are the columns of the bundle, then "id", then the column
 * that answers repeat; n_wanted of them, a name may come twice.  */
#ifndef CM_SERVING_ROWS_BODY_H
#define CM_SERVING_ROWS_BODY_H

#include "serving/rows.h"
#include "serving/rows_document.h"

typedef enum cell_kind {
    CELL_ABSENT, /* of a record that lacks the key */
    CELL_NULL,
    CELL_FALSE,
    CELL_TRUE,
    CELL_STRING,
    CELL_NUMBER,
    CELL_INTEGRAL /* a number sent with ".0" behind the text */
} cell_kind;

/* The text of a value, as the log would have it. */
typedef struct cell {
    const char *p; /* never NULL */
    uint32_t n;
    uint32_t kind; /* cell_kind */
} cell;

/* Where values stand in a body: how problems name their places. */
typedef enum rows_shape {
    SHAPE_TABLE,   /* [..., "data", row, column] */
    SHAPE_RECORDS, /* [..., row, NAME] */
    SHAPE_COLUMNS, /* [..., NAME, row] */
    SHAPE_CSV      /* the line is in the message */
} rows_shape;

enum { KEPT_BYTES = 4 << 20, LONGEST_BLOCK = 1 << 16 };
#define NOT_SENT UINT32_MAX

typedef struct column_name {
    cm_str name;
    uint32_t index;
} column_name;

struct rows_reader {
    rows_limits limits;
    char *echo_column;
    size_t n_columns; /* of the bundle */
    size_t n_wanted;
    cm_str *wanted;   /* (n_wanted) */
    uint32_t *first;  /* (n_wanted) the first wanted column of that name */
    uint32_t *source; /* (n_wanted) column of the table, or NOT_SENT */

    /* the table */
    cm_str *names; /* (n_names) */
    size_t n_names, names_capacity;
    cell *cells; /* (n_rows, n_names) */
    size_t n_cells, cells_capacity;
    size_t n_rows;
    rows_shape shape;
    const char *place; /* the key above the table; NULL: none */
    cm_str body;
    bool scanned; /* by rows_scan.c */

    /* what source was made of: the bytes of the last list of names */
    cm_buf block;
    size_t block_names;

    document document;
    column_name *sorted; /* names in order, to find what comes twice */
    size_t sorted_capacity;
    cm_buf texts;   /* unquoted fields of CSV */
    uint32_t *ends; /* of the fields of CSV */
    size_t ends_capacity;

    cm_str *fields; /* (n_rows, n_columns) */
    size_t fields_capacity;
    echo *echoes; /* ids, then echoes */
    size_t echoes_capacity;
};

/* The ways in.  False with no problem added: memory ran out.  All but the scan
 * start from an empty table. */

/* Steps aside (false) from all but the usual body.  On true the table is there
 * and source is right. */
bool rows_scan(rows_reader *reader, cm_str body);
bool rows_json(rows_reader *reader, cm_str body, problems *list);
bool rows_invocation(rows_reader *reader, cm_str body, problems *list);
bool rows_tensors(rows_reader *reader, cm_str body, problems *list);
bool rows_csv(rows_reader *reader, cm_str body, problems *list);

/* As rows_read, without the scan: what it remembered is forgotten. */
bool rows_read_slowly(rows_reader *reader, rows_format format, cm_str body,
                      rows *out, problems *list);
/* As rows_reader_bind, for columns of that name. */
CM_MUST_USE cm_status rows_bind_columns(rows_reader *reader,
                                        const char *const *columns, size_t n,
                                        cm_error *err);

/* What they share. */

/* Ready for the next request; lets go of memory that a large one needed. */
void rows_reader_clear(rows_reader *reader);

/* Room for n elements in all, doubling; false: none. */
bool rows_reserve(void *array_pointer, size_t *capacity, size_t n, size_t size);
bool rows_add_name(rows_reader *reader, cm_str name);
/* Finds the wanted columns among the names; false: the names lack a column of
 * the bundle. */
bool rows_bind(rows_reader *reader);
/* The index in names of one that came before; n_names: no name comes twice.
 * SIZE_MAX: memory ran out. */
size_t rows_find_twice(rows_reader *reader);

/* The cell of a JSON number. */
static inline cell cell_of_number(const char *p, size_t n)
{
    const char *point = p + (p[0] == '-');
    const char *end = p + n;
    while (point < end && *point >= '0' && *point <= '9') {
        point++;
    }
    const char *zero = point + 1;
    while (zero < end && *zero == '0') {
        zero++;
    }
    bool integral = point < end && *point == '.' && zero == end;
    return integral ? (cell){p, (uint32_t)(point - p), CELL_INTEGRAL}
                    : (cell){p, (uint32_t)n, CELL_NUMBER};
}

/* The text of a cell as it was sent.  Behind the zeros of an integral number
 * stands a bracket or a comma, so the search for their end stays inside. */
cm_str cell_sent(const cell *c);
/* Line of a row of the last body, which was read. */
size_t rows_csv_line(const rows_reader *reader, size_t row);

/* Appends the value as JSON. */
void cell_put_json(const cell *c, cm_buf *out);

#endif
