/* The addresses of this machine, and word when they change. */
#ifndef NETIF_H
#define NETIF_H

#include "core/addr.h"
#include "io/loop.h"

enum { NETIF_MAX = 64 };

struct netif;

/* Calls changed with the addresses of all interfaces that are up, ports 0,
 * sorted: once in the first wake-up, then at every change. Loopback addresses
 * are among them only if there are no others. NULL without memory. */
struct netif *netif_new(struct loop *l,
    void (*changed)(void *ctx, const struct addr *addrs, size_t count),
    void *ctx);
void netif_free(struct netif *n);

/* The addresses as they are now; returns how many. */
size_t netif_read(struct addr out[static NETIF_MAX]);

#endif
