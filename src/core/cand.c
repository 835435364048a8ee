#include "cand.h"

#include <string.h>

bool
cands_add(struct cands *c, enum cand_kind kind, const struct addr *addr)
{
	size_t i;

	if (c->count == CANDS_MAX || !addr_is_set(addr) || addr->port == 0)
		return false;
	for (i = 0; i < c->count; i++)
		if (addr_eq(&c->list[i].addr, addr) &&
		    (c->list[i].kind == CAND_TCP) == (kind == CAND_TCP))
			return false;
	c->list[c->count].kind = (uint8_t)kind;
	c->list[c->count++].addr = *addr;
	return true;
}

static void
add_locals(struct cands *c, const struct self *self)
{
	size_t i;

	for (i = 0; i < self->locals_count; i++) {
		struct addr addr = self->locals[i];
		enum addr_class class = addr_class(&addr);

		if (class == ADDR_IS_INVALID || class == ADDR_IS_MULTICAST)
			continue;
		/* Without its interface a link-local address says nothing to
		 * a peer; loopback only helps beside a server on loopback. */
		if (class == ADDR_IS_LINK_LOCAL)
			continue;
		if (class == ADDR_IS_LOOPBACK &&
		    addr_class(&self->seen) != ADDR_IS_LOOPBACK)
			continue;
		addr.port = self->port;
		cands_add(c, CAND_LAN, &addr);
	}
}

static void
add_seen(struct cands *c, const struct self *self, const struct addr *seen,
    const struct addr *mapped)
{
	struct addr guess = *seen;

	if (addr_is_set(seen))
		cands_add(c, CAND_SEEN, seen);
	cands_add(c, CAND_MAPPED, mapped);
	if (!addr_is_set(seen))
		return;
	guess.port = self->port;
	cands_add(c, CAND_GUESS, &guess);
}

void
cands_own(struct cands *c, const struct self *self)
{
	const struct addr none = { 0 };

	c->count = 0;
	add_seen(c, self, &self->seen, &self->mapped[SOCK_UDP4]);
	cands_add(c, CAND_SEEN, &self->seen_extra);
	add_seen(c, self, &self->seen_other, &none);
	add_locals(c, self);
	/* Of IPv6 it is an interface's own: the router lets packets in. */
	cands_add(c, CAND_MAPPED, &self->mapped[SOCK_UDP6]);
}

void
cands_own_tcp(struct cands *c, const struct self *self)
{
	c->count = 0;
	add_seen(c, self, &self->seen_tcp, &self->mapped_tcp[SOCK_UDP4]);
	add_locals(c, self);
	cands_add(c, CAND_MAPPED, &self->mapped_tcp[SOCK_UDP6]);
}

void
cands_of_tcp(struct cands *out, const struct cands *in)
{
	size_t i;

	out->count = 0;
	for (i = 0; i < in->count; i++)
		if (in->list[i].kind == CAND_TCP)
			cands_add(out, CAND_SEEN, &in->list[i].addr);
	for (i = 0; i < in->count && out->count > 0; i++)
		if (in->list[i].kind == CAND_LAN)
			cands_add(out, CAND_LAN, &in->list[i].addr);
}

/* What class of address both sides share: only then is it worth (and right)
 * to probe addresses that are not public. */
static bool
shares_place(const struct self *self, const struct addr *peer_seen,
    enum addr_class class)
{
	enum addr_class ours = addr_class(&self->seen);
	enum addr_class theirs = addr_class(peer_seen);

	if (!addr_is_set(&self->seen) || !addr_is_set(peer_seen))
		return false;
	if (class == ADDR_IS_LOOPBACK)
		return ours == ADDR_IS_LOOPBACK && theirs == ADDR_IS_LOOPBACK;
	if (addr_same_ip(&self->seen, peer_seen))
		return true;
	return ours != ADDR_IS_PUBLIC && theirs != ADDR_IS_PUBLIC;
}

