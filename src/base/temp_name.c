/* Temporaries beside a final name: naming them and clearing away stale ones.
 *
 * A writer holds a lock (flock) on its temporary.  The kernel drops the lock
 * with the process, so "the lock is free" means "the writer is gone", also
 * where process ids repeat or are not shared, as in containers.  Where locks
 * do not work the process id in the name decides. */
#include "base/temp_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/str.h"

static const char suffix[] = ".tmp";

uint64_t cm_temp_counter(const void *self, unsigned attempt)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t moment =
        (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return cm_mix64(moment ^ cm_mix64((uint64_t)(uintptr_t)self + attempt));
}

char *cm_temp_name(const char *path, uint64_t counter)
{
    cm_buf name = {0};
    const char *base = cm_path_base(path);
    cm_buf_add(&name, path, (size_t)(base - path));
    cm_buf_addf(&name, ".%s.%ld.%" PRIu64 "%s", base, (long)getpid(), counter,
                suffix);
    if (name.failed) {
        cm_buf_release(&name);
    }
    return name.p;
}

/* Takes the pid out of name; false when name is no temporary of base. */
static bool parse_name(const char *name, const char *base, pid_t *pid)
{
    size_t n = strlen(base);
    if (name[0] != '.' || strncmp(name + 1, base, n) != 0 ||
        name[n + 1] != '.' || !cm_str_ends_with(cm_str_of(name), suffix)) {
        return false;
    }
    const char *first = name + n + 2;
    const char *dot = strchr(first, '.');
    const char *end = name + strlen(name) - strlen(suffix);
    uint64_t id = 0;
    uint64_t counter = 0;
    if (dot == NULL || dot >= end ||
        !cm_parse_u64((cm_str){first, (size_t)(dot - first)}, &id) ||
        !cm_parse_u64((cm_str){dot + 1, (size_t)(end - dot - 1)}, &counter) ||
        id == 0 || id > INT32_MAX) {
        return false;
    }
    *pid = (pid_t)id;
    return true;
}

static bool is_dead(pid_t pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static void remove_if_stale(int dir, const char *name, pid_t pid)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    bool busy = fd >= 0 && !locked && errno == EWOULDBLOCK;
    /* Removed while the lock is held: a writer that comes between finds its
     * file without a name and takes another (atomic_file.c). */
    if (locked || (!busy && is_dead(pid))) {
        (void)unlinkat(dir, name, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
}

void cm_temp_remove_stale(const char *path)
{
    char *folder = cm_path_dir(path);
    DIR *dir = folder == NULL ? NULL : opendir(folder);
    free(folder);
    if (dir == NULL) {
        return;
    }
    const char *base = cm_path_base(path);
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        pid_t pid = 0;
        if (parse_name(entry->d_name, base, &pid)) {
            remove_if_stale(dirfd(dir), entry->d_name, pid);
        }
    }
    closedir(dir);
}
