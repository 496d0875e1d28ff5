/* RUN/sent.json: what of a run arrived at which server.  Only a memory: each
 * step can be repeated without it, and finds on the server what it did before.
 * Private to tracking. */
#ifndef CM_TRACKING_SENT_H
#define CM_TRACKING_SENT_H

#include "base/log.h"
#include "codec/json.h"

typedef struct sent {
    char *path;
    json_t *all;  /* {server: what it has} */
    json_t *here; /* of one server; borrowed */
    bool changed;
} sent;

/* A file that cannot be read is forgotten, with a warning.  Release in every
 * case. */
CM_MUST_USE cm_status sent_load(sent *out, const char *run_folder,
                                const char *server, const cm_log *log,
                                cm_error *err);
void sent_release(sent *s);
/* Writes it, if there is something new. */
CM_MUST_USE cm_status sent_save(sent *s, cm_error *err);

const char *sent_text(const sent *s, const char *key); /* NULL: nothing */
uint64_t sent_count(const sent *s, const char *key);
bool sent_is(const sent *s, const char *key);
CM_MUST_USE cm_status sent_set_text(sent *s, const char *key, const char *value,
                                    cm_error *err);
CM_MUST_USE cm_status sent_set_count(sent *s, const char *key, uint64_t value,
                                     cm_error *err);
CM_MUST_USE cm_status sent_set(sent *s, const char *key, cm_error *err);

/* Whether a file of this size arrived. */
bool sent_has_file(const sent *s, const char *path, uint64_t size);
CM_MUST_USE cm_status sent_add_file(sent *s, const char *path, uint64_t size,
                                    cm_error *err);

#endif
