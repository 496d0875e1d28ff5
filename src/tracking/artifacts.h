/* Files of a run or a model where the server says that they are: behind the
 * server itself, in S3, or in a folder that both can see.  Private to
 * tracking. */
#ifndef CM_TRACKING_ARTIFACTS_H
#define CM_TRACKING_ARTIFACTS_H

#include "tracking/mlflow.h"

typedef struct artifact {
    const char *path; /* posix, below the place */
    const char *file; /* on this disk; NULL: bytes are meant */
    cm_str bytes;
    uint64_t size; /* of file */
    bool arrived;  /* out */
} artifact;

/* Sends them, a few at once; those that arrived say so, also when others
 * failed. */
CM_MUST_USE cm_status artifacts_put(mlflow *m, const char *uri, artifact *items,
                                    size_t n, cm_error *err);

/* Gets all files into the folder, which exists. */
CM_MUST_USE cm_status artifacts_get(mlflow *m, const char *uri,
                                    const char *folder, cm_error *err);
/* Whether a file is there. */
CM_MUST_USE cm_status artifacts_have(mlflow *m, const char *uri,
                                     const char *name, bool *out,
                                     cm_error *err);

/* ---- the server as a proxy ------------------------------------------------
 */

/* Appends the URL of "mlflow-artifacts:/1/abc/artifacts" at a service of the
 * server: "artifacts", "mpu/create"; false: the URI is of another kind. */
bool proxy_url(const mlflow *m, const char *uri, const char *service,
               cm_buf *out);
CM_MUST_USE cm_status proxy_put(mlflow *m, cm_http_client *http,
                                const char *uri, artifact *item, cm_error *err);
CM_MUST_USE cm_status proxy_get(mlflow *m, const char *uri, const char *folder,
                                cm_error *err);
CM_MUST_USE cm_status proxy_have(mlflow *m, const char *uri, const char *name,
                                 bool *out, cm_error *err);
/* A large file in parts, straight to the server's store; *done false: the
 * server's store cannot do that. */
CM_MUST_USE cm_status proxy_put_parts(mlflow *m, cm_http_client *http,
                                      const char *uri, int fd, artifact *item,
                                      bool *done, cm_error *err);

#endif
