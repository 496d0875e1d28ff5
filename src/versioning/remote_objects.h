/* Sets of objects between the cache and one remote.  Private to versioning. */
#ifndef CM_VERSIONING_REMOTE_OBJECTS_H
#define CM_VERSIONING_REMOTE_OBJECTS_H

#include "base/md5.h"
#include "versioning/stages.h"
#include "versioning/sync.h"

typedef struct remote_object {
    char object[CM_OBJECT_TEXT];
    char md5[CM_MD5_HEX];
    char key[64];
    const char *path; /* of a file that has it, relative to the root */
    char *cached;     /* path in the cache */
    uint64_t size;    /* in the cache; UINT64_MAX: not there */
    bool arrived;     /* it is where it is wanted */
} remote_object;

/* Zero-initialised is empty. */
typedef struct object_set {
    remote_object *items;
    size_t n, capacity;
    cm_arena arena;
} object_set;

/* name (NULL: none) is the file's in the folder path. */
CM_MUST_USE cm_status object_set_add(object_set *set, const char *object,
                                     const char *path, const char *name,
                                     cm_error *err);
/* Sorts, leaves one of each, and looks which of them the cache has. */
CM_MUST_USE cm_status object_set_close(object_set *set, const cm_repo *repo,
                                       cm_error *err);
/* Of a closed set; NULL: not in it. */
remote_object *object_set_find(const object_set *set, const char *object);
void object_set_release(object_set *set);

/* An out that is to go between the cache and the remote. */
typedef struct synced_out {
    const cm_tracked *item;
    const char *part;   /* of the folder, as in tracked.h */
    cm_listing listing; /* of a folder, when there is one */
    bool has_listing;
} synced_out;

/* One remote and what is to go there or come from there. */
typedef struct synced {
    const cm_repo *repo;
    cm_storage *storage;
    synced_out *outs; /* (n) */
    size_t n;
    object_set files, folders; /* folders: their listings */
    cm_sync_report *report;
} synced;

void synced_release(synced *s);

/* Fills and closes s->folders: the listings of all outs that are folders. */
CM_MUST_USE cm_status synced_add_folders(synced *s, cm_error *err);
/* Adds what an out has to s->files: its file, or those that the listing names,
 * of the part alone; none when the cache has no listing. */
CM_MUST_USE cm_status synced_add_files(synced *s, synced_out *out,
                                       cm_error *err);

/* Which of a closed set the remote has: those have arrived.  Half an object is
 * none. */
CM_MUST_USE cm_status synced_ask(const synced *s, object_set *set,
                                 cm_error *err);

/* Says that an object did not go where it was wanted. */
CM_MUST_USE cm_status synced_failed(synced *s, const remote_object *object,
                                    const char *what, cm_error *err);
/* Puts or gets those (n) of a set; each has arrived, or is in the report. */
CM_MUST_USE cm_status synced_put(synced *s, remote_object **objects, size_t n,
                                 cm_error *err);
CM_MUST_USE cm_status synced_get(synced *s, remote_object **objects, size_t n,
                                 cm_error *err);

/* Sends to the storage what of the outs it lacks: files first, and a listing
 * when all that it names is there. */
CM_MUST_USE cm_status synced_push(synced *s, cm_error *err);

/* ---- both ways ----------------------------------------------------------- */

typedef cm_status (*sync_way)(synced *s, cm_error *err);

/* Calls way for every remote that the targets' outs have. */
CM_MUST_USE cm_status sync_remotes(const cm_repo *repo,
                                   const cm_sync_options *options, bool pushing,
                                   sync_way way, cm_sync_report *report,
                                   cm_error *err);

/* The remote of that name (NULL: the default one). */
CM_MUST_USE cm_status sync_open_remote(const cm_repo *repo,
                                       const cm_sync_options *options,
                                       const char *name, cm_storage **out,
                                       cm_error *err);
CM_MUST_USE cm_status sync_report_failure(cm_sync_report *report,
                                          const char *path, const char *what,
                                          cm_error *err);

#endif
