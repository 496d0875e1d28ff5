/* Commits by branches, tags, history and date, as DVC chooses them. */
#include "versioning/revisions.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"

typedef struct chooser {
    git_repository *git;
    revisions *out;
    const revision_choice *choice;
    git_revwalk *walk; /* of the history */
    cm_error *err;
} chooser;

/* What becomes of the commit that a reference names. */
typedef cm_status (*use_commit)(const chooser *c, const git_object *commit);

static cm_status git_failed(const chooser *c, const char *what)
{
    const git_error *last = git_error_last();
    return cm_fail(c->err, CM_ERR_DATA, "git: %s: %s", what,
                   last != NULL ? last->message : "no reason given");
}

static cm_status add(const chooser *c, const git_oid *id)
{
    revisions *out = c->out;
    cm_status status =
        cm_grow(&out->ids, out->n, &out->capacity, sizeof *out->ids, c->err);
    if (status == CM_OK) {
        (void)git_oid_tostr(out->ids[out->n++], REVISION_TEXT, id);
    }
    return status;
}

/* The commit and its first parents, as many as are asked for. */
static cm_status add_line(const chooser *c, const git_object *tip)
{
    git_commit *at = NULL;
    int64_t left = c->choice->num == 0 ? 1 : c->choice->num;
    cm_status status = git_commit_dup(&at, (git_commit *)tip) == 0
                           ? CM_OK
                           : git_failed(c, "out of memory");
    while (status == CM_OK && at != NULL) {
        git_commit *parent = NULL;
        status = add(c, git_commit_id(at));
        if (status == CM_OK && --left != 0 && git_commit_parentcount(at) > 0 &&
            git_commit_parent(&parent, at, 0) != 0) {
            status = git_failed(c, "the commit before one");
        }
        git_commit_free(at);
        at = parent;
    }
    git_commit_free(at);
    return status;
}

static cm_status add_rev(const chooser *c, const char *rev)
{
    git_object *object = NULL, *commit = NULL;
    cm_status status = CM_OK;
    if (git_revparse_single(&object, c->git, rev) != 0 ||
        git_object_peel(&commit, object, GIT_OBJECT_COMMIT) != 0) {
        status = cm_fail(c->err, CM_ERR_USAGE,
                         "git has no commit '%s'; see git log, or name a "
                         "branch or tag",
                         rev);
    } else {
        status = add_line(c, commit);
    }
    git_object_free(commit);
    git_object_free(object);
    return status;
}

/* ---- branches and tags --------------------------------------------------- */

static cm_status add_one(const chooser *c, const git_object *commit)
{
    return add(c, git_object_id(commit));
}

static cm_status walk_from(const chooser *c, const git_object *commit)
{
    return git_revwalk_push(c->walk, git_object_id(commit)) == 0
               ? CM_OK
               : git_failed(c, "history");
}

static cm_status use_reference(const chooser *c, const git_reference *reference,
                               use_commit use)
{
    git_object *commit = NULL;
    int code = git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT);
    if (code == GIT_EINVALIDSPEC || code == GIT_EPEEL) {
        return CM_OK; /* a tag of a file or folder */
    }
    cm_status status = code == 0 ? use(c, commit)
                                 : git_failed(c, git_reference_name(reference));
    git_object_free(commit);
    return status;
}

static cm_status use_references(const chooser *c, const char *glob,
                                use_commit use)
{
    git_reference_iterator *all = NULL;
    git_reference *reference = NULL;
    cm_status status = CM_OK;
    int code = git_reference_iterator_glob_new(&all, c->git, glob);
    while (status == CM_OK && code == 0 &&
           (code = git_reference_next(&reference, all)) == 0) {
        status = use_reference(c, reference, use);
        git_reference_free(reference);
    }
    git_reference_iterator_free(all);
    return status == CM_OK && code != GIT_ITEROVER ? git_failed(c, glob)
                                                   : status;
}

/* ---- history ------------------------------------------------------------- */

static cm_status is_since(const chooser *c, const git_oid *id, git_time_t since,
                          bool *is)
{
    git_commit *commit = NULL;
    if (git_commit_lookup(&commit, c->git, id) != 0) {
        return git_failed(c, "a commit");
    }
    *is = git_commit_time(commit) >= since;
    git_commit_free(commit);
    return CM_OK;
}

