/* What places said of their versions and aliases, for when they give no answer:
 * the objects' own texts. */
#include <stdlib.h>

#include "base/file.h"
#include "base/md5.h"
#include "registry/model_cache.h"
#include "registry/record.h"

/* malloc'ed; NULL without memory. */
static char *path_of(const model_cache *cache, const char *place,
                     const char *key)
{
    char md5[CM_MD5_HEX];
    cm_buf path = {0};
    cm_str id = cm_str_of(place);
    cm_md5(md5, id.p, id.n);
    cm_buf_addf(&path, "%s/places/%s/%s", cache->root, md5, key);
    if (path.failed) {
        cm_buf_release(&path);
    }
    return path.p;
}

static bool is_remembered(const char *path, cm_str text)
{
    cm_buf old = {0};
    bool same = cm_file_exists(path) &&
                cm_read_file(&old, path, RECORD_MAX_BYTES, NULL) == CM_OK &&
                cm_str_equal((cm_str){old.p, old.n}, text);
    cm_buf_release(&old);
    return same;
}

void model_cache_remember(const model_cache *cache, const char *place,
                          const char *key, cm_str text)
{
    cm_error err = {0};
    char *path = path_of(cache, place, key);
    if (path != NULL && !is_remembered(path, text) &&
        (cm_make_parent(path, &err) != CM_OK ||
         model_cache_write(path, text, &err) != CM_OK)) {
        cm_warn(cache->log,
                "%s: not remembered for when the place gives no "
                "answer",
                err.message);
    }
    free(path);
}

bool model_cache_recall(const model_cache *cache, const char *place,
                        const char *key, cm_buf *text)
{
    char *path = path_of(cache, place, key);
    bool found = path != NULL && cm_file_exists(path) &&
                 cm_read_file(text, path, RECORD_MAX_BYTES, NULL) == CM_OK;
    free(path);
    return found;
}
