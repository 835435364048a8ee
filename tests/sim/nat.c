#include "nat.h"

#include "natmap.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	POISON_MAX = 64,
	HELD_MAX = 32,
};

static const usec_t poison_timer = 30 * USEC_S;

/* A flow that the router took for its own. */
struct poison {
	struct addr remote, ext;
	usec_t expires;
};

/* A SYN that waits for one from inside. */
struct held {
	struct pkt syn;
	usec_t at;
};

struct nat {
	struct nat_conf conf;
	struct natmap map;
	struct poison poisons[POISON_MAX];
	uint32_t poison_next;
	struct held held[HELD_MAX];
	uint32_t held_count;
};

static usec_t
or_default(usec_t timer, usec_t otherwise)
{
	return timer != 0 ? timer : otherwise;
}

struct nat *
nat_new(const struct nat_conf *conf, uint64_t seed)
{
	struct nat *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	assert(conf->pool_count <= NAT_POOL);
	assert(conf->tcp_pool_count <= NAT_POOL);
	n->conf = *conf;
	if (conf->port_lo == 0)
		n->conf.port_lo = 1024;
	if (conf->port_hi == 0)
		n->conf.port_hi = 65535;
	n->conf.udp_timer = or_default(conf->udp_timer, 300 * USEC_S);
	n->conf.udp_fresh = or_default(conf->udp_fresh, n->conf.udp_timer);
	n->conf.tcp_transitory = or_default(conf->tcp_transitory, 240 * USEC_S);
	n->conf.tcp_timer = or_default(conf->tcp_timer, 7440 * USEC_S);
	if (conf->step == 0)
		n->conf.step = 1;
	if (conf->block == 0)
		n->conf.block = 1024;
	natmap_init(&n->map, &n->conf, seed);
	return n;
}

static void
forget_all(struct nat *n)
{
	natmap_clear(&n->map);
	n->held_count = 0;
	memset(n->poisons, 0, sizeof n->poisons);
}

void
nat_free(struct nat *n)
{
	if (n == NULL)
		return;
	natmap_fini(&n->map);
	free(n);
}

static bool
is_poisoned(const struct nat *n, usec_t now, const struct addr *ext,
    const struct addr *remote)
{
	for (uint32_t i = 0; i < POISON_MAX; i++) {
		const struct poison *p = &n->poisons[i];

		if (p->expires > now && addr_eq(&p->ext, ext) &&
		    addr_eq(&p->remote, remote))
			return true;
	}
	return false;
}

/* The mapping through which p goes out. Where the router itself took a packet
 * from p->dst to the external port before, p needs another port. */
static struct mapping *
mapping_for(struct nat *n, usec_t now, const struct pkt *p)
{
	struct mapping *m =
	    natmap_find_out(&n->map, now, p->proto, &p->src, &p->dst);

	if (m == NULL)
		m = natmap_make(&n->map, now, p, false);
	if (m == NULL || p->proto != PKT_UDP || m->is_single)
		return m;
	if (natmap_find_session(m, now, &p->dst) == NULL &&
	    is_poisoned(n, now, &m->ext, &p->dst))
		return natmap_make(&n->map, now, p, true);
	return m;
}

/* ---- answers ---- */

static struct addr
no_port(struct addr a)
{
	a.port = 0;
	return a;
}

/* Turns p into the ICMP error about it, from a router at from. Nothing is
 * said about ICMP. */
static bool
become_error(struct pkt *p, enum pkt_error error, const struct addr *from)
{
	struct pkt q = { .proto = PKT_ICMP, .ttl = PKT_TTL_DEFAULT,
		.error = (uint8_t)error, .about = p->proto,
		.about_src = p->src, .about_dst = p->dst, .seq = p->seq };

	if (p->proto == PKT_ICMP || from->family != p->src.family)
		return false;
	q.src = no_port(*from);
	q.dst = no_port(p->src);
	*p = q;
	return true;
}

static void
become_reset(struct pkt *p)
{
	struct pkt q = { .proto = PKT_TCP, .ttl = PKT_TTL_DEFAULT,
		.flags = PKT_RST | PKT_ACK, .src = p->dst, .dst = p->src,
		.seq = p->ack, .ack = p->seq + (p->flags & PKT_SYN ? 1 : 0) };

	*p = q;
}

