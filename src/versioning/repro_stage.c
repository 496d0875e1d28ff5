/* The steps of one stage: remove, restore, record. */
#include "versioning/repro_stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "versioning/paths.h"

static cm_status no_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory for a stage");
}

cm_status repro_stage_open(repro_stage *out, const cm_repo *repo,
                           const graph_step *step, size_t place, cm_error *err)
{
    cm_buf path = {0};
    *out = (repro_stage){.step = step, .place = place};
    if (step->file != NULL) {
        return CM_OK;
    }
    const char *file = step->stage->file;
    size_t n = strlen(file) - strlen(".yaml");
    cm_buf_addf(&path, "%s/%.*s.lock", repo->root, (int)n, file);
    cm_status status = cm_buf_check(&path, err);
    out->lock_path = path.p;
    if (status == CM_OK) {
        status = cm_lock_file_load(&out->lock, out->lock_path, err);
    }
    if (status == CM_OK) {
        out->locked = cm_lock_file_find(&out->lock, step->stage->name);
    }
    return status;
}

void repro_stage_close(repro_stage *s)
{
    cm_lock_file_release(&s->lock);
    free(s->lock_path);
}

/* ---- before the run ------------------------------------------------------ */

/* A file of its own that can be written, with the content it has. */
static cm_status unprotect_file(const char *path, cm_error *err)
{
    struct stat info;
    cm_buf bytes = {0};
    if (lstat(path, &info) != 0 || S_ISDIR(info.st_mode) ||
        (S_ISREG(info.st_mode) && info.st_nlink == 1 &&
         (info.st_mode & S_IWUSR) != 0)) {
        return CM_OK;
    }
    cm_status status = cm_read_file(&bytes, path, SIZE_MAX / 2, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){bytes.p, bytes.n}, err);
    }
    cm_buf_release(&bytes);
    return status;
}

/* The files of a folder are those of its listing in the cache. */
static cm_status unprotect(const cm_repo *repo, const char *full,
                           const cm_out *locked, cm_error *err)
{
    cm_listing listing = {0};
    if (locked == NULL || !cm_out_is_folder(locked) ||
        !cm_cache_has(repo, locked->md5)) {
        return unprotect_file(full, err);
    }
    cm_status status = cm_cache_listing(repo, locked->md5, &listing, err);
    for (size_t i = 0; i < listing.n && status == CM_OK; i++) {
        char *path = cm_path_join(full, listing.entries[i].relpath);
        status = path == NULL ? no_memory(err) : unprotect_file(path, err);
        free(path);
    }
    cm_listing_release(&listing);
    return status;
}

cm_status repro_remove_outs(const repro_stage *s, const cm_repo *repo,
                            cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < s->step->stage->n_outs && status == CM_OK; i++) {
        const cm_out *out = &s->step->stage->outs[i].out;
        char *full = cm_path_join(repo->root, s->step->outs[i]);
        if (full == NULL) {
            status = no_memory(err);
        } else if (!out->persist) {
            status = cm_remove_tree(full, err);
        } else if (!out->no_cache) {
            const cm_out *locked =
                s->locked == NULL ? NULL
                                  : stage_entry(s->locked->outs,
                                                s->locked->n_outs, out->path);
            status = unprotect(repo, full, locked, err);
        }
        free(full);
    }
    return status;
}

/* ---- out of the cache ---------------------------------------------------- */

/* Whether dvc.lock knows the hash of every out. */
static bool all_locked(const repro_stage *s)
{
    const cm_stage *stage = s->step->stage;
    for (size_t i = 0; i < stage->n_outs; i++) {
        const cm_out *entry = stage_entry(s->locked->outs, s->locked->n_outs,
                                          stage->outs[i].out.path);
        if (entry == NULL || entry->md5[0] == '\0') {
            return false;
        }
    }
    return true;
}

