/* UserCountTransformer: how many rows of the whole input fall into the same
 * hour of the day, as groupby("hour_of_day")["id"].transform("count") says. */
#include "features/count_transformers.h"

cm_status cm_user_count_fit(cm_table *out, cm_arena *arena, const char *name,
                            const cm_source_codes *hours, cm_error *err)
{
    cm_table_head head = {name, CM_HOUR_OF_DAY, CM_TABLE_COUNT, CM_KEY_INTEGER};
    return cm_count_rows(out, arena, head, hours, err);
}
