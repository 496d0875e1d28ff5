/* A storage from the command line, for tests that look at it from the other
 * side:  probe_storage [NAME=VALUE...] COMMAND [WORD...]
 * Names are those of cm_storage_settings, and clock: seconds that our clock is
 * ahead.  Commands: stat KEY, list PREFIX, read KEY, write KEY FILE,
 * put KEY FILE [MD5], get KEY FILE [MD5], remove KEY; put_all, get_all and
 * find_all read "KEY<tab>FILE<tab>MD5<tab>SIZE" lines (MD5 and SIZE may be -).
 * Exit 1 and "error STATUS MESSAGE" when it failed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "storage/s3.h"
#include "storage/storage.h"

enum { MAX_LINES = 20000 };

typedef struct probe {
    cm_storage *storage;
    cm_storage_session *session;
    const char *words[4]; /* NULL where there is none */
    cm_error err;
} probe;

static uint64_t number(const char *text)
{
    uint64_t value = UINT64_MAX;
    (void)!cm_parse_u64(cm_str_of(text), &value);
    return value;
}

/* ---- one object --------------------------------------------------------- */

static cm_status do_stat(probe *p)
{
    cm_stored stored;
    cm_status status =
        cm_storage_stat(p->session, p->words[0], &stored, &p->err);
    if (status == CM_OK && stored.exists) {
        printf("%" PRIu64 "\n", stored.size);
    } else if (status == CM_OK) {
        printf("missing\n");
    }
    return status;
}

static cm_status print_found(void *context, const char *key, uint64_t size,
                             cm_error *err)
{
    (void)context;
    (void)err;
    printf("%" PRIu64 " %s\n", size, key);
    return CM_OK;
}

static cm_status do_list(probe *p)
{
    const char *prefix = p->words[0] == NULL ? "" : p->words[0];
    return cm_storage_list(p->session, prefix, print_found, NULL, &p->err);
}

static cm_status do_read(probe *p)
{
    cm_buf bytes = {0};
    cm_status status =
        cm_storage_read(p->session, p->words[0], 1 << 20, &bytes, &p->err);
    fwrite(bytes.p, 1, bytes.n, stdout);
    cm_buf_release(&bytes);
    return status;
}

static cm_status do_write(probe *p)
{
    cm_buf bytes = {0};
    cm_status status = cm_read_file(&bytes, p->words[1], 1 << 20, &p->err);
    if (status == CM_OK) {
        status = cm_storage_write(p->session, p->words[0],
                                  (cm_str){bytes.p, bytes.n}, &p->err);
    }
    cm_buf_release(&bytes);
    return status;
}

static cm_status do_put(probe *p)
{
    return cm_storage_put(p->session, p->words[0], p->words[1], p->words[2],
                          NULL, &p->err);
}

static cm_status do_get(probe *p)
{
    return cm_storage_get(p->session, p->words[0], p->words[1], p->words[2],
                          NULL, &p->err);
}

static cm_status do_remove(probe *p)
{
    return cm_storage_remove(p->session, p->words[0], &p->err);
}

/* ---- many --------------------------------------------------------------- */

static cm_transfer transfers[MAX_LINES];

/* Cuts the lines of a file into transfers. */
static size_t read_lines(char *text)
{
    size_t n = 0;
    for (char *line = text; *line != '\0' && n < MAX_LINES; n++) {
        char *end = line + strcspn(line, "\n");
        char *fields[4] = {line, "", "-", "-"};
        char *next = *end == '\0' ? end : end + 1;
        *end = '\0';
        for (size_t i = 1; i < 4; i++) {
            char *tab = strchr(fields[i - 1], '\t');
            if (tab == NULL) {
                break;
            }
            *tab = '\0';
            fields[i] = tab + 1;
        }
        transfers[n] =
            (cm_transfer){.key = fields[0],
                          .path = fields[1],
                          .md5 = strcmp(fields[2], "-") == 0 ? NULL : fields[2],
                          .size = number(fields[3])};
        line = next;
    }
    return n;
}

static cm_status find_lines(probe *p, size_t n)
{
    static const char *keys[MAX_LINES];
    static uint64_t sizes[MAX_LINES];
    static bool found[MAX_LINES];
    for (size_t i = 0; i < n; i++) {
        keys[i] = transfers[i].key;
        sizes[i] = transfers[i].size;
    }
    cm_status status =
        cm_storage_find_all(p->storage, keys, sizes, found, n, &p->err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        printf("%d %s\n", found[i], keys[i]);
    }
    return status;
}

typedef cm_status (*mover)(cm_storage *, cm_transfer *, size_t, const cm_log *,
                           cm_error *);

