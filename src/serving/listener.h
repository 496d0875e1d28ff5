/* The socket that the server listens on.  Private to serving. */
#ifndef CM_SERVING_LISTENER_H
#define CM_SERVING_LISTENER_H

#include "base/error.h"

/* Binds host (a name or a number) and port (0: any free one; *port_out is the
 * one taken).  *out does not block and is the caller's to close. */
CM_MUST_USE cm_status listener_open(int *out, uint16_t *port_out,
                                    const char *host, uint16_t port,
                                    cm_error *err);

#endif
