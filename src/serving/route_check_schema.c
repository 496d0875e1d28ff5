/* POST /check_schema: are the features of a request those of the model?
 * Nothing is scored, so the names may come without data. */

#include "codec/json.h"
#include "score/score.h"
#include "serving/route_rows.h"

static bool is_among(cm_str name, const cm_str *names, size_t n)
{
    size_t i = 0;
    while (i < n && !cm_str_equal(names[i], name)) {
        i++;
    }
    return i < n;
}

static bool is(cm_str name, const char *known)
{
    return known != NULL && cm_str_is(name, known);
}

/* The model needs it, or answers repeat it, or every log has it. */
static bool is_expected(const server_thread *thread, cm_str name)
{
    const cm_bundle *bundle = thread->model->bundle;
    const char *const *columns = cm_score_columns(bundle);
    for (size_t i = 0; i < cm_score_n_columns(bundle); i++) {
        if (cm_str_is(name, columns[i])) {
            return true;
        }
    }
    return is(name, cm_bundle_id_column(bundle)) ||
           is(name, cm_bundle_target_column(bundle)) || is(name, "id") ||
           is(name, thread->server->options->echo_column);
}

static size_t put_missing(cm_json_writer *w, const server_thread *thread,
                          const cm_str *names, size_t n)
{
    const cm_bundle *bundle = thread->model->bundle;
    const char *const *columns = cm_score_columns(bundle);
    size_t found = 0;
    cm_json_begin_array(w, "missing");
    for (size_t i = 0; i < cm_score_n_columns(bundle); i++) {
        if (!is_among(cm_str_of(columns[i]), names, n)) {
            cm_json_put_text(w, NULL, columns[i]);
            found++;
        }
    }
    cm_json_end_array(w);
    return found;
}

static size_t put_unexpected(cm_json_writer *w, const server_thread *thread,
                             const cm_str *names, size_t n)
{
    size_t found = 0;
    cm_json_begin_array(w, "unexpected");
    for (size_t i = 0; i < n; i++) {
        if (!is_expected(thread, names[i])) {
            cm_json_put_str(w, NULL, names[i]);
            found++;
        }
    }
    cm_json_end_array(w);
    return found;
}

static void compare(const server_thread *thread, const cm_str *names, size_t n,
                    http_reply *reply)
{
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_object(&w, "detail");
    size_t found = put_missing(&w, thread, names, n);
    found += put_unexpected(&w, thread, names, n);
    cm_json_end_object(&w);
    cm_json_end_object(&w);
    reply->status = 400;
    if (found == 0) {
        reply->status = 200;
        reply->fixed = CM_STR("{\"status\":\"ok\"}");
    }
}

void route_check_schema(server_thread *thread, const http_request *request,
                        http_reply *reply)
{
    const cm_str *names = NULL;
    size_t n = 0;
    if (!route_takes_json(request, reply) ||
        !server_thread_model(thread, reply)) {
        return;
    }
    problems_clear(&thread->problems);
    if (rows_read_names(thread->rows, request->body, &names, &n,
                        &thread->problems)) {
        compare(thread, names, n, reply);
    } else {
        server_thread_problems(thread, reply);
    }
}
