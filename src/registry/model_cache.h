/* Models on this machine, by the hash of their folder.  Private to registry.
 *
 *   ROOT/models/HASH/listing        the listing whose MD5 is HASH
 *   ROOT/models/HASH/bundle/…       the files that it names
 *   ROOT/places/HASH/…              what a place said of versions and aliases
 *   ROOT/tmp/clickmill.PID.N/       one being fetched
 *
 * An entry is renamed into its place when it is whole, and hashed whenever it
 * is asked for: what is damaged is fetched again. */
#ifndef CM_REGISTRY_MODEL_CACHE_H
#define CM_REGISTRY_MODEL_CACHE_H

#include "registry/registry.h"
#include "storage/storage.h"

typedef struct model_cache {
    char *root;
    const cm_log *log;
} model_cache;

/* Finds the folder; makes nothing.  Release in every case. */
CM_MUST_USE cm_status model_cache_open(model_cache *cache,
                                       const cm_place_options *options,
                                       cm_error *err);
void model_cache_release(model_cache *cache);

/* The folder of the bundle when the entry of this object ("….dir") is there and
 * every file has its hash; else NULL.  malloc'ed. */
CM_MUST_USE cm_status model_cache_find(char **folder, const model_cache *cache,
                                       const char *object, cm_error *err);

/* Where objects come from. */
typedef struct object_source {
    /* A listing; checked by the caller. */
    cm_status (*read)(void *context, const char *key, size_t max_bytes,
                      cm_buf *out, cm_error *err);
    /* Files, each checked by its md5. */
    cm_status (*get)(void *context, cm_transfer *transfers, size_t n,
                     cm_error *err);
    void *context;
    const char *within; /* of the folder, where its bundle is to be; or NULL */
    const char *name;   /* for people */
} object_source;

/* The same, got from the source where it is not there.  *fetched tells. */
CM_MUST_USE cm_status model_cache_get(char **folder, bool *fetched,
                                      const model_cache *cache,
                                      const char *object,
                                      const object_source *source,
                                      cm_error *err);

/* A small file, whole or not at all, that can be had again. */
CM_MUST_USE cm_status model_cache_write(const char *path, cm_str text,
                                        cm_error *err);

/* What a place (by its id) said: an object's text by its key.  Not to be able
 * to remember is no error. */
void model_cache_remember(const model_cache *cache, const char *place,
                          const char *key, cm_str text);
/* False: nothing is remembered. */
bool model_cache_recall(const model_cache *cache, const char *place,
                        const char *key, cm_buf *text);

/* The bundle in a folder: `within`, "" or "versions/VERSION/"; malloc'ed.
 * wanted (may be NULL) is taken where a bundle is. */
CM_MUST_USE cm_status bundle_find_within(char **within,
                                         const cm_listing *listing,
                                         const char *wanted, const char *name,
                                         cm_error *err);

#endif
