/* What CatBoost's JSON needs from its text, before and beside a parser.
 * Private to model. */
#ifndef CM_MODEL_JSON_TEXT_H
#define CM_MODEL_JSON_TEXT_H

#include "codec/json.h"

/* cm_json_parse of a text whose integers may be unsigned: CatBoost writes
 * 18446744073709551615, which a reader of signed 64 bits refuses.  Integers of
 * 19 characters and more become reals. */
CM_MUST_USE cm_status json_text_parse(json_t **out, cm_str text,
                                      const char *file, cm_error *err);

/* The same, with null in place of cuts, values within text (n 0: nothing): what
 * is large is read in another way than through a tree of values. */
CM_MUST_USE cm_status json_text_parse_without(json_t **out, cm_str text,
                                              const cm_str *cuts, size_t n_cuts,
                                              const char *file, cm_error *err);

/* At least the bytes of memory that parsing takes. */
size_t json_text_bytes(cm_str text);

/* The text of the value at a path of keys in a document whose root is an
 * object; n 0 when it has none.  Any text is safe; a document that is not valid
 * gives any part of it. */
cm_str json_text_find(cm_str text, const char *const *keys, size_t n_keys);

#endif
