/* Signing of S3 requests (AWS Signature Version 4).  Private to storage. */
#ifndef CM_STORAGE_SIGV4_H
#define CM_STORAGE_SIGV4_H

#include <time.h>

#include "net/http_client.h"

typedef struct sigv4_key {
    const char *access_key_id, *secret_access_key;
    const char *session_token; /* NULL: none */
    const char *region, *service;
} sigv4_key;

typedef struct sigv4_request {
    const char *method;
    const char *host;         /* with the port where it is not the scheme's */
    const char *path;         /* encoded */
    const char *query;        /* "a=b&c=" encoded, in any order; "" for none */
    const char *payload_hash; /* hex SHA-256, or "UNSIGNED-PAYLOAD" */
    time_t now;
} sigv4_request;

enum { SIGV4_HEADERS = 4, SIGV4_TEXT = 2560 };

/* Authorization, x-amz-date, for the service s3 x-amz-content-sha256 and, with
 * a token, x-amz-security-token. */
typedef struct sigv4_signed {
    size_t n;
    cm_http_header headers[SIGV4_HEADERS]; /* values are in text */
    char text[SIGV4_TEXT];
} sigv4_signed;

CM_MUST_USE cm_status sigv4_sign(sigv4_signed *out, const sigv4_key *key,
                                 const sigv4_request *request,
                                 const cm_http_header *extra, size_t n_extra,
                                 cm_error *err);

#endif
