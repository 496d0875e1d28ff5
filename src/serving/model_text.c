/* What /model answers.  The metrics and the profile are the manifest's own
 * objects; the example rows are those of its self-test. */
#include "serving/model_text.h"

#include "codec/json.h"

/* Members of the manifest that are told as they are, where it has them. */
static const char *const kept[] = {
    "version",   "created",       "clickmill_version", "schema",
    "id_column", "target_column", "time_column",       "features",
    "columns",   "metrics",       "training_profile"};

static void put_texts(cm_json_writer *w, const cm_bundle *bundle,
                      const json_t *manifest)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const json_t *value = json_object_get(manifest, kept[i]);
        if (value != NULL) {
            cm_json_put_value(w, kept[i], value);
        }
    }
    cm_json_put_u64(w, "trees", cm_bundle_model(bundle)->n_trees);
    const json_t *rows =
        json_object_get(json_object_get(manifest, "self_test"), "rows");
    if (rows != NULL) {
        cm_json_put_value(w, "examples", rows);
    }
}

cm_status model_text_write(const served_model *model, cm_buf *out,
                           cm_error *err)
{
    json_t *manifest = NULL;
    cm_status status = cm_json_parse(
        &manifest, cm_bundle_manifest(model->bundle), "bundle.json", err);
    if (status != CM_OK) {
        return status;
    }
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    put_texts(&w, model->bundle, manifest);
    cm_json_put_i64(&w, "loaded", model->loaded);
    cm_json_put_text(&w, "program", CM_VERSION);
    cm_json_end_object(&w);
    json_decref(manifest);
    return cm_buf_check(out, err);
}
