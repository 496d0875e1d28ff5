/* The program: finds the command, runs it, tells what went wrong. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_GATE = 3 };

static int exit_code(cm_status status)
{
    switch (status) {
    case CM_OK:
        return EXIT_DONE;
    case CM_ERR_USAGE:
        return EXIT_USAGE;
    case CM_ERR_GATE:
        return EXIT_GATE;
    default:
        return EXIT_FAILED;
    }
}

/* The form of messages must be known before anything can go wrong. */
static bool wants_json_log(char *const *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *word = args[i];
        bool named = strncmp(word, "--log-format", 12) == 0 ||
                     strncmp(word, "--log_format", 12) == 0;
        if (named && strcmp(word + 12, "=json") == 0) {
            return true;
        }
        if (named && word[12] == '\0' && i + 1 < n &&
            strcmp(args[i + 1], "json") == 0) {
            return true;
        }
    }
    return false;
}

static void say_error(const cm_log *log, const cm_error *err)
{
    if (log->json) {
        cm_log_say(log, CM_LOG_ERROR, "%s", err->message);
    } else {
        fprintf(stderr, "%sclickmill: error: %s\n",
                log->terminal ? "\r\033[K" : "", err->message);
    }
}

static cm_status run(cli_context *c, char *const *args, size_t n, cm_error *err)
{
    size_t used = 0;
    const cli_command *command = cli_find(args, n, &used);
    if (command == NULL) {
        return cli_unknown(args, n, err);
    }
    cm_status status = cm_config_init(&c->config, err);
    if (status == CM_OK) {
        status = cli_parse(c, command, args + used, n - used, err);
    }
    if (status == CM_OK && c->wants_help) {
        cli_help(stdout, c);
    } else if (status == CM_OK) {
        status = command->run(c, err);
    }
    return status;
}

/* What was printed must have arrived: a full disk is a failure. */
static cm_status close_output(cm_error *err)
{
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0 || failed) {
        return cm_fail_errno(err, "standard output");
    }
    return CM_OK;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
    char *const *args = argv + 1;
    size_t n = argc > 0 ? (size_t)argc - 1 : 0;
    cm_error err = {0};
    cli_context c = {.log = {.out = stderr,
                             .level = CM_LOG_INFO,
                             .json = wants_json_log(args, n),
                             .terminal = isatty(STDERR_FILENO) == 1}};
    signal(SIGPIPE, SIG_DFL); /* a reader that leaves ends us quietly */
    if (n == 0) {
        cli_help_all(stderr);
        return EXIT_USAGE;
    }
    cm_status status = CM_OK;
    if (asks_for_help(args[0])) {
        cli_help_all(stdout);
    } else if (strcmp(args[0], "--version") == 0) {
        char word[] = "version";
        char *const words[] = {word};
        status = run(&c, words, 1, &err);
    } else {
        status = run(&c, args, n, &err);
    }
    cm_error lost = {0};
    if (close_output(&lost) != CM_OK && status == CM_OK) {
        status = lost.code;
        err = lost;
    }
    if (status != CM_OK) {
        say_error(&c.log, &err);
    }
    cm_config_release(&c.config);
    return status == CM_OK && c.differs ? EXIT_FAILED : exit_code(status);
}
