/* clickmill model convert */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "model/export_c.h"

/* A form that a model can be written in: named by --to, or meant by the ending
 * of the file. */
typedef struct output_format {
    const char *name;
    const char *ending;
    cm_status (*save)(const cm_model *model, const char *path, cm_error *err);
} output_format;

/* OUT.c, and OUT.h beside it. */
static cm_status save_c(const cm_model *model, const char *path, cm_error *err)
{
    const char *base = cm_path_base(path), *dot = strrchr(base, '.');
    cm_buf header = {0}, source = {0}, name = {0};
    cm_buf_add(&name, base, dot != NULL ? (size_t)(dot - base) : strlen(base));
    char *header_path = cm_path_replace_suffix(path, ".h");
    cm_status status = header_path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_buf_check(&name, err);
    if (status == CM_OK) {
        status = cm_model_format_c(model, name.p, &header, &source, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(header_path, (cm_str){header.p, header.n}, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){source.p, source.n}, err);
    }
    free(header_path);
    cm_buf_release(&name);
    cm_buf_release(&header);
    cm_buf_release(&source);
    return status;
}

static const output_format formats[] = {
    {"json", ".json", cm_model_save_json},
    {"cbm", ".cbm", cm_model_save_cbm},
    {"c", ".c", save_c},
};

enum { N_FORMATS = sizeof formats / sizeof *formats };

static cm_status find_format(const output_format **out, const char *name,
                             const char *path, cm_error *err)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        if (name != NULL
                ? strcmp(name, formats[i].name) == 0
                : cm_str_ends_with(cm_str_of(path), formats[i].ending)) {
            *out = &formats[i];
            return CM_OK;
        }
    }
    cm_buf known = {0};
    for (size_t i = 0; i < N_FORMATS; i++) {
        cm_buf_addf(&known, "%s%s", i == 0 ? "" : ", ",
                    name != NULL ? formats[i].name : formats[i].ending);
    }
    cm_status status = cm_buf_check(&known, err);
    if (status == CM_OK) {
        status =
            name != NULL
                ? cm_fail(err, CM_ERR_USAGE, "--to %s: expected one of %s",
                          name, known.p)
                : cm_fail(err, CM_ERR_USAGE,
                          "%s: the name does not say the format (%s); say it "
                          "with --to",
                          path, known.p);
    }
    cm_buf_release(&known);
    return status;
}

cm_status cli_model_convert(cli_context *c, cm_error *err)
{
    const char *from = c->words[0], *to = c->words[1];
    const output_format *format = NULL;
    cm_model *model = NULL;
    cm_status status = find_format(&format, cli_text(c, "to"), to, err);
    if (status == CM_OK) {
        status = cm_model_load(&model, from, err);
    }
    if (status == CM_OK) {
        status = cm_make_parent(to, err);
    }
    if (status == CM_OK) {
        status = format->save(model, to, err);
    }
    cm_model_free(model);
    return status;
}
