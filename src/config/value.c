/* Values: text to a parameter's field with its limits checked, and back. */
#include <string.h>

#include "base/num.h"
#include "config/param.h"

enum { MAX_LIST = 4096 };

static void *field_of(cm_config *config, const cm_param *param)
{
    return (char *)config + param->offset;
}

static const void *field_in(const cm_config *config, const cm_param *param)
{
    return (const char *)config + param->offset;
}

/* limits: "[1, 16]", "(0, 1]"; "" has no limit.  False for NaN. */
static bool in_interval(const char *limits, double value)
{
    if (limits[0] == '\0') {
        return true;
    }
    const char *comma = strchr(limits, ',');
    size_t n = strlen(limits);
    double low = 0, high = 0;
    CM_ASSERT(comma != NULL);
    cm_str low_text = {limits + 1, (size_t)(comma - limits) - 1};
    cm_str high_text =
        cm_str_trim((cm_str){comma + 1, (size_t)(limits + n - comma) - 2});
    CM_ASSERT(cm_parse_double(low_text, &low));
    CM_ASSERT(cm_parse_double(high_text, &high));
    return (limits[0] == '[' ? value >= low : value > low) &&
           (limits[n - 1] == ']' ? value <= high : value < high);
}

static cm_status expected_number(const cm_param *param, cm_str text,
                                 cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE, "found \"%.*s\", expected %s in %s%s",
                   CM_STR_ARG(text),
                   param->type == CM_PARAM_INT ? "an integer" : "a number",
                   param->limits,
                   strcmp(param->fallback, "auto") == 0 ? " or auto" : "");
}

static bool is_auto(const cm_param *param, cm_str text)
{
    return cm_str_is(text, "auto") && strcmp(param->fallback, "auto") == 0;
}

static cm_status parse_int(int64_t *field, const cm_param *param, cm_str text,
                           cm_error *err)
{
    int64_t value = -1;
    if (!is_auto(param, text) && (!cm_parse_i64(text, &value) ||
                                  !in_interval(param->limits, (double)value))) {
        return expected_number(param, text, err);
    }
    *field = value;
    return CM_OK;
}

static cm_status parse_double(double *field, const cm_param *param, cm_str text,
                              cm_error *err)
{
    double value = -1;
    if (!is_auto(param, text) && (!cm_parse_double(text, &value) ||
                                  !in_interval(param->limits, value))) {
        return expected_number(param, text, err);
    }
    *field = value;
    return CM_OK;
}

static cm_status parse_bool(bool *field, cm_str text, cm_error *err)
{
    bool yes = cm_str_is(text, "true") || cm_str_is(text, "True") ||
               cm_str_is(text, "TRUE");
    bool no = cm_str_is(text, "false") || cm_str_is(text, "False") ||
              cm_str_is(text, "FALSE");
    if (!yes && !no) {
        return cm_fail(err, CM_ERR_USAGE,
                       "found \"%.*s\", expected true or false",
                       CM_STR_ARG(text));
    }
    *field = yes;
    return CM_OK;
}

static cm_status parse_text(const char **field, cm_arena *arena, cm_str text,
                            cm_error *err)
{
    if (memchr(text.p, '\0', text.n) != NULL) {
        return cm_fail(err, CM_ERR_USAGE, "found a NUL character");
    }
    *field = cm_arena_strdup(arena, text.p, text.n, err);
    return *field != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* "a|b|!c": the words to offer, "a or b". */
static void add_choices(cm_buf *out, const char *limits)
{
    size_t n = 0;
    for (const char *p = limits; *p != '\0'; p += strspn(p, "|")) {
        size_t length = strcspn(p, "|");
        if (*p != '!') {
            cm_buf_adds(out, n++ > 0 ? " or " : "");
            cm_buf_add(out, p, length);
        }
        p += length;
    }
}

static cm_status expected_choice(const cm_param *param, cm_str text, bool known,
                                 cm_error *err)
{
    cm_buf choices = {0};
    add_choices(&choices, param->limits);
    cm_status status = cm_buf_check(&choices, err);
    if (status == CM_OK && known) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "not supported: CatBoost knows %.*s, this program "
                         "only %s",
                         CM_STR_ARG(text), choices.p);
    } else if (status == CM_OK) {
        status = cm_fail(err, CM_ERR_USAGE, "found \"%.*s\", expected %s",
                         CM_STR_ARG(text), choices.p);
    }
    cm_buf_release(&choices);
    return status;
}

