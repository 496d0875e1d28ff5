/* From a request to probabilities: how every route that predicts comes to
 * them, and what is counted on the way. */
#include "monitoring/record.h"
#include "serving/server_thread.h"

void server_thread_problems(server_thread *thread, http_reply *reply)
{
    if (thread->problems.n == 0 || thread->problems.json.failed) {
        http_reply_detail(reply, 503, "Out of memory. Try again later.");
        return;
    }
    reply->status = 422;
    problems_write(&thread->problems, &reply->body);
}

static bool score(server_thread *thread, const rows *read)
{
    size_t bad_row = 0;
    size_t bad_column = 0;
    double *out = server_thread_probabilities(thread, read->n);
    if (read->n == 0) {
        return true;
    }
    cm_status status =
        out == NULL ? CM_ERR_NOMEM
                    : cm_row_scorer_rows(thread->scorer, read->fields, read->n,
                                         out, &bad_row, &bad_column, NULL);
    if (status == CM_ERR_DATA) {
        rows_list_bad_values(thread->rows, thread->scorer, out,
                             &thread->problems);
    }
    return status == CM_OK;
}

bool server_thread_score(server_thread *thread, const http_request *request,
                         rows_format format, rows *read, http_reply *reply)
{
    cm_registry_add(thread->metrics, CM_METRIC_predict_requests, 0, 1);
    if (!server_thread_model(thread, reply)) {
        return false;
    }
    problems_clear(&thread->problems);
    if (!rows_read(thread->rows, format, request->body, read,
                   &thread->problems) ||
        !score(thread, read)) {
        server_thread_problems(thread, reply);
        return false;
    }
    cm_registry_predicted(thread->metrics, thread->probabilities, read->n,
                          request->started);
    return true;
}
