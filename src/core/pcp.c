#include "pcp.h"

#include <string.h>

enum {
	ANSWER = 0x80,     /* R, section 7.2 */
	EPOCH_SLACK_S = 2, /* section 8.5 */
};

/* Addresses are IPv6 or IPv4-mapped (section 5); none is the family's "any"
 * with all bits zero. */
static void
put_ip(struct wr *w, const struct addr *a)
{
	if (a->family == ADDR_V6) {
		put_bytes(w, a->ip, 16);
		return;
	}
	put_zeros(w, 10);
	put_u16(w, 0xffff);
	put_bytes(w, a->ip, 4);
}

static void
put_header(struct wr *w, enum pcp_op op, uint32_t lifetime_s,
    const struct addr *client)
{
	put_u8(w, PCP_OWN_VERSION);
	put_u8(w, (uint8_t)op);
	put_zeros(w, 2);
	put_u32(w, lifetime_s);
	put_ip(w, client);
}

void
pcp_ask_announce(const struct addr *client, uint8_t out[static PCP_HEADER_LEN])
{
	struct wr w = wr_of(out, PCP_HEADER_LEN);

	put_header(&w, PCP_ANNOUNCE, 0, client);
}

void
pcp_ask_map(const struct addr *client, const struct pcp_map *map,
    uint8_t out[static PCP_MAP_LEN])
{
	struct wr w = wr_of(out, PCP_MAP_LEN);

	put_header(&w, PCP_MAP, map->lifetime_s, client);
	put_bytes(&w, map->nonce, PCP_NONCE_LEN);
	put_u8(&w, map->protocol);
	put_zeros(&w, 3);
	put_u16(&w, map->internal_port);
	put_u16(&w, map->external.port);
	put_ip(&w, addr_is_set(&map->external) ? &map->external :
	    &(struct addr){ .family = client->family });
}

static void
read_map(struct rd *r, struct pcp_map *m)
{
	uint8_t ip[16];
	uint16_t port;

	get_copy(r, m->nonce, PCP_NONCE_LEN);
	m->protocol = get_u8(r);
	get_bytes(r, 3);
	m->internal_port = get_u16(r);
	port = get_u16(r);
	get_copy(r, ip, sizeof ip);
	m->external = addr_v6(ip, port);
}

/* Section 8.3: lengths that no answer has. */
static bool
has_good_length(size_t len)
{
	return len >= PCP_HEADER_LEN && len <= PCP_LEN_MAX && len % 4 == 0;
}

bool
pcp_read(const void *buf, size_t len, struct pcp_answer *out)
{
	struct rd r = rd_of(buf, len);
	struct pcp_answer a = { 0 };
	uint8_t op;

	if (!has_good_length(len))
		return false;
	a.version = get_u8(&r);
	op = get_u8(&r);
	get_u8(&r);
	a.result = get_u8(&r);
	a.lifetime_s = get_u32(&r);
	a.epoch_s = get_u32(&r);
	get_bytes(&r, 12);
	if (op != (ANSWER | PCP_ANNOUNCE) && op != (ANSWER | PCP_MAP))
		return false;
	a.op = (enum pcp_op)(op & ~ANSWER);
	if (a.version != PCP_OWN_VERSION && a.result != PCP_VERSION)
		return false;
	/* Who does not know our version may know nothing of our MAP. */
	if (a.op == PCP_MAP && a.version == PCP_OWN_VERSION &&
	    a.result != PCP_VERSION)
		read_map(&r, &a.map);
	if (r.bad)
		return false;
	a.map.lifetime_s = a.lifetime_s;
	*out = a;
	return true;
}

/* The server counted less than we did, or more: its clock may be off by one
 * part in sixteen either way. */
bool
pcp_has_restarted(uint32_t then_s, usec_t then, uint32_t now_s, usec_t now)
{
	uint64_t ours = now > then ? (now - then) / USEC_S : 0, theirs;

	if ((uint64_t)now_s + 1 < then_s)
		return true;
	theirs = now_s > then_s ? now_s - then_s : 0;
	return ours + EPOCH_SLACK_S < theirs - theirs / 16 ||
	    theirs + EPOCH_SLACK_S < ours - ours / 16;
}
