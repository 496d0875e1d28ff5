/* One file of fixed entries, then their paths, under one checksum; in memory a
 * hash table by path.  The file is of this machine alone: numbers as they lie
 * in memory.  What is damaged is empty: all it costs is to read files again. */
#include "versioning/file_state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"

enum {
    MD5_BYTES = 16,
    MAX_BYTES = 1 << 30,
    MAX_UNUSED = 1 << 20, /* entries kept that nobody asked for */
    MIN_SLOTS = 64
};

/* Younger files may change again within the granularity of their time: 2 s
 * where it may be that coarse, or the file comes from another clock. */
static const int64_t young_ns = 2000000000;
static const int64_t young_made_ns = 20000000; /* two ticks of a kernel */
static const char magic[8] = "cmstat1";

typedef struct header {
    char magic[sizeof magic];
    uint64_t n;        /* entries */
    uint64_t bytes;    /* behind the header */
    uint64_t checksum; /* of them and n */
} header;

typedef struct entry {
    file_stamp stamp;
    uint8_t md5[MD5_BYTES];
    uint32_t path; /* where it begins among the paths */
    uint32_t length;
} entry;

struct cm_file_state {
    char *file;
    int64_t opened_ns;
    entry *entries;
    bool *used; /* (n) asked for or kept by this process */
    size_t n, entries_capacity, used_capacity;
    cm_buf paths;
    uint32_t *slots; /* index + 1; 0: free */
    size_t n_slots;  /* a power of two */
    bool changed;
};

file_stamp file_stamp_of(const struct stat *st)
{
    return (file_stamp){(uint64_t)st->st_ino, (uint64_t)st->st_size,
                        (int64_t)st->st_mtim.tv_sec * 1000000000 +
                            st->st_mtim.tv_nsec};
}

/* ---- the table ----------------------------------------------------------- */

static cm_str path_of(const cm_file_state *state, const entry *e)
{
    return (cm_str){state->paths.p + e->path, e->length};
}

/* The slot of path, or the free one where it belongs. */
static size_t slot_of(const cm_file_state *state, cm_str path)
{
    size_t i = cm_xxh3(path.p, path.n) & (state->n_slots - 1);
    while (state->slots[i] != 0 &&
           !cm_str_equal(
               path, path_of(state, &state->entries[state->slots[i] - 1]))) {
        i = (i + 1) & (state->n_slots - 1);
    }
    return i;
}