bool
cand_is_allowed(const struct self *self, const struct addr *peer_seen,
    const struct addr *addr)
{
	enum addr_class class = addr_class(addr);

	if (addr->port < CANDS_PORT_MIN || addr_eq(addr, &self->server))
		return false;
	switch (class) {
	case ADDR_IS_PUBLIC:
		return true;
	case ADDR_IS_PRIVATE:
	case ADDR_IS_SHARED:
		return self->lan || shares_place(self, peer_seen, class);
	case ADDR_IS_LOOPBACK:
		return shares_place(self, peer_seen, class);
	case ADDR_IS_INVALID:
	case ADDR_IS_LINK_LOCAL:
	case ADDR_IS_MULTICAST:
		return false;
	}
	return false;
}

/* Room for one more of this IP, of which there may be so many, and one more
 * public IP? */
static bool
is_within_limits(const struct cands *c, const struct addr *addr, size_t most)
{
	size_t i, j, ports = 0, ips = 0;

	for (i = 0; i < c->count; i++) {
		const struct addr *a = &c->list[i].addr;

		if (addr_same_ip(a, addr)) {
			ports++;
			continue;
		}
		if (addr_class(a) != ADDR_IS_PUBLIC)
			continue;
		for (j = 0; j < i; j++)
			if (addr_same_ip(a, &c->list[j].addr))
				break;
		ips += j == i;
	}
	if (ports > 0)
		return ports < most;
	return addr_class(addr) != ADDR_IS_PUBLIC || ips < CANDS_PUBLIC_IPS;
}

static void
filter_pass(struct cands *out, const struct self *self,
    const struct addr *peer_seen, const struct cands *in, bool lan)
{
	size_t i;

	for (i = 0; i < in->count; i++) {
		const struct cand *c = &in->list[i];

		if ((c->kind == CAND_LAN) != lan || c->kind == CAND_TCP)
			continue;
		if (!cand_is_allowed(self, peer_seen, &c->addr))
			continue;
		if (is_within_limits(out, &c->addr, CANDS_PORTS_PER_IP))
			cands_add(out, c->kind, &c->addr);
	}
}

void
cands_filter(struct cands *out, const struct self *self,
    const struct addr *peer_seen, const struct cands *in)
{
	out->count = 0;
	filter_pass(out, self, peer_seen, in, true);
	filter_pass(out, self, peer_seen, in, false);
}

static bool
has_addr(const struct cands *c, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (addr_eq(&c->list[i].addr, addr))
			return true;
	return false;
}

void
cands_confine(struct cands *c, struct cands *asked,
    const struct addr *peer_seen)
{
	size_t i, n = 0;

	for (i = 0; i < c->count; i++) {
		const struct cand *one = &c->list[i];
		size_t most = addr_same_ip(&one->addr, peer_seen) ?
		    CANDS_MAX : CANDS_PORTS_PER_IP;

		if (has_addr(asked, &one->addr) ||
		    (is_within_limits(asked, &one->addr, most) &&
		    cands_add(asked, one->kind, &one->addr)))
			c->list[n++] = *one;
	}
	c->count = n;
}

void
cands_put(struct wr *w, const struct cands *c)
{
	size_t i;

	put_u8(w, (uint8_t)c->count);
	for (i = 0; i < c->count; i++) {
		put_u8(w, c->list[i].kind);
		addr_put(w, &c->list[i].addr);
	}
}

void
cands_get(struct rd *r, struct cands *c)
{
	size_t i, count = get_u8(r);

	c->count = 0;
	if (count > CANDS_MAX) {
		r->bad = true;
		return;
	}
	for (i = 0; i < count; i++) {
		uint8_t kind = get_u8(r);
		struct addr addr = addr_get(r);

		if (!r->bad && ((kind >= CAND_LAN && kind <= CAND_MAPPED) ||
		    kind == CAND_TCP))
			cands_add(c, kind, &addr);
	}
}
