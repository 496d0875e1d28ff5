/* Reading a search space, and points of it. */
#include "config/space.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/rng.h"
#include "codec/yaml.h"
#include "config/param.h"

enum { MAX_SPACE_BYTES = 1 << 20 };

/* Where a space is read: values are tried on a configuration of its own. */
typedef struct reader {
    cm_space *space;
    cm_config scratch;
} reader;

static cm_status try_value(reader *r, const cm_param *param,
                           const cm_yaml *value, cm_error *err)
{
    if (value->kind != CM_YAML_SCALAR) {
        return cm_fail_at(err, CM_ERR_USAGE, value->where,
                          "%s: expected single values to choose from",
                          param->key);
    }
    cm_status status = cm_value_parse(&r->scratch, param, value->text, err);
    if (status != CM_OK) {
        cm_error_prefix(err, "%s:%llu:%llu: %s", value->where.file,
                        (unsigned long long)value->where.line,
                        (unsigned long long)value->where.column, param->key);
    }
    return status;
}

static cm_status take_choices(reader *r, cm_dimension *d, const cm_yaml *list,
                              cm_error *err)
{
    cm_str *choices =
        cm_arena_alloc(&r->space->arena, (list->n + 1) * sizeof *choices, err);
    cm_status status = choices != NULL ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        cm_str text = list->children[i].text;
        status = try_value(r, d->param, &list->children[i], err);
        if (status == CM_OK) {
            choices[i].p =
                cm_arena_strdup(&r->space->arena, text.p, text.n, err);
            choices[i].n = text.n;
            status = choices[i].p != NULL ? CM_OK : CM_ERR_NOMEM;
        }
    }
    d->choices = choices;
    d->n_choices = list->n;
    if (status == CM_OK && list->n == 0) {
        status = cm_fail_at(err, CM_ERR_USAGE, list->where,
                            "%s: the list is empty, expected values to choose "
                            "from",
                            d->param->key);
    }
    return status;
}

static cm_status take_bound(reader *r, const cm_dimension *d,
                            const cm_yaml *map, const char *name, double *out,
                            cm_error *err)
{
    const cm_yaml *value = cm_yaml_get(map, name);
    if (value == NULL) {
        return cm_fail_at(err, CM_ERR_USAGE, map->where,
                          "%s: %s is missing; a range is {min: A, max: B} or "
                          "{min: A, max: B, log: true}",
                          d->param->key, name);
    }
    cm_status status = try_value(r, d->param, value, err);
    if (status == CM_OK && !cm_parse_double(value->text, out)) {
        status = cm_fail_at(err, CM_ERR_USAGE, value->where,
                            "%s: %s: found \"%.*s\", expected a number",
                            d->param->key, name, CM_STR_ARG(value->text));
    }
    return status;
}

static cm_status check_range_keys(const cm_dimension *d, const cm_yaml *map,
                                  cm_error *err)
{
    for (size_t i = 0; i < map->n; i++) {
        cm_str key = map->keys[i].text;
        if (!cm_str_is(key, "min") && !cm_str_is(key, "max") &&
            !cm_str_is(key, "log")) {
            return cm_fail_at(err, CM_ERR_USAGE, map->keys[i].where,
                              "%s: found \"%.*s\", expected min, max or log",
                              d->param->key, CM_STR_ARG(key));
        }
    }
    return CM_OK;
}

static cm_status take_range(reader *r, cm_dimension *d, const cm_yaml *map,
                            cm_error *err)
{
    const cm_yaml *log = cm_yaml_get(map, "log");
    if (d->param->type != CM_PARAM_INT && d->param->type != CM_PARAM_DOUBLE) {
        return cm_fail_at(err, CM_ERR_USAGE, map->where,
                          "%s: only numbers have ranges; give a list",
                          d->param->key);
    }
    cm_status status = check_range_keys(d, map, err);
    if (status == CM_OK) {
        status = take_bound(r, d, map, "min", &d->min, err);
    }
    if (status == CM_OK) {
        status = take_bound(r, d, map, "max", &d->max, err);
    }
    if (status == CM_OK && log != NULL && !cm_yaml_bool(log, &d->log)) {
        status = cm_fail_at(err, CM_ERR_USAGE, log->where,
                            "%s: log: expected true or false", d->param->key);
    }
    if (status == CM_OK && (d->min > d->max || (d->log && d->min <= 0))) {
        status = cm_fail_at(
            err, CM_ERR_USAGE, map->where, "%s: the range from %g to %g%s",
            d->param->key, d->min, d->max,
            d->min > d->max ? " is empty" : " has no logarithm at its start");
    }
    return status;
}

/* Where results go, and how many threads there are, is no matter of search. */
static bool is_searchable(const cm_param *param)
{
    static const int others[] = {CM_ID_thread_count,      CM_ID_snapshot_file,
                                 CM_ID_snapshot_interval, CM_ID_init_model,
                                 CM_ID_eval_metric,       CM_ID_class_names,
                                 CM_ID_metric_period,     CM_ID_use_best_model};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (param == &cm_params[others[i]]) {
            return false;
        }
    }
    return param->type != CM_PARAM_LIST;
}

