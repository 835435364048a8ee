#include "portmap_ask.h"

#include "crypt.h"
#include "natpmp.h"

#include <string.h>

static const uint8_t protocols[PORTMAP_PORTS] = { PCP_UDP, PCP_TCP };
static const enum natpmp_op ops[PORTMAP_PORTS] = {
	NATPMP_MAP_UDP, NATPMP_MAP_TCP
};

static void
send(struct portmap *p, struct self *self, const void *buf, size_t len)
{
	if (p->has_socket)
		outbox_send_copy(&self->out, p->sock, &p->router, 0, buf,
		    len);
}

void
portmap_nonce(const struct portmap *p, const struct self *self,
    enum portmap_port port, uint8_t out[static PCP_NONCE_LEN])
{
	uint8_t what[64], hash[CRYPT_HASH_LEN];
	struct wr w = wr_of(what, sizeof what);

	put_bytes(&w, "gop2p PCP nonce", 15);
	put_bytes(&w, p->local.ip, sizeof p->local.ip);
	put_u16(&w, p->local.port);
	put_u8(&w, protocols[port]);
	crypt_hash(self->identity.secret, KEY_LEN, what, w.len, hash);
	memcpy(out, hash, PCP_NONCE_LEN);
}

static void
ask_pmp(struct portmap *p, struct self *self, enum portmap_port port,
    uint32_t lifetime_s)
{
	const struct addr *had = &p->leases[port].external;
	uint16_t wish = addr_is_set(had) ? had->port : p->local.port;
	uint8_t buf[NATPMP_MAP_LEN];

	natpmp_ask_map(ops[port], p->local.port, lifetime_s > 0 ? wish : 0,
	    lifetime_s, buf);
	send(p, self, buf, sizeof buf);
}

void
portmap_ask_pcp(struct portmap *p, struct self *self, enum portmap_port port,
    uint32_t lifetime_s)
{
	struct pcp_map map = { .protocol = protocols[port],
		.internal_port = p->local.port, .lifetime_s = lifetime_s,
		.external = p->leases[port].external };
	uint8_t buf[PCP_MAP_LEN];

	if (!addr_is_set(&map.external))
		map.external = addr_any((enum addr_family)p->local.family,
		    p->local.port);
	portmap_nonce(p, self, port, map.nonce);
	pcp_ask_map(&p->local, &map, buf);
	send(p, self, buf, sizeof buf);
}

void
portmap_ask_upnp(struct portmap *p, struct self *self, usec_t now,
    uint32_t lifetime_s)
{
	p->upnp_at = USEC_NEVER;
	p->upnp_until = now + PORTMAP_UPNP_US;
	outbox_upnp(&self->out, p->sock, &p->local, &p->router, lifetime_s);
}

void
portmap_ask_lease(struct portmap *p, struct self *self, usec_t now,
    enum portmap_port port, uint32_t lifetime_s)
{
	if (p->protocol == MAPPING_BY_NATPMP)
		ask_pmp(p, self, port, lifetime_s);
	else if (p->protocol == MAPPING_BY_PCP)
		portmap_ask_pcp(p, self, port, lifetime_s);
	else if (p->protocol == MAPPING_BY_UPNP && port == PORTMAP_UDP)
		portmap_ask_upnp(p, self, now, lifetime_s);
}

void
portmap_ask_address(struct portmap *p, struct self *self)
{
	uint8_t buf[NATPMP_ADDRESS_LEN];

	natpmp_ask_address(buf);
	send(p, self, buf, sizeof buf);
}

void
portmap_ask_epoch(struct portmap *p, struct self *self)
{
	uint8_t buf[PCP_HEADER_LEN];

	if (p->protocol == MAPPING_BY_NATPMP) {
		portmap_ask_address(p, self);
	} else if (p->protocol == MAPPING_BY_PCP) {
		pcp_ask_announce(&p->local, buf);
		send(p, self, buf, sizeof buf);
	}
}
