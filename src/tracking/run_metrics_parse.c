/* metrics.tsv into an array.  There are many points and few keys, so each key
 * is kept once. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "tracking/run_file.h"
#include "tracking/run_limits.h"

enum {
    N_FIELDS = 4,
    MAX_KEYS = 10000,
    SHORTEST = 8,   /* bytes of a line: "a\t1\t0\t0\n" */
    SLOTS = 1 << 15 /* of the table of keys: more than three a key */
};

/* The keys seen, found by hash with linear probing. */
typedef struct key_set {
    const char **slots; /* (SLOTS) */
    size_t n;
} key_set;

static const char **find_slot(const key_set *keys, cm_str key)
{
    size_t i = cm_xxh3(key.p, key.n) % SLOTS;
    while (keys->slots[i] != NULL &&
           !cm_str_equal(key, cm_str_of(keys->slots[i]))) {
        i = (i + 1) % SLOTS;
    }
    return &keys->slots[i];
}

static cm_status keep_key(const char **out, key_set *keys, cm_str key,
                          cm_arena *arena, cm_where where, cm_error *err)
{
    const char **slot = find_slot(keys, key);
    if (*slot == NULL && keys->n == MAX_KEYS) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "more than %d different metrics", (int)MAX_KEYS);
    }
    if (*slot == NULL) {
        *slot = cm_arena_strdup(arena, key.p, key.n, err);
        if (*slot == NULL) {
            return CM_ERR_NOMEM;
        }
        keys->n++;
    }
    *out = *slot;
    return CM_OK;
}

/* Exactly four fields between tabs. */
static bool split(cm_str line, cm_str fields[N_FIELDS])
{
    size_t n = 0;
    const char *at = line.p;
    const char *end = line.p + line.n;
    while (n < N_FIELDS) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab != NULL ? tab : end;
        fields[n++] = (cm_str){at, (size_t)(stop - at)};
        if (tab == NULL) {
            return n == N_FIELDS;
        }
        at = tab + 1;
    }
    return false;
}

static cm_status parse_line(cm_run_metric *out, key_set *keys, cm_str line,
                            cm_arena *arena, cm_where where, cm_error *err)
{
    cm_str fields[N_FIELDS];
    if (!split(line, fields) || !run_is_key(fields[0]) ||
        !cm_parse_double(fields[1], &out->value) ||
        !cm_parse_i64(fields[2], &out->step) ||
        !cm_parse_i64(fields[3], &out->time) || out->time < 0) {
        return cm_fail_at(err, CM_ERR_PARSE, where,
                          "found %.*s, expected a key, a number, a step and a "
                          "time with tabs between",
                          (int)(line.n < 100 ? line.n : 100), line.p);
    }
    return keep_key(&out->key, keys, fields[0], arena, where, err);
}

static size_t count_lines(cm_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n';
    }
    return n;
}

cm_status run_metrics_parse(cm_run_record *out, cm_str text, const char *file,
                            cm_error *err)
{
    size_t n = count_lines(text);
    const char *at = text.p;
    cm_status status = CM_OK;
    if (n == 0) {
        return CM_OK;
    }
    if (n > text.n / SHORTEST) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: %zu lines in %zu bytes cannot be metrics", file, n,
                       text.n);
    }
    key_set keys = {cm_alloc_zero(SLOTS, sizeof *keys.slots, err), 0};
    out->metrics =
        keys.slots == NULL
            ? NULL
            : cm_arena_alloc(&out->arena, n * sizeof *out->metrics, err);
    if (out->metrics == NULL) {
        free(keys.slots);
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        const char *end = memchr(at, '\n', text.n - (size_t)(at - text.p));
        status = parse_line(&out->metrics[i], &keys,
                            (cm_str){at, (size_t)(end - at)}, &out->arena,
                            (cm_where){file, i + 1, 0}, err);
        out->n_metrics += status == CM_OK;
        at = end + 1;
    }
    free(keys.slots);
    return status;
}
