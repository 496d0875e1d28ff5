/* POST /v2/models/{model}/infer: a tensor a column in, a tensor of
 * probabilities out, in full precision. */
#include "codec/json.h"
#include "serving/route_rows.h"
#include "serving/v2.h"

static void put_output(cm_json_writer *w, const double *probabilities, size_t n)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", "click_proba");
    cm_json_put_text(w, "datatype", "FP64");
    cm_json_begin_array(w, "shape");
    cm_json_put_u64(w, NULL, n);
    cm_json_end_array(w);
    cm_json_begin_array(w, "data");
    for (size_t i = 0; i < n; i++) {
        cm_json_put_double(w, NULL, probabilities[i]);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static void write_answer(const server_thread *thread, size_t n, cm_buf *out)
{
    cm_str id = rows_tensors_id(thread->rows);
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "model_name", thread->server->options->model_name);
    cm_json_put_text(&w, "model_version",
                     cm_bundle_version(thread->model->bundle));
    if (id.n > 0) {
        cm_json_put_raw(&w, "id", id);
    }
    cm_json_begin_array(&w, "outputs");
    put_output(&w, thread->probabilities, n);
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}

void route_v2_infer(server_thread *thread, const http_request *request,
                    http_reply *reply)
{
    rows read;
    if (!v2_take_model(thread, request, reply)) {
        return;
    }
    if (http_header(request, "Inference-Header-Content-Length") != NULL) {
        v2_error(reply, 400,
                 "The extension for binary tensor data is not offered: send "
                 "\"data\" as JSON.");
    } else if (!route_takes_json(request, reply) ||
               !server_thread_score(thread, request, ROWS_TENSORS, &read,
                                    reply)) {
        v2_error_of_reply(thread, reply);
    } else {
        write_answer(thread, read.n, &reply->body);
    }
}
