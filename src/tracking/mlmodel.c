/* The file MLmodel: YAML, keys in MLflow's order.  Texts from outside stand
 * in quotes: names of columns as JSON in a YAML text. */
#include "tracking/mlmodel.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "codec/json.h"

/* ---- formatting ---------------------------------------------------------- */

/* In single quotes, where only the quote itself is special. */
static void put_quoted(cm_buf *out, const cm_buf *text)
{
    cm_buf_addc(out, '\'');
    for (size_t i = 0; i < text->n; i++) {
        cm_buf_addc(out, text->p[i]);
        if (text->p[i] == '\'') {
            cm_buf_addc(out, '\'');
        }
    }
    cm_buf_addc(out, '\'');
    out->failed = out->failed || text->failed;
}

static void put_inputs(cm_buf *out, const cm_logged_model *model)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 0);
    cm_json_begin_array(&w, NULL);
    for (size_t i = 0; i < model->n_columns; i++) {
        cm_json_begin_object(&w, NULL);
        cm_json_put_text(&w, "type", "double");
        cm_json_put_text(&w, "name", model->columns[i]);
        cm_json_put_bool(&w, "required", true);
        cm_json_end_object(&w);
    }
    cm_json_end_array(&w);
    put_quoted(out, &json);
    cm_buf_release(&json);
}

/* 2026-11-25 22:03:10.528000 */
static void put_time(cm_buf *out, int64_t ms)
{
    char text[64] = "";
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    }
    cm_buf_addf(out, "'%s.%03d000'\n", text, (int)(ms % 1000));
}

/* "    data: 'bundle/catclf.json'" */
static void put_data(cm_buf *out, const cm_logged_model *model)
{
    cm_buf path = {0};
    cm_buf_addf(&path, MLMODEL_BUNDLE "/%s", model->file);
    cm_buf_adds(out, "    data: ");
    put_quoted(out, &path);
    cm_buf_addc(out, '\n');
    cm_buf_release(&path);
}

static void put_flavors(cm_buf *out, const cm_logged_model *model)
{
    cm_buf_adds(out, "flavors:\n"
                     "  catboost:\n"
                     "    catboost_version: " MLMODEL_CATBOOST "\n"
                     "    code: null\n");
    put_data(out, model);
    cm_buf_addf(out,
                "    model_type: CatBoostClassifier\n"
                "    save_format: %s\n"
                "  python_function:\n"
                "    code: " MLMODEL_CODE "\n",
                model->format);
    put_data(out, model);
    cm_buf_adds(out, "    env:\n"
                     "      conda: conda.yaml\n"
                     "      virtualenv: python_env.yaml\n"
                     "    loader_module: " MLMODEL_LOADER "\n"
                     "    python_version: " MLMODEL_PYTHON ".0\n");
}

void mlmodel_format(cm_buf *out, const cm_logged_model *model, uint64_t size)
{
    cm_buf_adds(out, "artifact_path: model\n");
    put_flavors(out, model);
    cm_buf_addf(out,
                "is_signature_from_type_hint: false\n"
                "mlflow_version: " MLMODEL_MLFLOW "\n"
                "model_id: null\n"
                "model_size_bytes: %llu\n"
                "model_uuid: %s\n"
                "prompts: null\n"
                "run_id: %s\n",
                (unsigned long long)size, model->run_id, model->run_id);
    cm_buf_adds(out, "saved_input_example_info:\n"
                     "  artifact_path: input_example.json\n"
                     "  pandas_orient: split\n"
                     "  serving_input_path: serving_input_example.json\n"
                     "  type: dataframe\n"
                     "signature:\n"
                     "  inputs: ");
    put_inputs(out, model);
    cm_buf_adds(out, "\n"
                     "  outputs: '[{\"type\": \"tensor\", \"tensor-spec\": "
                     "{\"dtype\": \"float64\", \"shape\": [-1]}}]'\n"
                     "  params: null\n"
                     "type_hint_from_example: false\n"
                     "utc_time_created: ");
    put_time(out, model->created);
}

/* ---- other ids ----------------------------------------------------------- */

/* In double quotes, as JSON has them, which YAML reads, too. */
static void put_id(cm_buf *out, const char *key, const char *value)
{
    cm_buf_addf(out, "%s: ", key);
    cm_json_quote(out, cm_str_of(value));
    cm_buf_addc(out, '\n');
}

/* What stands at the beginning of a line that is to be another. */
static bool put_instead(cm_buf *out, cm_str line, const cm_mlmodel_ids *ids)
{
    const struct {
        const char *key, *value;
    } others[] = {{"artifact_path", ids->artifact_path},
                  {"model_id", ids->model_id},
                  {"model_uuid", ids->model_id},
                  {"run_id", ids->run_id}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = strlen(others[i].key);
        if (line.n > n && memcmp(line.p, others[i].key, n) == 0 &&
            line.p[n] == ':') {
            put_id(out, others[i].key, others[i].value);
            return true;
        }
    }
    return false;
}

cm_status cm_mlmodel_with_ids(cm_buf *out, cm_str text,
                              const cm_mlmodel_ids *ids, cm_error *err)
{
    size_t replaced = 0;
    for (size_t at = 0; at < text.n;) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end != NULL ? (size_t)(end - text.p) + 1 - at : text.n - at;
        cm_str line = {text.p + at, n};
        if (put_instead(out, line, ids)) {
            replaced++;
        } else {
            cm_buf_add(out, line.p, line.n);
        }
        at += n;
    }
    if (replaced != 4) {
        return cm_fail(err, CM_ERR_DATA,
                       "MLmodel: found %zu of the lines artifact_path, "
                       "model_id, model_uuid and run_id, expected each once",
                       replaced);
    }
    return cm_buf_check(out, err);
}
