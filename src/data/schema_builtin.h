/* The schemas of configs/schema, built into the program. */
#ifndef CM_DATA_SCHEMA_BUILTIN_H
#define CM_DATA_SCHEMA_BUILTIN_H

#include "base/str.h"

enum { CM_N_BUILTIN_SCHEMAS = 3 };

extern const char *const cm_builtin_schema_names[CM_N_BUILTIN_SCHEMAS];

/* The YAML text of a name; an empty view when there is none. */
cm_str cm_builtin_schema(const char *name);

#endif
