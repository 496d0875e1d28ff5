/* A run from its beginning to its end.
 *
 * run.json is written whole, metrics are appended.  Nothing is synced: what was
 * flushed survives a kill of the process, and a training does not wait for the
 * disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "tracking/run_body.h"
#include "tracking/run_file.h"
#include "tracking/run_files.h"
#include "tracking/run_limits.h"
#include "tracking/run_lock.h"

enum { MANY_BYTES = 64 << 10 };

static const double FLUSH_SECONDS = 1;

static int64_t now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- beginning ----------------------------------------------------------- */

static cm_status make_id(char out[CM_RUN_ID_TEXT], cm_error *err)
{
    unsigned char bytes[(CM_RUN_ID_TEXT - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return cm_fail_errno(err, "no random id for a run");
    }
    cm_hex(out, bytes, sizeof bytes);
    return CM_OK;
}

/* "run-1f3a06b2" */
static const char *make_name(cm_run_record *record, cm_error *err)
{
    char name[32];
    (void)snprintf(name, sizeof name, "run-%.8s", record->id);
    return run_copy(&record->arena, name, err);
}

static cm_status fill(cm_run_record *record, const cm_run_start *start,
                      cm_error *err)
{
    bool named = start->name != NULL && start->name[0] != '\0';
    cm_status status = run_check_text("experiment", start->experiment,
                                      RUN_MAX_EXPERIMENT, err);
    if (status == CM_OK && named) {
        status = run_check_text("name", start->name, RUN_MAX_NAME, err);
    }
    if (status == CM_OK) {
        status = make_id(record->id, err);
    }
    if (status != CM_OK) {
        return status;
    }
    record->start = now_ms();
    record->experiment = run_copy(&record->arena, start->experiment, err);
    record->name = named ? run_copy(&record->arena, start->name, err)
                         : make_name(record, err);
    return record->experiment != NULL && record->name != NULL ? CM_OK
                                                              : CM_ERR_NOMEM;
}

/* A store that is made here is none of git's business. */
static cm_status make_store(const char *store, cm_error *err)
{
    struct stat about;
    if (stat(store, &about) == 0) {
        return S_ISDIR(about.st_mode)
                   ? CM_OK
                   : cm_fail(err, CM_ERR_USAGE,
                             "%s: is no folder to keep runs in; choose another "
                             "one",
                             store);
    }
    cm_status status = cm_make_dirs(store, err);
    return status == CM_OK
               ? run_files_write(store, ".gitignore", CM_STR("*\n"), err)
               : status;
}

static cm_status make_folder(cm_run *run, const char *store, cm_error *err)
{
    cm_status status = make_store(store, err);
    if (status != CM_OK) {
        return status;
    }
    char *folder = cm_path_join(store, run->record.id);
    if (folder == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for a run");
    }
    if (mkdir(folder, 0777) != 0) {
        status = cm_fail_errno(err, "%s: cannot create the folder", folder);
        free(folder);
        return status;
    }
    run->folder = folder;
    status = run_lock_take(&run->lock, folder, err);
    if (status == CM_OK) {
        status = cm_run_flush(run, err);
    }
    if (status != CM_OK) {
        cm_status removed = cm_remove_tree(folder, NULL);
        (void)removed; /* the first failure is the one to tell */
    }
    return status;
}

cm_status cm_run_begin(cm_run **out, const cm_run_start *start, cm_error *err)
{
    *out = NULL;
    cm_run *run = cm_alloc_zero(1, sizeof *run, err);
    if (run == NULL) {
        return CM_ERR_NOMEM;
    }
    run->lock = -1;
    run->metrics = -1;
    cm_status status = fill(&run->record, start, err);
    if (status == CM_OK) {
        status = make_folder(run, start->store, err);
    }
    if (status != CM_OK) {
        cm_run_free(run);
        return status;
    }
    *out = run;
    return CM_OK;
}

const char *cm_run_id(const cm_run *run)
{
    return run->record.id;
}

const char *cm_run_folder(const cm_run *run)
{
    return run->folder;
}

/* ---- metrics ------------------------------------------------------------- */

static cm_status open_metrics(cm_run *run, const char *path, cm_error *err)
{
    if (run->metrics < 0) {
        run->metrics =
            open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    }
    return run->metrics >= 0 ? CM_OK
                             : cm_fail_errno(err, "%s: cannot create it", path);
}

/* A part of them, as a full disk takes it, is taken back: the next attempt
 * must find whole lines. */
static cm_status append(cm_run *run, const char *path, cm_error *err)
{
    cm_status status = open_metrics(run, path, err);
    if (status != CM_OK) {
        return status;
    }
    int error = cm_write_all(run->metrics, run->waiting.p, run->waiting.n);
    if (error != 0) {
        bool cut = ftruncate(run->metrics, run->metrics_bytes) == 0;
        errno = error;
        return cm_fail_errno(err, "%s: cannot write%s", path,
                             cut ? "" : ", and its last line is torn");
    }
    run->metrics_bytes += (int64_t)run->waiting.n;
    cm_buf_clear(&run->waiting);
    return CM_OK;
}

static cm_status append_metrics(cm_run *run, cm_error *err)
{
    cm_status status = cm_buf_check(&run->waiting, err);
    run->last_flush = cm_seconds();
    if (status != CM_OK || run->waiting.n == 0) {
        return status;
    }
    char *path = cm_path_join(run->folder, RUN_METRICS);
    status = path == NULL ? cm_fail(err, CM_ERR_NOMEM, "no memory for metrics")
                          : append(run, path, err);
    free(path);
    return status;
}

cm_status cm_run_log_metric(cm_run *run, const char *key, double value,
                            int64_t step, cm_error *err)
{
    CM_ASSERT(!run->ended);
    cm_status status = run_check_key("metric", key, err);
    if (status != CM_OK) {
        return status;
    }
    run_metric_format(&run->waiting,
                      &(cm_run_metric){key, value, step, now_ms()});
    bool due = run->waiting.n >= MANY_BYTES ||
               cm_seconds() - run->last_flush >= FLUSH_SECONDS;
    return due ? append_metrics(run, err) : cm_buf_check(&run->waiting, err);
}

/* ---- keeping ------------------------------------------------------------- */

static cm_status write_file(const cm_run *run, cm_error *err)
{
    cm_buf text = {0};
    run_file_format(&text, &run->record);
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK && text.n > RUN_MAX_FILE) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s: params, tags and schemas of more than %d bytes",
                         run->folder, (int)RUN_MAX_FILE);
    }
    if (status == CM_OK) {
        status = run_files_write(run->folder, RUN_FILE,
                                 (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

cm_status cm_run_flush(cm_run *run, cm_error *err)
{
    CM_ASSERT(!run->ended);
    cm_status status = append_metrics(run, err);
    return status == CM_OK ? write_file(run, err) : status;
}

cm_status cm_run_end(cm_run *run, cm_run_status how, cm_error *err)
{
    CM_ASSERT(how == CM_RUN_FINISHED || how == CM_RUN_FAILED);
    run->record.status = how;
    run->record.end = now_ms();
    cm_status status = cm_run_flush(run, err);
    run->ended = true;
    if (run->lock >= 0) {
        close(run->lock);
        run->lock = -1;
    }
    return status;
}

void cm_run_free(cm_run *run)
{
    if (run == NULL) {
        return;
    }
    if (run->metrics >= 0) {
        close(run->metrics);
    }
    if (run->lock >= 0) {
        close(run->lock);
    }
    cm_buf_release(&run->waiting);
    free(run->folder);
    free(run->record.params);
    free(run->record.tags);
    free(run->record.datasets);
    cm_arena_release(&run->record.arena);
    free(run);
}
