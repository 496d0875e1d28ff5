/* The two kinds of count transformer.  Private to features. */
#ifndef CM_FEATURES_COUNT_TRANSFORMERS_H
#define CM_FEATURES_COUNT_TRANSFORMERS_H

#include "features/source.h"
#include "features/table.h"

/* name ("device_ip_count"): rows per value of the column a source is of. */
CM_MUST_USE cm_status cm_device_count_fit(cm_table *out, cm_arena *arena,
                                          const char *name,
                                          const cm_source *source,
                                          const cm_source_codes *codes,
                                          cm_error *err);

/* name ("hourly_user_count"): rows per hour of the day, over all days. */
CM_MUST_USE cm_status cm_user_count_fit(cm_table *out, cm_arena *arena,
                                        const char *name,
                                        const cm_source_codes *hours,
                                        cm_error *err);

/* The table of rows per code; codes without a row are left out. */
CM_MUST_USE cm_status cm_count_rows(cm_table *out, cm_arena *arena,
                                    cm_table_head head,
                                    const cm_source_codes *codes,
                                    cm_error *err);

#endif
