/* The routers through which this machine reaches the rest of the world. */
#ifndef GATEWAYS_H
#define GATEWAYS_H

#include "core/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum { GATEWAYS_MAX = 4 };

/* Pairs of a router and our own address towards it, ports 0, one of each family
 * at most: of the default route with the best metric. Returns how many
 * addresses; 0 also where the system does not say. */
size_t gateways_read(struct addr out[static GATEWAYS_MAX]);

/* The router in the text of Linux's /proc/net/route, and of
 * /proc/net/ipv6_route (with the interface in device); false: none. */
bool gateways_parse4(const char *text, struct addr *router);
bool gateways_parse6(const char *text, struct addr *router,
    char device[static 16]);

#endif
