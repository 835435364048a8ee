/* A router that gives ports to whom it serves: NAT-PMP, PCP and UPnP, as real
 * ones do, with their bad habits. It answers at its inside address and opens
 * its own NAT. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "world.h"

struct gateway_conf {
	struct addr inside;    /* where it is asked */
	struct addr outside;   /* what it says that it is, without port */
	bool natpmp, pcp, upnp;
	bool refuses;          /* by its owner's will */
	uint32_t lifetime_max_s; /* 0: as long as is asked */
	uint16_t port_from;    /* gives ports from here on; 0: as wished */
};

/* From now on; hosts behind it hear of it when they are plugged in, and nodes
 * when they start. */
void gateway_serve(struct router *r, const struct gateway_conf *conf);

/* Other habits, the same mappings. */
void gateway_change(struct router *r, const struct gateway_conf *conf);

/* Off and on: nothing is remembered, the clock begins anew; at another address
 * from now on if outside is not NULL. Of a router that gives no ports, too. */
void gateway_reboot(struct router *r, bool new_ports,
    const struct addr *outside);

/* It says to all whom it serves how old its tables are, and where it is, as
 * routers do when they have started or have another address. */
void gateway_announce(struct router *r);

/* Where it is asked for ports; unset if it gives none. */
struct addr gateway_addr(const struct router *r);

/* Ports that are open now; requests so far, by any protocol. */
size_t gateway_count(const struct router *r);
unsigned gateway_asked(const struct router *r);

#endif
