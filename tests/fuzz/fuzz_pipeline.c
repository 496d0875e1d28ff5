/* Any bytes as dvc.yaml and, behind a NUL, as params.yaml: the stages are
 * whole, or the error says why. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "versioning/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

typedef struct input {
    cm_str pipeline, params;
} input;

static cm_status read_input(const cm_snapshot *snapshot, const char *path,
                            cm_buf *out, bool *found, cm_error *err)
{
    const input *in = snapshot->state;
    bool params = strcmp(path, "params.yaml") == 0;
    cm_str text = params ? in->params : in->pipeline;
    *found = params || strcmp(path, "dvc.yaml") == 0;
    if (*found) {
        cm_buf_add(out, text.p, text.n);
    }
    return cm_buf_check(out, err);
}

static void check_stage(const cm_stage *stage)
{
    CM_ASSERT(stage->name != NULL && stage->wdir != NULL);
    CM_ASSERT(stage->n_commands > 0);
    for (size_t i = 0; i < stage->n_commands; i++) {
        CM_ASSERT(stage->commands[i][0] != '\0');
    }
    for (size_t i = 0; i < stage->n_deps; i++) {
        CM_ASSERT(stage->deps[i][0] != '\0');
    }
    for (size_t i = 0; i < stage->n_outs; i++) {
        CM_ASSERT(stage->outs[i].out.path[0] != '\0');
    }
    for (size_t i = 0; i < stage->n_params; i++) {
        CM_ASSERT(stage->params[i].file != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const uint8_t *end = n > 0 ? memchr(bytes, '\0', n) : NULL;
    size_t first = end != NULL ? (size_t)(end - bytes) : n;
    size_t rest = end != NULL ? first + 1 : n;
    input in = {{(const char *)bytes, first},
                {(const char *)bytes + rest, n - rest}};
    cm_snapshot snapshot = {.read = read_input, .state = &in};
    cm_pipeline pipeline = {0};
    cm_error err = {0};
    cm_status status =
        pipeline_load(&pipeline, &snapshot, NULL, "dvc.yaml", &err);
    if (status == CM_OK) {
        for (size_t i = 0; i < pipeline.n; i++) {
            check_stage(&pipeline.stages[i]);
        }
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_pipeline_release(&pipeline);
    return 0;
}
