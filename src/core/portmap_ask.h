/* What portmap.h asks a router, in each of its languages. */
#ifndef PORTMAP_ASK_H
#define PORTMAP_ASK_H

#include "portmap.h"

/* The same after a restart of ours, so that we can renew and end what we were
 * given before; known to nobody else. */
void portmap_nonce(const struct portmap *p, const struct self *self,
    enum portmap_port port, uint8_t out[static PCP_NONCE_LEN]);

/* NAT-PMP: its external address. */
void portmap_ask_address(struct portmap *p, struct self *self);

/* PCP: a mapping, or (lifetime 0) its end. */
void portmap_ask_pcp(struct portmap *p, struct self *self,
    enum portmap_port port, uint32_t lifetime_s);

/* UPnP: both mappings, or their end; p->upnp_until is set. */
void portmap_ask_upnp(struct portmap *p, struct self *self, usec_t now,
    uint32_t lifetime_s);

/* Of the protocol in use: one more request for a lease, or for its end. */
void portmap_ask_lease(struct portmap *p, struct self *self, usec_t now,
    enum portmap_port port, uint32_t lifetime_s);

/* Of the protocol in use: how old the router's tables are. */
void portmap_ask_epoch(struct portmap *p, struct self *self);

#endif
