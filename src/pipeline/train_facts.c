/* Digests, schema and example rows of a training's data. */
#include "pipeline/train_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/json.h"

/* ---- digests ------------------------------------------------------------- */

static void format_digest(char out[CM_DIGEST_TEXT], uint64_t digest)
{
    (void)snprintf(out, CM_DIGEST_TEXT, "%016" PRIx64, digest);
}

static void digest_part(char out[CM_DIGEST_TEXT], uint64_t dataset,
                        const uint32_t *rows, size_t n)
{
    uint64_t parts[] = {dataset, cm_xxh3(rows, n * sizeof *rows)};
    format_digest(out, cm_xxh3(parts, sizeof parts));
}

static cm_status digest(cm_train_facts *out, const cm_dataset *dataset,
                        const cm_split *split, cm_error *err)
{
    uint64_t whole = 0;
    cm_status status = cm_dataset_digest(dataset, 1, &whole, err);
    if (status == CM_OK) {
        format_digest(out->digest, whole);
        digest_part(out->train_digest, whole, split->train, split->n_train);
        digest_part(out->val_digest, whole, split->val, split->n_val);
    }
    return status;
}

/* ---- the schema ---------------------------------------------------------- */

/* Ids are texts: MLflow has no unsigned number of 64 bits. */
static const char *type_of(const cm_column *column)
{
    static const char *const types[] = {[CM_COLUMN_ID] = "string",
                                        [CM_COLUMN_TARGET] = "long",
                                        [CM_COLUMN_TIME] = "datetime",
                                        [CM_COLUMN_TEXT] = "string",
                                        [CM_COLUMN_INTEGER] = "long"};
    return types[column->kind];
}

static bool may_be_missing(const cm_column *column)
{
    const cm_dictionary *values = &column->dictionary;
    return values->integers != NULL && values->n > 0 &&
           values->integers[0] == CM_MISSING_INTEGER;
}

static cm_status describe_columns(cm_train_facts *out,
                                  const cm_dataset *dataset, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "mlflow_colspec");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const cm_column *column = &dataset->columns[i];
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "type", type_of(column));
        cm_json_put_text(&w, "name", column->name);
        cm_json_put_bool(&w, "required", !may_be_missing(column));
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_status status = cm_buf_check(&json, err);
    if (status == CM_OK) {
        out->schema = json.p; /* a buffer ends with NUL */
        json.p = NULL;
    }
    cm_buf_release(&json);
    out->n_columns = dataset->n_columns;
    return status;
}

/* ---- example rows -------------------------------------------------------- */

static cm_status take_examples(cm_train_facts *out, const cm_fitted *fitted,
                               cm_error *err)
{
    const cm_split *split = &fitted->split;
    const cm_feature_codes *codes = fitted->codes;
    size_t n = split->n_val < CM_EXAMPLE_ROWS ? split->n_val : CM_EXAMPLE_ROWS;
    out->example = cm_alloc(n * codes->n_features, sizeof *out->example, err);
    if (out->example == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t f = 0; f < codes->n_features; f++) {
            out->example[i * codes->n_features + f] =
                cm_feature_value(codes, f, split->val[i]);
        }
    }
    out->n_examples = n;
    return CM_OK;
}

cm_status cm_train_facts_init(cm_train_facts *out, const cm_dataset *dataset,
                              const cm_fitted *fitted, cm_error *err)
{
    *out = (cm_train_facts){0};
    cm_status status = digest(out, dataset, &fitted->split, err);
    if (status == CM_OK) {
        status = describe_columns(out, dataset, err);
    }
    if (status == CM_OK) {
        status = take_examples(out, fitted, err);
    }
    if (status != CM_OK) {
        cm_train_facts_release(out);
    }
    return status;
}

void cm_train_facts_release(cm_train_facts *facts)
{
    free(facts->schema);
    free(facts->example);
    *facts = (cm_train_facts){0};
}