static bool
is_first_syn(const struct pkt *p)
{
	return p->proto == PKT_TCP && (p->flags & PKT_SYN) &&
	    !(p->flags & PKT_ACK);
}

static enum nat_verdict
refuse(struct nat *n, usec_t now, struct pkt *p)
{
	enum nat_stray stray = n->conf.stray;
	struct addr self = p->dst;

	if (p->flags & PKT_RST || stray == NAT_STRAY_DROP)
		return NAT_DROP;
	if (p->proto == PKT_UDP && stray == NAT_STRAY_RST)
		return NAT_DROP;
	if (p->proto == PKT_TCP && stray != NAT_STRAY_ICMP) {
		become_reset(p);
		return NAT_OUT;
	}
	if (stray == NAT_STRAY_POISON)
		n->poisons[n->poison_next++ % POISON_MAX] = (struct poison) {
			.remote = p->src, .ext = p->dst,
			.expires = now + poison_timer };
	return become_error(p, PKT_PORT, &self) ? NAT_OUT : NAT_DROP;
}

/* RFC 5382 REQ-4: an unwanted SYN waits for ours. */
static enum nat_verdict
stray(struct nat *n, usec_t now, struct pkt *p)
{
	if (!is_first_syn(p) || n->conf.syn_hold == 0)
		return refuse(n, now, p);
	for (uint32_t i = 0; i < n->held_count; i++)
		if (addr_eq(&n->held[i].syn.src, &p->src) &&
		    addr_eq(&n->held[i].syn.dst, &p->dst))
			return NAT_DROP;
	if (n->held_count < HELD_MAX) {
		struct held *h = &n->held[n->held_count++];

		h->syn = *p;
		h->syn.data = NULL;
		h->syn.len = 0;
		h->at = now + n->conf.syn_hold;
	}
	return NAT_DROP;
}

static void
drop_held(struct nat *n, const struct addr *remote, const struct addr *ext)
{
	for (uint32_t i = 0; i < n->held_count; i++)
		if (addr_eq(&n->held[i].syn.src, remote) &&
		    addr_eq(&n->held[i].syn.dst, ext)) {
			n->held[i] = n->held[--n->held_count];
			return;
		}
}

usec_t
nat_deadline(const struct nat *n)
{
	usec_t at = USEC_NEVER;

	for (uint32_t i = 0; i < n->held_count; i++)
		at = usec_min(at, n->held[i].at);
	return at;
}

/* An error whatever the conf says about strays, or a reset if it says so. */
bool
nat_next(struct nat *n, usec_t now, struct pkt *p)
{
	struct addr self;

	for (uint32_t i = 0; i < n->held_count; i++) {
		if (n->held[i].at > now)
			continue;
		*p = n->held[i].syn;
		n->held[i] = n->held[--n->held_count];
		self = p->dst;
		if (n->conf.stray == NAT_STRAY_RST ||
		    n->conf.stray == NAT_STRAY_POISON)
			become_reset(p);
		else
			become_error(p, PKT_PORT, &self);
		return true;
	}
	return false;
}

/* ---- inbound ---- */

static bool
passes_filter(const struct nat *n, usec_t now, const struct mapping *m,
    const struct addr *remote)
{
	if (m->is_static || n->conf.filter == NAT_EI)
		return true;
	for (uint32_t i = 0; i < m->count; i++) {
		const struct session *s = &m->sessions[i];
		enum nat_scope scope = n->conf.filter;

		if (s->marks & MARK_ALG)
			scope = NAT_AD;
		if (s->expires > now && nat_shares(scope, &s->remote, remote))
			return true;
	}
	return false;
}

/* Two SYNs have crossed: a socket that has given up and dials anew, or a
 * listener that answers in its place, has another number. */
static bool
is_in_window(const struct nat *n, const struct session *s,
    const struct pkt *p, bool inward)
{
	uint32_t syn = inward ? s->syn_in : s->syn_out;

	return !n->conf.tcp_window || !(s->marks & MARK_CROSSED) ||
	    p->seq == syn + (p->flags & PKT_SYN ? 0 : 1);
}

/* What connection tracking adds for TCP: only a first SYN may come without a
 * session, and none through one that a reset closed. */
