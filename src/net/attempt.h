/* One attempt of a request, over libcurl.  Private to net. */
#ifndef CM_NET_ATTEMPT_H
#define CM_NET_ATTEMPT_H

#include <curl/curl.h>

#include "net/http_client.h"

/* What became of it. */
typedef struct net_attempt {
    CURLcode code;     /* CURLE_OK: an answer came, whole */
    cm_status refused; /* of take, in err; CM_OK: it took everything */
    bool no_memory;    /* the reply did not fit */
    char text[CURL_ERROR_SIZE];
} net_attempt;

/* Fills status, headers and body of the reply; takes `longest` seconds at
 * most. */
void net_attempt_run(net_attempt *out, CURL *easy,
                     const cm_http_options *options, double longest,
                     const cm_http_call *call, cm_http_reply *reply,
                     cm_error *err);

#endif
