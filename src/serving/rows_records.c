/* Records, an object a row: the columns of the table are the wanted ones,
 * since the keys may differ from row to row. */
#include "serving/rows_reading.h"

#include <stdlib.h>

#include "base/mem.h"

/* A list or an object; n is its node. */
enum { CELL_NESTED = CELL_INTEGRAL + 1 };

/* What is wrong is found when all keys are read: the last of a name counts. */
static void check_record(reading *r, const spot *record, const cell *cells)
{
    const rows_reader *reader = r->reader;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        if (cells[w].kind == CELL_NESTED) {
            spot value = spot_named(*record, cells[w].n, reader->wanted[w]);
            say_string_type(r, &value);
        } else if (cells[w].kind == CELL_ABSENT && w < reader->n_columns) {
            say_missing(r, *record, reader->wanted[w]);
        }
    }
}

/* cells (n_wanted) */
static void read_record(reading *r, const spot *record, cell *cells)
{
    const rows_reader *reader = r->reader;
    size_t end = document_next(r->d, record->node);
    size_t hint = 0;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        cells[w] = (cell){"", 0, CELL_ABSENT};
    }
    for (size_t at = record->node + 1; at < end;
         at = document_next(r->d, at + 1)) {
        size_t w = wanted_index(reader, document_text(r->d, at), hint);
        if (w < reader->n_wanted) {
            cells[w] = r->d->nodes[at + 1].kind < NODE_ARRAY
                           ? cell_of_node(r->d, at + 1)
                           : (cell){"", (uint32_t)(at + 1), CELL_NESTED};
            hint = w + 1;
        }
    }
    check_record(r, record, cells);
}

void read_records(reading *r, const spot *list)
{
    rows_reader *reader = r->reader;
    size_t n = document_count(r->d, list->node);
    reader->shape = SHAPE_RECORDS;
    if (!few_enough(r, list, n)) {
        return;
    }
    /* for the cells of rows that are only checked */
    cell *checked = cm_alloc(reader->n_wanted, sizeof *checked, NULL);
    r->failed = checked == NULL || !names_are_wanted(reader);
    size_t at = list->node + 1;
    for (size_t i = 0; i < n && !r->failed; i++, at = document_next(r->d, at)) {
        spot record = spot_index(*list, at, i);
        if (is_object(r, &record)) {
            cell *cells = cells_for(r, reader->n_wanted);
            read_record(r, &record, cells != NULL ? cells : checked);
        }
    }
    free(checked);
}