static bool
passes_tcp(const struct nat *n, const struct session *s, const struct pkt *p)
{
	if (s != NULL && (s->marks & MARK_SYN_IN) &&
	    !is_in_window(n, s, p, true))
		return false;
	if (!is_first_syn(p))
		return s != NULL && (!(p->flags & PKT_SYN) ||
		    (s->marks & MARK_SYN_OUT));
	if (s == NULL)
		return true;
	if (s->marks & MARK_CLOSED)
		return false;
	return !n->conf.syn_strict || !(s->marks & MARK_SYN_OUT);
}

static bool
is_wanted(const struct nat *n, usec_t now, const struct mapping *m,
    const struct pkt *p)
{
	if (!passes_filter(n, now, m, &p->src))
		return false;
	return p->proto != PKT_TCP ||
	    passes_tcp(n, natmap_find_session(m, now, &p->src), p);
}

static enum nat_verdict
let_in(struct nat *n, usec_t now, struct mapping *m, struct pkt *p)
{
	struct session *s = natmap_session(m, now, &p->src);

	if (s == NULL)
		return NAT_DROP;
	natmap_touch(&n->map, now, m, s, p, true);
	p->dst = m->in;
	return NAT_IN;
}

static enum nat_verdict
error_in(const struct nat *n, usec_t now, struct pkt *p)
{
	struct mapping *m =
	    natmap_find_ext(&n->map, now, p->about, &p->about_src);

	if (m == NULL || p->ttl <= 1)
		return NAT_DROP;
	p->ttl--;
	p->about_src = m->in;
	p->dst = no_port(m->in);
	return NAT_IN;
}

enum nat_verdict
nat_inbound(struct nat *n, usec_t now, struct pkt *p)
{
	struct addr self = p->dst;
	struct mapping *m;

	natmap_sweep(&n->map, now);
	if (p->proto == PKT_ICMP)
		return error_in(n, now, p);
	m = natmap_find_ext(&n->map, now, p->proto, &p->dst);
	if (m == NULL || !is_wanted(n, now, m, p))
		return stray(n, now, p);
	if (p->ttl <= 1)
		return !n->conf.quiet && become_error(p, PKT_TTL, &self) ?
		    NAT_OUT : NAT_DROP;
	p->ttl--;
	return let_in(n, now, m, p);
}

/* ---- outbound ---- */

static enum nat_verdict
error_out(const struct nat *n, usec_t now, struct pkt *p)
{
	struct mapping *m =
	    natmap_find_out(&n->map, now, p->about, &p->about_dst,
	    &p->about_src);

	if (m == NULL || p->ttl <= 1)
		return NAT_DROP;
	p->ttl--;
	p->about_dst = m->ext;
	p->src = no_port(m->ext);
	return NAT_OUT;
}

static bool
is_forbidden(const struct nat *n, const struct pkt *p)
{
	if (p->proto == PKT_UDP)
		return n->conf.no_udp;
	return n->conf.no_tcp || (n->conf.tcp_port_only != 0 &&
	    p->dst.port != n->conf.tcp_port_only);
}

static enum nat_verdict
complain(const struct nat *n, struct pkt *p, enum pkt_error error)
{
	if (n->conf.quiet || !become_error(p, error, &n->conf.inside))
		return NAT_DROP;
	return NAT_IN;
}

/* Two inside hosts meet at an external address. Filters hold there as well. */
static enum nat_verdict
hairpin(struct nat *n, usec_t now, const struct addr *ext, struct pkt *p)
{
	struct addr in = p->src;
	struct mapping *m = natmap_find_ext(&n->map, now, p->proto, &p->dst);
	enum nat_verdict verdict;

	if (n->conf.hairpin == NAT_HAIRPIN_NO || m == NULL)
		return NAT_DROP;
	p->src = *ext;
	if (!is_wanted(n, now, m, p))
		return NAT_DROP;
	verdict = let_in(n, now, m, p);
	if (n->conf.hairpin == NAT_HAIRPIN_INTERNAL)
		p->src = in;
	return verdict;
}

/* TFTP (RFC 1350): the answer to a read or write request comes from another
 * port, so helpers open all of them. */
static bool
is_tftp_request(const struct pkt *p)
{
	return p->proto == PKT_UDP && p->dst.port == 69 && p->len >= 2 &&
	    p->data[0] == 0 && (p->data[1] == 1 || p->data[1] == 2);
}

