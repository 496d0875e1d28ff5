/* POST /invocations, as MLflow and SageMaker ask for predictions: MLflow's
 * bodies in, and out what its scoring server gives, {"predictions": […]}; CSV
 * as SageMaker has it, one probability a line. */
#include "serving/route_rows.h"
#include "serving/rows_number.h"

void route_invocations(server_thread *thread, const http_request *request,
                       http_reply *reply)
{
    int precision = thread->server->options->precision;
    rows_format format = ROWS_INVOCATIONS;
    rows read;
    if (!route_rows_format(request, ROWS_INVOCATIONS, &format, reply) ||
        !server_thread_score(thread, request, format, &read, reply)) {
        return;
    }
    bool csv = route_wants_csv(request);
    cm_buf *out = &reply->body;
    cm_buf_adds(out, csv ? "" : "{\"predictions\":[");
    for (size_t i = 0; i < read.n; i++) {
        char number[CM_NUM_TEXT];
        size_t n =
            rows_format_rounded(number, thread->probabilities[i], precision);
        cm_buf_adds(out, csv || i == 0 ? "" : ",");
        cm_buf_add(out, number, n);
        cm_buf_adds(out, csv ? "\n" : "");
    }
    cm_buf_adds(out, csv ? "" : "]}");
    if (csv) {
        reply->content_type = "text/csv; charset=utf-8";
    }
}
