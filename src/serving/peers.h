/* How many connections each address has (of IPv6: each network of 64 bits),
 * over all threads.  Private to serving. */
#ifndef CM_SERVING_PEERS_H
#define CM_SERVING_PEERS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

typedef struct peers peers;

/* limit: connections of one address. */
CM_MUST_USE cm_status peers_new(peers **out, size_t limit, cm_error *err);
void peers_free(peers *all); /* NULL is fine */

/* Whether one more connection of the address may open; counts it if so.
 * Addresses of other families than IP are never refused. */
bool peers_open(peers *all, const struct sockaddr *address);
void peers_close(peers *all, const struct sockaddr *address);
bool peer_is_loopback(const struct sockaddr *address);

#endif
