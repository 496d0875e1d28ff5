/* DVC's lock: flock on .dvc/tmp/lock, with the process' number in the file.
 * While `dvc repro` runs a command it gives the lock away, and writes what it
 * holds into .dvc/tmp/rwlock. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "codec/json.h"
#include "versioning/repo.h"

enum { MAX_RWLOCK_BYTES = 16 << 20 };

static const double WAIT_SECONDS = 3;

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
}

/* "process 1234 (dvc push)", from the lock and /proc. */
static void describe(char *out, size_t room, long pid)
{
    char path[64], command[128] = "";
    (void)snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        size_t n = fread(command, 1, sizeof command - 1, file);
        for (size_t i = 0; i + 1 < n; i++) {
            command[i] = command[i] == '\0' ? ' ' : command[i];
        }
        (void)fclose(file);
    }
    (void)snprintf(out, room, "process %ld%s%s%s", pid,
                   command[0] != '\0' ? " (" : "", command,
                   command[0] != '\0' ? ")" : "");
}

static cm_status refuse_held(int fd, const char *path, cm_error *err)
{
    char text[32] = "", who[256] = "another process";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid > 0) {
        describe(who, sizeof who, pid);
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s is locked by %s; wait for it to end, then try again",
                   path, who);
}

static cm_status take(int fd, const char *path, cm_error *err)
{
    double end = cm_seconds() + WAIT_SECONDS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return cm_fail_errno(err, "cannot lock %s", path);
        }
        if (cm_seconds() > end) {
            return refuse_held(fd, path, err);
        }
        wait_a_little();
    }
    return CM_OK;
}

static cm_status write_pid(int fd, const char *path, cm_error *err)
{
    char text[32];
    int n = snprintf(text, sizeof text, " %ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        return cm_fail_errno(err, "cannot write %s", path);
    }
    return CM_OK;
}

/* ---- what a running dvc writes ------------------------------------------- */

/* The process that writes a path, when it is alive and not this one. */
static long writer_of(const json_t *info)
{
    long pid = (long)json_integer_value(json_object_get(info, "pid"));
    return pid > 0 && pid != (long)getpid() &&
                   (kill((pid_t)pid, 0) == 0 || errno == EPERM)
               ? pid
               : 0;
}

/* The first path that is being written; 0: none is.  A file that is damaged
 * says nothing, as it does to DVC after a crash. */
static long find_writer(const char *file, char *path, size_t room)
{
    json_t *locks = NULL;
    const char *key;
    json_t *info;
    long pid = 0;
    if (!cm_file_exists(file) ||
        cm_json_load(&locks, file, MAX_RWLOCK_BYTES, NULL) != CM_OK) {
        return 0;
    }
    json_object_foreach(json_object_get(locks, "write"), key, info)
    {
        if (pid == 0 && (pid = writer_of(info)) != 0) {
            (void)snprintf(path, room, "%s", key);
        }
    }
    json_decref(locks);
    return pid;
}

static cm_status check_writers(const char *folder, cm_error *err)
{
    char path[512] = "", who[256];
    /* A command of a stage may use the repository that its stage is in. */
    if (getenv("DVC_STAGE") != NULL) {
        return CM_OK;
    }
    char *file = cm_path_join(folder, "rwlock");
    double end = cm_seconds() + WAIT_SECONDS;
    long pid = 0;
    if (file == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory locking");
    }
    while ((pid = find_writer(file, path, sizeof path)) != 0 &&
           cm_seconds() < end) {
        wait_a_little();
    }
    free(file);
    if (pid == 0) {
        return CM_OK;
    }
    describe(who, sizeof who, pid);
    return cm_fail(err, CM_ERR_DATA,
                   "%s is being written by %s; wait for it to end, then try "
                   "again",
                   path, who);
}

/* ---- the lock ------------------------------------------------------------ */

static cm_status open_lock(cm_repo *repo, const char *folder, cm_error *err)
{
    char *path = cm_path_join(folder, "lock");
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory locking");
    }
    cm_status status = CM_OK;
    repo->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (repo->lock < 0) {
        status = cm_fail_errno(err, "cannot open %s", path);
    }
    if (status == CM_OK) {
        status = take(repo->lock, path, err);
    }
    if (status == CM_OK) {
        status = write_pid(repo->lock, path, err);
    }
    free(path);
    return status;
}

cm_status cm_repo_lock(cm_repo *repo, cm_error *err)
{
    char *folder = cm_path_join(repo->dvc_dir, "tmp");
    if (folder == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory locking");
    }
    cm_status status = cm_make_dirs(folder, err);
    if (status == CM_OK) {
        status = open_lock(repo, folder, err);
    }
    if (status == CM_OK) {
        status = check_writers(folder, err);
    }
    if (status != CM_OK) {
        cm_repo_unlock(repo);
    }
    free(folder);
    return status;
}

void cm_repo_unlock(cm_repo *repo)
{
    if (repo->lock >= 0) {
        (void)close(repo->lock); /* which unlocks it */
        repo->lock = -1;
    }
}