/* Whether the cache has every out of the entry. */
static cm_status all_cached(const repro_stage *s, const cm_repo *repo,
                            const cm_locked_stage *entry, bool *cached,
                            cm_error *err)
{
    const cm_stage *stage = s->step->stage;
    cm_status status = CM_OK;
    *cached = true;
    for (size_t i = 0; i < stage->n_outs && status == CM_OK && *cached; i++) {
        const cm_out *out =
            stage_entry(entry->outs, entry->n_outs, stage->outs[i].out.path);
        *cached = out != NULL && out->md5[0] != '\0';
        if (*cached) {
            status = stage_has_object(repo, out->md5, cached, err);
        }
    }
    return status;
}

/* Files that git tracks stay files of their own. */
static cm_repo with_copies(const cm_repo *repo)
{
    cm_repo copies = *repo;
    copies.links[0] = CM_LINK_COPY;
    copies.n_links = 1;
    return copies;
}

static cm_status checkout_entry(const repro_stage *s, stage_checker *c,
                                const cm_locked_stage *entry, cm_error *err)
{
    const cm_stage *stage = s->step->stage;
    cm_repo copies = with_copies(c->repo);
    cm_status status = CM_OK;
    for (size_t i = 0; i < stage->n_outs && status == CM_OK; i++) {
        const cm_out *says = &stage->outs[i].out;
        const cm_out *out = stage_entry(entry->outs, entry->n_outs, says->path);
        bool changed = false;
        status =
            cm_cache_checkout(says->no_cache ? &copies : c->repo, c->state,
                              s->step->outs[i], out->md5, true, &changed, err);
        char *full = cm_path_join(c->repo->root, s->step->outs[i]);
        struct stat info;
        if (out->is_exec && full != NULL && stat(full, &info) == 0) {
            (void)chmod(full,
                        (info.st_mode & 07777) | S_IXUSR | S_IXGRP | S_IXOTH);
        }
        free(full);
    }
    return status;
}