/* Makes room for one more, at most half full. */
static bool make_slots(cm_file_state *state, size_t n)
{
    size_t want = MIN_SLOTS;
    while (want < 2 * (n + 1)) {
        want *= 2;
    }
    if (want <= state->n_slots) {
        return true;
    }
    uint32_t *slots = calloc(want, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    free(state->slots);
    state->slots = slots;
    state->n_slots = want;
    for (size_t i = 0; i < state->n; i++) {
        slots[slot_of(state, path_of(state, &state->entries[i]))] =
            (uint32_t)i + 1;
    }
    return true;
}

/* A new entry for path; NULL without memory. */
static entry *add_entry(cm_file_state *state, cm_str path)
{
    if (state->n >= UINT32_MAX / 4 || path.n > UINT32_MAX ||
        state->paths.n > UINT32_MAX - path.n ||
        !make_slots(state, state->n + 1) ||
        cm_grow(&state->entries, state->n, &state->entries_capacity,
                sizeof *state->entries, NULL) != CM_OK ||
        cm_grow(&state->used, state->n, &state->used_capacity,
                sizeof *state->used, NULL) != CM_OK) {
        return NULL;
    }
    size_t slot = slot_of(state, path);
    entry *e = &state->entries[state->n];
    *e = (entry){.path = (uint32_t)state->paths.n, .length = (uint32_t)path.n};
    cm_buf_add(&state->paths, path.p, path.n);
    if (state->paths.failed) {
        return NULL;
    }
    state->used[state->n++] = false;
    state->slots[slot] = (uint32_t)state->n;
    return e;
}

static entry *find_entry(const cm_file_state *state, cm_str path)
{
    if (state->n_slots == 0) {
        return NULL;
    }
    uint32_t at = state->slots[slot_of(state, path)];
    return at == 0 ? NULL : &state->entries[at - 1];
}

static uint8_t digit(char c)
{
    return (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

bool file_state_find(cm_file_state *state, const char *path,
                     const file_stamp *stamp, char md5[CM_MD5_HEX])
{
    entry *e = state != NULL ? find_entry(state, cm_str_of(path)) : NULL;
    if (e == NULL || e->stamp.inode != stamp->inode ||
        e->stamp.size != stamp->size || e->stamp.mtime_ns != stamp->mtime_ns) {
        return false;
    }
    cm_hex(md5, e->md5, MD5_BYTES);
    state->used[e - state->entries] = true;
    return true;
}

static void keep(cm_file_state *state, const char *path,
                 const file_stamp *stamp, const char *md5)
{
    entry *e = find_entry(state, cm_str_of(path));
    e = e != NULL ? e : add_entry(state, cm_str_of(path));
    if (e == NULL) {
        return;
    }
    e->stamp = *stamp;
    for (size_t i = 0; i < MD5_BYTES; i++) {
        e->md5[i] = (uint8_t)(digit(md5[2 * i]) << 4 | digit(md5[2 * i + 1]));
    }
    state->used[e - state->entries] = true;
    state->changed = true;
}

void file_state_keep(cm_file_state *state, const char *path,
                     const file_stamp *stamp, const char *md5)
{
    if (state != NULL && stamp->mtime_ns <= state->opened_ns - young_ns) {
        keep(state, path, stamp, md5);
    }
}

void file_state_keep_made(cm_file_state *state, const char *path,
                          const file_stamp *stamp, const char *md5,
                          int64_t now_ns)
{
    bool is_coarse = stamp->mtime_ns % 1000000000 == 0;
    if (state != NULL &&
        stamp->mtime_ns <= now_ns - (is_coarse ? young_ns : young_made_ns)) {
        keep(state, path, stamp, md5);
    }
}

/* ---- the file ------------------------------------------------------------ */

static uint64_t checksum_of(const void *body, size_t bytes, uint64_t n)
{
    return cm_xxh3(body, bytes) ^ cm_mix64(n);
}

/* Whether bytes are a whole state, its numbers within bounds. */
static bool is_sound(const cm_mapping *file, header *head)
{
    if (file->size < sizeof *head || file->size > MAX_BYTES) {
        return false;
    }
    memcpy(head, file->data, sizeof *head);
    return memcmp(head->magic, magic, sizeof magic) == 0 &&
           head->bytes == file->size - sizeof *head &&
           head->n <= head->bytes / sizeof(entry) &&
           head->checksum ==
               checksum_of(file->data + sizeof *head, head->bytes, head->n);
}

static void read_entries(cm_file_state *state, const cm_mapping *file)
{
    header head;
    if (!is_sound(file, &head)) {
        return;
    }
    const uint8_t *entries = file->data + sizeof head;
    const char *paths = (const char *)entries + head.n * sizeof(entry);
    size_t n_paths = head.bytes - head.n * sizeof(entry);
    if (!make_slots(state, head.n)) {
        return;
    }
    for (size_t i = 0; i < head.n; i++) {
        entry e;
        memcpy(&e, entries + i * sizeof e, sizeof e);
        if (e.path > n_paths || e.length > n_paths - e.path) {
            continue;
        }
        cm_str path = {paths + e.path, e.length};
        entry *mine =
            find_entry(state, path) == NULL ? add_entry(state, path) : NULL;
        if (mine != NULL) {
            mine->stamp = e.stamp;
            memcpy(mine->md5, e.md5, sizeof e.md5);
        }
    }
}

cm_status cm_file_state_open(cm_file_state **out, const cm_repo *repo,
                             cm_error *err)
{
    struct timespec now = {0};
    cm_mapping file = {0};
    *out = cm_alloc_zero(1, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    (*out)->opened_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    (*out)->file = cm_path_join(repo->dvc_dir, "tmp/clickmill.state");
    if ((*out)->file == NULL) {
        free(*out);
        *out = NULL;
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    if (cm_file_exists((*out)->file) &&
        cm_map_file(&file, (*out)->file, NULL) == CM_OK) {
        read_entries(*out, &file);
        cm_unmap(&file);
    }
    return CM_OK;
}

static bool is_kept(const cm_file_state *state, size_t i, size_t n_unused)
{
    return state->used[i] || n_unused <= MAX_UNUSED;
}

/* Entries, then the paths they name, of those that are kept. */
static void format(const cm_file_state *state, cm_buf *body, header *head)
{
    size_t n_unused = 0;
    uint32_t at = 0;
    for (size_t i = 0; i < state->n; i++) {
        n_unused += !state->used[i];
    }
    for (size_t i = 0; i < state->n; i++) {
        if (is_kept(state, i, n_unused)) {
            entry e = state->entries[i];
            e.path = at;
            at += e.length;
            cm_buf_add(body, &e, sizeof e);
            head->n++;
        }
    }
    for (size_t i = 0; i < state->n; i++) {
        if (is_kept(state, i, n_unused)) {
            cm_str path = path_of(state, &state->entries[i]);
            cm_buf_add(body, path.p, path.n);
        }
    }
    head->bytes = body->n;
    head->checksum = checksum_of(body->p, body->n, head->n);
}

static void save(const cm_file_state *state)
{
    header head = {.n = 0};
    cm_buf body = {0};
    cm_atomic_file *file = NULL;
    memcpy(head.magic, magic, sizeof magic);
    format(state, &body, &head);
    if (!body.failed && cm_make_parent(state->file, NULL) == CM_OK &&
        cm_atomic_open(&file, state->file, NULL) == CM_OK) {
        cm_atomic_write(file, &head, sizeof head);
        cm_atomic_write(file, body.p, body.n);
        cm_status status = cm_atomic_commit(file, NULL);
        (void)status;
    }
    cm_buf_release(&body);
}

void cm_file_state_close(cm_file_state *state)
{
    if (state == NULL) {
        return;
    }
    if (state->changed) {
        save(state);
    }
    free(state->file);
    free(state->entries);
    free(state->used);
    free(state->slots);
    cm_buf_release(&state->paths);
    free(state);
}
