/* Running commands: the user's shell, a pipe for the output of each stage, one
 * loop that waits for output, for the ends of processes and for signals. */
#include "versioning/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_LINE = 1 << 16 };

typedef struct job {
    size_t id;
    const graph_step *step;
    char *folder; /* absolute */
    cm_buf lines; /* the commands, a NUL behind each */
    size_t at;    /* of the next one in lines */
    const char *command;
    pid_t pid;
    int output;  /* read end of the pipe; -1: none */
    cm_buf line; /* of output, not yet ended */
} job;

struct commands {
    commands_options options;
    job *jobs; /* (most) */
    size_t n;
    int signals; /* -1: none runs */
    sigset_t old_mask;
    const char *shell;
    const char *flags[3]; /* of the shell, before -c */
};

/* ---- opening ------------------------------------------------------------- */

/* The shell that the user has, told to leave its configuration alone. */
static void choose_shell(commands *c)
{
    const char *shell = getenv("SHELL");
    c->shell = shell != NULL && shell[0] != '\0' ? shell : "/bin/sh";
    const char *name = cm_path_base(c->shell);
    if (strcmp(name, "bash") == 0) {
        c->flags[0] = "--noprofile";
        c->flags[1] = "--norc";
    } else if (strcmp(name, "zsh") == 0) {
        c->flags[0] = "--no-rcs";
    } else if (strcmp(name, "fish") == 0) {
        c->flags[0] = "--no-config";
    }
}

cm_status commands_open(commands **out, const commands_options *options,
                        cm_error *err)
{
    *out = NULL;
    commands *c = cm_alloc_zero(1, sizeof *c, err);
    if (c == NULL) {
        return CM_ERR_NOMEM;
    }
    c->options = *options;
    c->signals = -1;
    c->jobs = cm_alloc_zero(options->most, sizeof *c->jobs, err);
    if (c->jobs == NULL) {
        free(c);
        return CM_ERR_NOMEM;
    }
    choose_shell(c);
    *out = c;
    return CM_OK;
}

size_t commands_running(const commands *c)
{
    return c->n;
}

bool commands_full(const commands *c)
{
    return c->n == c->options.most;
}

/* While something runs, signals are read, not obeyed. */
static cm_status watch_signals(commands *c, cm_error *err)
{
    sigset_t set;
    if (c->signals >= 0) {
        return CM_OK;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, &c->old_mask);
    c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (c->signals < 0) {
        pthread_sigmask(SIG_SETMASK, &c->old_mask, NULL);
        return cm_fail_errno(err, "signalfd");
    }
    return CM_OK;
}

static void leave_signals(commands *c)
{
    if (c->signals >= 0 && c->n == 0) {
        close(c->signals);
        c->signals = -1;
        pthread_sigmask(SIG_SETMASK, &c->old_mask, NULL);
    }
}

/* ---- starting ------------------------------------------------------------ */

/* A text is a command a line; a list has them as they are. */
static cm_status split_commands(cm_buf *out, const cm_stage *stage,
                                cm_error *err)
{
    for (size_t i = 0; i < stage->n_commands; i++) {
        const char *text = stage->commands[i];
        if (!stage->one_command) {
            cm_buf_add(out, text, strlen(text) + 1);
            continue;
        }
        while (*text != '\0') {
            size_t n = strcspn(text, "\n\r\v\f");
            cm_buf_add(out, text, n);
            cm_buf_addc(out, '\0');
            text += n;
            text += text[0] == '\r' && text[1] == '\n' ? 1 : 0;
            text += *text != '\0';
        }
    }
    return cm_buf_check(out, err);
}

static void put_variable(char **environment, size_t *n, char *text)
{
    environment[(*n)++] = text;
}

/* The environment with DVC_ROOT (unless it is set) and DVC_STAGE. */
static char **make_environment(const char *root_text, const char *stage_text,
                               cm_error *err)
{
    size_t size = 0, n = 0;
    bool has_root = getenv("DVC_ROOT") != NULL;
    while (environ[size] != NULL) {
        size++;
    }
    char **out = cm_alloc(size + 3, sizeof *out, err);
    for (size_t i = 0; i < size && out != NULL; i++) {
        if (strncmp(environ[i], "DVC_STAGE=", strlen("DVC_STAGE=")) != 0) {
            put_variable(out, &n, environ[i]);
        }
    }
    if (out != NULL) {
        if (!has_root) {
            put_variable(out, &n, (char *)root_text);
        }
        put_variable(out, &n, (char *)stage_text);
        out[n] = NULL;
    }
    return out;
}