static cm_status parse_enum(const char **field, cm_config *config,
                            const cm_param *param, cm_str text, cm_error *err)
{
    bool known = false;
    for (const char *p = param->limits; *p != '\0'; p += strspn(p, "|")) {
        size_t length = strcspn(p, "|");
        if (cm_str_equal((cm_str){p, length}, text)) {
            return parse_text(field, &config->arena, text, err);
        }
        if (*p == '!' && cm_str_equal((cm_str){p + 1, length - 1}, text)) {
            known = true;
        }
        p += length;
    }
    return expected_choice(param, text, known, err);
}

cm_status cm_value_set_list(cm_config *config, const cm_param *param,
                            const cm_str *items, size_t n, cm_error *err)
{
    if (param->type != CM_PARAM_LIST) {
        return cm_fail(err, CM_ERR_USAGE, "found a list, expected one value");
    }
    const char **copies =
        cm_arena_alloc(&config->arena, (n + 1) * sizeof *copies, err);
    if (copies == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].n == 0) {
            return cm_fail(err, CM_ERR_USAGE, "item %zu is empty", i + 1);
        }
        cm_status status =
            parse_text(&copies[i], &config->arena, items[i], err);
        if (status != CM_OK) {
            return status;
        }
    }
    *(cm_list *)field_of(config, param) = (cm_list){copies, n};
    return CM_OK;
}

/* "a, b,c"; the empty text is the empty list. */
static cm_status parse_list(cm_config *config, const cm_param *param,
                            cm_str text, cm_error *err)
{
    cm_str items[MAX_LIST];
    size_t n = 0;
    const char *end = text.p + text.n;
    for (const char *p = text.p; text.n > 0 && p <= end; n++) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma != NULL ? comma : end;
        if (n == MAX_LIST) {
            return cm_fail(err, CM_ERR_USAGE, "more than %d items", MAX_LIST);
        }
        items[n] = cm_str_trim((cm_str){p, (size_t)(stop - p)});
        p = stop + 1;
    }
    return cm_value_set_list(config, param, items, n, err);
}

cm_status cm_value_parse(cm_config *config, const cm_param *param, cm_str text,
                         cm_error *err)
{
    void *field = field_of(config, param);
    switch (param->type) {
    case CM_PARAM_BOOL:
        return parse_bool(field, text, err);
    case CM_PARAM_INT:
        return parse_int(field, param, text, err);
    case CM_PARAM_DOUBLE:
        return parse_double(field, param, text, err);
    case CM_PARAM_ENUM:
        return parse_enum(field, config, param, text, err);
    case CM_PARAM_LIST:
        return parse_list(config, param, text, err);
    case CM_PARAM_STRING:
    case CM_PARAM_PATH:
        break;
    }
    return parse_text(field, &config->arena, text, err);
}

void cm_config_format_value(const cm_config *config, const cm_param *param,
                            cm_buf *out)
{
    if (param->type == CM_PARAM_STRING || param->type == CM_PARAM_PATH ||
        param->type == CM_PARAM_ENUM) {
        cm_buf_adds(out, *(const char *const *)field_in(config, param));
        return;
    }
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 0);
    cm_value_put_json(config, param, &w, NULL);
    bool quoted = json.n > 1 && json.p[0] == '"'; /* "auto" */
    cm_buf_add(out, json.p + quoted, json.n - 2 * (size_t)quoted);
    out->failed = out->failed || json.failed;
    cm_buf_release(&json);
}

void cm_value_put_json(const cm_config *config, const cm_param *param,
                       cm_json_writer *w, const char *key)
{
    const void *field = field_in(config, param);
    bool automatic = strcmp(param->fallback, "auto") == 0;
    switch (param->type) {
    case CM_PARAM_BOOL:
        cm_json_put_bool(w, key, *(const bool *)field);
        return;
    case CM_PARAM_INT:
        if (automatic && *(const int64_t *)field < 0) {
            break;
        }
        cm_json_put_i64(w, key, *(const int64_t *)field);
        return;
    case CM_PARAM_DOUBLE:
        if (automatic && *(const double *)field < 0) {
            break;
        }
        cm_json_put_double(w, key, *(const double *)field);
        return;
    case CM_PARAM_LIST:
        cm_json_begin_array(w, key);
        for (size_t i = 0; i < ((const cm_list *)field)->n; i++) {
            cm_json_put_text(w, NULL, ((const cm_list *)field)->items[i]);
        }
        cm_json_end_array(w);
        return;
    case CM_PARAM_STRING:
    case CM_PARAM_PATH:
    case CM_PARAM_ENUM:
        cm_json_put_text(w, key, *(const char *const *)field);
        return;
    }
    cm_json_put_text(w, key, "auto");
}
