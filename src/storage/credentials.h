/* Who we are to S3, and where it is: the settings, the environment, ~/.aws, in
 * the order that boto3 and dvc have.  Private to storage. */
#ifndef CM_STORAGE_CREDENTIALS_H
#define CM_STORAGE_CREDENTIALS_H

#include "base/mem.h"
#include "storage/storage.h"

typedef struct s3_access {
    /* NULL: anonymous, nothing is signed. */
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL: none */
    const char *origin;        /* where they were found, for errors */
    const char *region;
    const char *endpoint; /* "https://host:port", NULL: AWS itself */
    const char *ca_file;  /* NULL: the system's */
    bool verify;
    bool virtual_host; /* bucket.host/key instead of host/bucket/key */
} s3_access;

/* Texts are from the arena. */
CM_MUST_USE cm_status s3_access_find(s3_access *out,
                                     const cm_storage_settings *settings,
                                     cm_arena *arena, cm_error *err);

#endif
