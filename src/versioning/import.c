/* Imports: a source is looked at, its content comes into a folder of
 * temporaries, and when all is there it takes its place. */
#include "versioning/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/temp_folder.h"
#include "versioning/import_source.h"
#include "versioning/new_out.h"
#include "versioning/paths.h"
#include "versioning/tracked.h"

typedef struct importing {
    const cm_repo *repo;
    cm_add_report *report;
    cm_git *git;
    cm_file_state *state;
    cm_tracked_list tracked;
    unsigned jobs;
    bool no_exec, no_download, force;
} importing;

/* One import. */
typedef struct import {
    const char *out, *file; /* relative to the root */
    const char *folder;     /* that the source's path is relative to, likewise;
                               "" is the root */
    cm_dvc_file says;
    import_source source;
} import;

static cm_status no_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory for an import");
}

static void import_release(import *i)
{
    import_source_close(&i->source);
    cm_dvc_file_release(&i->says);
}

/* ---- content ------------------------------------------------------------- */

/* Whether content of the workspace would be lost with the out. */
static cm_status check_loss(const importing *m, const import *i, cm_error *err)
{
    cm_out now = {0};
    cm_status status = m->force ? CM_OK
                                : cm_workspace_hash(m->repo, m->state, i->out,
                                                    &now, NULL, err);
    return status == CM_OK && now.md5[0] != '\0' &&
                   !cm_cache_has(m->repo, now.md5)
               ? cm_fail(err, CM_ERR_DATA,
                         "'%s' was changed, and its content is not in the "
                         "cache; add it elsewhere, or --force",
                         i->out)
               : status;
}

static cm_status take_place(const importing *m, const import *i,
                            const char *from, cm_error *err)
{
    struct stat st;
    char *to = cm_path_join(m->repo->root, i->out);
    cm_status status = to == NULL ? no_memory(err) : cm_make_parent(to, err);
    if (status == CM_OK && lstat(to, &st) == 0) {
        status = cm_remove_tree(to, err);
    }
    if (status == CM_OK && rename(from, to) != 0) {
        status = cm_fail_errno(err, "cannot move what was imported to %s", to);
    }
    free(to);
    return status;
}

/* What came is what the source had when it was looked at. */
static cm_status check_unchanged(import *i, const cm_out *before, cm_error *err)
{
    cm_status status = import_source_look(&i->source, err);
    return status == CM_OK && !import_source_is(&i->source, before)
               ? cm_fail(err, CM_ERR_DATA,
                         "%s changed while it was imported; try again",
                         i->source.url)
               : status;
}

static cm_status get(const importing *m, import *i, const char *path,
                     cm_error *err)
{
    char etag[CM_ETAG] = "";
    cm_out before = i->source.about;
    if (before.etag != NULL) {
        (void)snprintf(etag, sizeof etag, "%s", before.etag);
        before.etag = etag;
    }
    cm_status status = import_source_get(&i->source, path, m->repo->log, err);
    return status == CM_OK && i->source.is_s3 ? check_unchanged(i, &before, err)
                                              : status;
}

/* Gets the content, into the workspace and the cache. */
static cm_status bring(const importing *m, import *i, cm_error *err)
{
    cm_temp_folder temp = {.fd = -1};
    char *parent = cm_path_join(m->repo->dvc_dir, "tmp");
    cm_status status = parent == NULL ? no_memory(err) : check_loss(m, i, err);
    if (status == CM_OK) {
        status = cm_temp_folder_open(&temp, parent, err);
    }
    char *path = status == CM_OK ? cm_temp_folder_name(&temp, 0) : NULL;
    if (status == CM_OK) {
        status = path == NULL ? no_memory(err) : get(m, i, path, err);
    }
    if (status == CM_OK) {
        status = take_place(m, i, path, err);
    }
    if (status == CM_OK) {
        status = cm_cache_add(m->repo, m->state, i->out, &i->says.out, err);
    }
    free(path);
    cm_temp_folder_close(&temp);
    free(parent);
    return status;
}

/* ---- the .dvc file ------------------------------------------------------- */

static void clear_content(cm_out *out)
{
    cm_out nothing = {0};
    cm_out_take_content(out, &nothing);
}

