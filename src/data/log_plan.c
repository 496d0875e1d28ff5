/* Finds the columns of the schema in the header of a log. */
#include "data/log_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/csv.h"
#include "data/excerpt.h"

void cm_log_plan_release(cm_log_plan *plan)
{
    cm_arena_release(&plan->arena);
    *plan = (cm_log_plan){0};
}

/* Length of the first record with its end, quotes respected.  0: none ends
 * within the limit. */
static size_t first_record(const cm_log_text *text)
{
    bool inside = false;
    size_t n = text->n < CM_CSV_MAX_RECORD ? text->n : CM_CSV_MAX_RECORD;
    for (size_t i = 0; i < n; i++) {
        inside ^= text->p[i] == '"';
        if (text->p[i] == '\n' && !inside) {
            return i + 1;
        }
    }
    return text->last && !inside ? n : 0;
}

static size_t count_fields(cm_str record, char delimiter)
{
    bool inside = false;
    size_t n = 1;
    for (size_t i = 0; i < record.n; i++) {
        inside ^= record.p[i] == '"';
        n += record.p[i] == delimiter && !inside;
    }
    return n;
}

static cm_str without_line_end(cm_str record)
{
    record.n -= record.n > 0 && record.p[record.n - 1] == '\n';
    record.n -= record.n > 0 && record.p[record.n - 1] == '\r';
    return record;
}

static cm_status look_at_first(cm_log_plan *plan, const cm_log_text *text,
                               cm_str *record, cm_error *err)
{
    cm_where where = {plan->file, text->line, 1};
    if (text->n == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the log is empty; expected a line for each "
                       "impression",
                       plan->file);
    }
    size_t n = first_record(text);
    if (n == 0) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "the first row does not end within %d bytes; is this "
                          "a CSV file, and are all its quotes closed?",
                          CM_CSV_MAX_RECORD);
    }
    *record = without_line_end((cm_str){text->p, n});
    size_t n_fields = count_fields(*record, plan->delimiter);
    if (n_fields > CM_CSV_MAX_COLUMNS) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "found %zu columns, expected at most %d", n_fields,
                          CM_CSV_MAX_COLUMNS);
    }
    plan->n_fields = n_fields;
    plan->names =
        cm_arena_alloc(&plan->arena, n_fields * sizeof *plan->names, err);
    plan->column_of =
        cm_arena_alloc(&plan->arena, n_fields * sizeof *plan->column_of, err);
    return plan->names == NULL || plan->column_of == NULL ? CM_ERR_NOMEM
                                                          : CM_OK;
}

/* A name is text that can be printed and kept. */
static cm_status check_name(const cm_log_plan *plan, size_t i, cm_where where,
                            cm_error *err)
{
    char shown[CM_EXCERPT];
    cm_str name = plan->names[i];
    if (name.n == 0 && i > 0) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "column %zu has no name; name it in the header",
                          i + 1);
    }
    if (memchr(name.p, '\0', name.n) != NULL || cm_utf8_valid(name) != name.n) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "found %s as the name of column %zu, expected text "
                          "in UTF-8",
                          cm_excerpt(shown, name), i + 1);
    }
    return CM_OK;
}

static cm_status parse_names(cm_log_plan *plan, cm_str record, cm_where where,
                             cm_error *err)
{
    bool inside = false;
    size_t from = 0;
    size_t field = 0;
    for (size_t i = 0; i <= record.n; i++) {
        inside ^= i < record.n && record.p[i] == '"';
        if (i < record.n && (inside || record.p[i] != plan->delimiter)) {
            continue;
        }
        cm_str raw = {record.p + from, i - from};
        where.column = from + 1;
        char *name = cm_arena_alloc(&plan->arena, raw.n + 1, err);
        if (name == NULL) {
            return CM_ERR_NOMEM;
        }
        size_t n = cm_csv_field(name, raw);
        if (n == CM_CSV_MISQUOTED) {
            char shown[CM_EXCERPT];
            return cm_fail_at(err, CM_ERR_PARSE, where,
                              "found %s in the header, expected quotes only "
                              "around a whole name",
                              cm_excerpt(shown, raw));
        }
        name[n] = '\0';
        plan->names[field] = (cm_str){name, n};
        cm_status status = check_name(plan, field, where, err);
        if (status != CM_OK) {
            return status;
        }
        field++;
        from = i + 1;
    }
    return CM_OK;
}

static int by_name(const void *a, const void *b)
{
    return cm_str_compare(*(const cm_str *)a, *(const cm_str *)b);
}

