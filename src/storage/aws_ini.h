/* ~/.aws/credentials and ~/.aws/config: sections of "key = value", and below a
 * key without a value more of them, indented.  Private to storage. */
#ifndef CM_STORAGE_AWS_INI_H
#define CM_STORAGE_AWS_INI_H

#include "base/str.h"

/* Checks the whole text.  Errors name the line and show nothing of it: it may
 * be a secret. */
CM_MUST_USE cm_status aws_ini_check(cm_str text, const char *file,
                                    cm_error *err);

bool aws_ini_has(cm_str text, const char *section);

/* Value of a key of a section, of the key `inner` below it when not NULL; p
 * NULL when it is not there.  The last one counts, as in Python. */
cm_str aws_ini_get(cm_str text, const char *section, const char *key,
                   const char *inner);

#endif