/* In the child: only calls that may be made there. */
_Noreturn static void become(const commands *c, const job *j, int output,
                             char **environment)
{
    const char *argv[8];
    size_t n = 0;
    static const char message[] = "cannot enter the stage's wdir\n";
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (c->options.prefixed) {
        setpgid(0, 0);
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
    }
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
    } else {
        dup2(fileno(c->options.out), STDOUT_FILENO);
    }
    if (chdir(j->folder) != 0) {
        ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
        _exit(written >= 0 ? 127 : 126);
    }
    argv[n++] = c->shell;
    for (size_t i = 0; c->flags[i] != NULL; i++) {
        argv[n++] = c->flags[i];
    }
    argv[n++] = "-c";
    argv[n++] = j->command;
    argv[n] = NULL;
    execvpe(c->shell, (char **)argv, environment);
    _exit(127);
}

static cm_status fork_job(commands *c, job *j, char **environment,
                          cm_error *err)
{
    int ends[2] = {-1, -1};
    if (c->options.prefixed && pipe2(ends, O_CLOEXEC) != 0) {
        return cm_fail_errno(err, "cannot make a pipe");
    }
    fflush(NULL);
    j->pid = fork();
    if (j->pid == 0) {
        become(c, j, ends[1], environment);
    }
    if (c->options.prefixed && j->pid > 0) {
        setpgid(j->pid, j->pid); /* whoever of the two comes first */
    }
    if (ends[1] >= 0) {
        close(ends[1]);
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    j->output = ends[0];
    return j->pid > 0 ? CM_OK
                      : cm_fail_errno(err, "cannot start a process for '%s'",
                                      j->command);
}

/* Starts the job's next command. */
static cm_status start_next(commands *c, job *j, cm_error *err)
{
    cm_buf root = {0}, stage = {0};
    j->command = j->lines.p + j->at;
    j->at += strlen(j->command) + 1;
    cm_info(c->options.repo->log, "> %s", j->command);
    cm_buf_addf(&root, "DVC_ROOT=%s", c->options.repo->root);
    cm_buf_addf(&stage, "DVC_STAGE=%s", j->step->address);
    cm_status status = cm_buf_check(&root, err);
    if (status == CM_OK) {
        status = cm_buf_check(&stage, err);
    }
    char **environment =
        status == CM_OK ? make_environment(root.p, stage.p, err) : NULL;
    if (environment == NULL) {
        status = status == CM_OK ? CM_ERR_NOMEM : status;
    } else {
        status = fork_job(c, j, environment, err);
    }
    free(environment);
    cm_buf_release(&root);
    cm_buf_release(&stage);
    return status;
}

static void forget(commands *c, job *j)
{
    if (j->output >= 0) {
        close(j->output);
    }
    free(j->folder);
    cm_buf_release(&j->lines);
    cm_buf_release(&j->line);
    *j = c->jobs[--c->n];
    leave_signals(c);
}

cm_status commands_start(commands *c, size_t id, const graph_step *step,
                         cm_error *err)
{
    CM_ASSERT(!commands_full(c));
    cm_status status = watch_signals(c, err);
    if (status != CM_OK) {
        return status;
    }
    job *j = &c->jobs[c->n++];
    *j = (job){.id = id, .step = step, .output = -1};
    j->folder = cm_path_join(c->options.repo->root, step->stage->wdir);
    status = j->folder == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                               : split_commands(&j->lines, step->stage, err);
    if (status == CM_OK) {
        status = start_next(c, j, err);
    }
    if (status != CM_OK) {
        forget(c, j);
    }
    return status;
}

/* ---- waiting ------------------------------------------------------------- */

static void print_line(const commands *c, job *j)
{
    fprintf(c->options.out, "%s | %.*s\n", j->step->address, (int)j->line.n,
            j->line.p != NULL ? j->line.p : "");
    cm_buf_clear(&j->line);
}

/* Reads what there is, and prints the lines that are whole. */
static void drain(const commands *c, job *j)
{
    char bytes[1 << 12];
    ssize_t n = 1;
    while (j->output >= 0 && (n = read(j->output, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == '\n' || j->line.n == MAX_LINE) {
                print_line(c, j);
            }
            if (bytes[i] != '\n') {
                cm_buf_addc(&j->line, bytes[i]);
            }
        }
    }
    if (j->output >= 0 && n == 0) {
        close(j->output);
        j->output = -1;
    }
    fflush(c->options.out);
}

/* What is left of a command's output when it has ended. */
static void end_output(const commands *c, job *j)
{
    drain(c, j);
    if (j->line.n > 0) {
        print_line(c, j);
        fflush(c->options.out);
    }
    if (j->output >= 0) {
        close(j->output);
        j->output = -1;
    }
}

static cm_status tell_failure(const job *j, int how, cm_error *err)
{
    if (WIFSIGNALED(how)) {
        return cm_fail(err, CM_ERR_DATA,
                       "failed to run: %s, ended by signal %d (%s)", j->command,
                       WTERMSIG(how), strsignal(WTERMSIG(how)));
    }
    return cm_fail(err, CM_ERR_DATA, "failed to run: %s, exited with %d",
                   j->command, WEXITSTATUS(how));
}

/* Looks whether the job's command has ended; *ended: the whole job has. */
static cm_status look_at(commands *c, job *j, bool *ended, cm_status *result,
                         cm_error *err)
{
    int how = 0;
    *ended = false;
    if (waitpid(j->pid, &how, WNOHANG) != j->pid) {
        return CM_OK;
    }
    end_output(c, j);
    j->pid = 0;
    *result = how == 0 ? CM_OK : tell_failure(j, how, err);
    if (*result == CM_OK && j->at < j->lines.n) {
        return start_next(c, j, err);
    }
    *ended = true;
    return CM_OK;
}

static void signal_all(const commands *c, int number)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->jobs[i].pid > 0) {
            kill(c->options.prefixed ? -c->jobs[i].pid : c->jobs[i].pid,
                 number);
        }
    }
}

