#include "punch.h"

#include <string.h>

bool
punch_needs_low_ttl(const struct addr *to)
{
	enum addr_class class = addr_class(to);

	return class == ADDR_IS_PUBLIC || class == ADDR_IS_SHARED;
}

/* A carrier's NAT is further away, if it is not known how far, and a NAT that
 * takes early packets for its own wants one side to wait: in the second attempt
 * it is that with the lower key, in the third the other. */
static const struct way {
	uint8_t ttl;         /* of the first packet; 0: full */
	usec_t full_after;
} ways[][2] = {
	{ { PUNCH_LOW_TTL, PUNCH_FULL_AFTER_US },
	    { PUNCH_LOW_TTL, PUNCH_FULL_AFTER_US } },
	{ { 4, 300 * USEC_MS }, { 0, 50 * USEC_MS } },
	{ { 0, 50 * USEC_MS }, { 4, 300 * USEC_MS } },
	{ { PUNCH_FAR_TTL, 50 * USEC_MS }, { PUNCH_FAR_TTL, 50 * USEC_MS } },
};

static const struct way *
way_of(const struct punch *p)
{
	uint32_t n = p->attempts > 0 ? p->attempts - 1 : 0;

	return &ways[n % (sizeof ways / sizeof ways[0])][!p->is_lower];
}

/* What was found holds on the way to the rest of the world; in the network of
 * a carrier, and through its hairpin, the peer's NAT may be as near as the
 * carrier's. */
bool
punch_knows_ttl(const struct self *self, const struct addr *to)
{
	return self->depth > 0 && to->family == ADDR_V4 &&
	    addr_class(to) == ADDR_IS_PUBLIC &&
	    !addr_same_ip(to, &self->seen);
}

uint8_t
punch_ttl_of(const struct self *self, const struct addr *to)
{
	return punch_knows_ttl(self, to) ? (uint8_t)(self->depth + 1) :
	    PUNCH_LOW_TTL;
}

/* The first packet's; 0: full. */
static uint8_t
first_ttl(const struct punch *p, const struct self *self,
    const struct addr *to)
{
	uint8_t ttl = way_of(p)->ttl;

	if (ttl == 0 || ttl == PUNCH_FAR_TTL || !punch_knows_ttl(self, to))
		return ttl;
	return punch_ttl_of(self, to);
}

uint8_t
punch_low_ttl(const struct punch *p, const struct self *self,
    const struct addr *to)
{
	uint8_t ttl = first_ttl(p, self, to);

	return ttl != 0 ? ttl : punch_ttl_of(self, to);
}

/* Where somebody was heard he gets his answer, however many others did not, and
 * a repetition of it. */
static bool
is_free(const struct punch *p, const struct path *path)
{
	return p->sent < PUNCH_PROBES_MAX || path->sent < 2 * path->received;
}

static void
probe(struct punch *p, struct link *l, struct self *self, struct uplink *up,
    usec_t now, struct path *path, uint8_t ttl)
{
	if (!is_free(p, path))
		return;
	p->sent++;
	link_ping(l, self, up, now, path, ttl);
}

/* The first probe: a low TTL where that is of use. */
static void
probe_first(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now, struct path *path)
{
	bool is_low = punch_needs_low_ttl(&path->addr);

	probe(p, l, self, up, now, path,
	    is_low ? first_ttl(p, self, &path->addr) : 0);
	path->ping_at = now + (is_low ? way_of(p)->full_after : 50 * USEC_MS);
}

static struct path *
add_path(struct link *l, usec_t now, const struct cand *cand)
{
	struct path *path = paths_add(&l->paths, now, TRANSPORT_UDP,
	    (enum cand_kind)cand->kind, -1, &cand->addr, l->use);

	if (path != NULL && path->state == PATH_DEAD)
		path->state = PATH_TRYING;
	return path;
}

void
punch_add(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now, const struct cands *cands)
{
	size_t i, burst = 0;

	if (!p->is_on)
		return;
	for (i = 0; i < cands->count; i++) {
		struct path *path = paths_find(&l->paths, TRANSPORT_UDP, -1,
		    &cands->list[i].addr);

		if (path != NULL && path->state == PATH_TRYING)
			continue;
		path = add_path(l, now, &cands->list[i]);
		if (path == NULL || path->state != PATH_TRYING)
			continue;
		/* The others come one by one, when the burst is over. */
		if (burst++ < PUNCH_BURST)
			probe_first(p, l, self, up, now, path);
		else
			path->ping_at = now + PUNCH_PACE_US;
	}
}

void
punch_start(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now, const struct cands *cands)
{
	if (!p->is_on) {
		p->is_on = l->is_punching = true;
		p->began_at = now;
		p->won_at = USEC_NEVER;
		p->sent = 0;
		p->attempts++;
		log_debug(self->log, "attempt %u at a direct path: %zu "
		    "addresses to try", p->attempts, cands->count);
	}
	p->pace_at = now;
	punch_add(p, l, self, up, now, cands);
}

