/* The effective configuration as text: YAML with origins, JSON, and the object
 * that a bundle keeps. */
#include "codec/json.h"
#include "config/param.h"

static void add_origin(cm_buf *out, const cm_origin *origin)
{
    switch (origin->kind) {
    case CM_ORIGIN_DEFAULT:
        cm_buf_adds(out, "default");
        break;
    case CM_ORIGIN_FILE:
        cm_buf_addf(out, "%s:%llu", origin->where.file,
                    (unsigned long long)origin->where.line);
        break;
    case CM_ORIGIN_FLAG:
        cm_buf_addf(out, "--%s", origin->name);
        break;
    }
}

/* Origins line up where values are short. */
static void add_comment(cm_buf *out, size_t line_start, const cm_origin *origin)
{
    enum { COLUMN = 48 };
    do {
        cm_buf_addc(out, ' ');
    } while (!out->failed && out->n - line_start < COLUMN);
    cm_buf_adds(out, "# ");
    add_origin(out, origin);
    cm_buf_addc(out, '\n');
}

void cm_config_format(const cm_config *config, cm_buf *out)
{
    cm_str section = {0};
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        const cm_param *param = &cm_params[i];
        if (!cm_str_equal(section, cm_param_section(param))) {
            section = cm_param_section(param);
            cm_buf_add(out, section.p, section.n);
            cm_buf_adds(out, section.n > 0 ? ":\n" : "");
        }
        size_t line_start = out->n;
        cm_buf_addf(out, "%s%s: ", section.n > 0 ? "  " : "",
                    cm_param_name(param).p);
        cm_json_writer w = cm_json_writer_of(out, 0);
        cm_value_put_json(config, param, &w, NULL);
        add_comment(out, line_start, &config->origins[i]);
    }
}

void cm_config_format_json(const cm_config *config, cm_buf *out)
{
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        cm_buf origin = {0};
        add_origin(&origin, &config->origins[i]);
        cm_json_begin_object(&w, cm_params[i].key);
        cm_value_put_json(config, &cm_params[i], &w, "value");
        cm_json_put_str(&w, "origin", (cm_str){origin.p, origin.n});
        cm_json_end_object(&w);
        cm_buf_release(&origin);
    }
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
}

/* Messages, tracking, serving, the registry, threads and snapshots leave the
 * result as it is, so two runs that differ in them alone make the same bundle.
 */
static bool changes_result(const cm_param *param)
{
    return param->group != CM_GROUP_MESSAGES &&
           param->group != CM_GROUP_SERVING &&
           param->group != CM_GROUP_REGISTRY &&
           param->group != CM_GROUP_TRACKING &&
           param->group != CM_GROUP_REPORT &&
           param != &cm_params[CM_ID_thread_count] &&
           param != &cm_params[CM_ID_snapshot_file] &&
           param != &cm_params[CM_ID_snapshot_interval];
}

void cm_config_format_result_json(const cm_config *config, cm_buf *out)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_str section = {0};
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        const cm_param *param = &cm_params[i];
        if (!changes_result(param)) {
            continue;
        }
        if (!cm_str_equal(section, cm_param_section(param))) {
            if (section.n > 0) {
                cm_json_end_object(&w);
            }
            section = cm_param_section(param);
            if (section.n > 0) {
                char name[64] = "";
                snprintf(name, sizeof name, "%.*s", CM_STR_ARG(section));
                cm_json_begin_object(&w, name);
            }
        }
        cm_value_put_json(config, param, &w, cm_param_name(param).p);
    }
    if (section.n > 0) {
        cm_json_end_object(&w);
    }
    cm_json_end_object(&w);
}
