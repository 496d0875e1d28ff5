/* The state of reading a CatBoost binary model.  Private to model. */
#ifndef CM_MODEL_CBM_READER_H
#define CM_MODEL_CBM_READER_H

#include "model/flatbuffer_read.h"
#include "model/model_body.h"

/* fb.status is the status of the whole: after a failure nothing is read and
 * nothing allocated any more. */
typedef struct cbm_reader {
    fb_reader fb; /* of the part that is being read */
    cm_str file;
    size_t at; /* where the next part starts */
    cm_arena arena;
    size_t budget;              /* bytes that may still be allocated */
    const cm_ctr_table *wanted; /* (n_ctrs) what their tables are of */
    cm_ctr_feature *ctrs; /* their tables unknown until the part is read */
    model_source source;
} cbm_reader;

enum { CBM_ARENA_ALIGN = 16 }; /* what a small piece of an arena takes more */

/* What reading a file may take. */
size_t cbm_budget(size_t file_bytes);

/* count * size bytes of the arena; NULL after a failure.  model_construct will
 * copy them, so they count twice. */
void *cbm_take(cbm_reader *r, size_t count, size_t size);
/* The same for memory that something else will take. */
bool cbm_charge(cbm_reader *r, size_t count, size_t size);
/* The elements of a vector. */
void *cbm_copy(cbm_reader *r, fb_vector v, size_t size);
const char *cbm_copy_text(cbm_reader *r, cm_str text);
/* A count or index that must not be negative. */
uint32_t cbm_get_index(cbm_reader *r, fb_table t, unsigned slot,
                       const char *what);

/* The number that starts the next part, and the part behind it as r->fb. */
uint32_t cbm_next_u32(cbm_reader *r);
void cbm_next_part(cbm_reader *r);

/* Float, categorical and one-hot features. */
void cbm_read_features(cbm_reader *r, fb_table trees);

/* CTR features of the core, then the part with their tables. */
void cbm_read_ctr_features(cbm_reader *r, fb_table trees);
void cbm_read_ctr_part(cbm_reader *r);

#endif
