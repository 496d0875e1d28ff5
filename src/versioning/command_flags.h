/* A map of variables as the flags of a command.  Private to versioning. */
#ifndef CM_VERSIONING_COMMAND_FLAGS_H
#define CM_VERSIONING_COMMAND_FLAGS_H

#include "versioning/interpolation.h"

/* "--lr 0.1 --model.name 'a b' --quick": nested keys with dots, true as a bare
 * flag, false as none, lists behind one flag; texts quoted for the shell. */
CM_MUST_USE cm_status command_flags_put(cm_buf *out, const interpolation *with,
                                        const variable *map, cm_where where,
                                        cm_error *err);

#endif
