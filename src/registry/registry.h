/* A registry of models: bundles in a place (a bucket's prefix, a folder, a
 * remote of DVC), named by version, alias or hash; and those of a revision of
 * git.  What is fetched is kept by hash on this machine.
 * docs/registry.md tells users.
 *
 *   PLACE/files/md5/ab/cdef…             objects, as DVC's remotes have them
 *   PLACE/models/versions/VERSION.json   a version: its folder's hash …
 *   PLACE/models/aliases/NAME.json       a name that moves: its version
 */
#ifndef CM_REGISTRY_REGISTRY_H
#define CM_REGISTRY_REGISTRY_H

#include <stdatomic.h>

#include "base/log.h"
#include "dvc/outs.h"
#include "storage/storage.h"

enum { CM_MODEL_NAME = 101 }; /* of a version or alias, with its NUL */

typedef struct cm_place_options {
    /* NULL or "": as the environment, ~/.aws and the repository say. */
    const char *endpoint_url, *region, *profile;
    const char *cache;       /* NULL or "": ~/.cache/clickmill */
    const atomic_bool *stop; /* once true, requests end soon; or NULL */
    bool must_ask; /* a place that gives no answer is an error, also where what
                      it said before is remembered */
    const cm_log *log;
} cm_place_options;

typedef struct cm_place cm_place;

/* text: "s3://bucket/prefix", a folder, or "remote://NAME" of the repository
 * that the working folder is in.  options are borrowed. */
CM_MUST_USE cm_status cm_place_open(cm_place **out, const char *text,
                                    const cm_place_options *options,
                                    cm_error *err);
void cm_place_close(cm_place *place); /* NULL is fine */

/* ---- what is there ------------------------------------------------------- */

/* Texts belong to whoever holds the record. */
typedef struct cm_model_record {
    const char *version;      /* as the bundle calls itself */
    char md5[CM_OBJECT_TEXT]; /* of its folder: "….dir" */
    uint64_t size, n_files;
    const char *created, *pushed; /* "2026-11-25T22:00:00Z" */
    const char *metrics;          /* {"log_loss": 0.4 …} */
} cm_model_record;

typedef struct cm_model_alias {
    const char *alias, *version;
} cm_model_alias;

typedef struct cm_model_list {
    cm_model_record *records; /* (n_records) last pushed first */
    size_t n_records;
    cm_model_alias *aliases; /* (n_aliases) by name */
    size_t n_aliases;
    cm_arena arena;
} cm_model_list;

/* Release in every case. */
CM_MUST_USE cm_status cm_place_list(cm_place *place, cm_model_list *out,
                                    cm_error *err);
void cm_model_list_release(cm_model_list *list);

/* Calls named for every object that a version of the registry in a storage
 * names; a storage without one has none.  A version that cannot be read is an
 * error. */
CM_MUST_USE cm_status cm_registry_objects(cm_storage *storage,
                                          cm_status (*named)(void *context,
                                                             const char *object,
                                                             cm_error *err),
                                          void *context, cm_error *err);

/* ---- changing it --------------------------------------------------------- */

/* A bundle to push: files (n) of a folder, and what its manifest says. */
typedef struct cm_model_files {
    const char *folder;
    const char *const *names;
    size_t n;
    const char *version, *created;
    const char *metrics; /* one JSON object */
} cm_model_files;

typedef struct cm_push_told {
    char md5[CM_OBJECT_TEXT];
    size_t n_sent; /* objects */
    uint64_t bytes;
    bool was_there; /* the version: nothing, or only what was missing, went */
} cm_push_told;

/* Files, then their listing, then the version: the place never names what it
 * lacks.  A version that is there and whole stays as it is. */
CM_MUST_USE cm_status cm_place_push(cm_place *place,
                                    const cm_model_files *files,
                                    cm_push_told *told, cm_error *err);

typedef struct cm_alias_move {
    char from[CM_MODEL_NAME]; /* "": it was not there */
    char to[CM_MODEL_NAME];   /* "": it is no more */
} cm_alias_move;

/* version: as in cm_model_fetch.  CM_ERR_DATA when somebody else moved the
 * alias in the same moment; last_wins: then once more. */
CM_MUST_USE cm_status cm_place_move_alias(cm_place *place, const char *alias,
                                          const char *version, bool last_wins,
                                          cm_alias_move *move, cm_error *err);
CM_MUST_USE cm_status cm_place_remove_alias(cm_place *place, const char *alias,
                                            cm_alias_move *move, cm_error *err);
/* CM_ERR_USAGE for what cannot be an alias. */
CM_MUST_USE cm_status cm_alias_check(const char *alias, cm_error *err);

/* ---- getting one --------------------------------------------------------- */

/* Whether a model's path names one in a place: "s3://…", "remote://…",
 * "file://…", or "folder@version" that is no file. */
bool cm_model_is_remote(const char *path);

typedef struct cm_fetched_model {
    char *folder; /* of the bundle, in the cache; free */
    char md5[CM_OBJECT_TEXT];
    char version[CM_MODEL_NAME]; /* "": asked for by its hash, or a revision */
    bool fetched;                /* it was not in the cache */
} cm_fetched_model;

/* name: "PLACE@WHICH", WHICH being a version, an alias, a hash, or at least
 * eight digits of one; "PLACE" is its latest. */
CM_MUST_USE cm_status cm_model_fetch(cm_fetched_model *out, const char *name,
                                     const cm_place_options *options,
                                     cm_error *err);
/* What DVC tracked at a revision of the repository that the working folder is
 * in: the out that path is, is in, or has beside it. */
CM_MUST_USE cm_status cm_model_fetch_revision(cm_fetched_model *out,
                                              const char *rev, const char *path,
                                              const cm_place_options *options,
                                              cm_error *err);

/* ---- the cache of this machine ------------------------------------------- */

/* Its folder, for what is fetched from elsewhere, too; malloc'ed. */
CM_MUST_USE cm_status cm_model_cache_folder(char **out,
                                            const cm_place_options *options,
                                            cm_error *err);

typedef struct cm_kept_model {
    const char *md5;    /* of its folder, without ".dir" */
    const char *folder; /* of the bundle */
    uint64_t size;
    int64_t used; /* seconds since 1970, when it was last asked for */
} cm_kept_model;

typedef struct cm_kept_models {
    const char *folder;   /* of the cache */
    cm_kept_model *items; /* (n) last used first */
    size_t n, capacity;
    cm_arena arena;
} cm_kept_models;

/* Release in every case. */
CM_MUST_USE cm_status cm_model_cache_list(cm_kept_models *out,
                                          const cm_place_options *options,
                                          cm_error *err);
void cm_kept_models_release(cm_kept_models *kept);
/* Removes all but the `keep` last used; those that went are left in *out. */
CM_MUST_USE cm_status cm_model_cache_prune(cm_kept_models *out, size_t keep,
                                           const cm_place_options *options,
                                           cm_error *err);

#endif
