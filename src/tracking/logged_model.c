/* The folder of a logged model. */
#include "tracking/logged_model.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/file.h"
#include "codec/json.h"
#include "tracking/mlmodel.h"
#include "tracking/run_files.h"

CM_EMBED(cm_pyfunc_loader, "src/tracking/clickmill_pyfunc.py");

#define REQUIREMENTS     \
    "mlflow>=3.0,<4\n"   \
    "catboost>=1.2,<2\n" \
    "numpy\n"            \
    "pandas\n"

static const char conda[] = "channels:\n"
                            "- conda-forge\n"
                            "dependencies:\n"
                            "- python=" MLMODEL_PYTHON "\n"
                            "- pip\n"
                            "- pip:\n"
                            "  - mlflow>=3.0,<4\n"
                            "  - catboost>=1.2,<2\n"
                            "  - numpy\n"
                            "  - pandas\n"
                            "name: mlflow-env\n";

static const char python_env[] = "python: '" MLMODEL_PYTHON "'\n"
                                 "build_dependencies:\n"
                                 "- pip\n"
                                 "- setuptools\n"
                                 "- wheel\n"
                                 "dependencies:\n"
                                 "- -r requirements.txt\n";

/* {"columns": […], "data": [[…], …]}: pandas' orientation "split". */
static void put_example(cm_json_writer *w, const char *key,
                        const cm_logged_model *model)
{
    const double *row = model->example;
    cm_json_begin_object(w, key);
    cm_json_begin_array(w, "columns");
    for (size_t f = 0; f < model->n_columns; f++) {
        cm_json_put_text(w, NULL, model->columns[f]);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "data");
    for (size_t i = 0; i < model->n_examples; i++, row += model->n_columns) {
        cm_json_begin_array(w, NULL);
        for (size_t f = 0; f < model->n_columns; f++) {
            cm_json_put_double(w, NULL, row[f]);
        }
        cm_json_end_array(w);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static cm_status save_text(const char *folder, const char *name,
                           const cm_buf *text, cm_error *err)
{
    cm_status status = cm_buf_check(text, err);
    return status == CM_OK
               ? run_files_write(folder, name, (cm_str){text->p, text->n}, err)
               : status;
}

static cm_status save_examples(const char *folder, const cm_logged_model *model,
                               cm_error *err)
{
    cm_buf plain = {0}, serving = {0};
    cm_json_writer w = cm_json_writer_of(&plain, 0);
    put_example(&w, NULL, model);
    w = cm_json_writer_of(&serving, 2);
    cm_json_begin_object(&w, NULL);
    put_example(&w, "dataframe_split", model);
    cm_json_end_object(&w);
    cm_status status = save_text(folder, "input_example.json", &plain, err);
    if (status == CM_OK) {
        status = save_text(folder, "serving_input_example.json", &serving, err);
    }
    cm_buf_release(&plain);
    cm_buf_release(&serving);
    return status;
}

static cm_status save_environment(const char *folder, cm_error *err)
{
    const struct {
        const char *name;
        cm_str text;
    } files[] = {
        {MLMODEL_CODE "/" MLMODEL_LOADER ".py",
         {cm_pyfunc_loader, (size_t)(cm_pyfunc_loader_end - cm_pyfunc_loader)}},
        {"requirements.txt", CM_STR(REQUIREMENTS)},
        {"conda.yaml", {conda, sizeof conda - 1}},
        {"python_env.yaml", {python_env, sizeof python_env - 1}},
    };
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files && status == CM_OK;
         i++) {
        status = run_files_write(folder, files[i].name, files[i].text, err);
    }
    return status;
}

/* Last, since it is what makes the folder a model. */
static cm_status save_mlmodel(const char *folder, const cm_logged_model *model,
                              cm_error *err)
{
    cm_arena arena = {0};
    cm_run_artifact *files = NULL;
    cm_buf text = {0};
    size_t n = 0;
    uint64_t size = 0;
    cm_status status = run_files_list(folder, &arena, &files, &n, err);
    for (size_t i = 0; i < n; i++) {
        size += files[i].size;
    }
    if (status == CM_OK) {
        mlmodel_format(&text, model, size);
        status = save_text(folder, "MLmodel", &text, err);
    }
    cm_buf_release(&text);
    cm_arena_release(&arena);
    return status;
}

static cm_status share_file(const char *folder, const char *from,
                            const char *name, cm_error *err)
{
    cm_buf inside = {0};
    char *path = cm_path_join(from, name);
    cm_buf_addf(&inside, MLMODEL_BUNDLE "/%s", name);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "no memory for a model")
                           : cm_buf_check(&inside, err);
    if (status == CM_OK) {
        status = run_files_share(folder, inside.p, path, err);
    }
    cm_buf_release(&inside);
    free(path);
    return status;
}

/* A version of a bundle is never written to again, and its transformers are
 * large: the run gets second names of its files. */
static cm_status share_bundle(const char *folder, const char *from,
                              cm_error *err)
{
    cm_arena arena = {0};
    cm_run_artifact *files = NULL;
    size_t n = 0;
    cm_status status = run_files_list(from, &arena, &files, &n, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = share_file(folder, from, files[i].path, err);
    }
    cm_arena_release(&arena);
    return status;
}

cm_status cm_logged_model_save(const char *folder, const cm_logged_model *model,
                               cm_error *err)
{
    cm_status status = cm_make_dirs(folder, err);
    if (status == CM_OK) {
        status = share_bundle(folder, model->bundle, err);
    }
    if (status == CM_OK) {
        status = save_examples(folder, model, err);
    }
    if (status == CM_OK) {
        status = save_environment(folder, err);
    }
    return status == CM_OK ? save_mlmodel(folder, model, err) : status;
}
