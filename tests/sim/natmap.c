#include "natmap.h"

#include <stdlib.h>
#include <string.h>

enum { SESSIONS_MAX = 8192 }; /* of a mapping */

static const usec_t close_timer = 10 * USEC_S; /* conntrack's CLOSE */

void
natmap_init(struct natmap *t, const struct nat_conf *conf, uint64_t seed)
{
	memset(t, 0, sizeof *t);
	t->conf = conf;
	rng_init_test(&t->rng, seed, "nat");
	t->cursor = rng_below(&t->rng, 60000);
	t->salt = (uint16_t)rng_u32(&t->rng);
}

void
natmap_clear(struct natmap *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->mappings[i].sessions);
	t->count = 0;
}

void
natmap_fini(struct natmap *t)
{
	natmap_clear(t);
	free(t->mappings);
	rng_fini(&t->rng);
	memset(t, 0, sizeof *t);
}

void
natmap_shuffle(struct natmap *t)
{
	t->cursor = rng_below(&t->rng, 60000);
	t->shift = (uint16_t)rng_range(&t->rng, 1, 20000);
	t->salt = (uint16_t)rng_u32(&t->rng);
}

bool
natmap_is_alive(const struct mapping *m, usec_t now)
{
	return m->is_static || m->expires > now;
}

struct session *
natmap_find_session(const struct mapping *m, usec_t now,
    const struct addr *remote)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct session *s = &m->sessions[i];

		if (s->expires > now && addr_eq(&s->remote, remote))
			return s;
	}
	return NULL;
}

bool
nat_shares(enum nat_scope scope, const struct addr *a, const struct addr *b)
{
	switch (scope) {
	case NAT_EI:
		return true;
	case NAT_AD:
		return addr_same_ip(a, b);
	case NAT_APD:
		return addr_eq(a, b);
	}
	abort();
}

static bool
is_untranslated(const struct natmap *t, const struct addr *in)
{
	return t->conf->is_firewall || in->family == ADDR_V6;
}

/* A forwarded port serves what comes in through it; what its owner sends by
 * himself leaves through it only where the numbers are equal. */
static bool
serves(const struct natmap *t, usec_t now, const struct mapping *m,
    const struct addr *remote)
{
	if (m->is_static)
		return m->in.port == m->ext.port ||
		    natmap_find_session(m, now, remote) != NULL;
	if (is_untranslated(t, &m->in))
		return true;
	return nat_shares(t->conf->mapping, &m->remote, remote);
}

struct mapping *
natmap_find_out(const struct natmap *t, usec_t now, uint8_t proto,
    const struct addr *in, const struct addr *remote)
{
	struct mapping *common = NULL, *with_session = NULL;

	for (uint32_t i = 0; i < t->count; i++) {
		struct mapping *m = &t->mappings[i];

		if (m->proto != proto || !addr_eq(&m->in, in) ||
		    !natmap_is_alive(m, now))
			continue;
		if (m->is_single && addr_eq(&m->remote, remote))
			return m;
		/* What answers goes out as what it answers came in, first of
		 * all through a port that was opened on purpose. */
		if (!m->is_single &&
		    natmap_find_session(m, now, remote) != NULL) {
			if (m->is_static)
				return m;
			if (with_session == NULL)
				with_session = m;
		} else if (!m->is_single && serves(t, now, m, remote))
			common = m;
	}
	return with_session != NULL ? with_session : common;
}

struct mapping *
natmap_find_ext(const struct natmap *t, usec_t now, uint8_t proto,
    const struct addr *ext)
{
	for (uint32_t i = 0; i < t->count; i++) {
		struct mapping *m = &t->mappings[i];

		if (m->proto == proto && addr_eq(&m->ext, ext) &&
		    natmap_is_alive(m, now))
			return m;
	}
	return NULL;
}

void
natmap_sweep(struct natmap *t, usec_t now)
{
	if (now < t->swept + USEC_S)
		return;
	t->swept = now;
	for (uint32_t i = 0; i < t->count;) {
		if (natmap_is_alive(&t->mappings[i], now)) {
			i++;
			continue;
		}
		free(t->mappings[i].sessions);
		t->mappings[i] = t->mappings[--t->count];
	}
}

const struct addr *
natmap_address(struct natmap *t, uint8_t proto, const struct addr *in)
{
	bool own = proto == PKT_TCP && t->conf->tcp_pool_count > 0;
	const struct addr *pool = own ? t->conf->tcp_pool : t->conf->pool;
	uint32_t count = own ? t->conf->tcp_pool_count : t->conf->pool_count;

	if (count == 0)
		return NULL;
	if (t->conf->pooling == NAT_ARBITRARY)
		return &pool[rng_below(&t->rng, count)];
	return &pool[(in->ip[2] + in->ip[3]) % count];
}

