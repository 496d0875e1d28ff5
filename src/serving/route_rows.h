/* What the routes that take rows share.  Private to serving. */
#ifndef CM_SERVING_ROUTE_ROWS_H
#define CM_SERVING_ROUTE_ROWS_H

#include "serving/server_thread.h"

/* The format by the Content-Type: CSV, or `json` for JSON and for what says
 * nothing better.  False: it is another, and reply is 415. */
bool route_rows_format(const http_request *request, rows_format json,
                       rows_format *format, http_reply *reply);
/* False: it is no JSON, and reply is 415. */
bool route_takes_json(const http_request *request, http_reply *reply);
/* Whether the client would rather have CSV back. */
bool route_wants_csv(const http_request *request);

#endif
