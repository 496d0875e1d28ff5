/* The set of names: an MD5 is its own hash. */
#include "versioning/object_names.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

static size_t hash_of(const char *object)
{
    size_t hash = 0;
    for (size_t i = 0; i < 2 * sizeof hash && object[i] != '\0'; i++) {
        char c = object[i];
        hash = hash << 4 | (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return hash;
}

/* The slot of the object, or the free one where it belongs. */
static size_t *slot_of(const object_names *set, const char *object)
{
    size_t i = hash_of(object) & (set->n_slots - 1);
    while (set->slots[i] != 0 &&
           strcmp(set->names[set->slots[i] - 1], object) != 0) {
        i = (i + 1) & (set->n_slots - 1);
    }
    return &set->slots[i];
}

/* Twice the slots, so that at least half of them are free. */
static cm_status widen(object_names *set, cm_error *err)
{
    size_t n = set->n_slots > 0 ? 2 * set->n_slots : (size_t)FIRST_SLOTS;
    size_t *slots = cm_alloc_zero(n, sizeof *slots, err);
    if (slots == NULL) {
        return CM_ERR_NOMEM;
    }
    free(set->slots);
    set->slots = slots;
    set->n_slots = n;
    for (size_t i = 0; i < set->n; i++) {
        *slot_of(set, set->names[i]) = i + 1;
    }
    return CM_OK;
}

cm_status object_names_add(object_names *set, const char *object, bool *is_new,
                           cm_error *err)
{
    bool known = object_names_have(set, object);
    if (is_new != NULL) {
        *is_new = !known;
    }
    if (known) {
        return CM_OK;
    }
    cm_status status =
        2 * (set->n + 1) > set->n_slots ? widen(set, err) : CM_OK;
    if (status == CM_OK) {
        status = cm_grow(&set->names, set->n, &set->capacity,
                         sizeof *set->names, err);
    }
    if (status == CM_OK) {
        size_t n = strlen(object);
        CM_ASSERT(n < CM_OBJECT_TEXT);
        size_t *slot = slot_of(set, object);
        memcpy(set->names[set->n], object, n + 1);
        *slot = ++set->n;
    }
    return status;
}

bool object_names_have(const object_names *set, const char *object)
{
    return set->n_slots > 0 && *slot_of(set, object) != 0;
}

void object_names_release(object_names *set)
{
    free(set->names);
    free(set->slots);
    *set = (object_names){0};
}

bool object_of_key(char object[CM_OBJECT_TEXT], const char *key)
{
    static const char hex[] = "0123456789abcdef", start[] = "files/md5/";
    enum { START = sizeof start - 1, REST = 30 };
    if (strncmp(key, start, START) != 0) {
        return false;
    }
    const char *two = key + START;
    if (strspn(two, hex) != 2 || two[2] != '/' ||
        strspn(two + 3, hex) != REST) {
        return false;
    }
    const char *end = two + 3 + REST;
    if (*end != '\0' && strcmp(end, ".dir") != 0) {
        return false;
    }
    memcpy(object, two, 2);
    memcpy(object + 2, two + 3, strlen(two + 3) + 1);
    return true;
}