/* The ports that in may get are numbered from 0 to choices()-1. */
static uint32_t
choices(const struct natmap *t)
{
	if (t->conf->alloc == NAT_BLOCK)
		return t->conf->block;
	if (t->conf->alloc == NAT_PORT_SET)
		return 15 * 16;
	return (uint32_t)t->conf->port_hi - t->conf->port_lo + 1;
}

static uint16_t
choice(const struct natmap *t, const struct addr *in, uint32_t i)
{
	uint32_t who = (uint32_t)in->ip[2] << 8 | in->ip[3];
	uint32_t span = (uint32_t)t->conf->port_hi - t->conf->port_lo + 1;
	uint32_t blocks = span / t->conf->block;

	who += t->salt;
	if (t->conf->alloc == NAT_PORT_SET)
		return (uint16_t)((i / 16 + 1) << 12 | (who & 255) << 4 |
		    i % 16);
	if (t->conf->alloc == NAT_BLOCK)
		return (uint16_t)(t->conf->port_lo +
		    who % (blocks > 0 ? blocks : 1) * t->conf->block + i);
	return (uint16_t)(t->conf->port_lo + i);
}

static bool
is_free(const struct natmap *t, usec_t now, uint8_t proto, struct addr ext,
    uint16_t port)
{
	ext.port = port;
	return natmap_find_ext(t, now, proto, &ext) == NULL;
}

/* Where SEQUENTIAL goes on: after what strangers took since the last time,
 * anything from nothing to twice the mean. */
static uint32_t
next_in_row(struct natmap *t, usec_t now)
{
	usec_t since = usec_min(now - t->cursor_at, 60 * USEC_S);
	uint64_t mean2 = 2 * since * t->conf->cross_per_s / USEC_S;
	uint32_t strangers = rng_below(&t->rng, (uint32_t)mean2 + 1);
	uint32_t count = choices(t);
	int64_t at = t->cursor + (int64_t)t->conf->step * (strangers + 1);

	t->cursor_at = now;
	at %= count;
	t->cursor = (uint32_t)(at < 0 ? at + count : at);
	return t->cursor;
}

/* A free port for a mapping of in; 0 if there is none. */
static uint16_t
pick_port(struct natmap *t, usec_t now, uint8_t proto, const struct addr *in,
    const struct addr *ext, bool may_preserve)
{
	uint32_t count = choices(t), start;
	uint16_t port = (uint16_t)(in->port + t->shift);

	if (t->conf->alloc == NAT_PRESERVE && may_preserve &&
	    port >= t->conf->port_lo && is_free(t, now, proto, *ext, port))
		return port;
	if (t->conf->alloc == NAT_SEQUENTIAL)
		start = next_in_row(t, now);
	else
		start = rng_below(&t->rng, count);
	for (uint32_t i = 0; i < count; i++) {
		port = choice(t, in, (start + i) % count);
		if (!is_free(t, now, proto, *ext, port))
			continue;
		t->cursor = (start + i) % count;
		return port;
	}
	return 0;
}

static bool
is_over_limit(const struct natmap *t, usec_t now, const struct addr *in)
{
	uint32_t all = 0, own = 0;

	if (t->conf->table_max == 0 && t->conf->subscriber_max == 0)
		return false;
	for (uint32_t i = 0; i < t->count; i++)
		if (natmap_is_alive(&t->mappings[i], now)) {
			all++;
			own += addr_same_ip(&t->mappings[i].in, in);
		}
	return (t->conf->table_max != 0 && all >= t->conf->table_max) ||
	    (t->conf->subscriber_max != 0 && own >= t->conf->subscriber_max);
}

static struct mapping *
add_mapping(struct natmap *t, const struct mapping *m)
{
	if (t->count == t->capacity) {
		uint32_t capacity = t->capacity > 0 ? t->capacity * 2 : 16;
		struct mapping *grown =
		    realloc(t->mappings, capacity * sizeof *grown);

		if (grown == NULL)
			return NULL;
		t->mappings = grown;
		t->capacity = capacity;
	}
	t->mappings[t->count] = *m;
	return &t->mappings[t->count++];
}

