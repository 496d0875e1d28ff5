/* clickmill gc */
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "registry/registry.h"
#include "versioning/gc.h"

enum { MOST_TOLD = 20 };

/* ---- options ------------------------------------------------------------- */

static cm_status read_num(const cli_context *c, int64_t *out, cm_error *err)
{
    const char *text = cli_text(c, "num");
    *out = 0;
    return text == NULL || cm_parse_i64(cm_str_of(text), out)
               ? CM_OK
               : cm_fail(err, CM_ERR_USAGE,
                         "--num: found \"%s\", expected an integer", text);
}

/* The combinations that dvc refuses. */
static cm_status check(const cli_context *c, const cm_gc_options *o,
                       cm_error *err)
{
    if (o->remote != NULL && !o->cloud && !o->not_in_remote) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--remote needs --cloud or --not-in-remote");
    }
    if (o->cloud && o->not_in_remote) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--cloud and --not-in-remote exclude each other");
    }
    if (!cli_switch(c, "workspace") && !revisions_wanted(&o->keep)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "say what to keep: --workspace (-w), --all-branches "
                       "(-a), --all-tags (-T), --all-commits (-A), --rev or "
                       "--date");
    }
    if (o->keep.num != 0 && o->keep.rev == NULL && !o->keep.all_branches) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--num needs --rev or --all-branches");
    }
    if (c->n_words > 0 && !cli_switch(c, "projects")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "unexpected argument \"%s\": folders stand behind "
                       "--projects",
                       c->words[0]);
    }
    return CM_OK;
}

static cm_status read_options(const cli_context *c, cm_gc_options *out,
                              cm_error *err)
{
    unsigned jobs = 0;
    int64_t num = 0;
    cm_status status = cli_jobs(c, &jobs, err);
    if (status == CM_OK) {
        status = read_num(c, &num, err);
    }
    bool dry = cli_switch(c, "dry");
    *out =
        (cm_gc_options){.keep = {.all_branches = cli_switch(c, "all-branches"),
                                 .all_tags = cli_switch(c, "all-tags"),
                                 .all_commits = cli_switch(c, "all-commits"),
                                 .rev = cli_text(c, "rev"),
                                 .num = num,
                                 .date = cli_text(c, "date")},
                        .cloud = cli_switch(c, "cloud"),
                        .not_in_remote = cli_switch(c, "not-in-remote"),
                        .remote = cli_text(c, "remote"),
                        .jobs = jobs,
                        .dry = dry,
                        .force = dry || cli_switch(c, "force"),
                        .skip_failed = cli_switch(c, "skip-failed"),
                        .projects = c->words,
                        .n_projects = c->n_words,
                        .also = cm_registry_objects};
    return status == CM_OK ? check(c, out, err) : status;
}

/* ---- the question -------------------------------------------------------- */

static void put_commits(cm_buf *out, const revision_choice *keep)
{
    if (keep->all_commits) {
        cm_buf_adds(out, ", all commits");
        return;
    }
    if (keep->all_branches) {
        cm_buf_adds(out, ", all branches");
    }
    if (keep->all_tags) {
        cm_buf_adds(out, ", all tags");
    }
    if (keep->date != NULL) {
        cm_buf_addf(out, ", all commits since %s", keep->date);
    }
    if (keep->rev != NULL) {
        cm_buf_addf(out, ", %s", keep->rev);
    }
    if (keep->num != 0) {
        cm_buf_addf(out, " (%lld commits back)", (long long)keep->num);
    }
}

static void put_question(cm_buf *out, const cm_gc_options *o)
{
    cm_buf_addf(out,
                "This removes all objects of the cache%s that are not used by "
                "the workspace",
                o->cloud ? " and of the remote" : "");
    put_commits(out, &o->keep);
    cm_buf_adds(out, o->not_in_remote ? ", and those that the remote has" : "");
    cm_buf_adds(out, ".\n");
    for (size_t i = 0; i < o->n_projects; i++) {
        cm_buf_addf(out, "What %s uses is kept.\n", o->projects[i]);
    }
    cm_buf_adds(out, "Are you sure you want to proceed? [y/n] ");
}

