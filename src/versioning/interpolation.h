/* ${…} in the texts of dvc.yaml.  Private to versioning. */
#ifndef CM_VERSIONING_INTERPOLATION_H
#define CM_VERSIONING_INTERPOLATION_H

#include "versioning/variables.h"

/* What a stage's texts are resolved with. */
typedef struct interpolation {
    const variables *vars;
    bool boolean_optional; /* parsing.bool: --no-KEY for false */
    bool append;           /* parsing.list: --KEY for each element */
    json_t *used;          /* {file: {path: value}}; NULL: not wanted */
    size_t *budget;        /* bytes that texts may still grow by */
} interpolation;

/* Whether the text has a ${…}. */
bool is_interpolated(cm_str text);
/* Every ${…} below the node has a form that can be: else CM_ERR_PARSE. */
CM_MUST_USE cm_status interpolation_check(const cm_yaml *node, cm_error *err);
/* No ${…} below the node. */
CM_MUST_USE cm_status interpolation_forbid(const cm_yaml *node,
                                           const char *what, cm_error *err);

/* The node's value with everything resolved.  key: of the stage ("cmd" takes a
 * map as flags).  Release with json_decref. */
CM_MUST_USE cm_status interpolate(json_t **out, const interpolation *with,
                                  const cm_yaml *node, const char *key,
                                  cm_error *err);
/* The same as a variable, those that stand alone with their sources. */
CM_MUST_USE cm_status interpolate_variable(variable **out, variables *vars,
                                           const interpolation *with,
                                           const cm_yaml *node, cm_error *err);

/* How DVC writes a value into a text: true, 1.0, None. */
void interpolation_put(cm_buf *out, const json_t *value);

#endif
