/* What may stand in dvc.yaml, as DVC's schema says it. */
#include <string.h>

#include "dvc/yaml_scalar.h"
#include "versioning/pipeline.h"

typedef cm_status (*rule)(const cm_yaml *node, const char *what, cm_error *err);

typedef struct key_rule {
    const char *name;
    rule check;
} key_rule;

/* ---- values -------------------------------------------------------------- */

static const char *found_name(const cm_yaml *node)
{
    static const char *const names[] = {[CM_YAML_SCALAR] = "a value",
                                        [CM_YAML_MAP] = "a map",
                                        [CM_YAML_LIST] = "a list"};
    return names[node->kind];
}

static cm_status refuse(const cm_yaml *node, const char *what,
                        const char *expected, cm_error *err)
{
    if (node->kind == CM_YAML_SCALAR) {
        return cm_fail_at(err, CM_ERR_PARSE, node->where,
                          "found %s: %.*s, expected %s", what,
                          CM_STR_ARG(node->text), expected);
    }
    return cm_fail_at(err, CM_ERR_PARSE, node->where,
                      "found %s in %s, expected %s", found_name(node), what,
                      expected);
}

static bool is_text(const cm_yaml *node)
{
    yaml_tag tag = node->kind != CM_YAML_SCALAR || node->quoted
                       ? YAML_TAG_TEXT
                       : cm_yaml_plain_tag(node->text);
    return node->kind == CM_YAML_SCALAR &&
           (tag == YAML_TAG_TEXT || tag == YAML_TAG_OTHER);
}

static cm_status check_any(const cm_yaml *node, const char *what, cm_error *err)
{
    (void)node;
    (void)what;
    (void)err;
    return CM_OK;
}

static cm_status check_text(const cm_yaml *node, const char *what,
                            cm_error *err)
{
    return is_text(node) && memchr(node->text.p, '\0', node->text.n) == NULL
               ? CM_OK
               : refuse(node, what, "a text (put it in quotes)", err);
}

static cm_status check_bool(const cm_yaml *node, const char *what,
                            cm_error *err)
{
    bool value;
    return node->kind == CM_YAML_SCALAR && cm_yaml_bool(node, &value)
               ? CM_OK
               : refuse(node, what, "true or false", err);
}

static cm_status check_list(const cm_yaml *node, const char *what,
                            rule check_item, cm_error *err)
{
    if (node->kind != CM_YAML_LIST) {
        return refuse(node, what, "a list (\"- NAME\" a line)", err);
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < node->n && status == CM_OK; i++) {
        status = check_item(&node->children[i], what, err);
    }
    return status;
}

static cm_status check_map(const cm_yaml *node, const char *what, cm_error *err)
{
    return node->kind == CM_YAML_MAP ? CM_OK : refuse(node, what, "a map", err);
}

static cm_status check_texts(const cm_yaml *node, const char *what,
                             cm_error *err)
{
    return check_list(node, what, check_text, err);
}

static cm_status check_text_or_list(const cm_yaml *node, const char *what,
                                    cm_error *err)
{
    return node->kind == CM_YAML_LIST ? CM_OK : check_text(node, what, err);
}

static cm_status check_text_or_map(const cm_yaml *node, const char *what,
                                   cm_error *err)
{
    return node->kind == CM_YAML_MAP ? CM_OK : check_text(node, what, err);
}

static cm_status check_params(const cm_yaml *node, const char *what,
                              cm_error *err)
{
    return check_list(node, what, check_text_or_map, err);
}

/* ---- maps ---------------------------------------------------------------- */

static cm_status refuse_key(const cm_yaml *key, const char *what,
                            const key_rule *rules, cm_error *err)
{
    enum { MOST = 32 };
    const char *names[MOST];
    size_t n = 0;
    for (; rules[n].name != NULL && n < MOST; n++) {
        names[n] = rules[n].name;
    }
    const char *near = cm_nearest_word(key->text, names, n);
    return cm_fail_at(err, CM_ERR_PARSE, key->where,
                      "found the key '%.*s' in %s, which DVC does not know%s%s"
                      "%s",
                      CM_STR_ARG(key->text), what,
                      near != NULL ? "; did you mean '" : "",
                      near != NULL ? near : "", near != NULL ? "'?" : "");
}

static cm_status check_keys(const cm_yaml *map, const char *what,
                            const key_rule *rules, cm_error *err)
{
    cm_status status = check_map(map, what, err);
    for (size_t i = 0; status == CM_OK && i < map->n; i++) {
        const key_rule *r = rules;
        while (r->name != NULL && !cm_str_is(map->keys[i].text, r->name)) {
            r++;
        }
        status = r->name == NULL ? refuse_key(&map->keys[i], what, rules, err)
                                 : r->check(&map->children[i], r->name, err);
    }
    return status;
}

#define OUT_KEYS                                                             \
    {"desc", check_text}, {"type", check_text}, {"labels", check_texts},     \
        {"meta", check_any}, {"cache", check_bool}, {"persist", check_bool}, \
        {"checkpoint", check_bool}, {"remote", check_text},                  \
    {                                                                        \
        "push", check_bool                                                   \
    }

