/* Values that were read but are not of their kind: where they stand. */
#include "serving/rows_body.h"

static const cell *cell_at(const rows_reader *reader, size_t row, size_t column)
{
    return &reader->cells[row * reader->n_names + reader->source[column]];
}

/* Returns how many. */
static size_t places_of(problem_place loc[4], const rows_reader *reader,
                        size_t row, size_t column)
{
    size_t n = 0;
    problem_place index = {.index = row};
    problem_place name = {.name = reader->wanted[column]};
    if (reader->place != NULL) {
        loc[n++] = (problem_place){.name = cm_str_of(reader->place)};
    }
    switch (reader->shape) {
    case SHAPE_CSV:
        break;
    case SHAPE_TABLE:
        loc[n++] = (problem_place){.name = CM_STR("data")};
        loc[n++] = index;
        loc[n++] = (problem_place){.index = reader->source[column]};
        break;
    case SHAPE_RECORDS:
        loc[n++] = index;
        loc[n++] = name;
        break;
    case SHAPE_COLUMNS:
        loc[n++] = name;
        loc[n++] = index;
        break;
    }
    return n;
}

void rows_bad_value(const rows_reader *reader, size_t row, size_t column,
                    const char *message, problems *list)
{
    problem_place loc[4];
    size_t n_loc = places_of(loc, reader, row, column);
    cm_buf msg = {0};
    cm_buf input = {0};
    cm_buf_adds(&msg, "Value error, ");
    if (reader->shape == SHAPE_CSV && list->n < MAX_PROBLEMS) {
        cm_buf_addf(&msg, "line %zu, ", rows_csv_line(reader, row));
    }
    cm_buf_adds(&msg, message);
    cell_put_json(cell_at(reader, row, column), &input);
    problems_add(list, "value_error", msg.failed ? message : msg.p, loc, n_loc,
                 (cm_str){input.p, input.n}, CM_STR("{\"error\":{}}"));
    cm_buf_release(&msg);
    cm_buf_release(&input);
}

/* Each bad value is replaced by one that is a whole number and a time, and
 * scoring goes on there: so the next one is found, of this row or another. */
void rows_list_bad_values(rows_reader *reader, cm_row_scorer *scorer,
                          double *probabilities, problems *list)
{
    size_t row = 0;
    for (;;) {
        cm_str *fields = reader->fields + row * reader->n_columns;
        size_t ahead = 0;
        size_t column = 0;
        cm_error err = {0};
        if (cm_row_scorer_rows(scorer, fields, reader->n_rows - row,
                               probabilities, &ahead, &column,
                               &err) != CM_ERR_DATA) {
            return;
        }
        row += ahead;
        rows_bad_value(reader, row, column, err.message, list);
        fields[ahead * reader->n_columns + column] = CM_STR("14102100");
    }
}
