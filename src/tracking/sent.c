/* What arrived where, as JSON. */
#include "tracking/sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MAX_SENT = 16 << 20 };

static cm_status no_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "no memory for what was sent");
}

/* The value of key, an object that is made where there is none. */
static json_t *object_at(json_t *parent, const char *key)
{
    json_t *value = json_object_get(parent, key);
    if (!json_is_object(value)) {
        value = json_object();
        if (json_object_set_new(parent, key, value) != 0) {
            return NULL;
        }
    }
    return value;
}

cm_status sent_load(sent *out, const char *run_folder, const char *server,
                    const cm_log *log, cm_error *err)
{
    cm_error why;
    *out = (sent){.path = cm_path_join(run_folder, "sent.json")};
    if (out->path == NULL) {
        return no_memory(err);
    }
    if (cm_file_exists(out->path) &&
        cm_json_load(&out->all, out->path, MAX_SENT, &why) != CM_OK) {
        cm_warn(log, "%s; it is written anew", why.message);
    }
    if (!json_is_object(out->all)) {
        json_decref(out->all);
        out->all = json_object();
    }
    out->here = object_at(out->all, server);
    return out->here != NULL ? CM_OK : no_memory(err);
}

void sent_release(sent *s)
{
    json_decref(s->all);
    free(s->path);
    *s = (sent){0};
}

/* Not synced: what a power cut loses is found on the server again. */
cm_status sent_save(sent *s, cm_error *err)
{
    cm_buf text = {0};
    cm_atomic_file *file = NULL;
    if (!s->changed) {
        return CM_OK;
    }
    cm_json_writer w = cm_json_writer_of(&text, 2);
    cm_json_put_value(&w, NULL, s->all);
    cm_buf_addc(&text, '\n');
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_atomic_open(&file, s->path, err);
    }
    if (status == CM_OK) {
        cm_atomic_write(file, text.p, text.n);
        status = cm_atomic_commit_unsynced(file, 0, err);
    }
    s->changed = s->changed && status != CM_OK;
    cm_buf_release(&text);
    return status;
}

const char *sent_text(const sent *s, const char *key)
{
    return json_string_value(json_object_get(s->here, key));
}

uint64_t sent_count(const sent *s, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(s->here, key));
    return value > 0 ? (uint64_t)value : 0;
}

bool sent_is(const sent *s, const char *key)
{
    return json_is_true(json_object_get(s->here, key));
}

static cm_status set_new(sent *s, json_t *object, const char *key,
                         json_t *value, cm_error *err)
{
    if (json_object_set_new(object, key, value) != 0) {
        return no_memory(err);
    }
    s->changed = true;
    return CM_OK;
}

cm_status sent_set_text(sent *s, const char *key, const char *value,
                        cm_error *err)
{
    return set_new(s, s->here, key, json_string(value), err);
}

cm_status sent_set_count(sent *s, const char *key, uint64_t value,
                         cm_error *err)
{
    return set_new(s, s->here, key, json_integer((json_int_t)value), err);
}

cm_status sent_set(sent *s, const char *key, cm_error *err)
{
    return set_new(s, s->here, key, json_true(), err);
}

bool sent_has_file(const sent *s, const char *path, uint64_t size)
{
    const json_t *there =
        json_object_get(json_object_get(s->here, "files"), path);
    return json_is_integer(there) &&
           json_integer_value(there) == (json_int_t)size;
}

cm_status sent_add_file(sent *s, const char *path, uint64_t size, cm_error *err)
{
    json_t *files = object_at(s->here, "files");
    return files == NULL
               ? no_memory(err)
               : set_new(s, files, path, json_integer((json_int_t)size), err);
}