/* All commits that HEAD, branches (those of remotes too) and tags lead to. */
static cm_status start_walk(const chooser *c)
{
    static const char *const globs[] = {"refs/heads/*", "refs/remotes/*",
                                        "refs/tags/*"};
    int unborn = git_repository_head_unborn(c->git);
    cm_status status =
        unborn == 1 || (unborn == 0 && git_revwalk_push_head(c->walk) == 0)
            ? CM_OK
            : git_failed(c, "HEAD");
    for (size_t i = 0; i < sizeof globs / sizeof *globs && status == CM_OK;
         i++) {
        status = use_references(c, globs[i], walk_from);
    }
    return status;
}

static cm_status add_history(chooser *c, git_time_t since)
{
    git_oid id;
    int code = git_revwalk_new(&c->walk, c->git);
    cm_status status = code == 0 ? start_walk(c) : git_failed(c, "history");
    while (status == CM_OK && (code = git_revwalk_next(&id, c->walk)) == 0) {
        bool wanted = false;
        status = is_since(c, &id, since, &wanted);
        if (status == CM_OK && wanted) {
            status = add(c, &id);
        }
    }
    git_revwalk_free(c->walk);
    c->walk = NULL;
    return status == CM_OK && code != GIT_ITEROVER ? git_failed(c, "history")
                                                   : status;
}

static bool digits(const char *text, size_t n, int *out)
{
    uint64_t value = 0;
    bool ok = cm_parse_u64((cm_str){text, n}, &value);
    *out = (int)value;
    return ok;
}

/* "yyyy-mm-dd" at midnight of the local time. */
static cm_status parse_date(const chooser *c, git_time_t *out)
{
    const char *text = c->choice->date;
    int year = 0, month = 0, day = 0;
    bool ok = strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
              digits(text, 4, &year) && digits(text + 5, 2, &month) &&
              digits(text + 8, 2, &day);
    struct tm when = {.tm_year = year - 1900,
                      .tm_mon = month - 1,
                      .tm_mday = day,
                      .tm_isdst = -1};
    *out = ok ? (git_time_t)mktime(&when) : 0;
    return ok && when.tm_mon == month - 1 && when.tm_mday == day
               ? CM_OK
               : cm_fail(c->err, CM_ERR_USAGE,
                         "--date: found \"%s\", expected yyyy-mm-dd", text);
}

/* ---- all of it ----------------------------------------------------------- */

static cm_status choose(chooser *c)
{
    const revision_choice *o = c->choice;
    git_time_t since = 0;
    cm_status status = o->rev != NULL ? add_rev(c, o->rev) : CM_OK;
    if (status == CM_OK && o->date != NULL) {
        status = parse_date(c, &since);
    }
    if (status == CM_OK && o->all_commits) {
        return add_history(c, INT64_MIN);
    }
    if (status == CM_OK && o->all_branches) {
        status = use_references(c, "refs/heads/*", add_line);
    }
    if (status == CM_OK && o->all_tags) {
        status = use_references(c, "refs/tags/*", add_one);
    }
    return status == CM_OK && o->date != NULL ? add_history(c, since) : status;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void leave_one_of_each(revisions *list)
{
    size_t n = 0;
    if (list->n > 0) {
        qsort(list->ids, list->n, sizeof *list->ids, compare_ids);
    }
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || strcmp(list->ids[n - 1], list->ids[i]) != 0) {
            memmove(list->ids[n++], list->ids[i], sizeof *list->ids);
        }
    }
    list->n = n;
}

bool revisions_wanted(const revision_choice *choice)
{
    return choice->all_branches || choice->all_tags || choice->all_commits ||
           choice->rev != NULL || choice->date != NULL;
}

cm_status revisions_find(revisions *out, const cm_repo *repo,
                         const revision_choice *choice, cm_error *err)
{
    chooser c = {.out = out, .choice = choice, .err = err};
    *out = (revisions){0};
    if (!repo->has_git) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s is in no git repository, and so has no branches, "
                       "tags or commits",
                       repo->root);
    }
    git_libgit2_init();
    cm_status status = git_repository_open_ext(&c.git, repo->root, 0, NULL) == 0
                           ? choose(&c)
                           : git_failed(&c, repo->root);
    leave_one_of_each(out);
    git_repository_free(c.git);
    git_libgit2_shutdown();
    return status;
}

void revisions_release(revisions *list)
{
    free(list->ids);
    *list = (revisions){0};
}
