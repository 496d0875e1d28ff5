/* Formats of DVC for tests/versioning/formats_test.py: one of
 *   yaml < a JSON map a line         YAML documents, each ends in 0
 *   reread < a path a line           the YAML file as a line of JSON
 *   toml < documents, a NUL behind   each as a line of JSON, or "!" and why not
 *   dvcfile FILE [MD5 SIZE]          the .dvc file, with another hash
 *   lockfile FILE                    dvc.lock, every stage written anew
 *   listing < "MD5 RELPATH" a line   the listing's id, and its text
 *   relist FILE                      the same of a listing that is read
 *   ignore ROOT < "d PATH", "f PATH" 1 or 0 a line
 *   gitignore add|remove|check PATH  in the repository of the working folder
 *   remote [NAME]                    the settings, a line each
 *   hold                             the lock, until standard input ends */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "codec/toml.h"
#include "dvc/ignore.h"
#include "dvc/yaml_text.h"
#include "versioning/git.h"
#include "versioning/stages.h"

static int finish(cm_status status, const cm_error *err)
{
    if (status != CM_OK) {
        fprintf(stderr, "%s\n", err->message);
    }
    return status != CM_OK;
}

/* The next line of standard input without its end. */
static char *next_line(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n = getline(&line, &room, stdin);
    if (n <= 0) {
        free(line);
        return NULL;
    }
    line[n - (line[n - 1] == '\n')] = '\0';
    return line;
}

static cm_status put_out(cm_buf *out, cm_error *err)
{
    cm_status status = cm_buf_check(out, err);
    if (status == CM_OK) {
        fwrite(out->p, 1, out->n, stdout);
    }
    cm_buf_release(out);
    return status;
}

static cm_status do_toml(char **args, cm_error *err)
{
    (void)args;
    (void)err;
    char *text = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getdelim(&text, &room, '\0', stdin)) > 0;) {
        cm_error why = {0};
        json_t *value = NULL;
        cm_str document = {text, (size_t)n - 1};
        if (cm_toml_parse(&value, document, "t.toml", &why) == CM_OK) {
            json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        } else {
            printf("!%s", why.message);
        }
        putchar('\n');
        json_decref(value);
    }
    free(text);
    return CM_OK;
}

static cm_status do_yaml(char **args, cm_error *err)
{
    (void)args;
    cm_status status = CM_OK;
    for (char *line; status == CM_OK && (line = next_line()) != NULL;) {
        json_t *value = NULL;
        cm_buf out = {0};
        status = cm_json_parse(&value, cm_str_of(line), "input", err);
        if (status == CM_OK) {
            cm_yaml_put_document(&out, value);
            cm_buf_addc(&out, '\0');
            status = put_out(&out, err);
        }
        json_decref(value);
        free(line);
    }
    return status;
}

static cm_status do_reread(char **args, cm_error *err)
{
    (void)args;
    cm_status status = CM_OK;
    for (char *line; status == CM_OK && (line = next_line()) != NULL;) {
        cm_yaml *root = NULL;
        json_t *value = NULL;
        status = cm_yaml_load(&root, line, err);
        if (status == CM_OK) {
            status = cm_yaml_to_json(&value, root, err);
        }
        if (status == CM_OK) {
            json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
            putchar('\n');
        }
        json_decref(value);
        cm_yaml_free(root);
        free(line);
    }
    return status;
}

static cm_status do_dvcfile(char **args, cm_error *err)
{
    cm_dvc_file file;
    cm_buf out = {0};
    cm_status status = cm_dvc_file_load(&file, args[0], err);
    if (status == CM_OK && args[1] != NULL) {
        snprintf(file.out.md5, sizeof file.out.md5, "%s", args[1]);
        file.out.size = strtoull(args[2], NULL, 10);
        file.out.has_size = true;
        file.out.old_hash = false;
    }
    if (status == CM_OK) {
        status = cm_dvc_file_format(&file, &out, err);
    }
    cm_dvc_file_release(&file);
    return status == CM_OK ? put_out(&out, err) : status;
}

static cm_status do_lockfile(char **args, cm_error *err)
{
    cm_lock_file lock;
    cm_buf out = {0};
    cm_status status = cm_lock_file_load(&lock, args[0], err);
    for (size_t i = 0; i < lock.n; i++) {
        lock.stages[i].raw = (cm_str){0};
    }
    if (status == CM_OK) {
        status = cm_lock_file_format(&lock, &out, err);
    }
    cm_lock_file_release(&lock);
    return status == CM_OK ? put_out(&out, err) : status;
}

static cm_status put_listing(cm_listing *listing, cm_error *err)
{
    char id[CM_OBJECT_TEXT];
    cm_buf text = {0};
    cm_status status = cm_listing_format(listing, &text, id, err);
    if (status == CM_OK) {
        puts(id);
    }
    return status == CM_OK ? put_out(&text, err) : status;
}

