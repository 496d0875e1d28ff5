/* Comments and empty lines of a YAML text, carried over to a new text of the
 * same keys.  Private to this module. */
#ifndef CM_DVC_YAML_COMMENTS_H
#define CM_DVC_YAML_COMMENTS_H

#include "base/str.h"

/* Appends fresh (as cm_yaml_put_document wrote it), each line with the comment
 * that stood behind the same key in old, and the lines of comments that stood
 * below it. */
CM_MUST_USE cm_status yaml_put_commented(cm_buf *out, cm_str fresh, cm_str old,
                                         cm_error *err);

#endif
