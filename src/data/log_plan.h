/* What to take from each record of a log, and as what: its header held against
 * the schema. */
#ifndef CM_DATA_LOG_PLAN_H
#define CM_DATA_LOG_PLAN_H

#include "base/mem.h"
#include "data/log_text.h"
#include "data/schema.h"

typedef struct cm_plan_column {
    const char *name;
    cm_column_kind kind;
    size_t field;
} cm_plan_column;

#define CM_NO_COLUMN SIZE_MAX

typedef struct cm_log_plan {
    size_t n_fields;   /* of every record */
    cm_str *names;     /* (n_fields) */
    size_t *column_of; /* (n_fields), CM_NO_COLUMN when not wanted */
    size_t n_columns;
    cm_plan_column *columns;
    char delimiter;
    const char *file; /* how messages call the log */
    cm_arena arena;
} cm_log_plan;

/* Reads the header, if the schema has one, off the front of text; otherwise
 * looks at the first record.  plan is zero-initialised and has no columns
 * yet; release it in any case. */
CM_MUST_USE cm_status cm_log_plan_open(cm_log_plan *plan, cm_log_text *text,
                                       const cm_schema *schema,
                                       const char *input, cm_error *err);
void cm_log_plan_release(cm_log_plan *plan);

/* Wants every column of the schema that the log has, in the schema's order,
 * then, if it keeps them, the extra ones in the log's. */
CM_MUST_USE cm_status cm_log_plan_all(cm_log_plan *plan,
                                      const cm_schema *schema,
                                      bool require_target, cm_error *err);

/* Wants column i by name; one the schema does not know is a text.  Sets
 * *found, and fails when it is not there but required. */
CM_MUST_USE cm_status cm_log_plan_one(cm_log_plan *plan,
                                      const cm_schema *schema, const char *name,
                                      bool required, bool *found,
                                      cm_error *err);

#endif
