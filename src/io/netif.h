/* The addresses of this machine and its routers, and word when they
 * change. */
#ifndef NETIF_H
#define NETIF_H

#include "core/addr.h"
#include "io/loop.h"

enum { NETIF_MAX = 64 };

struct netif;

struct netif_calls {
	/* The addresses of all interfaces that are up, ports 0, sorted.
	 * Loopback addresses are among them only if there are no others. */
	void (*addrs)(void *ctx, const struct addr *addrs, size_t count);
	/* The routers, after the addresses: see gateways.h. */
	void (*gateways)(void *ctx, const struct addr *pairs, size_t count);
	void *ctx;
};

/* Makes both calls once in the first wake-up, then each at every change of what
 * it tells. NULL without memory. */
struct netif *netif_new(struct loop *l, const struct netif_calls *calls);
void netif_free(struct netif *n);

/* The addresses as they are now; returns how many. */
size_t netif_read(struct addr out[static NETIF_MAX]);

#endif
