/* Where git's HEAD is: what a training tells of the code it came from. */
#ifndef CM_VERSIONING_GIT_HEAD_H
#define CM_VERSIONING_GIT_HEAD_H

#include <stdbool.h>

typedef struct cm_git_head {
    char commit[65];  /* hexadecimal */
    char branch[256]; /* "": none is checked out */
} cm_git_head;

/* Of the repository that folder is in.  False: there is none, it has no commit
 * yet, or it cannot be read. */
bool cm_git_head_find(cm_git_head *out, const char *folder);

#endif