static const key_rule out_keys[] = {OUT_KEYS, {NULL, NULL}};

static const key_rule plot_out_keys[] = {OUT_KEYS,
                                         {"template", check_text},
                                         {"x", check_text},
                                         {"y", check_text},
                                         {"x_label", check_text},
                                         {"y_label", check_text},
                                         {"title", check_text},
                                         {"header", check_bool},
                                         {NULL, NULL}};

static cm_status check_out_as(const cm_yaml *node, const char *what,
                              const key_rule *rules, cm_error *err)
{
    if (node->kind != CM_YAML_MAP) {
        return check_text(node, what, err);
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < node->n && status == CM_OK; i++) {
        status = check_keys(&node->children[i], what, rules, err);
    }
    return status;
}

static cm_status check_out(const cm_yaml *node, const char *what, cm_error *err)
{
    return check_out_as(node, what, out_keys, err);
}

static cm_status check_plot_out(const cm_yaml *node, const char *what,
                                cm_error *err)
{
    return check_out_as(node, what, plot_out_keys, err);
}

static cm_status check_outs(const cm_yaml *node, const char *what,
                            cm_error *err)
{
    return check_list(node, what, check_out, err);
}

static cm_status check_plot_outs(const cm_yaml *node, const char *what,
                                 cm_error *err)
{
    return check_list(node, what, check_plot_out, err);
}

static cm_status check_matrix(const cm_yaml *node, const char *what,
                              cm_error *err)
{
    cm_status status = check_map(node, what, err);
    for (size_t i = 0; status == CM_OK && i < node->n; i++) {
        status = check_text_or_list(&node->children[i], what, err);
    }
    return status;
}

/* ---- stages -------------------------------------------------------------- */

static const key_rule stage_keys[] = {
    {"cmd", check_text_or_list}, {"wdir", check_text},
    {"deps", check_texts},       {"params", check_params},
    {"outs", check_outs},        {"metrics", check_outs},
    {"plots", check_plot_outs},  {"vars", check_params},
    {"frozen", check_bool},      {"always_changed", check_bool},
    {"desc", check_text},        {"meta", check_any},
    {"matrix", check_matrix},    {NULL, NULL}};

static cm_status check_definition(const cm_yaml *node, const char *what,
                                  cm_error *err)
{
    cm_status status = check_keys(node, what, stage_keys, err);
    if (status == CM_OK && cm_yaml_get(node, "cmd") == NULL) {
        status = cm_fail_at(err, CM_ERR_PARSE, node->where,
                            "found %s without cmd, expected the command it "
                            "runs",
                            what);
    }
    return status;
}

static cm_status check_foreach_data(const cm_yaml *node, const char *what,
                                    cm_error *err)
{
    return node->kind == CM_YAML_SCALAR ? check_text(node, what, err) : CM_OK;
}

static const key_rule foreach_keys[] = {
    {"foreach", check_foreach_data}, {"do", check_definition}, {NULL, NULL}};

static cm_status check_stage(const cm_yaml *node, const char *what,
                             cm_error *err)
{
    bool foreach = cm_yaml_get(node, "foreach") != NULL;
    bool has_do = cm_yaml_get(node, "do") != NULL;
    if (!foreach && !has_do) {
        return check_definition(node, what, err);
    }
    if (foreach != has_do) {
        return cm_fail_at(err, CM_ERR_PARSE, node->where,
                          "found %s without %s; foreach and do go together",
                          what, foreach ? "do" : "foreach");
    }
    return check_keys(node, what, foreach_keys, err);
}

static cm_status check_stages(const cm_yaml *node, const char *what,
                              cm_error *err)
{
    cm_status status = check_map(node, what, err);
    for (size_t i = 0; status == CM_OK && i < node->n; i++) {
        cm_buf name = {0};
        cm_buf_addf(&name, "stage '%.*s'", CM_STR_ARG(node->keys[i].text));
        status = cm_buf_check(&name, err);
        if (status == CM_OK &&
            memchr(node->keys[i].text.p, '\0', node->keys[i].text.n) != NULL) {
            status = refuse(&node->keys[i], what, "a name without NUL", err);
        }
        if (status == CM_OK) {
            status = check_stage(&node->children[i], name.p, err);
        }
        cm_buf_release(&name);
    }
    return status;
}

static cm_status check_top_plots(const cm_yaml *node, const char *what,
                                 cm_error *err)
{
    return check_list(node, what, check_text_or_map, err);
}

static const key_rule file_keys[] = {
    {"stages", check_stages},   {"vars", check_params},
    {"params", check_texts},    {"metrics", check_texts},
    {"plots", check_top_plots}, {"artifacts", check_map},
    {"datasets", check_any},    {NULL, NULL}};

cm_status pipeline_check(const cm_yaml *root, cm_error *err)
{
    return check_keys(root, "dvc.yaml", file_keys, err);
}
