/* Names that move.  What was read goes with the write, so that two who move the
 * same name at once do not lose one of the moves unseen. */
#include <string.h>

#include "registry/place.h"

enum { ATTEMPTS = 10 };

cm_status cm_alias_check(const char *alias, cm_error *err)
{
    cm_str name = cm_str_of(alias);
    if (!record_name_is_good(name)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "\"%.100s\" cannot be an alias; expected 1 to 100 "
                       "letters, digits, '.', '_' and '-', the first a letter, "
                       "a digit or '_'",
                       alias);
    }
    return record_is_hash(name)
               ? cm_fail(err, CM_ERR_USAGE,
                         "\"%s\" cannot be an alias: it reads as the digits of "
                         "a hash",
                         alias)
               : CM_OK;
}

/* One alias on its way. */
typedef struct moving {
    cm_place *place;
    const char *alias;
    cm_alias_move *move;
    char tag[CM_STORAGE_TAG]; /* of the alias as it was read */
    cm_buf text;              /* what is to be written */
} moving;

static cm_status read_now(moving *m, cm_error *err)
{
    bool found = false;
    cm_buf text = {0};
    cm_arena arena = {0};
    cm_model_alias now;
    cm_status status = place_read_alias(m->place, m->alias, &found, &now,
                                        m->tag, &arena, &text, err);
    m->move->from[0] = '\0';
    if (status == CM_OK && found) {
        (void)snprintf(m->move->from, sizeof m->move->from, "%s", now.version);
    }
    cm_arena_release(&arena);
    cm_buf_release(&text);
    return status;
}

/* The answer to a write that was done may have been lost, and the write tried
 * again: then what is there is what was written. */
static cm_status is_ours(const moving *m, bool *ours, cm_error *err)
{
    char key[PLACE_KEY], tag[CM_STORAGE_TAG];
    cm_buf text = {0};
    place_key(key, PLACE_ALIASES, m->alias);
    cm_status status = cm_storage_read_tagged(
        m->place->session, key, RECORD_MAX_BYTES, &text, tag, err);
    *ours = status == CM_OK && cm_str_equal((cm_str){text.p, text.n},
                                            (cm_str){m->text.p, m->text.n});
    cm_buf_release(&text);
    return status;
}

static cm_status write_new(moving *m, bool *written, cm_error *err)
{
    char key[PLACE_KEY];
    const char *from = m->move->from;
    cm_model_alias alias = {m->alias, m->move->to};
    place_key(key, PLACE_ALIASES, m->alias);
    cm_buf_clear(&m->text);
    cm_status status = record_format_alias(&m->text, &alias,
                                           from[0] != '\0' ? from : NULL, err);
    if (status == CM_OK) {
        status = cm_storage_write_tagged(m->place->session, key,
                                         (cm_str){m->text.p, m->text.n}, m->tag,
                                         written, err);
    }
    return status == CM_OK && !*written ? is_ours(m, written, err) : status;
}

static cm_status run(moving *m, bool last_wins, cm_error *err)
{
    bool written = false;
    cm_status status = CM_OK;
    for (int i = 0; i < ATTEMPTS && !written && status == CM_OK; i++) {
        status = read_now(m, err);
        if (status == CM_OK && strcmp(m->move->from, m->move->to) == 0) {
            return CM_OK;
        }
        if (status == CM_OK) {
            status = write_new(m, &written, err);
        }
        if (status == CM_OK && !written && !last_wins) {
            break;
        }
    }
    return status != CM_OK || written
               ? status
               : cm_fail(err, CM_ERR_DATA,
                         "%s: somebody else moved %s in the same moment; see "
                         "clickmill model list %s, then decide again",
                         m->place->name, m->alias, m->place->name);
}

/* The version that a name of any kind means: aliases are of versions alone. */
static cm_status find_version(const cm_place *place, const char *which,
                              cm_alias_move *move, cm_error *err)
{
    place_found found;
    cm_status status = place_resolve(place, which, &found, err);
    if (status == CM_OK && found.version[0] == '\0') {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s: %s is the hash of a folder; an alias is of a "
                         "version, see clickmill model list %s",
                         place->name, which, place->name);
    }
    memcpy(move->to, found.version, sizeof move->to);
    place_found_release(&found);
    return status;
}

cm_status cm_place_move_alias(cm_place *place, const char *alias,
                              const char *version, bool last_wins,
                              cm_alias_move *move, cm_error *err)
{
    moving m = {.place = place, .alias = alias, .move = move};
    *move = (cm_alias_move){0};
    cm_status status = cm_alias_check(alias, err);
    if (status == CM_OK && !record_name_is_good(cm_str_of(version))) {
        status =
            cm_fail(err, CM_ERR_USAGE, "\"%.100s\" is no version", version);
    }
    if (status == CM_OK) {
        status = find_version(place, version, move, err);
    }
    if (status == CM_OK) {
        status = run(&m, last_wins, err);
    }
    cm_buf_release(&m.text);
    return status;
}

cm_status cm_place_remove_alias(cm_place *place, const char *alias,
                                cm_alias_move *move, cm_error *err)
{
    char key[PLACE_KEY];
    moving m = {.place = place, .alias = alias, .move = move};
    *move = (cm_alias_move){0};
    cm_status status = cm_alias_check(alias, err);
    if (status == CM_OK) {
        status = read_now(&m, err);
    }
    if (status == CM_OK && move->from[0] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s has no alias %s; see clickmill model list %s",
                       place->name, alias, place->name);
    }
    if (status == CM_OK) {
        place_key(key, PLACE_ALIASES, alias);
        status = cm_storage_remove(place->session, key, err);
    }
    return status;
}
