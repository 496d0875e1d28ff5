/* DeviceCountTransformer: how many rows of the whole input have the value that
 * a row has, as groupby(column)["id"].transform("count") says. */
#include <math.h>
#include <stdlib.h>

#include "features/count_transformers.h"
#include "features/histogram.h"

cm_status cm_count_rows(cm_table *out, cm_arena *arena, cm_table_head head,
                        const cm_source_codes *codes, cm_error *err)
{
    uint32_t n_codes = codes->dictionary->n;
    cm_status status = CM_ERR_NOMEM;
    uint64_t *cells = cm_alloc_zero(n_codes, sizeof *cells, err);
    double *values = cm_alloc(n_codes, sizeof *values, err);
    if (cells == NULL || values == NULL) {
        goto done;
    }
    cm_histogram_add(cells, codes, NULL);
    for (uint32_t code = 0; code < n_codes; code++) {
        values[code] = cells[code] > 0 ? (double)cells[code] : (double)NAN;
    }
    status = cm_table_build(out, arena, head, codes->dictionary, values, err);
done:
    free(cells);
    free(values);
    return status;
}

cm_status cm_device_count_fit(cm_table *out, cm_arena *arena, const char *name,
                              const cm_source *source,
                              const cm_source_codes *codes, cm_error *err)
{
    cm_table_head head = {name, source->column, CM_TABLE_COUNT,
                          source->kind == CM_SOURCE_TEXT ? CM_KEY_TEXT
                                                         : CM_KEY_INTEGER};
    return cm_count_rows(out, arena, head, codes, err);
}
