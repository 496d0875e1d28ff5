/* Model files of either format: which one a path or a file means. */
#include "model/model.h"

#include <string.h>

#include "base/file.h"
#include "model/cbm_format.h"

enum { MAX_JSON_BYTES = 1 << 30 };

bool cm_model_format_of_path(cm_model_format *out, const char *path)
{
    bool cbm = cm_str_ends_with(cm_str_of(path), ".cbm");
    *out = cbm ? CM_MODEL_CBM : CM_MODEL_JSON;
    return cbm || cm_str_ends_with(cm_str_of(path), ".json");
}

cm_status cm_model_save(const cm_model *model, const char *path,
                        cm_model_format format, cm_error *err)
{
    return format == CM_MODEL_CBM ? cm_model_save_cbm(model, path, err)
                                  : cm_model_save_json(model, path, err);
}

/* The first byte that is no white space and no byte order mark, or 0. */
static char first_character(cm_str text)
{
    size_t i = text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < text.n && text.p[i] != '\0' && strchr(" \t\r\n", text.p[i])) {
        i++;
    }
    return i < text.n ? text.p[i] : '\0';
}

static cm_status parse(cm_model **out, cm_str bytes, const char *path,
                       cm_error *err)
{
    size_t n_magic = strlen(CBM_MAGIC);
    if (bytes.n >= n_magic && memcmp(bytes.p, CBM_MAGIC, n_magic) == 0) {
        return cm_model_parse_cbm(out, bytes, path, err);
    }
    if (first_character(bytes) != '{') {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: byte 0: expected a CatBoost model, which starts "
                       "with \"" CBM_MAGIC "\" (.cbm) or { (JSON)",
                       path);
    }
    if (bytes.n > MAX_JSON_BYTES) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: has %zu bytes; this version reads JSON models of "
                       "at most %d, save it as .cbm",
                       path, bytes.n, (int)MAX_JSON_BYTES);
    }
    return cm_model_parse_json(out, bytes, path, err);
}

cm_status cm_model_load(cm_model **out, const char *path, cm_error *err)
{
    cm_buf file = {0};
    *out = NULL;
    cm_status status = cm_read_file(&file, path, SIZE_MAX, err);
    if (status == CM_OK) {
        status = parse(out, (cm_str){file.p, file.n}, path, err);
    }
    cm_buf_release(&file);
    return status;
}
