/* The registry's own objects as text: a version, and an alias that names one.
 * Private to registry. */
#ifndef CM_REGISTRY_RECORD_H
#define CM_REGISTRY_RECORD_H

#include "registry/registry.h"

enum { RECORD_MAX_BYTES = 256 << 10 };

/* 1 to 100 letters, digits, '.', '_' and '-', the first no '.' or '-'. */
bool record_name_is_good(cm_str name);
/* Eight digits of a hash at least, perhaps all 32 and ".dir". */
bool record_is_hash(cm_str text);

/* file names the text in errors; texts of the record are the arena's. */
CM_MUST_USE cm_status record_parse_version(cm_model_record *out, cm_str text,
                                           const char *file, cm_arena *arena,
                                           cm_error *err);
CM_MUST_USE cm_status record_format_version(cm_buf *out,
                                            const cm_model_record *record,
                                            cm_error *err);

CM_MUST_USE cm_status record_parse_alias(cm_model_alias *out, cm_str text,
                                         const char *file, cm_arena *arena,
                                         cm_error *err);
/* previous: the version before, NULL for none. */
CM_MUST_USE cm_status record_format_alias(cm_buf *out,
                                          const cm_model_alias *alias,
                                          const char *previous, cm_error *err);

#endif
