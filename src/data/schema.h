/* A schema says what the columns of a click log mean.  It is data (YAML, see
 * configs/schema), so another log is a new file, not new code. */
#ifndef CM_DATA_SCHEMA_H
#define CM_DATA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef enum cm_column_kind {
    CM_COLUMN_ID,     /* names the impression; kept exactly */
    CM_COLUMN_TARGET, /* 0 or 1 */
    CM_COLUMN_TIME,   /* YYMMDDHH or a timestamp; seconds since 1970, UTC */
    CM_COLUMN_TEXT,   /* a category, compared byte by byte */
    CM_COLUMN_INTEGER /* a category that is a 64-bit integer */
} cm_column_kind;

typedef struct cm_schema_column {
    const char *name;
    cm_column_kind kind;
    bool required; /* the log must have it (a target: only to train) */
} cm_schema_column;

/* Immutable once loaded.  At most one ID, one TARGET and one TIME. */
typedef struct cm_schema {
    const char *name;
    size_t n_columns;
    const cm_schema_column *columns;
    bool keep_extra; /* columns it does not name become TEXT, else dropped */
    bool header;     /* the first record names the columns */
    char delimiter;  /* ',' or tab */
} cm_schema;

/* name_or_path: "avazu", "criteo", "talkingdata" (built in) or a YAML file. */
CM_MUST_USE cm_status cm_schema_load(cm_schema **out, const char *name_or_path,
                                     cm_error *err);
void cm_schema_free(cm_schema *schema);

/* Column of that name or kind; NULL when there is none. */
const cm_schema_column *cm_schema_find(const cm_schema *schema, cm_str name);
const cm_schema_column *cm_schema_of_kind(const cm_schema *schema,
                                          cm_column_kind kind);

/* The text of a TIME value to seconds since 1970-01-01 00:00 UTC:
 * 14102100 (YYMMDDHH), 2014-10-21, 2014-10-21 00:00:00 (or with a T).
 * False when it is none of these. */
CM_MUST_USE bool cm_parse_time(cm_str text, int64_t *seconds);
/* 0..23, and Monday 0 .. Sunday 6. */
unsigned cm_hour_of_day(int64_t seconds);
unsigned cm_day_of_week(int64_t seconds);

#endif
