/* Many files at once: each thread keeps sixteen open, a lane each, and whenever
 * one ends the next begins in its lane. */
#include "base/md5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/md5_lanes.h"
#include "base/mem.h"
#include "base/thread.h"

enum {
    CHUNK = 1 << 16,         /* bytes a lane reads at once */
    PADDING = 2 * MD5_BLOCK, /* what MD5 adds to the end, at most */
    FEW_LANES = 3            /* up to so many are faster one by one */
};

/* A file being hashed. */
typedef struct lane {
    cm_md5_file *file; /* NULL: none */
    int in, out;       /* out: -1 without a copy */
    uint8_t *bytes;    /* (CHUNK + PADDING) */
    size_t at, n;      /* what of bytes is still to be hashed */
    bool ended;        /* bytes has the last of it, padded */
} lane;

typedef struct hashing {
    cm_md5_file **order; /* (n) largest first */
    size_t n;
    atomic_size_t next;
    md5_kernel kernel;
    cm_progress *progress;
} hashing;

static void lane_text(char out[CM_MD5_HEX], const md5_lanes *lanes, size_t of)
{
    uint32_t s[MD5_WORDS];
    for (size_t i = 0; i < MD5_WORDS; i++) {
        s[i] = lanes->state[i][of];
    }
    md5_text(out, s);
}

/* ---- one file ----------------------------------------------------------- */

static ssize_t read_full(int fd, uint8_t *bytes, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t some = read(fd, bytes + got, n - got);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            return -1;
        }
        if (some == 0) {
            break;
        }
        got += (size_t)some;
    }
    return (ssize_t)got;
}

/* Ends the file, well unless error is set. */
static void leave(lane *l, int error, bool of_copy)
{
    if (l->in >= 0) {
        (void)close(l->in);
    }
    if (l->out >= 0 && close(l->out) != 0 && error == 0) {
        error = errno;
        of_copy = true;
    }
    l->file->error = error;
    l->file->copy_failed = of_copy;
    l->file = NULL;
}

static void fill(hashing *job, lane *l)
{
    ssize_t got = read_full(l->in, l->bytes, CHUNK);
    if (got < 0) {
        leave(l, errno, false);
        return;
    }
    size_t n = (size_t)got;
    int error = l->out >= 0 ? cm_write_all(l->out, l->bytes, n) : 0;
    if (error != 0) {
        leave(l, error, true);
        return;
    }
    l->file->size += n;
    cm_progress_add(job->progress, n);
    l->ended = n < CHUNK;
    l->at = 0;
    l->n = l->ended ? md5_pad(l->bytes, n, l->file->size) : n;
}

static void enter(hashing *job, lane *l, cm_md5_file *file)
{
    file->size = 0;
    l->file = file;
    l->out = -1;
    l->in = open(file->path, O_RDONLY | O_CLOEXEC);
    if (l->in < 0) {
        leave(l, errno, false);
        return;
    }
    if (file->copy != NULL) {
        l->out =
            open(file->copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (l->out < 0) {
            leave(l, errno, true);
            return;
        }
    }
    fill(job, l);
}

/* ---- a thread ----------------------------------------------------------- */

typedef struct worker {
    hashing *job;
    lane lanes[MD5_LANES];
    md5_lanes states;
    uint8_t *memory;
} worker;

/* A file for every lane that has none, while there are any.  Returns how many
 * lanes have one. */
static size_t take_files(worker *w)
{
    hashing *job = w->job;
    size_t busy = 0;
    for (size_t i = 0; i < MD5_LANES; i++) {
        lane *l = &w->lanes[i];
        while (l->file == NULL) {
            size_t next = atomic_fetch_add(&job->next, 1);
            if (next >= job->n) {
                atomic_store(&job->next, job->n);
                break;
            }
            md5_lane_start(&w->states, i);
            enter(job, l, job->order[next]);
        }
        busy += l->file != NULL;
    }
    return busy;
}

static void hash_alone(worker *w)
{
    for (size_t i = 0; i < MD5_LANES; i++) {
        lane *l = &w->lanes[i];
        if (l->file != NULL) {
            md5_blocks_one(&w->states, i, l->bytes + l->at,
                           (l->n - l->at) / MD5_BLOCK);
            l->at = l->n;
        }
    }
}

/* As many blocks as every lane has.  Idle lanes hash what they last had. */
static void hash_together(worker *w)
{
    const uint8_t *bytes[MD5_LANES];
    size_t n = (CHUNK + PADDING) / MD5_BLOCK;
    for (size_t i = 0; i < MD5_LANES; i++) {
        const lane *l = &w->lanes[i];
        size_t blocks = (l->n - l->at) / MD5_BLOCK;
        bool busy = l->file != NULL;
        bytes[i] = busy ? l->bytes + l->at : l->bytes;
        n = busy && blocks < n ? blocks : n;
    }
    w->job->kernel(&w->states, bytes, n);
    for (size_t i = 0; i < MD5_LANES; i++) {
        w->lanes[i].at += w->lanes[i].file != NULL ? n * MD5_BLOCK : 0;
    }
}

static void go_on(worker *w)
{
    for (size_t i = 0; i < MD5_LANES; i++) {
        lane *l = &w->lanes[i];
        if (l->file == NULL || l->at < l->n) {
            continue;
        }
        if (l->ended) {
            lane_text(l->file->md5, &w->states, i);
            leave(l, 0, false);
        } else {
            fill(w->job, l);
        }
    }
}

static void run_worker(void *context, size_t task, int thread)
{
    (void)task;
    (void)thread;
    hashing *job = context;
    worker w = {.job = job};
    memset(&w.states, 0, sizeof w.states);
    w.memory = cm_alloc_zero(MD5_LANES, CHUNK + PADDING, NULL);
    if (w.memory == NULL) {
        return;
    }
    for (size_t i = 0; i < MD5_LANES; i++) {
        w.lanes[i].bytes = w.memory + i * (CHUNK + PADDING);
    }
    for (size_t busy = take_files(&w); busy > 0; busy = take_files(&w)) {
        if (busy <= FEW_LANES) {
            hash_alone(&w);
        } else {
            hash_together(&w);
        }
        go_on(&w);
    }
    free(w.memory);
}

/* Large files first, so that the threads end together. */
static int larger_first(const void *a, const void *b)
{
    const cm_md5_file *x = *(cm_md5_file *const *)a;
    const cm_md5_file *y = *(cm_md5_file *const *)b;
    return (x->size < y->size) - (x->size > y->size);
}

cm_status cm_md5_files(cm_md5_file *files, size_t n, int n_threads,
                       cm_progress *progress, cm_error *err)
{
    hashing job = {.n = n, .kernel = md5_kernel_best(), .progress = progress};
    job.order = cm_alloc(n, sizeof(cm_md5_file *), err);
    if (job.order == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        job.order[i] = &files[i];
    }
    qsort(job.order, n, sizeof(cm_md5_file *), larger_first);
    n_threads = cm_thread_count(n_threads);
    cm_parallel((size_t)n_threads, n_threads, run_worker, &job);
    free(job.order);
    /* One thread with memory does the work of all. */
    return atomic_load(&job.next) < n
               ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
               : CM_OK;
}
