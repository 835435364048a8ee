#include "client_state.h"

#include <string.h>

static enum reason
why_not_direct(const struct client *c, const struct peer *p)
{
	bool ours = nat_mapping_of(c->self.nat) == NAT_APDM;
	bool theirs = nat_mapping_of(p->nat) == NAT_APDM;
	int i;

	if (p->link.use == NULL)
		return REASON_PATH_LOST;
	if (p->link.use->transport != TRANSPORT_RELAY)
		return REASON_NONE;
	for (i = 0; i < PATHS_MAX; i++)
		if (path_gives_way(&p->link.paths.list[i], p->link.use,
		    p->link.use))
			return REASON_LOSSY;
	if (c->up.session_tcp || p->seen.port == 0)
		return REASON_UDP_BLOCKED;
	if (ours && theirs)
		return REASON_NAT_HARD;
	if ((ours && nat_filter_of(p->nat) == FILTER_APDF) ||
	    (theirs && nat_filter_of(c->self.nat) == FILTER_APDF))
		return REASON_NAT_HALF;
	return REASON_NO_DIRECT;
}

static bool
is_behind_nat(uint8_t nat)
{
	return nat_mapping_of(nat) != NAT_NONE;
}

static bool
has_ipv6(const struct self *self)
{
	size_t i;

	for (i = 0; i < self->locals_count; i++)
		if (self->locals[i].family == ADDR_V6 &&
		    addr_class(&self->locals[i]) == ADDR_IS_PUBLIC)
			return true;
	return false;
}

/* Whether the peer offers a public IPv6 address, or a mapped one. */
static bool
offers(const struct peer *p, bool ipv6)
{
	size_t i;

	for (i = 0; i < p->cands.count; i++) {
		const struct cand *cand = &p->cands.list[i];

		if (ipv6 ? cand->addr.family == ADDR_V6 &&
		    addr_class(&cand->addr) == ADDR_IS_PUBLIC :
		    cand->kind == CAND_MAPPED)
			return true;
	}
	return false;
}

static uint32_t
advise(const struct client *c, const struct peer *p, enum reason reason,
    const struct mapping_report *mapping)
{
	bool ours = has_ipv6(&c->self), theirs = offers(p, true);
	uint32_t bits = 0;

	if (reason == REASON_NONE || reason == REASON_LOSSY)
		return 0;
	if (c->self.is_tcp_only)
		bits |= 1u << ADVICE_UDP_OWN;
	if (p->is_tcp_only)
		bits |= 1u << ADVICE_UDP_PEER;
	if (mapping->state != MAPPING_OPEN && is_behind_nat(c->self.nat))
		bits |= 1u << ADVICE_MAP_OWN;
	if (!offers(p, false) && is_behind_nat(p->nat))
		bits |= 1u << ADVICE_MAP_PEER;
	if (!ours || !theirs)
		bits |= 1u << (ours ? ADVICE_IPV6_PEER : theirs ?
		    ADVICE_IPV6_OWN : ADVICE_IPV6_BOTH);
	if (p->tcp.attempt == 0 && reason != REASON_NAT_HARD)
		bits |= 1u << ADVICE_TCP;
	return bits;
}

const struct why *
client_keep_why(struct client *c, struct why *why)
{
	why->tries = (const struct why_try *)outbox_keep(&c->self.out,
	    why->tries, why->tries_count * sizeof *why->tries);
	if (why->tries == NULL)
		why->tries_count = 0;
	return (const struct why *)outbox_keep(&c->self.out, why,
	    sizeof *why);
}

void
client_why(const struct client *c, usec_t now, const struct peer *p,
    struct why *out)
{
	struct chan_stats stats;

