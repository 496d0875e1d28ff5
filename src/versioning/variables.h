/* The variables that ${…} in dvc.yaml can name: params.yaml beside it, what
 * "vars" loads or says, item and key of foreach and matrix.  Private to
 * versioning.
 *
 * All of a tree lives in one arena, its values in the JSON documents that the
 * tree keeps. */
#ifndef CM_VERSIONING_VARIABLES_H
#define CM_VERSIONING_VARIABLES_H

#include "codec/yaml.h"
#include "versioning/param_file.h"

/* A map has children with names; a list has children and its value; anything
 * else its value alone. */
typedef struct variable {
    const char *name;   /* in its map; NULL in a list */
    json_t *value;      /* NULL: a map */
    const char *source; /* "params.yaml", "vars[0]"; NULL: written in place */
    const char *path;   /* where it is in its source: "model.depth" */
    bool of_file;       /* source is a file */
    struct variable **children;
    size_t n, capacity;
} variable;

typedef struct variable_import {
    const char *path;
    json_t *keys; /* an array; NULL: the whole file */
} variable_import;

typedef struct variables {
    variable root;
    variable_import *imports;
    size_t n_imports, capacity;
    json_t *documents; /* array that owns the values */
    const cm_snapshot *snapshot;
    cm_arena *arena;
} variables;

CM_MUST_USE cm_status variables_init(variables *v, const cm_snapshot *snapshot,
                                     cm_arena *arena, cm_error *err);
void variables_release(variables *v);
/* What the copy loads does not touch the original. */
CM_MUST_USE cm_status variables_clone(variables *out, const variables *from,
                                      cm_error *err);

/* params.yaml of a folder, when it is there. */
CM_MUST_USE cm_status variables_load_default(variables *v, const char *folder,
                                             cm_error *err);
/* A list as "vars" has it: files, "file:key,key", maps.  folder: relative to
 * the root; stage: whose list it is, NULL for that of the file. */
CM_MUST_USE cm_status variables_load(variables *v, const cm_yaml *list,
                                     const char *folder, const char *stage,
                                     cm_error *err);

/* Puts a variable at the top, in place of the one of its name. */
CM_MUST_USE cm_status variables_set(variables *v, const char *name,
                                    const variable *value, cm_error *err);

/* The variable of an expression such as "model.layers[0]"; NULL: none, or not
 * an expression, told by variables_check. */
const variable *variables_find(const variables *v, cm_str expression);
bool variables_check(cm_str expression);

/* A variable of a value written in place; of the arena, which takes value. */
CM_MUST_USE cm_status variables_of_json(variables *v, json_t *value,
                                        variable **out, cm_error *err);
/* Release with json_decref; NULL without memory. */
json_t *variable_json(const variable *var);

static inline bool variable_is_list(const variable *var)
{
    return json_is_array(var->value);
}
static inline bool variable_is_map(const variable *var)
{
    return var->value == NULL;
}

/* "a/b" of a folder relative to the root ("" is the root) and a path in it;
 * NULL: outside of the root.  From the arena. */
CM_MUST_USE cm_status path_in_repo(const char **out, const char *folder,
                                   const char *path, cm_arena *arena,
                                   cm_error *err);

#endif
