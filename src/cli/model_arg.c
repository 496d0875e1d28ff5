/* Opens what a path names. */
#include "cli/model_arg.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "model/explain.h"

cm_status cli_model_open(cli_model *out, const char *path, cm_error *err)
{
    struct stat info;
    *out = (cli_model){0};
    if (stat(path, &info) != 0) {
        return cm_fail_errno(err, "%s", path);
    }
    if (S_ISDIR(info.st_mode) ||
        strcmp(cm_path_base(path), "bundle.json") == 0) {
        cm_status status = cm_bundle_load(&out->bundle, path, err);
        out->model = status == CM_OK ? cm_bundle_model(out->bundle) : NULL;
        return status;
    }
    cm_status status = cm_model_load(&out->own, path, err);
    out->model = out->own;
    return status;
}

void cli_model_close(cli_model *model)
{
    cm_bundle_free(model->bundle);
    cm_model_free(model->own);
    *model = (cli_model){0};
}

const char *cli_input_name(const cm_model *model, size_t input, char digits[32])
{
    const char *name = cm_model_input_name(model, input);
    if (name != NULL) {
        return name;
    }
    (void)snprintf(digits, 32, "%zu", input);
    return digits;
}