enum nat_verdict
nat_outbound(struct nat *n, usec_t now, struct pkt *p)
{
	struct mapping *m;
	struct session *s;
	struct addr ext;

	natmap_sweep(&n->map, now);
	if (p->proto == PKT_ICMP)
		return error_out(n, now, p);
	if (is_forbidden(n, p))
		return NAT_DROP;
	if (p->ttl <= 1)
		return complain(n, p, PKT_TTL);
	p->ttl--;
	m = natmap_find_out(&n->map, now, p->proto, &p->src, &p->dst);
	if (p->proto == PKT_TCP && !is_first_syn(p) && !n->conf.tcp_loose &&
	    (m == NULL || natmap_find_session(m, now, &p->dst) == NULL))
		return NAT_DROP;
	m = mapping_for(n, now, p);
	s = m != NULL ? natmap_session(m, now, &p->dst) : NULL;
	if (s == NULL)
		return complain(n, p, PKT_ADMIN);
	if (p->proto == PKT_TCP && !is_in_window(n, s, p, false))
		return NAT_DROP;
	natmap_touch(&n->map, now, m, s, p, false);
	if (n->conf.alg_tftp && is_tftp_request(p))
		s->marks |= MARK_ALG;
	drop_held(n, &p->dst, &m->ext);
	ext = m->ext;
	if (nat_owns(n, &p->dst))
		return hairpin(n, now, &ext, p);
	p->src = ext;
	return NAT_OUT;
}

/* ---- management ---- */

bool
nat_forward(struct nat *n, usec_t now, enum pkt_proto proto,
    const struct addr *inside, uint16_t port)
{
	const struct addr *pool = natmap_address(&n->map, (uint8_t)proto,
	    inside);
	struct mapping *old;
	struct addr ext;

	if (pool == NULL)
		return false;
	ext = *pool;
	ext.port = port;
	old = natmap_find_ext(&n->map, now, (uint8_t)proto, &ext);
	if (old == NULL)
		return natmap_make_static(&n->map, (uint8_t)proto, inside,
		    &ext) != NULL;
	if (!addr_eq(&old->in, inside) || n->conf.mapping != NAT_EI)
		return false;
	old->is_static = true;
	return true;
}

void
nat_unforward(struct nat *n, enum pkt_proto proto, uint16_t port)
{
	for (uint32_t i = 0; i < n->map.count; i++) {
		struct mapping *m = &n->map.mappings[i];

		if (m->is_static && m->proto == proto && m->ext.port == port)
			m->is_static = false;
	}
}

void
nat_reboot(struct nat *n, bool new_ports)
{
	forget_all(n);
	if (new_ports)
		natmap_shuffle(&n->map);
}

void
nat_readdress(struct nat *n, const struct addr *pool, uint32_t count)
{
	assert(count <= NAT_POOL);
	forget_all(n);
	memcpy(n->conf.pool, pool, count * sizeof *pool);
	n->conf.pool_count = count;
}

bool
nat_owns(const struct nat *n, const struct addr *a)
{
	for (uint32_t i = 0; i < n->conf.pool_count; i++)
		if (addr_same_ip(&n->conf.pool[i], a))
			return true;
	for (uint32_t i = 0; i < n->conf.tcp_pool_count; i++)
		if (addr_same_ip(&n->conf.tcp_pool[i], a))
			return true;
	return false;
}

uint32_t
nat_count(const struct nat *n, usec_t now)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->map.count; i++)
		count += natmap_is_alive(&n->map.mappings[i], now);
	return count;
}

struct addr
nat_lookup(const struct nat *n, usec_t now, enum pkt_proto proto,
    const struct addr *inside, const struct addr *remote)
{
	static const struct addr none;
	const struct mapping *m =
	    natmap_find_out(&n->map, now, (uint8_t)proto, inside, remote);

	return m != NULL ? m->ext : none;
}

const char *
nat_describe(const struct nat_conf *conf, char buf[static NAT_TEXT])
{
	static const char *const scope[] = { "ei", "ad", "apd" };
	static const char *const alloc[] = { "preserve", "sequential",
		"random", "block", "port-set" };

	snprintf(buf, NAT_TEXT, "%s/%s %s%s", scope[conf->mapping],
	    scope[conf->filter], alloc[conf->alloc],
	    conf->no_udp ? " no-udp" : "");
	return buf;
}
