/* A place that is open: its storage, and the names in it.  Private to registry.
 */
#ifndef CM_REGISTRY_PLACE_H
#define CM_REGISTRY_PLACE_H

#include "registry/record.h"
#include "storage/storage.h"

struct cm_place {
    cm_storage *storage;
    cm_storage_session *session;
    char *name; /* as its user calls it */
    char *id;   /* where it is: what is remembered of it goes by this */
    const cm_place_options *options;
};

#define PLACE_VERSIONS "models/versions/"
#define PLACE_ALIASES  "models/aliases/"
#define PLACE_LATEST   "latest"

/* "PLACE@WHICH" in two: place is malloc'ed, which points into name ("latest"
 * when it names none). */
CM_MUST_USE cm_status place_split(char **place, const char **which,
                                  const char *name, cm_error *err);

/* "models/versions/NAME.json"; folder is one of the two above. */
enum { PLACE_KEY = 160 };
void place_key(char out[PLACE_KEY], const char *folder, const char *name);
/* The name in such a key; false: it is no such key. */
bool place_name_of(char out[CM_MODEL_NAME], const char *folder,
                   const char *key);

/* Names of a folder that start with prefix, sorted. */
typedef struct place_names {
    char (*items)[CM_MODEL_NAME];
    size_t n, capacity;
} place_names;

CM_MUST_USE cm_status place_find_names(const cm_place *place,
                                       const char *folder, const char *prefix,
                                       place_names *out, cm_error *err);
void place_names_release(place_names *names);

/* ---- versions and aliases ------------------------------------------------ */

/* Texts are the arena's.  text (may be NULL) gets the object's text. */
CM_MUST_USE cm_status place_read_version(const cm_place *place,
                                         const char *version, bool *found,
                                         cm_model_record *out, cm_arena *arena,
                                         cm_buf *text, cm_error *err);
CM_MUST_USE cm_status place_read_alias(const cm_place *place, const char *alias,
                                       bool *found, cm_model_alias *out,
                                       char tag[CM_STORAGE_TAG],
                                       cm_arena *arena, cm_buf *text,
                                       cm_error *err);

/* What a version, an alias or the digits of a hash name.  version "" when it is
 * a hash alone.  CM_ERR_USAGE, with the nearest and what there is. */
typedef struct place_found {
    char md5[CM_OBJECT_TEXT];
    char version[CM_MODEL_NAME];
    cm_buf alias_text, version_text; /* the objects that said so */
} place_found;

/* Release in every case. */
CM_MUST_USE cm_status place_resolve(const cm_place *place, const char *which,
                                    place_found *out, cm_error *err);
void place_found_release(place_found *found);

#endif
