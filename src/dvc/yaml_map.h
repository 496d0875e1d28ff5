/* Typed look-ups in a YAML map, shared by .dvc files and dvc.lock.  Private to
 * this module. */
#ifndef CM_DVC_YAML_MAP_H
#define CM_DVC_YAML_MAP_H

#include "codec/json.h"
#include "codec/yaml.h"
#include "dvc/outs.h"

/* Text of map's key, from the arena; NULL: not there, or null. */
CM_MUST_USE cm_status yaml_map_text(const char **out, const cm_yaml *map,
                                    const char *key, cm_arena *arena,
                                    cm_error *err);
CM_MUST_USE cm_status yaml_map_bool(bool *out, const cm_yaml *map,
                                    const char *key, cm_error *err);
/* 32 digits and perhaps ".dir"; "" when it is not there. */
CM_MUST_USE cm_status yaml_map_md5(char out[CM_OBJECT_TEXT], const cm_yaml *map,
                                   const char *key, cm_error *err);
CM_MUST_USE cm_status yaml_expect(const cm_yaml *node, cm_yaml_kind kind,
                                  const char *what, cm_error *err);

/* An entry of "outs" or "deps"; texts from the arena. */
CM_MUST_USE cm_status yaml_map_entry(cm_out *out, const cm_yaml *map,
                                     cm_arena *arena, cm_error *err);

/* ---- the way back -------------------------------------------------------- */

/* An object being made; failed: memory ran out on the way. */
typedef struct json_map {
    json_t *object;
    bool failed;
} json_map;

json_map json_map_new(void);
/* Takes value; NULL is memory that ran out. */
void json_map_put(json_map *map, const char *key, json_t *value);
/* Nothing for a text that is none. */
void json_map_put_text(json_map *map, const char *key, const char *text);
/* Everything of an entry but its path and flags: md5 or etag, size … */
void json_map_put_hash(json_map *map, const cm_out *entry);
/* The object, NULL when it failed. */
json_t *json_map_end(json_map *map);

#endif
