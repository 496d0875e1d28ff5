/* docs/parameters.md: the table of parameters for people. */
#include <string.h>

#include "config/param.h"

static const char *type_name(cm_param_type type)
{
    static const char *const names[] = {
        "true or false", "integer", "number", "text", "path", "list", "word"};
    return names[type];
}

static void add_words(cm_buf *out, const char *limits)
{
    const char *separator = "";
    for (const char *p = limits; *p != '\0'; p += strspn(p, "|")) {
        size_t length = strcspn(p, "|");
        if (*p != '!') {
            cm_buf_adds(out, separator);
            cm_buf_addc(out, '`');
            cm_buf_add(out, p, length);
            cm_buf_addc(out, '`');
            separator = ", ";
        }
        p += length;
    }
}

static void add_limits(cm_buf *out, const cm_param *param)
{
    if (param->type == CM_PARAM_ENUM) {
        add_words(out, param->limits);
    } else {
        cm_buf_adds(out, type_name(param->type));
        cm_buf_adds(out, param->limits[0] == '\0'       ? ""
                         : param->type == CM_PARAM_LIST ? " or "
                                                        : " in ");
        cm_buf_adds(out, param->limits);
    }
}

/* A long list of features would make the table unreadable. */
static void add_default(cm_buf *out, const cm_param *param)
{
    if (param->fallback[0] == '\0') {
        cm_buf_adds(out, "empty");
    } else if (param->type == CM_PARAM_LIST) {
        cm_buf_addc(out, '`');
        for (const char *p = param->fallback; *p != '\0'; p++) {
            cm_buf_addc(out, *p);
            cm_buf_adds(out, *p == ',' ? " " : "");
        }
        cm_buf_addc(out, '`');
    } else {
        cm_buf_addf(out, "`%s`", param->fallback);
    }
}

static void add_row(cm_buf *out, const cm_param *param)
{
    cm_buf_addf(out, "| `%s` | `", param->key);
    cm_param_add_flag(param, out);
    cm_buf_adds(out, "` | ");
    add_limits(out, param);
    cm_buf_adds(out, " | ");
    add_default(out, param);
    cm_buf_addf(out, " | %s", param->help);
    for (size_t i = 0; cm_param_alias(param, i).n > 0; i++) {
        cm_buf_addf(out, "%s`%.*s`", i == 0 ? "; also " : ", ",
                    CM_STR_ARG(cm_param_alias(param, i)));
    }
    cm_buf_adds(out, " |\n");
}

void cm_config_format_doc(cm_buf *out)
{
    cm_buf_adds(
        out,
        "# Parameters\n\n"
        "Written by `clickmill config doc` from `src/config/params.def`.\n\n"
        "A parameter is set by its key in the YAML file given with\n"
        "`--config`, or by a flag, which wins. A flag is the key\n"
        "(`--train-params.depth 6`, `--train_params.depth=6`) or the short\n"
        "form of the table (`--depth 6`). Lists are written `a,b,c` in\n"
        "flags. `null` in the file means the default.\n"
        "`clickmill config show` prints the values in effect and where each\n"
        "came from. Under `train_params`, names, defaults and meanings are\n"
        "those of CatBoost 1.2 for Logloss on the CPU.\n");
    for (int group = 0; group < CM_N_GROUPS; group++) {
        cm_buf_addf(out, "\n## %s\n\n", cm_group_title((cm_param_group)group));
        cm_buf_adds(out, "| key | flag | value | default | meaning |\n"
                         "|---|---|---|---|---|\n");
        for (size_t i = 0; i < CM_N_PARAMS; i++) {
            if ((int)cm_params[i].group == group) {
                add_row(out, &cm_params[i]);
            }
        }
    }
}