static cm_status do_listing(char **args, cm_error *err)
{
    (void)args;
    cm_listing listing = {0};
    cm_status status = CM_OK;
    for (char *line; status == CM_OK && (line = next_line()) != NULL;) {
        line[32] = '\0';
        status = cm_listing_add(&listing, cm_str_of(line + 33), line, 0, err);
        free(line);
    }
    if (status == CM_OK) {
        status = put_listing(&listing, err);
    }
    cm_listing_release(&listing);
    return status;
}

static cm_status do_relist(char **args, cm_error *err)
{
    cm_listing listing = {0};
    cm_buf text = {0};
    cm_status status = cm_read_file(&text, args[0], 1 << 28, err);
    if (status == CM_OK) {
        status =
            cm_listing_parse(&listing, (cm_str){text.p, text.n}, args[0], err);
    }
    if (status == CM_OK) {
        status = put_listing(&listing, err);
    }
    cm_buf_release(&text);
    cm_listing_release(&listing);
    return status;
}

static cm_status do_ignore(char **args, cm_error *err)
{
    cm_ignore *ignore = NULL;
    cm_status status = cm_ignore_open(&ignore, args[0], err);
    for (char *line; status == CM_OK && (line = next_line()) != NULL;) {
        bool ignored = false;
        status =
            cm_ignore_check(ignore, line + 2, line[0] == 'd', &ignored, err);
        puts(ignored ? "1" : "0");
        free(line);
    }
    cm_ignore_close(ignore);
    return status;
}

static cm_status do_gitignore(char **args, cm_error *err)
{
    cm_repo repo;
    cm_git *git = NULL;
    bool changed = false;
    cm_status status = cm_repo_open(&repo, NULL, NULL, err);
    if (status == CM_OK) {
        status = cm_git_open(&git, &repo, err);
    }
    if (status == CM_OK && strcmp(args[0], "add") == 0) {
        status = cm_git_ignore(git, args[1], &changed, err);
    } else if (status == CM_OK && strcmp(args[0], "remove") == 0) {
        status = cm_git_unignore(git, args[1], &changed, err);
    } else if (status == CM_OK) {
        status = cm_git_check_untracked(git, args[1], err);
    }
    puts(changed ? "changed" : "same");
    cm_git_close(git);
    cm_repo_close(&repo);
    return status;
}

static void say(const char *name, const char *value)
{
    if (value != NULL) {
        printf("%s=%s\n", name, value);
    }
}

static cm_status do_remote(char **args, cm_error *err)
{
    cm_repo repo;
    cm_storage_settings s;
    cm_status status = cm_repo_open(&repo, NULL, NULL, err);
    if (status == CM_OK) {
        status = cm_repo_remote(&repo, args[0], &s, err);
    }
    if (status == CM_OK) {
        say("url", s.url);
        say("endpointurl", s.endpoint_url);
        say("region", s.region);
        say("profile", s.profile);
        say("credentialpath", s.credential_path);
        say("access_key_id", s.access_key_id);
        say("secret_access_key", s.secret_access_key);
        say("session_token", s.session_token);
        say("ssl_verify", s.ssl_verify);
        printf("use_ssl=%d anonymous=%d connect=%g read=%g jobs=%u\n",
               !s.use_ssl_false, s.anonymous, s.connect_timeout, s.read_timeout,
               s.jobs);
    }
    cm_repo_close(&repo);
    return status;
}

static cm_status do_hold(char **args, cm_error *err)
{
    (void)args;
    cm_repo repo;
    cm_status status = cm_repo_open(&repo, NULL, NULL, err);
    if (status == CM_OK) {
        status = cm_repo_lock(&repo, err);
    }
    if (status == CM_OK) {
        puts("held");
        fflush(stdout);
        while (getchar() != EOF) {
        }
    }
    cm_repo_close(&repo);
    return status;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int least;
        cm_status (*run)(char **args, cm_error *err);
    } modes[] = {{"yaml", 0, do_yaml},       {"reread", 0, do_reread},
                 {"dvcfile", 1, do_dvcfile}, {"lockfile", 1, do_lockfile},
                 {"listing", 0, do_listing}, {"relist", 1, do_relist},
                 {"ignore", 1, do_ignore},   {"gitignore", 2, do_gitignore},
                 {"remote", 0, do_remote},   {"hold", 0, do_hold},
                 {"toml", 0, do_toml}};
    cm_error err = {0};
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0 && argc - 2 >= modes[i].least) {
            return finish(modes[i].run(argv + 2, &err), &err);
        }
    }
    return 2;
}
