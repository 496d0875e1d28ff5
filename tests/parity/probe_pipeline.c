/* probe_pipeline: the stages of dvc.yaml in the working folder as JSON, for
 * tests/versioning/pipeline_test.py. */
#include <stdio.h>
#include <stdlib.h>

#include "versioning/param_file.h"
#include "versioning/stages.h"

static void put_text(cm_json_writer *w, const char *key, const char *text)
{
    cm_json_put_text(w, key, text);
}

static void put_params(cm_json_writer *w, const cm_stage *stage)
{
    cm_json_begin_object(w, "params");
    for (size_t i = 0; i < stage->n_params; i++) {
        cm_json_begin_array(w, stage->params[i].file);
        for (size_t j = 0; j < stage->params[i].n; j++) {
            put_text(w, NULL, stage->params[i].keys[j]);
        }
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

static void put_outs(cm_json_writer *w, const cm_stage *stage)
{
    static const char *const kinds[] = {"outs", "metrics", "plots"};
    cm_json_begin_array(w, "outs");
    for (size_t i = 0; i < stage->n_outs; i++) {
        const cm_stage_out *out = &stage->outs[i];
        cm_json_begin_array(w, NULL);
        put_text(w, NULL, out->out.path);
        put_text(w, NULL, kinds[out->kind]);
        cm_json_put_bool(w, NULL, !out->out.no_cache);
        cm_json_put_bool(w, NULL, out->out.persist);
        cm_json_put_bool(w, NULL, !out->out.no_push);
        cm_json_end_array(w);
    }
    cm_json_end_array(w);
}

static void put_stage(cm_json_writer *w, const cm_stage *stage)
{
    cm_json_begin_object(w, NULL);
    put_text(w, "name", stage->name);
    if (stage->one_command) {
        put_text(w, "cmd", stage->commands[0]);
    } else {
        cm_json_begin_array(w, "cmd");
        for (size_t i = 0; i < stage->n_commands; i++) {
            put_text(w, NULL, stage->commands[i]);
        }
        cm_json_end_array(w);
    }
    put_text(w, "wdir", stage->wdir);
    cm_json_begin_array(w, "deps");
    for (size_t i = 0; i < stage->n_deps; i++) {
        put_text(w, NULL, stage->deps[i]);
    }
    cm_json_end_array(w);
    put_params(w, stage);
    put_outs(w, stage);
    cm_json_put_bool(w, "frozen", stage->frozen);
    cm_json_put_bool(w, "always_changed", stage->always_changed);
    cm_json_end_object(w);
}

int main(void)
{
    cm_repo repo = {0};
    cm_pipeline pipeline = {0};
    cm_error err = {0};
    cm_buf out = {0};
    if (cm_repo_open(&repo, NULL, NULL, &err) != CM_OK ||
        cm_pipeline_load(&pipeline, &repo, "dvc.yaml", &err) != CM_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    cm_json_writer w = cm_json_writer_of(&out, 1);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "stages");
    for (size_t i = 0; i < pipeline.n; i++) {
        put_stage(&w, &pipeline.stages[i]);
    }
    cm_json_end_array(&w);
    cm_json_put_value(&w, "used", pipeline.used);
    cm_json_end_object(&w);
    printf("%s\n", out.p);
    cm_buf_release(&out);
    cm_pipeline_release(&pipeline);
    cm_repo_close(&repo);
    return 0;
}