struct mapping *
natmap_make(struct natmap *t, usec_t now, const struct pkt *p, bool is_single)
{
	struct mapping m = { .proto = p->proto, .is_single = is_single,
		.in = p->src, .remote = p->dst };
	const struct addr *ext;

	if (is_over_limit(t, now, &p->src))
		return NULL;
	if (is_untranslated(t, &p->src)) {
		m.ext = m.in;
		return add_mapping(t, &m);
	}
	ext = natmap_address(t, p->proto, &p->src);
	if (ext == NULL)
		return NULL;
	m.ext = *ext;
	m.ext.port = pick_port(t, now, p->proto, &p->src, ext, !is_single);
	return m.ext.port != 0 ? add_mapping(t, &m) : NULL;
}

struct mapping *
natmap_make_static(struct natmap *t, uint8_t proto, const struct addr *in,
    const struct addr *ext)
{
	struct mapping m = { .proto = proto, .is_static = true, .in = *in,
		.ext = *ext };

	return add_mapping(t, &m);
}

/* A place for a session: a dead one, or a new one at the end. */
static struct session *
session_place(struct mapping *m, usec_t now)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->sessions[i].expires <= now)
			return &m->sessions[i];
	if (m->count == m->capacity) {
		uint32_t capacity = m->capacity > 0 ? m->capacity * 2 : 4;
		struct session *grown;

		if (capacity > SESSIONS_MAX)
			return NULL;
		grown = realloc(m->sessions, capacity * sizeof *grown);
		if (grown == NULL)
			return NULL;
		m->sessions = grown;
		m->capacity = capacity;
	}
	return &m->sessions[m->count++];
}

struct session *
natmap_session(struct mapping *m, usec_t now, const struct addr *remote)
{
	struct session *s = natmap_find_session(m, now, remote);

	if (s != NULL)
		return s;
	s = session_place(m, now);
	if (s != NULL)
		*s = (struct session) { .remote = *remote };
	return s;
}

static usec_t
timer_of(const struct natmap *t, const struct mapping *m,
    const struct session *s)
{
	bool two_way = (s->marks & MARK_IN) && (s->marks & MARK_OUT);

	if (m->proto == PKT_UDP)
		return two_way ? t->conf->udp_timer : t->conf->udp_fresh;
	if (s->marks & MARK_CLOSED)
		return close_timer;
	if ((s->marks & MARK_UP) && !(s->marks & MARK_FIN))
		return t->conf->tcp_timer;
	return t->conf->tcp_transitory;
}

static void
follow_syn(struct session *s, const struct pkt *p, bool inward)
{
	bool is_answer = p->flags & PKT_ACK;

	if (!is_answer && !inward && (s->marks & (MARK_CLOSED | MARK_FIN)))
		s->marks = MARK_OUT;
	if (is_answer)
		s->marks &= (uint16_t)~MARK_CROSSED;
	else if (inward && (s->marks & MARK_SYN_OUT) &&
	    !(s->marks & MARK_SYN_IN))
		s->marks |= MARK_CROSSED;
	s->marks |= inward ? MARK_SYN_IN : MARK_SYN_OUT;
	*(inward ? &s->syn_in : &s->syn_out) = p->seq;
}

static void
follow_tcp(struct session *s, const struct pkt *p, bool inward)
{
	const uint16_t both = MARK_SYN_OUT | MARK_SYN_IN;

	if (p->flags & PKT_SYN)
		follow_syn(s, p, inward);
	else if ((s->marks & both) == both && (p->flags & PKT_ACK))
		s->marks |= MARK_UP;
	if (p->flags & PKT_FIN)
		s->marks |= MARK_FIN;
	if (p->flags & PKT_RST)
		s->marks |= MARK_CLOSED;
}

void
natmap_touch(const struct natmap *t, usec_t now, struct mapping *m,
    struct session *s, const struct pkt *p, bool inward)
{
	s->marks |= inward ? MARK_IN : MARK_OUT;
	if (p->proto == PKT_TCP) {
		follow_tcp(s, p, inward);
		/* Picked up in the middle of a connection. */
		if (t->conf->tcp_loose && !(s->marks & MARK_SYN_OUT))
			s->marks |= MARK_SYN_OUT | MARK_SYN_IN | MARK_UP;
	}
	if (inward && p->proto == PKT_UDP && t->conf->no_refresh_in) {
		if (s->expires == 0)
			s->expires = m->expires;
		return;
	}
	s->expires = now + timer_of(t, m, s);
	m->expires = 0;
	for (uint32_t i = 0; i < m->count; i++)
		if (m->sessions[i].expires > m->expires)
			m->expires = m->sessions[i].expires;
}