/* Waits for all processes to end. */
static void reap_all(commands *c)
{
    for (size_t i = c->n; i-- > 0;) {
        if (c->jobs[i].pid > 0) {
            waitpid(c->jobs[i].pid, NULL, 0);
            end_output(c, &c->jobs[i]);
        }
        forget(c, &c->jobs[i]);
    }
}

/* Reads signals; true: one says stop. */
static bool read_signals(const commands *c, int *number)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(c->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD) {
            stop = true;
            *number = (int)info.ssi_signo;
        }
    }
    return stop;
}

cm_status commands_check(commands *c, cm_error *err)
{
    int number = SIGTERM;
    if (c->signals < 0 || !read_signals(c, &number)) {
        return CM_OK;
    }
    signal_all(c, number);
    reap_all(c);
    return cm_fail(err, CM_ERR_INTERRUPTED,
                   "stopped by a signal; stages that had not ended are not "
                   "recorded");
}

/* Waits for output, an end or a signal. */
static cm_status wait_some(commands *c, cm_error *err)
{
    size_t n = 0;
    struct pollfd *fds = cm_alloc(c->n + 1, sizeof *fds, err);
    if (fds == NULL) {
        return CM_ERR_NOMEM;
    }
    fds[n++] = (struct pollfd){.fd = c->signals, .events = POLLIN};
    for (size_t i = 0; i < c->n; i++) {
        if (c->jobs[i].output >= 0) {
            fds[n++] =
                (struct pollfd){.fd = c->jobs[i].output, .events = POLLIN};
        }
    }
    int ready = poll(fds, (nfds_t)n, -1);
    free(fds);
    if (ready < 0 && errno != EINTR) {
        return cm_fail_errno(err, "poll");
    }
    for (size_t i = 0; i < c->n; i++) {
        drain(c, &c->jobs[i]);
    }
    return commands_check(c, err);
}

cm_status commands_wait(commands *c, size_t *id, cm_status *result,
                        cm_error *err)
{
    CM_ASSERT(c->n > 0);
    for (;;) {
        for (size_t i = 0; i < c->n; i++) {
            bool ended = false;
            cm_status status = look_at(c, &c->jobs[i], &ended, result, err);
            if (status != CM_OK) {
                return status;
            }
            if (ended) {
                *id = c->jobs[i].id;
                forget(c, &c->jobs[i]);
                return CM_OK;
            }
        }
        cm_status status = wait_some(c, err);
        if (status != CM_OK) {
            return status;
        }
    }
}

void commands_close(commands *c)
{
    if (c == NULL) {
        return;
    }
    signal_all(c, SIGTERM);
    reap_all(c);
    free(c->jobs);
    free(c);
}
