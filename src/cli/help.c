/* Help: the list of commands, and the options of one with the values that are
 * in effect. */
#include <string.h>

#include "base/num.h"
#include "cli/cli.h"

enum { HELP_COLUMN = 30, PAGE_WIDTH = 80 };

void cli_print_wrapped(FILE *out, const char *text, int indent)
{
    int column = indent;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column + (int)word >= PAGE_WIDTH && column > indent) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%s%.*s", column > indent ? " " : "", (int)word, text);
        column += (int)word + (column > indent);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void cli_help_all(FILE *out)
{
    const char *group = "";
    fputs("clickmill: from a click log to an evaluated CatBoost model\n\n"
          "Usage: clickmill COMMAND [OPTIONS]\n",
          out);
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        if (strcmp(group, c->group) != 0) {
            group = c->group;
            fprintf(out, "\n%s\n", group);
        }
        fprintf(out, "  %-16s ", c->name);
        cli_print_wrapped(out, c->summary, 19);
    }
    fputs("\nclickmill COMMAND --help tells a command's options.\n", out);
}

/* "  --flag META      help [value]". */
static void print_line(FILE *out, const char *flag, const char *meta,
                       const char *help, const char *value)
{
    cm_buf text = {0};
    int width =
        fprintf(out, "  --%s%s%s", flag, meta[0] != '\0' ? " " : "", meta);
    if (width + 2 > HELP_COLUMN) {
        fprintf(out, "\n%*s", HELP_COLUMN, "");
    } else {
        fprintf(out, "%*s", HELP_COLUMN - width, "");
    }
    cm_buf_adds(&text, help);
    if (value[0] != '\0') {
        cm_buf_addf(&text, " [%s]", value);
    }
    cli_print_wrapped(out, text.failed ? help : text.p, HELP_COLUMN);
    cm_buf_release(&text);
}

/* "a|b|!c" without the words that are not supported. */
static void add_words(cm_buf *out, const char *limits)
{
    for (const char *p = limits; *p != '\0'; p += strspn(p, "|")) {
        size_t length = strcspn(p, "|");
        if (*p != '!') {
            cm_buf_adds(out, out->n > 0 ? "|" : "");
            cm_buf_add(out, p, length);
        }
        p += length;
    }
}

static void add_meta(cm_buf *out, const cm_param *param)
{
    static const char *const names[] = {
        [CM_PARAM_BOOL] = "",     [CM_PARAM_INT] = "N",
        [CM_PARAM_DOUBLE] = "X",  [CM_PARAM_STRING] = "TEXT",
        [CM_PARAM_PATH] = "PATH", [CM_PARAM_LIST] = "A,B,..."};
    if (param->type == CM_PARAM_ENUM) {
        add_words(out, param->limits);
    } else {
        cm_buf_adds(out, names[param->type]);
    }
}

static void add_number(cm_buf *out, const cm_param *param, double value)
{
    if (value < 0 && strcmp(param->fallback, "auto") == 0) {
        cm_buf_adds(out, "auto");
    } else {
        cm_buf_add_double(out, value);
    }
}

/* The value in effect, a long list as its length. */
static void add_value(cm_buf *out, const cm_config *config,
                      const cm_param *param)
{
    const void *field = (const char *)config + param->offset;
    const cm_list *list = field;
    switch (param->type) {
    case CM_PARAM_BOOL:
        cm_buf_adds(out, *(const bool *)field ? "true" : "false");
        break;
    case CM_PARAM_INT:
        add_number(out, param, (double)*(const int64_t *)field);
        break;
    case CM_PARAM_DOUBLE:
        add_number(out, param, *(const double *)field);
        break;
    case CM_PARAM_LIST:
        if (list->n > 3) {
            cm_buf_addf(out, "%zu names", list->n);
            break;
        }
        for (size_t i = 0; i < list->n; i++) {
            cm_buf_addf(out, "%s%s", i > 0 ? "," : "", list->items[i]);
        }
        break;
    case CM_PARAM_STRING:
    case CM_PARAM_PATH:
    case CM_PARAM_ENUM:
        cm_buf_adds(out, *(const char *const *)field);
        break;
    }
}

static void print_param(FILE *out, const cm_config *config,
                        const cm_param *param)
{
    cm_buf flag = {0}, meta = {0}, value = {0};
    cm_param_add_flag(param, &flag);
    add_meta(&meta, param);
    add_value(&value, config, param);
    if (!flag.failed && !meta.failed && !value.failed) {
        print_line(out, flag.p + 2, meta.p != NULL ? meta.p : "", param->help,
                   value.p != NULL ? value.p : "");
    }
    cm_buf_release(&flag);
    cm_buf_release(&meta);
    cm_buf_release(&value);
}

static bool is_own(const cli_command *command, size_t param)
{
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        if (o->param == (int)param) {
            return true;
        }
    }
    return false;
}

static void print_own(FILE *out, const cli_context *c, const cli_option *o)
{
    cm_buf value = {0}, flag = {0};
    if (o->param != CLI_OWN) {
        add_value(&value, &c->config, &cm_params[o->param]);
    } else if (o->fallback != NULL) {
        cm_buf_adds(&value, o->fallback);
    }
    cm_buf_addf(&flag, "%s", o->name);
    if (o->letter != 0) {
        cm_buf_addf(&flag, ", -%c", o->letter);
    }
    print_line(out, flag.failed ? o->name : flag.p,
               o->meta != NULL ? o->meta : "", o->help,
               value.p != NULL ? value.p : "");
    cm_buf_release(&flag);
    cm_buf_release(&value);
}

static void print_groups(FILE *out, const cli_context *c)
{
    for (unsigned group = 0; group < CM_N_GROUPS; group++) {
        if ((c->command->groups & 1u << group) == 0) {
            continue;
        }
        fprintf(out, "\n%s\n", cm_group_title((cm_param_group)group));
        for (size_t i = 0; i < CM_N_PARAMS; i++) {
            if (cm_params[i].group == group && !is_own(c->command, i)) {
                print_param(out, &c->config, &cm_params[i]);
            }
        }
    }
}

void cli_help(FILE *out, const cli_context *c)
{
    const cli_command *command = c->command;
    fprintf(out,
            "clickmill %s: %s\n\nUsage: clickmill %s [OPTIONS]%s%s\n\n"
            "Options\n",
            command->name, command->summary, command->name,
            command->words[0] != '\0' ? " " : "", command->words);
    if (command->takes_config) {
        print_line(out, "config", "FILE",
                   "parameters as YAML (also --configs); flags win over it",
                   c->config_path != NULL ? c->config_path : "");
    }
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        print_own(out, c, o);
    }
    print_line(out, "help", "", "this text", "");
    print_groups(out, c);
    if (command->takes_config) {
        fputs("\nEvery parameter of clickmill config doc can be given as a "
              "flag.\n",
              out);
    }
    fprintf(out, "\nExample\n  %s\n", command->example);
}
