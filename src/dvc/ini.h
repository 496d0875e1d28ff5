/* DVC's configuration files, as Python's configobj reads and writes them: "key
 * = value" in sections, values that are texts or lists. */
#ifndef CM_DVC_INI_H
#define CM_DVC_INI_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

typedef struct cm_ini_option {
    const char *key; /* in lower case */
    const char *const *items;
    size_t n;
    bool list;        /* else one item */
    const char *text; /* the item, or the items with commas between */
} cm_ini_option;

typedef struct cm_ini_section {
    const char *name; /* in lower case: "core", "remote \"name\""; "" before the
                         first section */
    cm_ini_option *options;
    size_t n, capacity;
} cm_ini_section;

/* All texts are the arena's.  Zero-initialised is empty. */
typedef struct cm_ini_file {
    cm_ini_section *sections;
    size_t n, capacity;
    cm_arena arena;
} cm_ini_file;

/* file names the text in errors. */
CM_MUST_USE cm_status cm_ini_parse(cm_ini_file *out, cm_str text,
                                   const char *file, cm_error *err);
void cm_ini_release(cm_ini_file *ini);

cm_ini_section *cm_ini_find(const cm_ini_file *ini, const char *section);
/* The section, made at the end when it is not there; NULL without memory. */
cm_ini_section *cm_ini_add(cm_ini_file *ini, const char *section,
                           cm_error *err);
cm_ini_option *cm_ini_get(const cm_ini_section *section, const char *key);
/* Sets, in its place or at the end; texts are copied. */
CM_MUST_USE cm_status cm_ini_set(cm_ini_file *ini, cm_ini_section *section,
                                 const char *key, const char *const *items,
                                 size_t n, bool list, cm_error *err);
CM_MUST_USE cm_status cm_ini_set_text(cm_ini_file *ini, cm_ini_section *section,
                                      const char *key, const char *text,
                                      cm_error *err);
void cm_ini_remove_option(cm_ini_section *section, const char *key);
void cm_ini_remove_section(cm_ini_file *ini, const char *section);

/* The name of 'remote "name"', NULL for a section of another kind; a view. */
bool cm_ini_named(const cm_ini_section *section, const char *kind,
                  cm_str *name);

/* The bytes that DVC writes: plain sections, then remotes, machines and
 * databases; comments are not kept.  CM_ERR_USAGE for a value that no quotes
 * can hold. */
CM_MUST_USE cm_status cm_ini_format(const cm_ini_file *ini, cm_buf *out,
                                    cm_error *err);

#endif