/* CM_OK for a yes. */
static cm_status ask(const cm_gc_options *o, cm_error *err)
{
    char answer[16] = "";
    cm_buf question = {0};
    if (!isatty(STDIN_FILENO)) {
        return cm_fail(err, CM_ERR_INTERRUPTED,
                       "nothing was removed: gc asks before it does, and "
                       "standard input is no terminal; add --force (-f) for "
                       "yes, or --dry to see what would go");
    }
    put_question(&question, o);
    cm_status status = cm_buf_check(&question, err);
    if (status == CM_OK) {
        fputs(question.p, stderr);
        bool yes = fgets(answer, sizeof answer, stdin) != NULL &&
                   (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
        status = yes ? CM_OK
                     : cm_fail(err, CM_ERR_INTERRUPTED, "nothing was removed");
    }
    cm_buf_release(&question);
    return status;
}

/* ---- the report ---------------------------------------------------------- */

static void put_store_json(cm_json_writer *w, const cm_gc_store *store)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "store", store->name);
    cm_json_put_u64(w, "kept", store->n_kept);
    cm_json_put_u64(w, "removed", store->n_removed);
    cm_json_put_u64(w, "bytes", store->bytes);
    cm_json_begin_array(w, "unused");
    for (size_t i = 0; i < store->n; i++) {
        cm_json_put_text(w, NULL, store->objects[i].key);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "failed");
    for (size_t i = 0; i < store->n; i++) {
        if (store->objects[i].failed != NULL) {
            cm_json_begin_object(w, NULL);
            cm_json_put_text(w, "object", store->objects[i].key);
            cm_json_put_text(w, "error", store->objects[i].failed);
            cm_json_end_object(w);
        }
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static void put_json(cm_buf *out, const cm_gc_report *report)
{
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_json_begin_array(&w, NULL);
    for (size_t i = 0; i < report->n; i++) {
        put_store_json(&w, &report->stores[i]);
    }
    cm_json_end_array(&w);
}

static void put_store(cm_buf *out, const cm_gc_store *store, bool dry)
{
    char bytes[32];
    uint64_t total = store->bytes;
    size_t n = store->n_removed;
    for (size_t i = 0; i < store->n && dry; i++) {
        total += store->objects[i].size;
        n++;
        cm_buf_addf(out, "%s: %s\n", store->name, store->objects[i].key);
    }
    cm_format_count(bytes, total);
    if (n == 0) {
        cm_buf_addf(out, "%s: no unused objects to remove.\n", store->name);
    } else {
        cm_buf_addf(out, "%s: %s %zu object%s (%s bytes), %zu kept.\n",
                    store->name, dry ? "would remove" : "removed", n,
                    n == 1 ? "" : "s", bytes, store->n_kept);
    }
}

static void tell_failed(const cli_context *c, const cm_gc_store *store)
{
    size_t told = 0;
    for (size_t i = 0; i < store->n && told < MOST_TOLD; i++) {
        const cm_gc_object *object = &store->objects[i];
        if (object->failed != NULL) {
            cm_log_say(&c->log, CM_LOG_ERROR, "%s: %s: %s", store->name,
                       object->key, object->failed);
            told++;
        }
    }
}

/* Also of one that failed in parts: what went is gone. */
static cm_status print(const cli_context *c, const cm_gc_report *report,
                       bool dry, cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        put_json(&text, report);
        return cli_print_json(&text, err);
    }
    for (size_t i = 0; i < report->n; i++) {
        tell_failed(c, &report->stores[i]);
        put_store(&text, &report->stores[i], dry);
    }
    return cli_print_text(&text, err);
}

/* ---- the command --------------------------------------------------------- */

static bool began(const cm_gc_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        for (size_t k = 0; k < report->stores[i].n; k++) {
            if (report->stores[i].objects[k].failed != NULL) {
                return true;
            }
        }
    }
    return false;
}

static cm_status collect(const cli_context *c, const cm_repo *repo,
                         const cm_gc_options *options, cm_error *err)
{
    cm_gc_report report = {0};
    cm_status status = cm_gc(repo, options, &report, err);
    if (status == CM_OK) {
        status = print(c, &report, options->dry, err);
    } else if (began(&report)) {
        (void)print(c, &report, false, NULL);
    }
    cm_gc_report_release(&report);
    return status;
}

cm_status cli_gc(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_gc_options options;
    cm_status status = read_options(c, &options, err);
    if (status != CM_OK) {
        return status;
    }
    status = cm_repo_open(&repo, NULL, &c->log, err);
    if (status == CM_OK && !options.force) {
        status = ask(&options, err);
    }
    if (status == CM_OK) {
        status = cm_repo_lock(&repo, err);
    }
    if (status == CM_OK) {
        status = collect(c, &repo, &options, err);
    }
    cm_repo_close(&repo);
    return status;
}