/* The dep is as the source is now; a local one is what came of it. */
static cm_status take_source(import *i, bool brought, cm_error *err)
{
    cm_out *dep = &i->says.dep;
    const import_source *source = &i->source;
    cm_out_take_content(dep, source->is_s3 || !brought ? &source->about
                                                       : &i->says.out);
    dep->old_hash = false;
    dep->etag = NULL;
    if (source->about.etag != NULL) {
        dep->etag = cm_arena_strdup(&i->says.arena, source->about.etag,
                                    strlen(source->about.etag), err);
        return dep->etag == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    return CM_OK;
}

static cm_status write_file(const importing *m, import *i, cm_error *err)
{
    char *path = cm_path_join(m->repo->root, i->file);
    cm_status status = path == NULL
                           ? no_memory(err)
                           : new_out_ignore(m->report, m->git, i->out, err);
    if (status == CM_OK && !m->no_exec) {
        status = cm_dvc_file_md5(&i->says, i->says.md5, err);
    }
    if (status == CM_OK) {
        status = cm_make_parent(path, err);
    }
    if (status == CM_OK) {
        status = new_out_save(&i->says, path, err);
    }
    if (status == CM_OK) {
        m->report->n_added++;
        m->report->n_objects += i->says.out.has_nfiles ? i->says.out.nfiles : 1;
        m->report->bytes += i->says.out.size;
        status = new_out_report(m->report, i->file, err);
    }
    free(path);
    return status;
}

/* With the source looked at, unless there is to be no look. */
static cm_status run(const importing *m, import *i, cm_error *err)
{
    cm_status status = CM_OK;
    if (m->no_download && !i->source.is_s3) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: --no-download is for what S3 has; leave it out",
                       i->source.url);
    }
    if (m->no_download) {
        clear_content(&i->says.out);
    } else if (!m->no_exec) {
        status = bring(m, i, err);
    }
    if (status == CM_OK && !m->no_exec) {
        status = take_source(i, !m->no_download, err);
    }
    i->says.out.old_hash = false;
    return status == CM_OK ? write_file(m, i, err) : status;
}

static cm_status open_source(const importing *m, import *i, cm_error *err)
{
    char *folder = cm_path_join(m->repo->root, i->folder);
    cm_status status =
        folder == NULL
            ? no_memory(err)
            : import_source_open(&i->source, m->repo, i->says.dep.path, folder,
                                 m->jobs, err);
    free(folder);
    return status == CM_OK ? import_source_demand(&i->source, err) : status;
}

static cm_status begin(importing *m, cm_error *err)
{
    cm_status status = cm_git_open(&m->git, m->repo, err);
    return status == CM_OK ? cm_file_state_open(&m->state, m->repo, err)
                           : status;
}

static cm_status end(importing *m, cm_status status, cm_error *err)
{
    if (status == CM_OK) {
        status = new_out_stage(m->report, m->repo, m->git, err);
    }
    cm_file_state_close(m->state);
    cm_git_close(m->git);
    cm_tracked_list_release(&m->tracked);
    return status;
}

/* ---- import-url ---------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The last part of a URL or path. */
static cm_str name_of(const char *url)
{
    cm_str name = cm_str_of(url);
    while (name.n > 0 && name.p[name.n - 1] == '/') {
        name.n--;
    }
    size_t start = name.n;
    while (start > 0 && name.p[start - 1] != '/') {
        start--;
    }
    return (cm_str){name.p + start, name.n - start};
}

/* Where the out is to be, as one gives it in the working folder. */
static cm_status choose_out(cm_buf *path, const cm_import_options *o,
                            cm_error *err)
{
    cm_str name = name_of(o->url);
    bool inside = o->out != NULL && is_folder(o->out);
    cm_buf_adds(path, o->out != NULL ? o->out : "");
    cm_buf_adds(path, inside ? "/" : "");
    if (inside || o->out == NULL) {
        cm_buf_add(path, name.p, name.n);
    }
    cm_status status = cm_buf_check(path, err);
    return status == CM_OK && cm_file_exists(path->p) && !o->force
               ? cm_fail(err, CM_ERR_USAGE,
                         "%s exists already; --force replaces it, another name "
                         "behind the URL leaves it",
                         path->p)
               : status;
}

