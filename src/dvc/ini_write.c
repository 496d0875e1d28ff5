/* Writing configuration files as configobj does it for DVC. */
#include <string.h>

#include "dvc/ini.h"

static bool has(const char *text, char c)
{
    return strchr(text, c) != NULL;
}

static bool is_edge(char c)
{
    return c != '\0' && strchr(" \r\n\v\t'\"", c) != NULL;
}

static cm_status refuse(const char *text, cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE,
                   "found both kinds of quotes or a line end in a value of "
                   "the configuration (%zu bytes long), which its format "
                   "cannot hold there",
                   strlen(text));
}

static cm_status put_in_quotes(cm_buf *out, const char *text, cm_error *err)
{
    if (has(text, '"') && has(text, '\'')) {
        return refuse(text, err);
    }
    char quote = has(text, '"') ? '\'' : '"';
    cm_buf_addc(out, quote);
    cm_buf_adds(out, text);
    cm_buf_addc(out, quote);
    return CM_OK;
}

static cm_status put_in_three(cm_buf *out, const char *text, cm_error *err)
{
    bool taken = strstr(text, "'''") != NULL;
    if (taken && strstr(text, "\"\"\"") != NULL) {
        return refuse(text, err);
    }
    const char *quotes = taken ? "\"\"\"" : "'''";
    cm_buf_adds(out, quotes);
    cm_buf_adds(out, text);
    cm_buf_adds(out, quotes);
    return CM_OK;
}

/* may_span: three quotes may be used. */
static cm_status put_text(cm_buf *out, const char *text, bool may_span,
                          cm_error *err)
{
    size_t n = strlen(text);
    bool line_end = has(text, '\n');
    if (may_span && (line_end || (has(text, '"') && has(text, '\'')))) {
        return put_in_three(out, text, err);
    }
    if (line_end) {
        return refuse(text, err);
    }
    if (n == 0 || is_edge(text[0]) || is_edge(text[n - 1]) || has(text, ',') ||
        has(text, '#')) {
        return put_in_quotes(out, text, err);
    }
    cm_buf_adds(out, text);
    return CM_OK;
}

static cm_status put_option(cm_buf *out, const cm_ini_option *option,
                            cm_error *err)
{
    cm_status status = put_text(out, option->key, false, err);
    cm_buf_adds(out, " = ");
    if (!option->list && status == CM_OK) {
        status = put_text(out, option->text, true, err);
    }
    for (size_t i = 0; option->list && i < option->n && status == CM_OK; i++) {
        cm_buf_adds(out, i > 0 ? ", " : "");
        status = put_text(out, option->items[i], false, err);
    }
    cm_buf_adds(out, option->list && option->n < 2 ? "," : "");
    cm_buf_addc(out, '\n');
    return status;
}

static cm_status put_section(cm_buf *out, const cm_ini_section *section,
                             cm_error *err)
{
    cm_status status = CM_OK;
    bool root = section->name[0] == '\0';
    if (!root) {
        cm_buf_addc(out, '[');
        status = put_text(out, section->name, false, err);
        cm_buf_adds(out, "]\n");
    }
    for (size_t i = 0; i < section->n && status == CM_OK; i++) {
        cm_buf_adds(out, root ? "" : "    ");
        status = put_option(out, &section->options[i], err);
    }
    return status;
}

/* In the order in which they are written; 0: plain. */
static int kind_of(const cm_ini_section *section)
{
    static const char *const kinds[] = {"remote", "machine", "db"};
    cm_str name;
    for (int i = 0; i < 3; i++) {
        if (cm_ini_named(section, kinds[i], &name)) {
            return i + 1;
        }
    }
    return 0;
}

cm_status cm_ini_format(const cm_ini_file *ini, cm_buf *out, cm_error *err)
{
    cm_status status = CM_OK;
    for (int kind = 0; kind <= 3; kind++) {
        for (size_t i = 0; i < ini->n && status == CM_OK; i++) {
            const cm_ini_section *section = &ini->sections[i];
            if (kind_of(section) == kind && (kind > 0 || section->n > 0)) {
                status = put_section(out, section, err);
            }
        }
    }
    if (out->n == 0) {
        cm_buf_addc(out, '\n');
    }
    return status == CM_OK ? cm_buf_check(out, err) : status;
}