static cm_status with_lines(probe *p, mover move)
{
    cm_buf text = {0};
    cm_status status = cm_read_file(&text, p->words[0], 64 << 20, &p->err);
    size_t n = status == CM_OK && text.n > 0 ? read_lines(text.p) : 0;
    if (status == CM_OK && move == NULL) {
        status = find_lines(p, n);
    } else if (status == CM_OK) {
        status = move(p->storage, transfers, n, NULL, &p->err);
        for (size_t i = 0; i < n; i++) {
            if (transfers[i].status != CM_OK) {
                printf("failed %s %s\n", transfers[i].key,
                       transfers[i].error.message);
            }
        }
    }
    cm_buf_release(&text);
    return status;
}

static cm_status do_put_all(probe *p)
{
    return with_lines(p, cm_storage_put_all);
}

static cm_status do_get_all(probe *p)
{
    return with_lines(p, cm_storage_get_all);
}

static cm_status do_find_all(probe *p)
{
    return with_lines(p, NULL);
}

/* ---- the command line --------------------------------------------------- */

static const struct {
    const char *name;
    int n_words; /* that it needs */
    cm_status (*run)(probe *p);
} commands[] = {{"stat", 1, do_stat},       {"list", 0, do_list},
                {"read", 1, do_read},       {"write", 2, do_write},
                {"put", 2, do_put},         {"get", 2, do_get},
                {"remove", 1, do_remove},   {"put_all", 1, do_put_all},
                {"get_all", 1, do_get_all}, {"find_all", 1, do_find_all}};

static bool set(cm_storage_settings *s, long *clock, const char *name,
                const char *value)
{
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"url", &s->url},
                 {"endpoint_url", &s->endpoint_url},
                 {"region", &s->region},
                 {"profile", &s->profile},
                 {"credential_path", &s->credential_path},
                 {"access_key_id", &s->access_key_id},
                 {"secret_access_key", &s->secret_access_key},
                 {"session_token", &s->session_token},
                 {"ssl_verify", &s->ssl_verify}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].text = value;
            return true;
        }
    }
    if (strcmp(name, "jobs") == 0) {
        s->jobs = (unsigned)number(value);
    } else if (strcmp(name, "anonymous") == 0) {
        s->anonymous = true;
    } else if (strcmp(name, "use_ssl_false") == 0) {
        s->use_ssl_false = true;
    } else if (strcmp(name, "read_timeout") == 0) {
        s->read_timeout = (double)number(value);
    } else if (strcmp(name, "clock") == 0) {
        *clock = strtol(value, NULL, 10);
    } else {
        return false;
    }
    return true;
}

static cm_status run(probe *p, const cm_storage_settings *settings, long clock,
                     size_t command)
{
    cm_status status = cm_storage_open(&p->storage, settings, &p->err);
    if (status != CM_OK) {
        return status;
    }
    if (clock != 0) {
        s3_set_clock(p->storage, clock);
    }
    status = cm_storage_session_new(&p->session, p->storage, &p->err);
    return status == CM_OK ? commands[command].run(p) : status;
}

static int usage(const char *word)
{
    fprintf(stderr, "probe_storage: what is %s?\n", word);
    return 2;
}

int main(int argc, char **argv)
{
    static char names[32][32];
    cm_storage_settings settings = {0};
    long clock = 0;
    int at = 1;
    for (; at < argc && at < 32 && strchr(argv[at], '=') != NULL; at++) {
        const char *sign = strchr(argv[at], '=');
        snprintf(names[at], sizeof names[at], "%.*s", (int)(sign - argv[at]),
                 argv[at]);
        if (!set(&settings, &clock, names[at], sign + 1)) {
            return usage(argv[at]);
        }
    }
    const size_t n_commands = sizeof commands / sizeof *commands;
    size_t command = 0;
    while (at < argc && command < n_commands &&
           strcmp(commands[command].name, argv[at]) != 0) {
        command++;
    }
    if (at >= argc || command == n_commands ||
        argc - at - 1 < commands[command].n_words) {
        return usage(at < argc ? argv[at] : "wanted");
    }
    probe p = {0};
    for (int i = 0; i < 4 && at + 1 + i < argc; i++) {
        p.words[i] = argv[at + 1 + i];
    }
    cm_status status = run(&p, &settings, clock, command);
    cm_storage_session_free(p.session);
    cm_storage_close(p.storage);
    if (status != CM_OK) {
        printf("error %d %s\n", (int)status, p.err.message);
    }
    return status == CM_OK ? 0 : 1;
}
