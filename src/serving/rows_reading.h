/* What the three shapes of JSON (rows_table.c, rows_records.c,
 * rows_columns.c) share: a reading of a document, places in it, and what can
 * be wrong there.  Once something is wrong, cells are checked but no longer
 * kept.  Private to rows*.c. */
#ifndef CM_SERVING_ROWS_READING_H
#define CM_SERVING_ROWS_READING_H

#include "serving/rows_body.h"

typedef struct reading {
    rows_reader *reader;
    const document *d;
    problems *problems;
    bool failed; /* out of memory */
} reading;

/* A value that is read, and its place in the body. */
typedef struct spot {
    problem_place loc[6];
    size_t n;
    size_t node;
} spot;

/* A value one step further down: its node, and its name or index. */
spot spot_named(spot at, size_t value, cm_str name);
spot spot_index(spot at, size_t value, size_t index);

/* Problems of the value at a spot, with pydantic's types and messages. */
void say_missing(reading *r, spot object, cm_str name);
void say_value_error(reading *r, const spot *at, const char *text);
/* A list that should have that many elements. */
void say_length(reading *r, const spot *at, size_t wanted, size_t actual);
void say_string_type(reading *r, const spot *at);
/* False, and a problem, when it is none. */
bool is_list(reading *r, const spot *at);
bool is_object(reading *r, const spot *at);
/* False, and a problem, for more rows than the limit; sets n_rows. */
bool few_enough(reading *r, const spot *list, size_t n);

/* The value of a node that is no array and no object. */
cell cell_of_node(const document *d, size_t i);
/* Room for n more cells while nothing is wrong; NULL: do not keep them. */
cell *cells_for(reading *r, size_t n);
/* The wanted columns become those of the table. */
bool names_are_wanted(rows_reader *reader);
/* The wanted column of that name, n_wanted for none; hint: where it may be. */
size_t wanted_index(const rows_reader *reader, cm_str name, size_t hint);

/* {"data": [[…]], names_key: […]}, an object. */
void read_table(reading *r, spot object, const char *names_key);
/* The list of names alone: false when something is wrong with it. */
bool read_names(reading *r, const spot *list);
/* [{NAME: value, …}, …], a list. */
void read_records(reading *r, const spot *list);
/* {NAME: [value, …], …}, an object. */
void read_columns(reading *r, const spot *object);
/* Open Inference Protocol v2: {"inputs": [{"name": NAME, "data": …}, …]}, an
 * object. */
void read_inference(reading *r, spot top);

#endif
