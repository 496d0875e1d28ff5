/* The table of parameters as data, and finding a row of it by what a user
 * wrote. */
#include "config/param.h"

#include <string.h>

const cm_param cm_params[CM_N_PARAMS] = {
#define CM_PARAM(field, type, key, fallback, limits, aliases, group, catboost, \
                 help)                                                         \
    {key,    CM_PARAM_##type, offsetof(cm_config, field), fallback,            \
     limits, aliases,         CM_GROUP_##group,           catboost,            \
     help},
#include "config/params.def"
};

static const char *const unsupported[] = {
#define CM_UNSUPPORTED(key) key,
#include "config/params.def"
};

const char *cm_group_title(cm_param_group group)
{
    static const char *const titles[CM_N_GROUPS] = {
        [CM_GROUP_PATHS] = "Paths",       [CM_GROUP_INPUT] = "Input",
        [CM_GROUP_SPLIT] = "Split",       [CM_GROUP_FEATURES] = "Features",
        [CM_GROUP_TRAINING] = "Training", [CM_GROUP_TRACKING] = "Tracking",
        [CM_GROUP_REPORT] = "Report",     [CM_GROUP_SERVING] = "Serving",
        [CM_GROUP_REGISTRY] = "Registry", [CM_GROUP_MESSAGES] = "Messages"};
    return titles[group];
}

static cm_str section_of(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot != NULL ? (cm_str){key, (size_t)(dot - key)} : CM_STR("");
}

static cm_str name_of(const char *key)
{
    const char *dot = strrchr(key, '.');
    return cm_str_of(dot != NULL ? dot + 1 : key);
}

cm_str cm_param_name(const cm_param *param)
{
    return name_of(param->key);
}

cm_str cm_param_section(const cm_param *param)
{
    return section_of(param->key);
}

cm_str cm_param_alias(const cm_param *param, size_t i)
{
    const char *p = param->aliases;
    while (i > 0 && (p = strchr(p, ',')) != NULL) {
        p++;
        i--;
    }
    return p != NULL ? (cm_str){p, strcspn(p, ",")} : CM_STR("");
}

static bool is_called(const cm_param *param, cm_str name)
{
    if (cm_str_equal(cm_param_name(param), name)) {
        return true;
    }
    for (size_t i = 0; cm_param_alias(param, i).n > 0; i++) {
        if (cm_str_equal(cm_param_alias(param, i), name)) {
            return true;
        }
    }
    return false;
}

const cm_param *cm_param_find(cm_str section, cm_str name)
{
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        if (cm_str_equal(cm_param_section(&cm_params[i]), section) &&
            is_called(&cm_params[i], name)) {
            return &cm_params[i];
        }
    }
    return NULL;
}

bool cm_param_is_section(cm_str name)
{
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        if (name.n > 0 && cm_str_equal(cm_param_section(&cm_params[i]), name)) {
            return true;
        }
    }
    return false;
}

bool cm_param_is_unsupported(cm_str section, cm_str name)
{
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (cm_str_equal(section_of(unsupported[i]), section) &&
            cm_str_equal(name_of(unsupported[i]), name)) {
            return true;
        }
    }
    return false;
}

/* The search for the word nearest to `word` so far. */
typedef struct nearest {
    cm_str word;
    size_t limit; /* a candidate further away than this is not near */
    cm_str found;
} nearest;

/* Two letters may be swapped, which is a distance of 2. */
static nearest nearest_to(cm_str word)
{
    size_t third = word.n / 3;
    size_t least = word.n >= 4 ? 2 : 1;
    return (nearest){word, third > least ? third : least, CM_STR("")};
}

static void consider(nearest *best, cm_str candidate, cm_str meaning)
{
    size_t distance = cm_edit_distance(best->word, candidate);
    if (distance <= best->limit && distance < candidate.n) {
        best->found = meaning;
        best->limit = distance > 0 ? distance - 1 : 0;
    }
}

static void consider_param(nearest *best, const cm_param *param)
{
    cm_str key = cm_str_of(param->key);
    consider(best, cm_param_name(param), key);
    for (size_t i = 0; cm_param_alias(param, i).n > 0; i++) {
        consider(best, cm_param_alias(param, i), key);
    }
}

cm_str cm_param_nearest(cm_str section, cm_str name)
{
    nearest best = nearest_to(name);
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        if (cm_str_equal(cm_param_section(&cm_params[i]), section)) {
            consider_param(&best, &cm_params[i]);
        }
        if (section.n == 0) {
            cm_str own = cm_param_section(&cm_params[i]);
            consider(&best, own, own);
        }
    }
    for (size_t i = 0; i < CM_N_PARAMS && best.found.n == 0; i++) {
        if (is_called(&cm_params[i], name)) {
            best.found = cm_str_of(cm_params[i].key);
        }
    }
    return best.found;
}

enum { MAX_FLAG = 128 };

