/* The socket that the server listens on.  Private to serving. */
#ifndef CM_SERVING_LISTENER_H
#define CM_SERVING_LISTENER_H

#include "base/error.h"

/* Binds host (a name or a number) and port (0: any free one; *port_out is the
 * one taken).  *out does not block and is the caller's to close. */
CM_MUST_USE cm_status listener_open(int *out, uint16_t *port_out,
                                    const char *host, uint16_t port,
                                    cm_error *err);

/* No new connection is begun; handshakes that were begun still end, so that
 * nobody believes to be connected who is not.  Who asks now asks again after a
 * second, and finds the port closed. */
void listener_stop(int fd);

#endif
