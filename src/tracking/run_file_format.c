/* run.json out of a record. */
#include <string.h>

#include "codec/json.h"
#include "tracking/run_file.h"

const char *cm_run_status_name(cm_run_status status)
{
    static const char *const names[] = {[CM_RUN_RUNNING] = "RUNNING",
                                        [CM_RUN_FINISHED] = "FINISHED",
                                        [CM_RUN_FAILED] = "FAILED",
                                        [CM_RUN_KILLED] = "KILLED"};
    return names[status];
}

const char *run_copy(cm_arena *arena, const char *text, cm_error *err)
{
    return cm_arena_strdup(arena, text, strlen(text), err);
}

void cm_run_put_pairs(cm_json_writer *w, const char *name,
                      const cm_run_pair *pairs, size_t n)
{
    cm_json_begin_object(w, name);
    for (size_t i = 0; i < n; i++) {
        cm_json_put_text(w, pairs[i].key, pairs[i].value);
    }
    cm_json_end_object(w);
}

/* A text that may not be there. */
static void put_optional(cm_json_writer *w, const char *key, const char *text)
{
    if (text != NULL) {
        cm_json_put_text(w, key, text);
    }
}

static void put_datasets(cm_json_writer *w, const cm_run_record *record)
{
    cm_json_begin_array(w, "datasets");
    for (size_t i = 0; i < record->n_datasets; i++) {
        const cm_run_dataset *dataset = &record->datasets[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "name", dataset->name);
        cm_json_put_text(w, "digest", dataset->digest);
        cm_json_put_text(w, "context", dataset->context);
        cm_json_put_text(w, "source_type", dataset->source_type);
        cm_json_put_text(w, "source", dataset->source);
        put_optional(w, "schema", dataset->schema);
        put_optional(w, "profile", dataset->profile);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static void put_model(cm_json_writer *w, const cm_run_model *model)
{
    cm_json_begin_object(w, "model");
    cm_json_put_text(w, "name", model->name);
    put_optional(w, "register_as", model->register_as);
    put_optional(w, "alias", model->alias);
    cm_json_end_object(w);
}

void run_file_format(cm_buf *out, const cm_run_record *record)
{
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_u64(&w, "run_version", 1);
    cm_json_put_text(&w, "id", record->id);
    cm_json_put_text(&w, "experiment", record->experiment);
    cm_json_put_text(&w, "name", record->name);
    cm_json_put_text(&w, "status", cm_run_status_name(record->status));
    cm_json_put_i64(&w, "start", record->start);
    cm_json_put_i64(&w, "end", record->end);
    cm_run_put_pairs(&w, "params", record->params, record->n_params);
    cm_run_put_pairs(&w, "tags", record->tags, record->n_tags);
    put_datasets(&w, record);
    if (record->has_model) {
        put_model(&w, &record->model);
    }
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
}

void run_metric_format(cm_buf *out, const cm_run_metric *metric)
{
    cm_buf_adds(out, metric->key);
    cm_buf_addc(out, '\t');
    cm_buf_add_double(out, metric->value);
    cm_buf_addf(out, "\t%lld\t%lld\n", (long long)metric->step,
                (long long)metric->time);
}
