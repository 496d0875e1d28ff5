/* Tables: made from a value a code, read by key, laid over dictionaries.
 * Private to features. */
#ifndef CM_FEATURES_TABLE_H
#define CM_FEATURES_TABLE_H

#include "base/str.h"
#include "base/mem.h"
#include "features/transformers.h"

/* Behind cm_transformers.owner: tables made in arenas or found in a file. */
typedef struct cm_transformers_body {
    cm_transformers face;
    cm_table *tables;
    cm_arena *arenas; /* (n_tables): one each, so that threads may fill them */
    cm_buf file;      /* what was found there */
} cm_transformers_body;

/* n_tables empty tables. */
CM_MUST_USE cm_status cm_transformers_body_new(cm_transformers_body **out,
                                               size_t n_tables, cm_error *err);

/* What a table is called and what it is of. */
typedef struct cm_table_head {
    const char *name;
    const char *input;
    cm_table_kind kind;
    cm_key_kind key_kind;
} cm_table_head;

/* Fills in a table from the values of a dictionary's codes; those that are NaN
 * are left out.  Everything is copied into the arena.  The fallback is 0. */
CM_MUST_USE cm_status cm_table_build(cm_table *out, cm_arena *arena,
                                     cm_table_head head,
                                     const cm_dictionary *dictionary,
                                     const double *values, cm_error *err);

/* Text of key i of a dictionary of texts. */
static inline cm_str cm_key_text(const cm_dictionary *dictionary, uint32_t i)
{
    return (cm_str){
        dictionary->bytes + dictionary->offsets[i],
        (size_t)(dictionary->offsets[i + 1] - dictionary->offsets[i])};
}

double cm_table_of_text(const cm_table *table, cm_str value);
double cm_table_of_integer(const cm_table *table, int64_t value);

/* The table of that name; NULL when there is none (or no transformers). */
const cm_table *cm_table_find(const cm_transformers *transformers,
                              const char *name);

/* values (dictionary->n): the feature of each entry of a dictionary whose keys
 * are of the kind its first table takes.  Sorted keys against sorted entries:
 * a merge. */
void cm_feature_over(double *values, const cm_feature *feature,
                     const cm_dictionary *dictionary);

#endif