static cm_status unknown_key(const cm_yaml *key, const cm_param *param,
                             cm_error *err)
{
    cm_str nearest = cm_param_nearest(CM_STR("train_params"), key->text);
    if (param != NULL) {
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "%s is not searched over: its values do not compare",
                          param->key);
    }
    return cm_fail_at(err, CM_ERR_USAGE, key->where,
                      "unknown key %.*s%s%.*s; the keys of a space are those "
                      "of train_params",
                      CM_STR_ARG(key->text), nearest.n > 0 ? ", near " : "",
                      CM_STR_ARG(nearest));
}

static cm_status take_dimension(reader *r, const cm_yaml *key,
                                const cm_yaml *value, cm_error *err)
{
    cm_space *space = r->space;
    const cm_param *param = cm_param_find(CM_STR("train_params"), key->text);
    if (param == NULL || !is_searchable(param)) {
        return unknown_key(key, param, err);
    }
    for (size_t i = 0; i < space->n; i++) {
        if (space->dimensions[i].param == param) {
            return cm_fail_at(err, CM_ERR_USAGE, key->where,
                              "%.*s is given twice", CM_STR_ARG(key->text));
        }
    }
    if (space->n == CM_MAX_DIMENSIONS) {
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "more than %d parameters", (int)CM_MAX_DIMENSIONS);
    }
    cm_dimension *d = &space->dimensions[space->n++];
    *d = (cm_dimension){.param = param};
    switch (value->kind) {
    case CM_YAML_LIST:
        return take_choices(r, d, value, err);
    case CM_YAML_MAP:
        return take_range(r, d, value, err);
    case CM_YAML_SCALAR:
        break;
    }
    return cm_fail_at(err, CM_ERR_USAGE, value->where,
                      "%s: expected a list of values or {min: A, max: B}",
                      param->key);
}

static cm_status take_all(reader *r, const cm_yaml *root, cm_error *err)
{
    if (root->kind != CM_YAML_MAP || root->n == 0) {
        return cm_fail_at(err, CM_ERR_USAGE, root->where,
                          "expected a map of parameters to search, such as "
                          "depth: [4, 6, 8]");
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < root->n && status == CM_OK; i++) {
        status = take_dimension(r, &root->keys[i], &root->children[i], err);
    }
    return status;
}

cm_status cm_space_parse(cm_space *out, cm_str text, const char *file,
                         cm_error *err)
{
    cm_yaml *root = NULL;
    reader r = {.space = out};
    memset(out, 0, sizeof *out);
    out->key = cm_xxh3(text.p, text.n);
    cm_status status = cm_yaml_parse(&root, text, file, err);
    if (status == CM_OK) {
        status = cm_config_init(&r.scratch, err);
        if (status == CM_OK) {
            status = take_all(&r, root, err);
        }
        cm_config_release(&r.scratch);
    }
    cm_yaml_free(root);
    return status;
}

cm_status cm_space_load(cm_space *out, const char *path, cm_error *err)
{
    cm_buf text = {0};
    memset(out, 0, sizeof *out);
    cm_status status = cm_read_file(&text, path, MAX_SPACE_BYTES, err);
    if (status == CM_OK) {
        status = cm_space_parse(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}

void cm_space_release(cm_space *space)
{
    cm_arena_release(&space->arena);
    memset(space, 0, sizeof *space);
}

/* Four digits are enough to search by, and read well. */
static double round_to_digits(double value)
{
    double power = 3 - floor(log10(fabs(value)));
    if (value == 0 || power > 300) {
        return 0;
    }
    return power > 0 ? round(value * pow(10, power)) / pow(10, power)
                     : round(value / pow(10, -power)) * pow(10, -power);
}

static double sample_range(const cm_dimension *d, double unit)
{
    if (d->param->type == CM_PARAM_INT) {
        double low = d->log ? log(d->min) : d->min;
        double high = d->log ? log(d->max + 1) : d->max + 1;
        double value = low + unit * (high - low);
        return fmin(floor(d->log ? exp(value) : value), d->max);
    }
    double value = d->log
                       ? exp(log(d->min) + unit * (log(d->max) - log(d->min)))
                       : d->min + unit * (d->max - d->min);
    return fmin(fmax(round_to_digits(value), d->min), d->max);
}

void cm_space_sample(const cm_space *space, size_t d, uint64_t seed, uint64_t i,
                     cm_buf *out)
{
    const cm_dimension *dimension = &space->dimensions[d];
    double unit = cm_unit_of(cm_rng_at(cm_rng_stream(seed, d), i));
    if (dimension->n_choices > 0) {
        size_t choice = (size_t)(unit * (double)dimension->n_choices);
        cm_buf_add(out, dimension->choices[choice].p,
                   dimension->choices[choice].n);
    } else if (dimension->param->type == CM_PARAM_INT) {
        cm_buf_addf(out, "%.0f", sample_range(dimension, unit));
    } else {
        cm_buf_add_double(out, sample_range(dimension, unit));
    }
}

cm_status cm_space_apply(const cm_space *space, cm_config *config,
                         uint64_t seed, uint64_t i, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t d = 0; d < space->n && status == CM_OK; d++) {
        const cm_param *param = space->dimensions[d].param;
        cm_buf value = {0};
        cm_space_sample(space, d, seed, i, &value);
        status = cm_buf_check(&value, err);
        if (status == CM_OK) {
            status = cm_config_set_flag(config, param, cm_param_name(param),
                                        (cm_str){value.p, value.n}, err);
        }
        cm_buf_release(&value);
    }
    return status == CM_OK ? cm_config_check(config, err) : status;
}