static usec_t
pause_of(const struct punch *p, const struct path *path, usec_t now)
{
	if (path->sent <= 8)
		return 50 * USEC_MS;
	return now - p->began_at < 2 * USEC_S ? 200 * USEC_MS : 500 * USEC_MS;
}

/* A direct path that answers, not one whose end nobody has noticed yet. */
static bool
has_direct(const struct link *l, usec_t since)
{
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &l->paths.list[i];

		if (path->state == PATH_VALID && path->proved_at >= since &&
		    path->transport == TRANSPORT_UDP)
			return true;
	}
	return false;
}

static void
note(struct punch *p, const struct path *path)
{
	struct why_try *try = &p->tries[p->tries_count++];
	bool answered = path->answered_at != USEC_NEVER;

	memset(try, 0, sizeof *try);
	try->transport = (enum transport)path->transport;
	try->addr = path->addr;
	try->kind = path->kind;
	try->sent = path->sent;
	try->received = path->received;
	try->first_ms = (uint32_t)((path->tried_at - p->began_at) / USEC_MS);
	try->last_ms = answered ? (uint32_t)((path->answered_at -
	    p->began_at) / USEC_MS) : 0;
}

/* A path that worked before is worth a ping a second for the rest of its
 * minute (link_paths.c); an address that never answered is not. */
static void
give_up(struct path *path, usec_t now)
{
	if (path->answered_at == USEC_NEVER) {
		path_forget(path);
		return;
	}
	path->state = PATH_DEAD;
	path->ping_at = now + LINK_REVIVE_EVERY_US;
}

void
punch_note(struct punch *p, const struct link *l, usec_t now)
{
	int i;

	if (!p->is_on)
		return;
	p->took_ms = (uint32_t)((now - p->began_at) / USEC_MS);
	p->tries_count = 0;
	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &l->paths.list[i];

		if (path->state != PATH_FREE &&
		    path->transport == TRANSPORT_UDP &&
		    path->tried_at >= p->began_at)
			note(p, path);
	}
}

void
punch_stop(struct punch *p, struct link *l, usec_t now)
{
	int i;

	if (!p->is_on)
		return;
	punch_note(p, l, now);
	p->is_on = l->is_punching = false;
	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &l->paths.list[i];

		if (path->state == PATH_TRYING &&
		    path->transport == TRANSPORT_UDP)
			give_up(path, now);
	}
}

static bool
is_over(const struct punch *p, usec_t now)
{
	if (p->won_at != USEC_NEVER)
		return now - p->won_at >= PUNCH_AFTER_SUCCESS_US;
	return now - p->began_at >= PUNCH_ENDS_US;
}

static bool
is_due(const struct punch *p, const struct path *path, usec_t now)
{
	return path->state == PATH_TRYING && path->ping_at <= now &&
	    path->transport == TRANSPORT_UDP && is_free(p, path);
}

/* The burst of full TTL behind that of low TTL. */
static bool
is_burst(const struct path *path)
{
	return path->sent == 1 && path->pings[0].at == path->tried_at &&
	    punch_needs_low_ttl(&path->addr);
}

/* Of those that are due the one that was asked least: all get their turn. */
static struct path *
next_due(const struct punch *p, struct link *l, usec_t now)
{
	struct path *next = NULL;
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &l->paths.list[i];

		if (is_due(p, path, now) &&
		    (next == NULL || path->sent < next->sent))
			next = path;
	}
	return next;
}

/* Due probes: those of the burst at once, of the others one, and the rest when
 * the pace allows. */
static void
send_due(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now)
{
	struct path *path;
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		path = &l->paths.list[i];
		if (!is_due(p, path, now) || !is_burst(path))
			continue;
		probe(p, l, self, up, now, path, 0);
		path->ping_at = now + pause_of(p, path, now);
	}
	path = p->pace_at <= now ? next_due(p, l, now) : NULL;
	if (path != NULL) {
		p->pace_at = now + PUNCH_PACE_US;
		if (path->sent == 0)
			probe_first(p, l, self, up, now, path);
		else {
			probe(p, l, self, up, now, path, 0);
			path->ping_at = now + pause_of(p, path, now);
		}
	}
	while ((path = next_due(p, l, now)) != NULL)
		path->ping_at = p->pace_at;
}

bool
punch_expire(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now)
{
	if (!p->is_on)
		return false;
	if (p->won_at == USEC_NEVER && has_direct(l, p->began_at))
		p->won_at = now;
	if (is_over(p, now)) {
		punch_stop(p, l, now);
		return true;
	}
	send_due(p, l, self, up, now);
	return false;
}

usec_t
punch_deadline(const struct punch *p, const struct link *l)
{
	usec_t at;
	int i;

	if (!p->is_on)
		return USEC_NEVER;
	at = p->won_at != USEC_NEVER ? p->won_at + PUNCH_AFTER_SUCCESS_US :
	    p->began_at + PUNCH_ENDS_US;
	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &l->paths.list[i];

		if (path->state == PATH_TRYING && is_free(p, path) &&
		    path->transport == TRANSPORT_UDP)
			at = usec_min(at, path->ping_at);
	}
	return at;
}
