/* Files as they are in the workspace, or were at a revision of git.  Private to
 * versioning. */
#ifndef CM_VERSIONING_SNAPSHOT_H
#define CM_VERSIONING_SNAPSHOT_H

#include "versioning/repo.h"

typedef struct snapshot_entry {
    char *name;
    bool is_folder, is_file; /* neither: a link and such */
} snapshot_entry;

/* Zero-initialised is empty. */
typedef struct snapshot_folder {
    snapshot_entry *entries;
    size_t n, capacity;
} snapshot_folder;

void snapshot_folder_release(snapshot_folder *folder);

typedef struct cm_snapshot cm_snapshot;
struct cm_snapshot {
    /* Appends the file at path (relative to the root, clean) to out; a file
     * that is not there: *found is false. */
    cm_status (*read)(const cm_snapshot *snapshot, const char *path,
                      cm_buf *out, bool *found, cm_error *err);
    /* What is in a folder ("" is the root), by name; a folder that is not there
     * is empty.  Release out in every case. */
    cm_status (*list)(const cm_snapshot *snapshot, const char *folder,
                      snapshot_folder *out, cm_error *err);
    /* Whether a file or folder is there. */
    cm_status (*has)(const cm_snapshot *snapshot, const char *path, bool *has,
                     cm_error *err);
    void *state;
};

/* rev: what git calls a commit; NULL or "workspace": the files as they are.
 * Close in every case. */
CM_MUST_USE cm_status cm_snapshot_open(cm_snapshot *out, const cm_repo *repo,
                                       const char *rev, cm_error *err);
/* The same snapshot at another commit: trees that both have are read once. */
CM_MUST_USE cm_status snapshot_move(cm_snapshot *snapshot, const char *rev,
                                    cm_error *err);
void cm_snapshot_close(cm_snapshot *snapshot);
/* NULL: the workspace. */
const char *snapshot_rev(const cm_snapshot *snapshot);

/* Paths relative to the root, folders above before those below. */
typedef struct snapshot_files {
    char **paths;
    size_t n, capacity;
} snapshot_files;

/* Files of a name anywhere in the repository, at a revision of git. */
CM_MUST_USE cm_status snapshot_find(const cm_snapshot *snapshot,
                                    const char *name, snapshot_files *out,
                                    cm_error *err);
void snapshot_files_release(snapshot_files *files);

/* Whether git has a commit at all. */
CM_MUST_USE cm_status cm_repo_has_commits(const cm_repo *repo, bool *out,
                                          cm_error *err);

#endif
