/* DVC's configuration files, as Python's configobj reads and writes them: "key
 * = value" in sections, values that are texts or lists.  Private to
 * versioning. */
#ifndef CM_VERSIONING_INI_H
#define CM_VERSIONING_INI_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

typedef struct ini_option {
    const char *key; /* in lower case */
    const char *const *items;
    size_t n;
    bool list;        /* else one item */
    const char *text; /* the item, or the items with commas between */
} ini_option;

typedef struct ini_section {
    const char *name; /* in lower case: "core", "remote \"name\""; "" before the
                         first section */
    ini_option *options;
    size_t n, capacity;
} ini_section;

/* All texts are the arena's.  Zero-initialised is empty. */
typedef struct ini_file {
    ini_section *sections;
    size_t n, capacity;
    cm_arena arena;
} ini_file;

/* file names the text in errors. */
CM_MUST_USE cm_status ini_parse(ini_file *out, cm_str text, const char *file,
                                cm_error *err);
void ini_release(ini_file *ini);

ini_section *ini_find(const ini_file *ini, const char *section);
/* The section, made at the end when it is not there; NULL without memory. */
ini_section *ini_add(ini_file *ini, const char *section, cm_error *err);
ini_option *ini_get(const ini_section *section, const char *key);
/* Sets, in its place or at the end; texts are copied. */
CM_MUST_USE cm_status ini_set(ini_file *ini, ini_section *section,
                              const char *key, const char *const *items,
                              size_t n, bool list, cm_error *err);
CM_MUST_USE cm_status ini_set_text(ini_file *ini, ini_section *section,
                                   const char *key, const char *text,
                                   cm_error *err);
void ini_remove_option(ini_section *section, const char *key);
void ini_remove_section(ini_file *ini, const char *section);

/* The name of 'remote "name"', NULL for a section of another kind; a view. */
bool ini_named(const ini_section *section, const char *kind, cm_str *name);

/* The bytes that DVC writes: plain sections, then remotes, machines and
 * databases; comments are not kept.  CM_ERR_USAGE for a value that no quotes
 * can hold. */
CM_MUST_USE cm_status ini_format(const ini_file *ini, cm_buf *out,
                                 cm_error *err);

#endif