/* True when a flag as the user wrote it means this parameter: by its whole
 * key, its name or an alias; '-' and '_' are the same. */
static bool is_flag_of(const cm_param *param, cm_str flag)
{
    char text[MAX_FLAG];
    if (flag.n >= sizeof text) {
        return false;
    }
    for (size_t i = 0; i < flag.n; i++) {
        text[i] = flag.p[i] == '-' ? '_' : flag.p[i];
    }
    text[flag.n] = '\0';
    cm_str section = section_of(text);
    return is_called(param, name_of(text)) &&
           (section.n == 0 || cm_str_equal(section, cm_param_section(param)));
}

static void add_dashed(cm_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        cm_buf_addc(out, *text == '_' ? '-' : *text);
    }
}

static const cm_param *find_flag_in(cm_str flag, unsigned groups,
                                    const cm_param **second)
{
    const cm_param *first = NULL;
    *second = NULL;
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        if ((groups & 1u << cm_params[i].group) != 0 &&
            is_flag_of(&cm_params[i], flag)) {
            *(first == NULL ? &first : second) = &cm_params[i];
        }
    }
    return first;
}

/* *second: another that the flag may mean, NULL when it is clear.  A server's
 * parameters are meant last: "--threads" is a job's everywhere else. */
static const cm_param *find_flag(cm_str flag, unsigned groups,
                                 const cm_param **second)
{
    const unsigned serving = 1u << CM_GROUP_SERVING;
    const cm_param *first = find_flag_in(flag, groups, second);
    if (first == NULL) {
        first = find_flag_in(flag, ~serving, second);
    }
    return first != NULL ? first : find_flag_in(flag, serving, second);
}

void cm_param_add_flag(const cm_param *param, cm_buf *out)
{
    const cm_param *second = NULL;
    cm_buf_adds(out, "--");
    unsigned groups =
        param->group == CM_GROUP_SERVING ? 1u << CM_GROUP_SERVING : 0;
    (void)find_flag(cm_param_name(param), groups, &second);
    add_dashed(out, second == NULL ? cm_param_name(param).p : param->key);
}

static cm_status flag_ambiguous(cm_str name, const cm_param *first,
                                const cm_param *second, cm_error *err)
{
    cm_buf words = {0};
    cm_param_add_flag(first, &words);
    cm_buf_adds(&words, " or ");
    cm_param_add_flag(second, &words);
    cm_status status = cm_buf_check(&words, err);
    if (status == CM_OK) {
        status = cm_fail(err, CM_ERR_USAGE, "--%.*s can mean %s",
                         CM_STR_ARG(name), words.p);
    }
    cm_buf_release(&words);
    return status;
}

static bool flag_is_unsupported(cm_str name)
{
    char text[MAX_FLAG];
    size_t n = name.n < sizeof text ? name.n : 0;
    for (size_t i = 0; i < n; i++) {
        text[i] = name.p[i] == '-' ? '_' : name.p[i];
    }
    cm_str word = {text, n};
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (cm_str_equal(word, cm_str_of(unsupported[i])) ||
            cm_str_equal(word, name_of(unsupported[i]))) {
            return true;
        }
    }
    return false;
}

static cm_status flag_unknown(cm_str name, const char *const *extra,
                              size_t n_extra, cm_error *err)
{
    if (flag_is_unsupported(name)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "not supported: --%.*s is a parameter of CatBoost's "
                       "that this program does not take",
                       CM_STR_ARG(name));
    }
    nearest best = nearest_to(name);
    cm_buf flag = {0};
    for (size_t i = 0; i < n_extra; i++) {
        consider(&best, cm_str_of(extra[i]), cm_str_of(extra[i]));
    }
    if (best.found.n > 0) {
        cm_buf_addf(&flag, "--%s", best.found.p);
    }
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        const char *before = best.found.p;
        consider(&best, cm_str_of(cm_params[i].key),
                 cm_str_of(cm_params[i].key));
        consider_param(&best, &cm_params[i]);
        if (best.found.p != before) {
            cm_buf_clear(&flag);
            cm_param_add_flag(&cm_params[i], &flag);
        }
    }
    cm_status status =
        cm_fail(err, CM_ERR_USAGE, "unknown option --%.*s%s%s%s",
                CM_STR_ARG(name), flag.n > 0 ? "; did you mean " : "",
                flag.n > 0 ? flag.p : "", flag.n > 0 ? "?" : "");
    cm_buf_release(&flag);
    return status;
}

const cm_param *cm_config_find_flag(cm_str name, unsigned groups,
                                    const char *const *extra, size_t n_extra,
                                    cm_error *err)
{
    const cm_param *second = NULL;
    const cm_param *first = find_flag(name, groups, &second);
    if (first == NULL) {
        (void)flag_unknown(name, extra, n_extra, err);
        return NULL;
    }
    if (second != NULL) {
        (void)flag_ambiguous(name, first, second, err);
        return NULL;
    }
    return first;
}
