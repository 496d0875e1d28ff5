/* Connections by address: a table of chains behind one lock, which is taken
 * when a connection opens or closes and never for a request. */
#include "serving/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { N_CHAINS = 1024 };

typedef struct peer {
    struct peer *next;
    struct in6_addr address; /* as key_of() has it */
    size_t connections;      /* > 0 */
} peer;

struct peers {
    pthread_mutex_t lock;
    size_t limit;
    peer *chains[N_CHAINS];
};

cm_status peers_new(peers **out, size_t limit, cm_error *err)
{
    *out = cm_alloc_zero(1, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->limit = limit;
    return CM_OK;
}

void peers_free(peers *all)
{
    if (all == NULL) {
        return;
    }
    for (size_t i = 0; i < N_CHAINS; i++) {
        while (all->chains[i] != NULL) {
            peer *next = all->chains[i]->next;
            free(all->chains[i]);
            all->chains[i] = next;
        }
    }
    pthread_mutex_destroy(&all->lock);
    free(all);
}

/* IPv4 as ::ffff:a.b.c.d */
static bool address_of(const struct sockaddr *from, struct in6_addr *out)
{
    if (from->sa_family == AF_INET6) {
        *out = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        return true;
    }
    memset(out, 0, sizeof *out);
    out->s6_addr[10] = out->s6_addr[11] = 0xff;
    if (from->sa_family == AF_INET) {
        memcpy(out->s6_addr + 12,
               &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    }
    return from->sa_family == AF_INET;
}

/* Of IPv6 the network, 64 bits: whoever has one has all of its addresses. */
static bool key_of(const struct sockaddr *from, struct in6_addr *out)
{
    bool is_ip = address_of(from, out);
    if (!IN6_IS_ADDR_V4MAPPED(out)) {
        memset(out->s6_addr + 8, 0, 8);
    }
    return is_ip;
}

/* The link that holds the address, or the end of its chain. */
static peer **find(peers *all, const struct in6_addr *address)
{
    uint64_t hash = cm_xxh3(address, sizeof *address);
    peer **link = &all->chains[hash % N_CHAINS];
    while (*link != NULL &&
           memcmp(&(*link)->address, address, sizeof *address) != 0) {
        link = &(*link)->next;
    }
    return link;
}

/* A peer without memory for it is let in uncounted: closing finds nothing. */
static bool count_one(peers *all, const struct in6_addr *address)
{
    peer **link = find(all, address);
    if (*link == NULL) {
        *link = cm_alloc_zero(1, sizeof **link, NULL);
        if (*link == NULL) {
            return true;
        }
        (*link)->address = *address;
    }
    if ((*link)->connections >= all->limit) {
        return false;
    }
    (*link)->connections++;
    return true;
}

bool peers_open(peers *all, const struct sockaddr *address)
{
    struct in6_addr key;
    if (!key_of(address, &key)) {
        return true;
    }
    pthread_mutex_lock(&all->lock);
    bool taken = count_one(all, &key);
    pthread_mutex_unlock(&all->lock);
    return taken;
}

void peers_close(peers *all, const struct sockaddr *address)
{
    struct in6_addr key;
    if (!key_of(address, &key)) {
        return;
    }
    pthread_mutex_lock(&all->lock);
    peer **link = find(all, &key);
    if (*link != NULL && --(*link)->connections == 0) {
        peer *gone = *link;
        *link = gone->next;
        free(gone);
    }
    pthread_mutex_unlock(&all->lock);
}

bool peer_is_loopback(const struct sockaddr *address)
{
    struct in6_addr key;
    if (!address_of(address, &key)) {
        return false;
    }
    return IN6_IS_ADDR_LOOPBACK(&key) ||
           (IN6_IS_ADDR_V4MAPPED(&key) && key.s6_addr[12] == 127);
}
