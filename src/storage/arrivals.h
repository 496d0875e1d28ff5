/* Objects that have arrived and are still to be checked: sixteen files are
 * hashed side by side in a third of the time that one after the other takes,
 * and only then get their names.  Private to storage. */
#ifndef CM_STORAGE_ARRIVALS_H
#define CM_STORAGE_ARRIVALS_H

#include <pthread.h>

#include "base/file.h"
#include "storage/backend.h"

enum { ARRIVALS = 16 }; /* as many as MD5 has lanes */

typedef struct arrivals {
    const char *storage; /* its name, for errors */
    pthread_mutex_t lock;
    struct arrival {
        cm_transfer *transfer;
        cm_atomic_file *file;
    } waiting[ARRIVALS];
    size_t n;
} arrivals;

void arrivals_init(arrivals *a, const char *storage);
/* Takes a file that has all its bytes.  The transfer's status and error are
 * set when it is checked: now, later, or at the end.  Any thread. */
void arrivals_add(arrivals *a, cm_transfer *transfer, cm_atomic_file *file);
/* Checks what still waits; then nothing is left to release. */
void arrivals_finish(arrivals *a);

/* What is said of an object whose hash is not the one it is named by. */
cm_status arrival_is_wrong(const char *storage, const char *key, uint64_t size,
                           const char *found, const char *expected,
                           cm_error *err);

#endif
