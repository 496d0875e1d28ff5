/* Checking what has arrived, sixteen at a time. */
#include "storage/arrivals.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/md5.h"

void arrivals_init(arrivals *a, const char *storage)
{
    *a = (arrivals){.storage = storage, .lock = PTHREAD_MUTEX_INITIALIZER};
}

cm_status arrival_is_wrong(const char *storage, const char *key, uint64_t size,
                           const char *found, const char *expected,
                           cm_error *err)
{
    return cm_fail(err, CM_ERR_DATA,
                   "%s: %s has %" PRIu64 " bytes with md5 %s, expected %s; "
                   "the object is damaged, remove it and push again",
                   storage, key, size, found, expected);
}

/* Names the file when its content is right, and ends it in any case. */
static cm_status conclude(const arrivals *a, const struct arrival *arrival,
                          const cm_md5_file *read)
{
    cm_error *err = &arrival->transfer->error;
    const cm_transfer *t = arrival->transfer;
    if (read->error == 0 && strcmp(read->md5, t->md5) == 0) {
        return cm_atomic_commit_unsynced(arrival->file, 0, err);
    }
    errno = read->error;
    cm_status status =
        read->error != 0
            ? cm_fail_errno(err, "%s: cannot read what was written", t->path)
            : arrival_is_wrong(a->storage, t->key, read->size, read->md5,
                               t->md5, err);
    cm_atomic_abandon(arrival->file);
    return status;
}

static void check(arrivals *a, int n_threads)
{
    cm_md5_file reads[ARRIVALS];
    cm_error err;
    for (size_t i = 0; i < a->n; i++) {
        cm_atomic_file *file = a->waiting[i].file;
        reads[i] = (cm_md5_file){.path = cm_atomic_written(file),
                                 .size = cm_atomic_size(file)};
    }
    cm_status status = cm_md5_files(reads, a->n, n_threads, NULL, &err);
    for (size_t i = 0; i < a->n; i++) {
        struct arrival *arrival = &a->waiting[i];
        if (status == CM_OK) {
            arrival->transfer->status = conclude(a, arrival, &reads[i]);
        } else {
            arrival->transfer->status = status;
            arrival->transfer->error = err;
            cm_atomic_abandon(arrival->file);
        }
    }
    a->n = 0;
}

/* The lock is held while sixteen are hashed: one thread does that faster than
 * connections deliver, and so no more than sixteen files wait. */
void arrivals_add(arrivals *a, cm_transfer *transfer, cm_atomic_file *file)
{
    if (cm_atomic_written(file) == NULL) {
        transfer->status = cm_atomic_commit_unsynced(file, 0, &transfer->error);
        return;
    }
    pthread_mutex_lock(&a->lock);
    a->waiting[a->n++] = (struct arrival){transfer, file};
    if (a->n == ARRIVALS) {
        check(a, 1);
    }
    pthread_mutex_unlock(&a->lock);
}

void arrivals_finish(arrivals *a)
{
    if (a->n > 0) {
        check(a, 0);
    }
}
