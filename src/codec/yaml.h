/* YAML as a tree that remembers where everything stood. */
#ifndef CM_CODEC_YAML_H
#define CM_CODEC_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef enum cm_yaml_kind {
    CM_YAML_SCALAR,
    CM_YAML_MAP,
    CM_YAML_LIST
} cm_yaml_kind;

/* Maps: keys[i] belongs to children[i], in file order, no key twice.  Lists:
 * children only.  Scalars: text as written, quoted says it was in quotes. */
typedef struct cm_yaml {
    cm_yaml_kind kind;
    cm_where where;
    cm_str text;
    bool quoted;
    size_t n;
    struct cm_yaml *keys;
    struct cm_yaml *children;
} cm_yaml;

/* Parses one document.  file names it in errors.  Limits: 1 MiB, depth 32,
 * 100,000 nodes; anchors, aliases, tags and a second document are refused.
 * An empty document is an empty map. */
CM_MUST_USE cm_status cm_yaml_parse(cm_yaml **out, cm_str text,
                                    const char *file, cm_error *err);
CM_MUST_USE cm_status cm_yaml_load(cm_yaml **out, const char *path,
                                   cm_error *err);
void cm_yaml_free(cm_yaml *root); /* the root only; NULL is fine */

/* The value of a key, NULL when map has none (or is NULL or no map). */
const cm_yaml *cm_yaml_get(const cm_yaml *map, const char *key);
/* YAML 1.2 core: null and empty plain scalars, true/false. */
bool cm_yaml_is_null(const cm_yaml *node);
CM_MUST_USE bool cm_yaml_bool(const cm_yaml *node, bool *out);

#endif
