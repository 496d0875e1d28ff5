/* Sources: what a feature starts from, as a column of codes into a sorted
 * dictionary.  Raw columns are that already; hours and weekdays get it here.
 * Private to features. */
#ifndef CM_FEATURES_SOURCE_H
#define CM_FEATURES_SOURCE_H

#include <stdbool.h>

#include "features/transformers.h"

#define CM_HOUR_OF_DAY "hour_of_day"
#define CM_DAY_OF_WEEK "day_of_week"

enum { CM_HOURS = 24, CM_WEEKDAYS = 7 };

/* The integers 0..23 and 0..6: the dictionaries of the two derived sources. */
extern const cm_dictionary cm_hour_dictionary;
extern const cm_dictionary cm_weekday_dictionary;

typedef struct cm_source_codes {
    size_t n_rows;
    const void *codes; /* (n_rows), of `width` bytes each */
    unsigned width;
    const cm_dictionary *dictionary;
    uint8_t *own; /* codes made here, else NULL */
} cm_source_codes;

/* Codes of n sources over a dataset; release with cm_sources_release.  A
 * column that is missing or of another kind is CM_ERR_DATA. */
CM_MUST_USE cm_status cm_sources_encode(cm_source_codes **out,
                                        const cm_source *sources, size_t n,
                                        const cm_dataset *dataset,
                                        int n_threads, cm_error *err);
void cm_sources_release(cm_source_codes *codes, size_t n);

bool cm_source_equal(const cm_source *a, const cm_source *b);

/* Index of a source in the list, appended when it is new.  The list must have
 * room. */
size_t cm_source_index(cm_source *sources, size_t *n, cm_source source);

/* Inlined so that a constant width makes a loop over codes of that width. */
__attribute__((always_inline)) static inline uint32_t
cm_code_at(const void *codes, unsigned width, size_t row)
{
    switch (width) {
    case 1:
        return ((const uint8_t *)codes)[row];
    case 2:
        return ((const uint16_t *)codes)[row];
    default:
        return ((const uint32_t *)codes)[row];
    }
}

/* How messages call a kind of column. */
const char *cm_column_kind_name(cm_column_kind kind);

#endif
