/* Words into a context: options of the command, then the configuration file,
 * then parameters given as flags. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/cli.h"

/* A parameter's flag, kept until the configuration file is read. */
typedef struct flag {
    const cm_param *param;
    cm_str name;
    cm_str value;
} flag;

typedef struct parser {
    cli_context *c;
    char *const *args;
    size_t n, i; /* i: next word */
    flag *flags;
    size_t n_flags, capacity;
} parser;

/* "--max_log_loss" and "--max-log-loss" are one option. */
static bool same_name(cm_str given, const char *name)
{
    if (given.n != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < given.n; i++) {
        char c = given.p[i] == '_' ? '-' : given.p[i];
        if (c != name[i]) {
            return false;
        }
    }
    return true;
}

static const cli_option *find_option(const cli_command *command, cm_str name)
{
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        if (same_name(name, o->name)) {
            return o;
        }
    }
    return NULL;
}

static const cli_option *find_letter(const cli_command *command, char letter)
{
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        if (o->letter != 0 && o->letter == letter) {
            return o;
        }
    }
    return NULL;
}

/* A parameter's flag, when the command takes the parameter. */
static const cm_param *find_param(const cli_command *command, cm_str name,
                                  cm_error *err)
{
    const char *own[CLI_MAX_OPTIONS + 3] = {"help"};
    size_t n = 1;
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        own[n++] = o->name;
    }
    if (command->takes_config) {
        own[n++] = "config";
    }
    const cm_param *param =
        cm_config_find_flag(name, command->groups, own, n, err);
    if (param != NULL && !command->takes_config &&
        (command->groups & 1u << param->group) == 0) {
        (void)cm_fail(err, CM_ERR_USAGE, "--%.*s is no option of clickmill %s",
                      CM_STR_ARG(name), command->name);
        return NULL;
    }
    return param;
}

/* The value after "=", or the next word. */
static cm_status take_value(parser *p, cm_str name, const char *equals,
                            const char **value, cm_error *err)
{
    if (equals != NULL) {
        *value = equals + 1;
    } else if (p->i < p->n && strncmp(p->args[p->i], "--", 2) != 0) {
        *value = p->args[p->i++];
    } else {
        return cm_fail(err, CM_ERR_USAGE, "--%.*s needs a value",
                       CM_STR_ARG(name));
    }
    return CM_OK;
}

static cm_status take_second(parser *p, cm_str name, const char **value,
                             cm_error *err)
{
    if (p->i == p->n || strncmp(p->args[p->i], "--", 2) == 0) {
        return cm_fail(err, CM_ERR_USAGE, "--%.*s needs two values",
                       CM_STR_ARG(name));
    }
    *value = p->args[p->i++];
    return CM_OK;
}

/* A true-or-false parameter may stand alone. */
static cm_status take_bool(parser *p, const char *equals, const char **value)
{
    const char *next = p->i < p->n ? p->args[p->i] : "";
    *value = "true";
    if (equals != NULL) {
        *value = equals + 1;
    } else if (strcmp(next, "true") == 0 || strcmp(next, "false") == 0) {
        *value = p->args[p->i++];
    }
    return CM_OK;
}

static cm_status take_param(parser *p, const cm_param *param, cm_str name,
                            const char *equals, cm_error *err)
{
    const char *value = NULL;
    cm_status status = param->type == CM_PARAM_BOOL
                           ? take_bool(p, equals, &value)
                           : take_value(p, name, equals, &value, err);
    if (status == CM_OK) {
        status =
            cm_grow(&p->flags, p->n_flags, &p->capacity, sizeof *p->flags, err);
    }
    if (status == CM_OK) {
        p->flags[p->n_flags++] = (flag){param, name, cm_str_of(value)};
    }
    return status;
}

/* What follows the first value is of the list as well. */
static void take_list(parser *p, const char *equals, const char *const *first)
{
    cli_context *c = p->c;
    c->list =
        equals != NULL ? first : (const char *const *)(p->args + p->i - 1);
    c->n_list = 1;
    while (equals == NULL && p->i < p->n && p->args[p->i][0] != '-') {
        p->i++;
        c->n_list++;
    }
}

static cm_status take_option(parser *p, const cli_option *option, cm_str name,
                             const char *equals, cm_error *err)
{
    if (option->param != CLI_OWN) {
        return take_param(p, &cm_params[option->param], name, equals, err);
    }
    size_t index = (size_t)(option - p->c->command->options);
    CM_ASSERT(index < CLI_MAX_OPTIONS);
    if (option->meta != NULL) {
        cm_status status =
            take_value(p, name, equals, &p->c->values[index], err);
        if (status == CM_OK && option->list) {
            take_list(p, equals, &p->c->values[index]);
        }
        return status == CM_OK && option->pair
                   ? take_second(p, name, &p->c->seconds[index], err)
                   : status;
    }
    if (equals != NULL) {
        return cm_fail(err, CM_ERR_USAGE, "--%.*s takes no value",
                       CM_STR_ARG(name));
    }
    p->c->values[index] = "";
    return CM_OK;
}

