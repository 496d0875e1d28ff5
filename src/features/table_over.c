/* A feature over a dictionary: one value an entry. */
#include "features/table.h"

static void over_texts(double *values, const cm_table *table,
                       const cm_dictionary *dictionary)
{
    const cm_dictionary *keys = &table->keys;
    uint32_t k = 0;
    for (uint32_t i = 0; i < dictionary->n; i++) {
        cm_str entry = cm_key_text(dictionary, i);
        int order = -1;
        while (k < keys->n &&
               (order = cm_str_compare(cm_key_text(keys, k), entry)) < 0) {
            k++;
        }
        values[i] = order == 0 ? table->values[k] : table->fallback;
    }
}

static void over_integers(double *values, const cm_table *table,
                          const cm_dictionary *dictionary)
{
    const cm_dictionary *keys = &table->keys;
    uint32_t k = 0;
    for (uint32_t i = 0; i < dictionary->n; i++) {
        int64_t entry = dictionary->integers[i];
        while (k < keys->n && keys->integers[k] < entry) {
            k++;
        }
        values[i] = k < keys->n && keys->integers[k] == entry ? table->values[k]
                                                              : table->fallback;
    }
}

/* Counts are mostly small, and then the second look-up is an index. */
static void through_second(double *values, uint32_t n, const cm_table *second)
{
    enum { DENSE = 1024 };
    double dense[DENSE];
    for (size_t i = 0; i < DENSE; i++) {
        dense[i] = second->fallback;
    }
    for (uint32_t k = 0; k < second->keys.n; k++) {
        int64_t key = second->keys.integers[k];
        if (key >= 0 && key < DENSE) {
            dense[key] = second->values[k];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        values[i] = values[i] < DENSE
                        ? dense[(size_t)values[i]]
                        : cm_table_of_integer(second, (int64_t)values[i]);
    }
}

void cm_feature_over(double *values, const cm_feature *feature,
                     const cm_dictionary *dictionary)
{
    const cm_table *first = feature->first;
    if (first == NULL) {
        for (uint32_t i = 0; i < dictionary->n; i++) {
            values[i] = (double)dictionary->integers[i];
        }
    } else if (first->key_kind == CM_KEY_TEXT) {
        over_texts(values, first, dictionary);
    } else {
        over_integers(values, first, dictionary);
    }
    if (feature->second != NULL) {
        CM_ASSERT(first != NULL && first->kind == CM_TABLE_COUNT);
        through_second(values, dictionary->n, feature->second);
    }
}
