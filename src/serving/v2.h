/* What the routes of Open Inference Protocol v2 share.  Private to serving. */
#ifndef CM_SERVING_V2_H
#define CM_SERVING_V2_H

#include "serving/server_thread.h"

/* {"error": text} with a status. */
void v2_error(http_reply *reply, unsigned status, const char *fmt, ...)
    CM_PRINTF(3, 4);
/* The same of a reply that says what is wrong as FastAPI does, {"detail": …}.
 * 422 becomes 400. */
void v2_error_of_reply(const server_thread *thread, http_reply *reply);

/* Takes the model, where it is the one that the path names.  False: reply says
 * why not. */
bool v2_take_model(server_thread *thread, const http_request *request,
                   http_reply *reply);

#endif
