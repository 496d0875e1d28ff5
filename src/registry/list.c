/* All versions and aliases of a place: their names are listed, then the small
 * objects read side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "registry/place.h"

enum { MOST_JOBS = 8 };

/* One object being read. */
typedef struct read_job {
    char key[PLACE_KEY];
    bool found; /* it may be removed meanwhile */
    cm_buf text;
    cm_status status;
    cm_error error;
} read_job;

typedef struct reading {
    const cm_place *place;
    read_job *jobs; /* (n) */
    size_t n;
    cm_storage_session *sessions[MOST_JOBS];
    int n_sessions;
} reading;

static void read_one(void *context, size_t task, int thread)
{
    reading *r = context;
    read_job *job = &r->jobs[task];
    char tag[CM_STORAGE_TAG];
    job->status =
        cm_storage_read_tagged(r->sessions[thread], job->key, RECORD_MAX_BYTES,
                               &job->text, tag, &job->error);
    job->found = job->status == CM_OK && tag[0] != '\0';
}

static cm_status open_sessions(reading *r, cm_error *err)
{
    int n = r->n < MOST_JOBS ? (int)r->n : MOST_JOBS;
    cm_status status = CM_OK;
    for (; r->n_sessions < n && status == CM_OK; r->n_sessions++) {
        status = cm_storage_session_new(&r->sessions[r->n_sessions],
                                        r->place->storage, err);
    }
    return status;
}

static cm_status read_all(reading *r, cm_error *err)
{
    cm_status status = open_sessions(r, err);
    if (status == CM_OK && r->n > 0) {
        cm_parallel(r->n, r->n_sessions, read_one, r);
    }
    for (size_t i = 0; i < r->n && status == CM_OK; i++) {
        if (r->jobs[i].status != CM_OK) {
            status =
                cm_fail(err, r->jobs[i].status, "%s", r->jobs[i].error.message);
        }
    }
    return status;
}

static cm_status reading_fill(reading *r, const char *folder, cm_error *err)
{
    place_names names = {0};
    cm_status status = place_find_names(r->place, folder, "", &names, err);
    if (status == CM_OK) {
        r->n = names.n;
        r->jobs = cm_alloc_zero(names.n, sizeof *r->jobs, err);
        status = r->jobs != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < names.n && status == CM_OK; i++) {
        place_key(r->jobs[i].key, folder, names.items[i]);
    }
    place_names_release(&names);
    return status == CM_OK ? read_all(r, err) : status;
}

static void reading_release(reading *r)
{
    for (size_t i = 0; r->jobs != NULL && i < r->n; i++) {
        cm_buf_release(&r->jobs[i].text);
    }
    for (int i = 0; i < r->n_sessions; i++) {
        cm_storage_session_free(r->sessions[i]);
    }
    free(r->jobs);
}

/* ---- the list ------------------------------------------------------------ */

static cm_status take_version(cm_model_list *out, const read_job *job,
                              cm_error *err)
{
    return record_parse_version(&out->records[out->n_records++],
                                (cm_str){job->text.p, job->text.n}, job->key,
                                &out->arena, err);
}

static cm_status take_alias(cm_model_list *out, const read_job *job,
                            cm_error *err)
{
    return record_parse_alias(&out->aliases[out->n_aliases++],
                              (cm_str){job->text.p, job->text.n}, job->key,
                              &out->arena, err);
}

typedef cm_status (*take_job)(cm_model_list *out, const read_job *job,
                              cm_error *err);

/* array gets room for all of the folder's objects. */
static cm_status take_folder(cm_place *place, const char *folder,
                             cm_model_list *out, void *array_pointer,
                             size_t size, take_job take, cm_error *err)
{
    reading r = {.place = place};
    void **array = array_pointer;
    cm_status status = reading_fill(&r, folder, err);
    if (status == CM_OK) {
        *array = cm_alloc_zero(r.n, size, err);
        status = *array != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < r.n && status == CM_OK; i++) {
        if (r.jobs[i].found) {
            status = take(out, &r.jobs[i], err);
            if (status != CM_OK) {
                cm_error_prefix(err, "%s", place->name);
            }
        }
    }
    reading_release(&r);
    return status;
}

static int later_first(const void *a, const void *b)
{
    const cm_model_record *x = a, *y = b;
    int order = strcmp(y->pushed, x->pushed);
    return order != 0 ? order : strcmp(x->version, y->version);
}

cm_status cm_place_list(cm_place *place, cm_model_list *out, cm_error *err)
{
    *out = (cm_model_list){0};
    cm_status status = take_folder(place, PLACE_VERSIONS, out, &out->records,
                                   sizeof *out->records, take_version, err);
    if (status == CM_OK) {
        status = take_folder(place, PLACE_ALIASES, out, &out->aliases,
                             sizeof *out->aliases, take_alias, err);
    }
    if (status == CM_OK && out->n_records > 0) {
        qsort(out->records, out->n_records, sizeof *out->records, later_first);
    }
    return status;
}

void cm_model_list_release(cm_model_list *list)
{
    free(list->records);
    free(list->aliases);
    cm_arena_release(&list->arena);
    *list = (cm_model_list){0};
}