/* The stage with the paths of its outs, as a key of the run cache has it. */
static cm_status find_run(repro_stage *s, stage_checker *c, cm_lock_file *out,
                          cm_error *err)
{
    cm_arena arena = {0};
    cm_locked_stage now = {0};
    cm_status status =
        stage_lock_deps(c, s->step, s->locked, &arena, &now, err);
    if (status == CM_OK) {
        now.n_outs = s->step->stage->n_outs;
        now.outs = cm_arena_alloc(&arena, now.n_outs * sizeof *now.outs, err);
        status = now.outs == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    for (size_t i = 0; i < now.n_outs && status == CM_OK; i++) {
        now.outs[i] = (cm_out){.path = s->step->stage->outs[i].out.path};
    }
    if (status == CM_OK) {
        status = run_cache_find(out, c->repo, &now, err);
    }
    json_decref(now.params);
    cm_arena_release(&arena);
    return status;
}

cm_status repro_restore(repro_stage *s, stage_checker *c, bool no_run_cache,
                        bool *restored, cm_error *err)
{
    cm_lock_file run = {0};
    const cm_locked_stage *entry = NULL;
    bool same = false;
    cm_status status = CM_OK;
    *restored = false;
    if (!run_cache_takes(s->step->stage)) {
        return CM_OK;
    }
    if (s->locked != NULL && !s->change.command && all_locked(s)) {
        status = stage_deps_same(c, s->step, s->locked, &same, err);
    }
    if (status == CM_OK && same) {
        entry = s->locked;
    } else if (status == CM_OK && !no_run_cache) {
        status = find_run(s, c, &run, err);
        entry = run.n > 0 ? &run.stages[0] : NULL;
    }
    if (status == CM_OK && entry != NULL) {
        status = all_cached(s, c->repo, entry, restored, err);
    }
    if (status == CM_OK && *restored) {
        cm_info(c->repo->log,
                "Stage '%s' is cached - skipping run, checking out outputs",
                s->step->address);
        status = checkout_entry(s, c, entry, err);
    }
    cm_lock_file_release(&run);
    return status;
}

/* ---- after the run ------------------------------------------------------- */

/* Outs that git tracks are kept in the cache too when the run is: metrics and
 * plots; a stage with any other of them is not. */
static cm_status save_run(const repro_stage *s, stage_checker *c,
                          const cm_locked_stage *now, cm_error *err)
{
    const cm_stage *stage = s->step->stage;
    cm_repo copies = with_copies(c->repo);
    cm_status status = CM_OK;
    if (!run_cache_takes(stage)) {
        return CM_OK;
    }
    for (size_t i = 0; i < stage->n_outs; i++) {
        if (stage->outs[i].out.no_cache &&
            stage->outs[i].kind == CM_OUT_PLAIN) {
            return CM_OK;
        }
    }
    for (size_t i = 0; i < stage->n_outs && status == CM_OK; i++) {
        cm_out out = {0};
        if (stage->outs[i].out.no_cache) {
            status =
                cm_cache_add(&copies, c->state, s->step->outs[i], &out, err);
        }
    }
    return status == CM_OK ? run_cache_save(c->repo, now, err) : status;
}

/* A stage that is new in dvc.lock goes before those of this run that come
 * after it: the order is that of DVC, which runs one after the other. */
static void put_in_order(cm_lock_file *lock, const repro_stage *s,
                         const char **added, size_t n_stages)
{
    for (size_t i = lock->n - 1; i > 0; i--) {
        bool later = false;
        for (size_t k = s->place + 1; k < n_stages && !later; k++) {
            later = added[k] != NULL &&
                    strcmp(added[k], lock->stages[i - 1].name) == 0;
        }
        if (!later) {
            return;
        }
        cm_locked_stage moved = lock->stages[i];
        lock->stages[i] = lock->stages[i - 1];
        lock->stages[i - 1] = moved;
    }
}

/* Takes the params of now. */
static cm_status write_lock(repro_stage *s, const cm_repo *repo,
                            cm_locked_stage *now, const char **added,
                            size_t n_stages, cm_error *err)
{
    cm_lock_file lock = {0};
    cm_buf text = {0};
    cm_status status = cm_lock_file_load(&lock, s->lock_path, err);
    bool is_new = status == CM_OK &&
                  cm_lock_file_find(&lock, s->step->stage->name) == NULL;
    if (status == CM_OK) {
        status = cm_lock_file_set(&lock, now, err);
    }
    if (status == CM_OK) {
        now->params = NULL;
        if (is_new) {
            put_in_order(&lock, s, added, n_stages);
            added[s->place] = s->step->stage->name;
        }
        status = cm_lock_file_format(&lock, &text, err);
    }
    if (status == CM_OK) {
        cm_info(repo->log, "Updating lock file '%s'",
                s->lock_path + strlen(repo->root) + 1);
        status = cm_write_file(s->lock_path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    cm_lock_file_release(&lock);
    return status;
}

static cm_status record_file(repro_stage *s, stage_checker *c, cm_error *err)
{
    const char *path = s->step->outs[0];
    cm_dvc_file *file = s->step->file;
    cm_out now = {0};
    cm_status status = cm_cache_add(c->repo, c->state, path, &now, err);
    if (status != CM_OK) {
        return status;
    }
    bool same = strcmp(file->out.md5, now.md5) == 0;
    cm_out_take_content(&file->out, &now);
    file->out.old_hash = file->out.old_hash && same;
    char *full = cm_path_join(c->repo->root, s->step->stage->file);
    status = full == NULL ? no_memory(err) : cm_dvc_file_save(file, full, err);
    free(full);
    return status;
}

cm_status repro_record(repro_stage *s, stage_checker *c, const char **added,
                       size_t n_stages, cm_error *err)
{
    cm_arena arena = {0};
    cm_locked_stage now = {0};
    if (s->step->file != NULL) {
        return record_file(s, c, err);
    }
    cm_status status =
        stage_lock_deps(c, s->step, s->locked, &arena, &now, err);
    if (status == CM_OK) {
        status = stage_lock_outs(c, s->step, s->locked, &arena, &now, err);
    }
    if (status == CM_OK) {
        status = save_run(s, c, &now, err);
    }
    if (status == CM_OK) {
        status = write_lock(s, c->repo, &now, added, n_stages, err);
    }
    json_decref(now.params);
    cm_arena_release(&arena);
    return status;
}
