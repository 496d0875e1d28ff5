/* Loading a model to continue, and its fit to the new training. */
#include "pipeline/init_model.h"

#include <string.h>
#include <sys/stat.h>

cm_status cm_init_model_load(cm_init_model *out, const char *path,
                             cm_error *err)
{
    struct stat info;
    *out = (cm_init_model){0};
    if (stat(path, &info) != 0) {
        return cm_fail_errno(err, "init_model: %s", path);
    }
    cm_status status = S_ISDIR(info.st_mode)
                           ? cm_bundle_load(&out->bundle, path, err)
                           : cm_model_load(&out->file, path, err);
    if (status == CM_OK) {
        out->model =
            out->bundle != NULL ? cm_bundle_model(out->bundle) : out->file;
    }
    return status;
}

void cm_init_model_release(cm_init_model *init)
{
    cm_bundle_free(init->bundle);
    cm_model_free(init->file);
    *init = (cm_init_model){0};
}

static cm_status check_name(const cm_model *model, size_t f, const char *name,
                            cm_error *err)
{
    if (strcmp(model->features[f].name, name) != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "init_model: feature %zu is \"%s\" there and \"%s\" "
                       "here; train with the same ctr_features in the same "
                       "order",
                       f, model->features[f].name, name);
    }
    return CM_OK;
}

cm_status cm_init_model_check(const cm_model *model, const char *const *names,
                              size_t n, const cm_train_options *options,
                              cm_error *err)
{
    if (options->boost_from_average) {
        return cm_fail(err, CM_ERR_USAGE,
                       "boost_from_average has no meaning with init_model, "
                       "whose scores are what is started from: remove it");
    }
    if (model->n_features != n || model->n_cat_features > 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "init_model: the model takes %zu numbers and %zu "
                       "categories, expected the %zu features of this training",
                       model->n_features, model->n_cat_features, n);
    }
    cm_status status = CM_OK;
    for (size_t f = 0; f < n && status == CM_OK; f++) {
        status = check_name(model, f, names[f], err);
    }
    return status;
}
