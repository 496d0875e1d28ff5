/* ${map} in a command. */
#include "versioning/command_flags.h"

#include <string.h>

/* As Python's shlex.quote: bare when every character is harmless. */
static void put_quoted(cm_buf *out, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_@%+=:,./-";
    if (text[0] != '\0' && text[strspn(text, safe)] == '\0') {
        cm_buf_adds(out, text);
        return;
    }
    cm_buf_addc(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            cm_buf_adds(out, "'\"'\"'");
        } else {
            cm_buf_addc(out, *text);
        }
    }
    cm_buf_addc(out, '\'');
}

static void put_value(cm_buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        put_quoted(out, json_string_value(value));
    } else {
        cm_python_str(out, value);
    }
}

static cm_status put_list(cm_buf *out, const interpolation *with,
                          const char *name, const variable *list,
                          cm_where where, cm_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const variable *element = list->children[i];
        if (variable_is_map(element) || variable_is_list(element)) {
            return cm_fail_at(err, CM_ERR_USAGE, where,
                              "'%s' has a list or map in its list, which a "
                              "command cannot take",
                              name);
        }
        if (i == 0 || with->append) {
            cm_buf_addf(out, "--%s ", name);
        }
        put_value(out, element->value);
        cm_buf_addc(out, ' ');
    }
    return CM_OK;
}

static cm_status put_flags(cm_buf *out, const interpolation *with,
                           const char *above, const variable *map,
                           cm_where where, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < map->n && status == CM_OK; i++) {
        const variable *child = map->children[i];
        cm_buf name = {0};
        cm_buf_addf(&name, "%s%s%s", above, above[0] != '\0' ? "." : "",
                    child->name);
        status = cm_buf_check(&name, err);
        if (status != CM_OK) {
            break;
        }
        if (variable_is_map(child)) {
            status = put_flags(out, with, name.p, child, where, err);
        } else if (variable_is_list(child)) {
            status = put_list(out, with, name.p, child, where, err);
        } else if (json_is_true(child->value)) {
            cm_buf_addf(out, "--%s ", name.p);
        } else if (json_is_false(child->value)) {
            if (with->boolean_optional) {
                cm_buf_addf(out, "--no-%s ", name.p);
            }
        } else {
            cm_buf_addf(out, "--%s ", name.p);
            put_value(out, child->value);
            cm_buf_addc(out, ' ');
        }
        cm_buf_release(&name);
    }
    return status;
}

cm_status command_flags_put(cm_buf *out, const interpolation *with,
                            const variable *map, cm_where where, cm_error *err)
{
    size_t start = out->n;
    cm_status status = put_flags(out, with, "", map, where, err);
    while (out->n > start && strchr(" \n\t\r", out->p[out->n - 1]) != NULL) {
        out->p[--out->n] = '\0';
    }
    return status;
}
