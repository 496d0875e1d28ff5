/* All objects that a registry needs, so that nobody takes them for unused. */
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "registry/place.h"
#include "versioning/cache.h"

enum { MAX_LISTING = 16 << 20 };

typedef struct naming {
    const cm_place *place;
    cm_status (*named)(void *context, const char *object, cm_error *err);
    void *context;
} naming;

/* The files of a listing that is there; one that is not names nothing. */
static cm_status name_files(const naming *n, const char *object, cm_error *err)
{
    char key[64], tag[CM_STORAGE_TAG], md5[CM_MD5_HEX];
    cm_buf text = {0};
    cm_listing listing = {0};
    cm_object_key(key, object);
    cm_status status = cm_storage_read_tagged(n->place->session, key,
                                              MAX_LISTING, &text, tag, err);
    if (status == CM_OK && tag[0] != '\0') {
        cm_md5(md5, text.p, text.n);
        status =
            strncmp(md5, object, sizeof md5 - 1) == 0
                ? cm_listing_parse(&listing, (cm_str){text.p, text.n}, key, err)
                : cm_fail(err, CM_ERR_DATA,
                          "%s/%s: the listing of a model is damaged; push "
                          "the model again",
                          n->place->name, key);
    }
    for (size_t i = 0; i < listing.n && status == CM_OK; i++) {
        status = n->named(n->context, listing.entries[i].md5, err);
    }
    cm_listing_release(&listing);
    cm_buf_release(&text);
    return status;
}

static cm_status name_version(const naming *n, const char *version,
                              cm_error *err)
{
    bool found = false;
    cm_arena arena = {0};
    cm_model_record record;
    cm_status status = place_read_version(n->place, version, &found, &record,
                                          &arena, NULL, err);
    if (status == CM_OK && found) {
        status = n->named(n->context, record.md5, err);
        if (status == CM_OK) {
            status = name_files(n, record.md5, err);
        }
    }
    cm_arena_release(&arena);
    return status;
}

cm_status cm_registry_objects(cm_storage *storage,
                              cm_status (*named)(void *context,
                                                 const char *object,
                                                 cm_error *err),
                              void *context, cm_error *err)
{
    cm_place place = {.storage = storage};
    naming n = {&place, named, context};
    place_names names = {0};
    place.name = cm_strdup(cm_storage_name(storage), err);
    cm_status status =
        place.name != NULL
            ? cm_storage_session_new(&place.session, storage, err)
            : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = place_find_names(&place, PLACE_VERSIONS, "", &names, err);
    }
    for (size_t i = 0; i < names.n && status == CM_OK; i++) {
        status = name_version(&n, names.items[i], err);
    }
    place_names_release(&names);
    cm_storage_session_free(place.session);
    free(place.name);
    return status;
}