	memset(out, 0, sizeof *out);
	out->own_public = c->self.seen;
	out->own_nat = c->self.nat;
	out->own_step = c->self.nat_step;
	out->own_depth = c->self.depth;
	memcpy(out->hops, c->self.hops, sizeof out->hops);
	out->alive_s = (uint16_t)(c->self.keep.alive_us / USEC_S);
	out->dead_s = (uint16_t)(c->self.keep.dead_us / USEC_S);
	out->beat_s = (uint16_t)(keep_us(&c->self.keep) / USEC_S);
	portmap_report(&c->maps[SOCK_UDP4], now, &out->mappings[MAPPING_V4]);
	portmap_report(&c->maps[SOCK_UDP6], now, &out->mappings[MAPPING_V6]);
	if (p == NULL)
		return;
	chan_stats(&p->link.chan, &stats);
	out->peer_public = p->seen;
	out->peer_nat = p->nat;
	out->reason = why_not_direct(c, p);
	out->advice = advise(c, p, out->reason, &out->mappings[MAPPING_V4]);
	out->guessed_udp = p->guessed_udp;
	out->guessed_tcp = p->guessed_tcp;
	out->refused_tcp = p->refused_tcp;
	out->tcp_reason = p->tcp_reason;
	out->attempts = p->punch.attempts;
	out->attempt_ms = p->punch.took_ms;
	out->tries = p->punch.tries;
	out->tries_count = p->punch.tries_count;
	out->loss_permille = stats.loss_permille;
	if (p->link.use == NULL)
		return;
	if (p->link.use->transport != TRANSPORT_UDP &&
	    link_lossy(&p->link) != NULL)
		out->udp_loss_permille = path_loss(link_lossy(&p->link));
	out->transport = (enum transport)p->link.use->transport;
	out->addr = p->link.use->addr;
	out->rtt_us = (uint32_t)p->link.use->rtt_us;
}

bool
client_path(const struct client *c, usec_t now, const char *peer,
    struct client_path *out)
{
	const struct peer *p = *peer == '\0' ? c->current :
	    client_peer_by_name((struct client *)c, peer, -1);

	memset(out, 0, sizeof *out);
	if (p == NULL)
		return false;
	client_why(c, now, p, &out->why);
	out->is_open = p->state == PEER_OPEN;
	out->is_punching = p->punch.is_on;
	if (p->punch.is_on)
		out->punch_ms = (uint32_t)((now - p->punch.began_at) /
		    USEC_MS);
	out->probes = p->punch.sent;
	out->is_switching = p->tcp.state != TCPSWITCH_IDLE;
	out->has_relay = p->link.route != 0;
	out->resumes = p->resumes;
	if (p->resume_at != USEC_NEVER && p->resume_at > now)
		out->resume_ms = (uint32_t)((p->resume_at - now) / USEC_MS);
	if (out->is_open)
		out->heard_ms = (uint32_t)((now - p->link.heard_at) / USEC_MS);
	return true;
}

const struct person *
client_online(const struct client *c, size_t *count, uint64_t *version)
{
	*count = c->online_count;
	*version = c->online_version;
	return c->online;
}

const char *
client_name(const struct client *c)
{
	return c->self.name;
}

enum server_state
client_server_state(const struct client *c)
{
	if (c->is_leaving)
		return SERVER_LEFT;
	if (c->up.is_up)
		return SERVER_REGISTERED;
	if (c->up.was_up)
		return SERVER_LOST;
	return c->up.state == UPLINK_RESOLVING ? SERVER_RESOLVING :
	    c->up.state == UPLINK_WAITING ? SERVER_UNREACHABLE :
	    SERVER_REGISTERING;
}

const char *
client_current(const struct client *c)
{
	return c->current != NULL ? c->current->name : "";
}

enum transport
client_link(const struct client *c, const char *peer, struct addr *addr)
{
	const struct peer *p = *peer == '\0' ? c->current :
	    client_peer_by_name((struct client *)c, peer, PEER_OPEN);

	*addr = (struct addr){ 0 };
	if (p == NULL || !p->is_connected || p->link.use == NULL ||
	    p->link_told == LINK_LOST)
		return TRANSPORT_NONE;
	*addr = p->link.use->addr;
	return (enum transport)p->link.use->transport;
}

size_t
client_undelivered(const struct client *c)
{
	size_t n = 0;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		const struct peer *p = c->peers[i];
		const uint8_t *msg;
		uint64_t at = 0, id;
		size_t len;

		while (p != NULL && chan_next_undelivered(&p->link.chan,
		    STREAM_TEXT, &at, &id, &msg, &len))
			n++;
	}
	return n;
}
