/* What depends on the model in the OpenAPI document: a row in every form that
 * a request may have, and the schema of a row. */
#include <string.h>

#include "codec/csv.h"
#include "serving/openapi.h"

static size_t n_columns(const openapi_model *model)
{
    return json_array_size(model->columns);
}

static const char *column(const openapi_model *model, size_t i)
{
    return json_string_value(json_array_get(model->columns, i));
}

static const char *field(const openapi_model *model, size_t i)
{
    const char *text = json_string_value(json_array_get(model->row, i));
    return text == NULL ? "" : text;
}

/* ---- a row -------------------------------------------------------------- */

static void put_columns(cm_json_writer *w, const char *key,
                        const openapi_model *model)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_put_text(w, NULL, column(model, i));
    }
    cm_json_end_array(w);
}

static void put_rows(cm_json_writer *w, const char *key,
                     const openapi_model *model)
{
    cm_json_begin_array(w, key);
    cm_json_begin_array(w, NULL);
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_put_text(w, NULL, field(model, i));
    }
    cm_json_end_array(w);
    cm_json_end_array(w);
}

static void put_records(cm_json_writer *w, const char *key,
                        const openapi_model *model)
{
    cm_json_begin_array(w, key);
    cm_json_begin_object(w, NULL);
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_put_text(w, column(model, i), field(model, i));
    }
    cm_json_end_object(w);
    cm_json_end_array(w);
}

static void put_named_rows(cm_json_writer *w, const char *key,
                           const char *names, const openapi_model *model)
{
    cm_json_begin_object(w, key);
    put_columns(w, names, model);
    put_rows(w, "data", model);
    cm_json_end_object(w);
}

static void put_lists(cm_json_writer *w, const char *key,
                      const openapi_model *model)
{
    cm_json_begin_object(w, key);
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_begin_array(w, column(model, i));
        cm_json_put_text(w, NULL, field(model, i));
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

/* ---- bodies ------------------------------------------------------------- */

static void put_table(cm_json_writer *w, const char *key,
                      const openapi_model *model)
{
    put_named_rows(w, key, "features", model);
}

static void put_names(cm_json_writer *w, const char *key,
                      const openapi_model *model)
{
    cm_json_begin_object(w, key);
    put_columns(w, "features", model);
    cm_json_end_object(w);
}

static void put_csv(cm_json_writer *w, const char *key,
                    const openapi_model *model)
{
    cm_buf text = {0};
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_buf_adds(&text, i == 0 ? "" : ",");
        cm_csv_put(&text, cm_str_of(column(model, i)));
    }
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_buf_adds(&text, i == 0 ? "\n" : ",");
        cm_csv_put(&text, cm_str_of(field(model, i)));
    }
    cm_buf_addc(&text, '\n');
    cm_json_put_str(w, key, (cm_str){text.p, text.n});
    w->buf->failed = w->buf->failed || text.failed;
    cm_buf_release(&text);
}

static void put_split(cm_json_writer *w, const char *key,
                      const openapi_model *model)
{
    cm_json_begin_object(w, key);
    put_named_rows(w, "dataframe_split", "columns", model);
    cm_json_end_object(w);
}

static void put_dataframe_records(cm_json_writer *w, const char *key,
                                  const openapi_model *model)
{
    cm_json_begin_object(w, key);
    put_records(w, "dataframe_records", model);
    cm_json_end_object(w);
}

static void put_inputs(cm_json_writer *w, const char *key,
                       const openapi_model *model)
{
    cm_json_begin_object(w, key);
    put_lists(w, "inputs", model);
    cm_json_end_object(w);
}

static void put_tensors(cm_json_writer *w, const char *key,
                        const openapi_model *model)
{
    cm_json_begin_object(w, key);
    cm_json_put_text(w, "id", "1");
    cm_json_begin_array(w, "inputs");
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "name", column(model, i));
        cm_json_put_text(w, "datatype", "BYTES");
        cm_json_put_raw(w, "shape", CM_STR("[1]"));
        cm_json_begin_array(w, "data");
        cm_json_put_text(w, NULL, field(model, i));
        cm_json_end_array(w);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

/* ---- what is known of the model ------------------------------------------ */

static const char *schema_of(const openapi_model *model, const char *name)
{
    const cm_feature_plan *plan = model->plan;
    for (size_t i = 0; plan != NULL && i < plan->n_sources; i++) {
        if (strcmp(plan->sources[i].column, name) == 0) {
            switch (plan->sources[i].kind) {
            case CM_SOURCE_TEXT:
                return "#/components/schemas/Value";
            case CM_SOURCE_INTEGER:
                return "#/components/schemas/IntegerValue";
            case CM_SOURCE_HOUR_OF_DAY:
            case CM_SOURCE_DAY_OF_WEEK:
                return "#/components/schemas/TimeValue";
            }
        }
    }
    return "#/components/schemas/Value";
}

static void put_properties(cm_json_writer *w, const char *key,
                           const openapi_model *model)
{
    cm_json_begin_object(w, key);
    for (size_t i = 0; i < n_columns(model); i++) {
        cm_json_begin_object(w, column(model, i));
        cm_json_put_text(w, "$ref", schema_of(model, column(model, i)));
        cm_json_end_object(w);
    }
    cm_json_end_object(w);
}

static void put_model_name(cm_json_writer *w, const char *key,
                           const openapi_model *model)
{
    cm_json_put_text(w, key, model->name);
}

static void put_version(cm_json_writer *w, const char *key,
                        const openapi_model *model)
{
    cm_json_put_text(w, key, model->version);
}

static void put_program(cm_json_writer *w, const char *key,
                        const openapi_model *model)
{
    (void)model;
    cm_json_put_text(w, key, CM_VERSION);
}

typedef struct example {
    const char *name;
    void (*put)(cm_json_writer *w, const char *key, const openapi_model *model);
} example;

static const example examples[] = {
    {"table", put_table},      {"records", put_records},
    {"csv", put_csv},          {"names", put_names},
    {"split", put_split},      {"dataframe_records", put_dataframe_records},
    {"inputs", put_inputs},    {"tensors", put_tensors},
    {"columns", put_columns},  {"properties", put_properties},
    {"model", put_model_name}, {"version", put_version},
    {"program", put_program}};

void openapi_put_example(cm_json_writer *w, const char *key, const char *name,
                         const openapi_model *model)
{
    size_t i = 0;
    while (strcmp(examples[i].name, name) != 0) {
        i++;
        CM_ASSERT(i < sizeof examples / sizeof *examples);
    }
    examples[i].put(w, key, model);
}