static cm_status check_duplicates(const cm_log_plan *plan, cm_where where,
                                  cm_error *err)
{
    cm_status status = CM_OK;
    cm_str *sorted = cm_alloc(plan->n_fields, sizeof *sorted, err);
    if (sorted == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(sorted, plan->names, plan->n_fields * sizeof *sorted);
    qsort(sorted, plan->n_fields, sizeof *sorted, by_name);
    for (size_t i = 1; i < plan->n_fields && status == CM_OK; i++) {
        if (cm_str_equal(sorted[i - 1], sorted[i])) {
            char shown[CM_EXCERPT];
            status = cm_fail_at(err, CM_ERR_PARSE, where,
                                "the header names column %s twice; give each "
                                "column its own name",
                                cm_excerpt(shown, sorted[i]));
        }
    }
    free(sorted);
    return status;
}

static cm_status read_header(cm_log_plan *plan, cm_log_text *text,
                             cm_str record, cm_error *err)
{
    cm_where where = {plan->file, text->line, 1};
    cm_status status = parse_names(plan, record, where, err);
    if (status == CM_OK) {
        status = check_duplicates(plan, where, err);
    }
    size_t n = first_record(text);
    if (status == CM_OK) {
        status = cm_log_text_prepare(text, n, err);
    }
    if (status == CM_OK) {
        uint64_t lines = 0;
        for (size_t i = 0; i < n; i++) {
            lines += text->p[i] == '\n';
        }
        cm_log_text_advance(text, n, lines);
    }
    return status;
}

/* Without a header the schema names the fields, in its order.  A log with one
 * field less is taken to lack the target. */
static cm_status take_schema_names(cm_log_plan *plan, const cm_log_text *text,
                                   const cm_schema *schema, cm_error *err)
{
    const cm_schema_column *target =
        cm_schema_of_kind(schema, CM_COLUMN_TARGET);
    size_t lacking = schema->n_columns - plan->n_fields;
    if (lacking != 0 && (lacking != 1 || target == NULL)) {
        return cm_fail_at(err, CM_ERR_PARSE,
                          (cm_where){plan->file, text->line, 1},
                          "found %zu fields, expected the %zu columns of the "
                          "schema %s; is this the right --schema?",
                          plan->n_fields, schema->n_columns, schema->name);
    }
    size_t field = 0;
    for (size_t i = 0; i < schema->n_columns; i++) {
        if (lacking == 0 || &schema->columns[i] != target) {
            plan->names[field++] = cm_str_of(schema->columns[i].name);
        }
    }
    return CM_OK;
}

cm_status cm_log_plan_open(cm_log_plan *plan, cm_log_text *text,
                           const cm_schema *schema, const char *input,
                           cm_error *err)
{
    plan->file = strcmp(input, "-") == 0 ? "standard input" : input;
    plan->delimiter = schema->delimiter;
    cm_str record = {NULL, 0};
    cm_status status = look_at_first(plan, text, &record, err);
    if (status == CM_OK) {
        status = schema->header ? read_header(plan, text, record, err)
                                : take_schema_names(plan, text, schema, err);
    }
    for (size_t i = 0; status == CM_OK && i < plan->n_fields; i++) {
        plan->column_of[i] = CM_NO_COLUMN;
    }
    return status;
}

static size_t field_named(const cm_log_plan *plan, cm_str name)
{
    for (size_t i = 0; i < plan->n_fields; i++) {
        if (cm_str_equal(plan->names[i], name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static cm_status add_column(cm_log_plan *plan, const char *name,
                            cm_column_kind kind, size_t field, cm_error *err)
{
    if (plan->columns == NULL) {
        plan->columns = cm_arena_alloc(
            &plan->arena, plan->n_fields * sizeof *plan->columns, err);
        if (plan->columns == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    name = cm_arena_strdup(&plan->arena, name, strlen(name), err);
    if (name == NULL) {
        return CM_ERR_NOMEM;
    }
    plan->column_of[field] = plan->n_columns;
    plan->columns[plan->n_columns++] = (cm_plan_column){name, kind, field};
    return CM_OK;
}

static cm_status fail_missing(const cm_log_plan *plan, const char *name,
                              bool target, cm_error *err)
{
    enum { ROOM = 400 };
    char found[ROOM + CM_EXCERPT + 8] = "";
    size_t n = 0;
    for (size_t i = 0; i < plan->n_fields; i++) {
        char shown[CM_EXCERPT];
        const char *text = n < ROOM ? cm_excerpt(shown, plan->names[i]) : "...";
        size_t length = strlen(text);
        memcpy(found + n, ", ", 2);
        memcpy(found + n + 2, text, length + 1);
        n += 2 + length;
        if (text != shown) {
            break;
        }
    }
    return cm_fail(err, CM_ERR_DATA, "%s: found no column \"%s\" among %s; %s",
                   plan->file, name, found + 2,
                   target ? "training and evaluation need it"
                          : "give the log that column or change the schema");
}

cm_status cm_log_plan_one(cm_log_plan *plan, const cm_schema *schema,
                          const char *name, bool required, bool *found,
                          cm_error *err)
{
    size_t field = field_named(plan, cm_str_of(name));
    const cm_schema_column *known = cm_schema_find(schema, cm_str_of(name));
    *found = field != SIZE_MAX;
    if (*found) {
        return plan->column_of[field] != CM_NO_COLUMN
                   ? CM_OK
                   : add_column(plan, name,
                                known == NULL ? CM_COLUMN_TEXT : known->kind,
                                field, err);
    }
    bool target = known != NULL && known->kind == CM_COLUMN_TARGET;
    return required ? fail_missing(plan, name, target, err) : CM_OK;
}

cm_status cm_log_plan_all(cm_log_plan *plan, const cm_schema *schema,
                          bool require_target, cm_error *err)
{
    if (require_target && cm_schema_of_kind(schema, CM_COLUMN_TARGET) == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the schema %s has no column of kind target; training "
                       "and evaluation need one",
                       schema->name);
    }
    for (size_t i = 0; i < schema->n_columns; i++) {
        const cm_schema_column *column = &schema->columns[i];
        bool found = false;
        bool required = column->kind == CM_COLUMN_TARGET ? require_target
                                                         : column->required;
        cm_status status =
            cm_log_plan_one(plan, schema, column->name, required, &found, err);
        if (status != CM_OK) {
            return status;
        }
    }
    for (size_t i = 0; schema->keep_extra && i < plan->n_fields; i++) {
        bool index = i == 0 && plan->names[i].n == 0;
        if (plan->column_of[i] != CM_NO_COLUMN || index) {
            continue;
        }
        cm_status status =
            add_column(plan, plan->names[i].p, CM_COLUMN_TEXT, i, err);
        if (status != CM_OK) {
            return status;
        }
    }
    if (plan->n_columns == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the log has none of the columns of the schema %s; "
                       "is this the right --schema?",
                       plan->file, schema->name);
    }
    return CM_OK;
}