static cm_status keep(cm_arena *arena, const char *text, size_t n,
                      const char **out, cm_error *err)
{
    *out = cm_arena_strdup(arena, text, n, err);
    return *out == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* out, file and folder of the import. */
static cm_status place_out(const importing *m, import *i, const char *given,
                           cm_error *err)
{
    cm_arena *arena = &m->report->arena;
    cm_buf file = {0};
    cm_status status = cm_repo_path(m->repo, given, arena, &i->out, err);
    if (status == CM_OK) {
        status = new_out_check(m->repo, i->out, err);
    }
    if (status != CM_OK) {
        return status;
    }
    const char *base = cm_path_base(i->out);
    size_t n = (size_t)(base - i->out);
    cm_buf_addf(&file, "%s.dvc", i->out);
    status = cm_buf_check(&file, err);
    if (status == CM_OK) {
        status = keep(arena, file.p, file.n, &i->file, err);
    }
    if (status == CM_OK) {
        status = keep(arena, i->out, n > 0 ? n - 1 : 0, &i->folder, err);
    }
    i->says.out.path = base;
    cm_buf_release(&file);
    return status;
}

static cm_status check_place(importing *m, const import *i, cm_error *err)
{
    cm_status status = cm_repo_tracked(m->repo, NULL, 0, &m->tracked, err);
    for (size_t k = 0; k < m->tracked.n && status == CM_OK; k++) {
        const cm_tracked *other = &m->tracked.items[k];
        bool same = strcmp(other->file, i->file) == 0;
        if (!(same && m->force) && (path_is_below(other->path, i->out) ||
                                    path_is_below(i->out, other->path))) {
            status = cm_fail(err, CM_ERR_USAGE,
                             "'%s' overlaps with '%s', which %s tracks%s",
                             i->out, other->path, other->file,
                             same ? "; clickmill update brings it up to date, "
                                    "--force replaces it"
                                  : "");
        }
    }
    return status == CM_OK ? new_out_check_git(m->git, i->out, i->file, err)
                           : status;
}

/* The source as the .dvc file names it: what is in the repository by the way
 * from its folder. */
static cm_status name_source(const importing *m, import *i, const char *url,
                             cm_error *err)
{
    cm_status status = CM_OK;
    const char *text = url;
    char *way = NULL;
    char *working = path_working(err);
    char *source = working != NULL ? path_absolute(working, url) : NULL;
    char *folder = cm_path_join(m->repo->root, i->folder);
    bool known = source != NULL && folder != NULL;
    if (known && !path_is_url(url) && cm_file_exists(source) &&
        path_is_below(source, m->repo->root)) {
        cm_str bare = cm_str_of(folder);
        while (bare.n > 1 && cm_str_ends_with(bare, "/")) {
            folder[--bare.n] = '\0';
        }
        text = way = path_relative(source, folder);
    }
    status = !known || text == NULL ? no_memory(err)
                                    : keep(&i->says.arena, text, strlen(text),
                                           &i->says.dep.path, err);
    free(way);
    free(working);
    free(source);
    free(folder);
    return status;
}

static cm_status prepare(importing *m, import *i, const cm_import_options *o,
                         cm_error *err)
{
    cm_buf out = {0};
    cm_status status = choose_out(&out, o, err);
    if (status == CM_OK) {
        status = place_out(m, i, out.p, err);
    }
    if (status == CM_OK) {
        status = check_place(m, i, err);
    }
    if (status == CM_OK) {
        status = name_source(m, i, o->url, err);
    }
    cm_buf_release(&out);
    return status;
}

cm_status cm_import_url(const cm_repo *repo, const cm_import_options *options,
                        cm_add_report *report, cm_error *err)
{
    importing m = {.repo = repo,
                   .report = report,
                   .jobs = options->jobs,
                   .no_exec = options->no_exec,
                   .no_download = options->no_download,
                   .force = options->force};
import i = {.says = {.frozen = true } };
    *report = (cm_add_report){0};
    cm_status status = begin(&m, err);
    if (status == CM_OK) {
        status = prepare(&m, &i, options, err);
    }
    if (status == CM_OK && !m.no_exec) {
        status = open_source(&m, &i, err);
    }
    if (status == CM_OK) {
        status = run(&m, &i, err);
    }
    import_release(&i);
    return end(&m, status, err);
}

/* ---- update -------------------------------------------------------------- */

static cm_status load(const importing *m, import *i, const cm_tracked *item,
                      cm_error *err)
{
    char *path = cm_path_join(m->repo->root, item->file);
    cm_buf folder = {0};
    i->out = item->path;
    i->file = item->file;
    cm_status status =
        path == NULL ? no_memory(err) : cm_dvc_file_load(&i->says, path, err);
    if (status == CM_OK) {
        cm_buf_add(&folder, i->file, (size_t)(cm_path_base(i->file) - i->file));
        cm_buf_adds(&folder, i->says.wdir != NULL ? i->says.wdir : "");
        cm_buf_adds(&folder, folder.n == 0 ? "." : "");
        status = cm_buf_check(&folder, err);
    }
    if (status == CM_OK) {
        status = keep(&m->report->arena, folder.p, folder.n, &i->folder, err);
    }
    cm_buf_release(&folder);
    free(path);
    return status;
}

/* Whether the .dvc file tells of the source as it is. */
static bool is_current(const import *i)
{
    return i->source.is_s3 && i->says.out.md5[0] != '\0' &&
           import_source_is(&i->source, &i->says.dep);
}

static cm_status update_one(const importing *m, const cm_tracked *item,
                            bool asked, cm_error *err)
{
import i = {0 };
    cm_status status = load(m, &i, item, err);
    if (status == CM_OK && i.says.dep.path == NULL) {
        status =
            asked ? cm_fail(err, CM_ERR_USAGE,
                            "%s is no import: it names no source", item->file)
                  : CM_OK;
    } else if (status == CM_OK && i.says.dep.of_other_repo) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s comes from another repository; use dvc update",
                         item->file);
    } else if (status == CM_OK) {
        status = open_source(m, &i, err);
        if (status == CM_OK && !is_current(&i)) {
            status = run(m, &i, err);
        }
    }
    import_release(&i);
    return status;
}

cm_status cm_update(const cm_repo *repo, const cm_update_options *options,
                    cm_add_report *report, cm_error *err)
{
    importing m = {.repo = repo,
                   .report = report,
                   .jobs = options->jobs,
                   .no_download = options->no_download,
                   .force = options->force};
    *report = (cm_add_report){0};
    cm_status status = begin(&m, err);
    if (status == CM_OK) {
        status = cm_repo_tracked(repo, options->targets, options->n, &m.tracked,
                                 err);
    }
    for (size_t k = 0; k < m.tracked.n && status == CM_OK; k++) {
        const cm_tracked *item = &m.tracked.items[k];
        if (item->stage == NULL) {
            status = update_one(&m, item, options->n > 0, err);
        }
    }
    return end(&m, status, err);
}
