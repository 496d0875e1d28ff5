/* A set of objects by name, for questions about millions of them.  Private to
 * versioning. */
#ifndef CM_VERSIONING_OBJECT_NAMES_H
#define CM_VERSIONING_OBJECT_NAMES_H

#include "dvc/outs.h"

/* Open addressing over names in the order they came; zero-initialised is
 * empty. */
typedef struct object_names {
    char (*names)[CM_OBJECT_TEXT]; /* (n) */
    size_t n, capacity;
    size_t *slots; /* (n_slots) place in names + 1; 0: free */
    size_t n_slots;
} object_names;

/* *is_new (may be NULL): it was not there before. */
CM_MUST_USE cm_status object_names_add(object_names *set, const char *object,
                                       bool *is_new, cm_error *err);
bool object_names_have(const object_names *set, const char *object);
void object_names_release(object_names *set);

/* The object of a key "files/md5/ab/cdef…"; false: it is the key of none. */
bool object_of_key(char object[CM_OBJECT_TEXT], const char *key);

#endif