static cm_status take_flag(parser *p, const char *word, cm_error *err)
{
    const char *equals = strchr(word, '=');
    cm_str name = {word + 2, equals != NULL ? (size_t)(equals - word) - 2
                                            : strlen(word + 2)};
    const cli_command *command = p->c->command;
    const cli_option *option = find_option(command, name);
    if (cm_str_is(name, "help")) {
        p->c->wants_help = true;
        return CM_OK;
    }
    if (option != NULL) {
        return take_option(p, option, name, equals, err);
    }
    if (command->takes_config &&
        (cm_str_is(name, "config") || cm_str_is(name, "configs"))) {
        return take_value(p, name, equals, &p->c->config_path, err);
    }
    const cm_param *param = find_param(command, name, err);
    return param != NULL ? take_param(p, param, name, equals, err)
                         : CM_ERR_USAGE;
}

/* "-aT", "-n 2", "-n2": letters of switches, the last may take a value. */
static cm_status take_letters(parser *p, const char *word, cm_error *err)
{
    cm_status status = CM_OK;
    for (const char *at = word + 1; *at != '\0' && status == CM_OK; at++) {
        const cli_option *option = find_letter(p->c->command, *at);
        if (option == NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "unknown option %s: clickmill %s has no -%c", word,
                           p->c->command->name, *at);
        }
        bool has_rest = option->meta != NULL && at[1] != '\0';
        cm_str name = cm_str_of(option->name);
        /* take_option reads behind the character that it is given. */
        status = take_option(p, option, name, has_rest ? at : NULL, err);
        if (option->meta != NULL) {
            break;
        }
    }
    return status;
}

static cm_status take_word(parser *p, const char *word, cm_error *err)
{
    cli_context *c = p->c;
    if (c->n_words == c->command->max_words) {
        return cm_fail(err, CM_ERR_USAGE, "unexpected argument \"%s\"", word);
    }
    c->words[c->n_words++] = word;
    return CM_OK;
}

static cm_status take_all(parser *p, cm_error *err)
{
    cm_status status = CM_OK;
    bool only_words = false;
    while (p->i < p->n && status == CM_OK) {
        const char *word = p->args[p->i++];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            status = take_word(p, word, err);
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (strcmp(word, "-h") == 0) {
            p->c->wants_help = true;
        } else if (word[1] == '-') {
            status = take_flag(p, word, err);
        } else {
            status = take_letters(p, word, err);
        }
    }
    return status;
}

static cm_status fill_config(parser *p, cm_error *err)
{
    cm_config *config = &p->c->config;
    cm_status status = CM_OK;
    if (p->c->config_path != NULL) {
        status = cm_config_load(config, p->c->config_path, err);
    }
    for (size_t i = 0; i < p->n_flags && status == CM_OK; i++) {
        status = cm_config_set_flag(config, p->flags[i].param, p->flags[i].name,
                                    p->flags[i].value, err);
    }
    if (status == CM_OK) {
        status = cm_config_check(config, err);
    }
    if (status == CM_OK) {
        p->c->log.json = strcmp(config->log_format, "json") == 0;
        p->c->log.level = config->verbose ? CM_LOG_DEBUG
                          : config->quiet ? CM_LOG_WARNING
                                          : CM_LOG_INFO;
    }
    return status;
}

cm_status cli_parse(cli_context *c, const cli_command *command,
                    char *const *args, size_t n, cm_error *err)
{
    parser p = {.c = c, .args = args, .n = n};
    c->command = command;
    cm_status status = take_all(&p, err);
    if (status == CM_OK) {
        status = fill_config(&p, err);
    }
    free(p.flags);
    if (status == CM_OK && !c->wants_help && c->n_words < command->min_words) {
        status = cm_fail(err, CM_ERR_USAGE, "clickmill %s needs %s",
                         command->name, command->words);
    }
    return status;
}

static size_t option_index(const cli_context *c, const char *name)
{
    const cli_option *option = find_option(c->command, cm_str_of(name));
    CM_ASSERT(option != NULL);
    return (size_t)(option - c->command->options);
}

const char *cli_text(const cli_context *c, const char *name)
{
    size_t index = option_index(c, name);
    return c->values[index] != NULL ? c->values[index]
                                    : c->command->options[index].fallback;
}

const char *cli_second_text(const cli_context *c, const char *name)
{
    return c->seconds[option_index(c, name)];
}

bool cli_switch(const cli_context *c, const char *name)
{
    return c->values[option_index(c, name)] != NULL;
}

cm_status cli_u64(const cli_context *c, const char *name, uint64_t low,
                  uint64_t high, uint64_t *out, cm_error *err)
{
    cm_str text = cm_str_of(cli_text(c, name));
    if (!cm_parse_u64(text, out) || *out < low || *out > high) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--%s: found \"%.*s\", expected an integer in "
                       "[%llu, %llu]",
                       name, CM_STR_ARG(text), (unsigned long long)low,
                       (unsigned long long)high);
    }
    return CM_OK;
}

cm_status cli_double(const cli_context *c, const char *name, double *out,
                     cm_error *err)
{
    const char *text = cli_text(c, name);
    *out = NAN;
    if (text != NULL &&
        (!cm_parse_double(cm_str_of(text), out) || isnan(*out))) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--%s: found \"%s\", expected a number", name, text);
    }
    return CM_OK;
}
