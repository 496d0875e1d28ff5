/* The command line: one table of commands, each a table of options.  A
 * command's file parses into option structs, calls one function and prints. */
#ifndef CM_CLI_CLI_H
#define CM_CLI_CLI_H

#include <stdio.h>

#include "base/log.h"
#include "codec/json.h"
#include "config/config.h"
#include "config/paths.h"

/* An option of one command.  With a parameter behind it, it is another name
 * for that parameter's flag; otherwise the command reads its text. */
typedef struct cli_option {
    const char *name; /* "max-log-loss" */
    const char *meta; /* what its value is called; NULL: a switch */
    const char *fallback;
    const char *help;
    int param;   /* CM_ID_…, or CLI_OWN */
    bool pair;   /* takes two words */
    bool list;   /* takes all words before the next option; one a command */
    char letter; /* "-a" is another name of it; 0: none */
} cli_option;

enum { CLI_OWN = -1, CLI_MAX_OPTIONS = 16, CLI_MAX_WORDS = 4096 };

typedef struct cli_context cli_context;

typedef struct cli_command {
    const char *name;    /* "model show" */
    const char *group;   /* heading in the list of commands */
    const char *summary; /* one line */
    const char *words;   /* the arguments without a name: "PATH", or "" */
    size_t min_words, max_words;
    const char *example;
    const cli_option *options; /* ends with a NULL name */
    unsigned groups;           /* parameters it takes: bits 1 << CM_GROUP_… */
    bool takes_config;         /* --config, and so every parameter */
    cm_status (*run)(cli_context *c, cm_error *err);
} cli_command;

/* The table; its end has a NULL name. */
extern const cli_command cli_commands[];

/* One parsed command line. */
struct cli_context {
    const cli_command *command;
    cm_config config;
    cm_log log;
    const char *config_path; /* NULL: none given */
    const char *words[CLI_MAX_WORDS];
    size_t n_words;
    const char *values[CLI_MAX_OPTIONS];  /* own options, "" for a switch set */
    const char *seconds[CLI_MAX_OPTIONS]; /* the second words of pairs */
    const char *const *list;              /* (n_list) words of the list */
    size_t n_list;
    bool wants_help;
    bool differs; /* done, and the answer is no: exit code 1 */
};

/* args (n): the words after the command's name. */
CM_MUST_USE cm_status cli_parse(cli_context *c, const cli_command *command,
                                char *const *args, size_t n, cm_error *err);

/* Text of an own option: as given, or its fallback (may be NULL). */
const char *cli_text(const cli_context *c, const char *name);
/* The second word of a pair, NULL when it is not given. */
const char *cli_second_text(const cli_context *c, const char *name);
bool cli_switch(const cli_context *c, const char *name);
CM_MUST_USE cm_status cli_u64(const cli_context *c, const char *name,
                              uint64_t low, uint64_t high, uint64_t *out,
                              cm_error *err);
/* NaN when the option is not given and has no fallback. */
CM_MUST_USE cm_status cli_double(const cli_context *c, const char *name,
                                 double *out, cm_error *err);

/* The command that the first words name (they are *used words), or NULL. */
const cli_command *cli_find(char *const *words, size_t n, size_t *used);
/* Records what is wrong with the words that name no command. */
cm_status cli_unknown(char *const *words, size_t n, cm_error *err);

void cli_help_all(FILE *out);
/* With the values in effect. */
void cli_help(FILE *out, const cli_context *c);
/* " 1.0 MB of text" wrapped to the width of a page. */
void cli_print_wrapped(FILE *out, const char *text, int indent);

/* The commands. */
cm_status cli_generate(cli_context *c, cm_error *err);
cm_status cli_make_dataset(cli_context *c, cm_error *err);
cm_status cli_features(cli_context *c, cm_error *err);
cm_status cli_train(cli_context *c, cm_error *err);
cm_status cli_fit(cli_context *c, cm_error *err);
cm_status cli_tune(cli_context *c, cm_error *err);
cm_status cli_evaluate(cli_context *c, cm_error *err);
cm_status cli_report(cli_context *c, cm_error *err);
cm_status cli_predict(cli_context *c, cm_error *err);
cm_status cli_serve(cli_context *c, cm_error *err);
cm_status cli_model_diff(cli_context *c, cm_error *err);
cm_status cli_model_importance(cli_context *c, cm_error *err);
cm_status cli_model_show(cli_context *c, cm_error *err);
cm_status cli_model_convert(cli_context *c, cm_error *err);
cm_status cli_model_rollback(cli_context *c, cm_error *err);
cm_status cli_model_push(cli_context *c, cm_error *err);
cm_status cli_model_list(cli_context *c, cm_error *err);
cm_status cli_model_alias(cli_context *c, cm_error *err);
cm_status cli_model_pull(cli_context *c, cm_error *err);
cm_status cli_model_cache(cli_context *c, cm_error *err);
cm_status cli_init(cli_context *c, cm_error *err);
cm_status cli_remote_add(cli_context *c, cm_error *err);
cm_status cli_remote_list(cli_context *c, cm_error *err);
cm_status cli_remote_modify(cli_context *c, cm_error *err);
cm_status cli_remote_default(cli_context *c, cm_error *err);
cm_status cli_remote_remove(cli_context *c, cm_error *err);
cm_status cli_remote_rename(cli_context *c, cm_error *err);
cm_status cli_dvc_config(cli_context *c, cm_error *err);
cm_status cli_add(cli_context *c, cm_error *err);
cm_status cli_diff(cli_context *c, cm_error *err);
cm_status cli_dag(cli_context *c, cm_error *err);
cm_status cli_checkout(cli_context *c, cm_error *err);
cm_status cli_status(cli_context *c, cm_error *err);
cm_status cli_push(cli_context *c, cm_error *err);
cm_status cli_fetch(cli_context *c, cm_error *err);
cm_status cli_pull(cli_context *c, cm_error *err);
cm_status cli_repro(cli_context *c, cm_error *err);
cm_status cli_gc(cli_context *c, cm_error *err);
cm_status cli_import_url(cli_context *c, cm_error *err);
cm_status cli_update(cli_context *c, cm_error *err);
cm_status cli_runs_push(cli_context *c, cm_error *err);
cm_status cli_metrics_show(cli_context *c, cm_error *err);
cm_status cli_metrics_diff(cli_context *c, cm_error *err);
cm_status cli_params_diff(cli_context *c, cm_error *err);
cm_status cli_runs_list(cli_context *c, cm_error *err);
cm_status cli_runs_show(cli_context *c, cm_error *err);
cm_status cli_runs_compare(cli_context *c, cm_error *err);
cm_status cli_runs_best(cli_context *c, cm_error *err);
cm_status cli_config_show(cli_context *c, cm_error *err);
cm_status cli_config_doc(cli_context *c, cm_error *err);
cm_status cli_metrics_doc(cli_context *c, cm_error *err);
cm_status cli_version(cli_context *c, cm_error *err);
cm_status cli_help_command(cli_context *c, cm_error *err);

#endif
