#include "path.h"

#include <string.h>

void
paths_init(struct paths *p)
{
	memset(p, 0, sizeof *p);
}

struct path *
paths_find(struct paths *p, enum transport transport, int sock,
    const struct addr *addr)
{
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->list[i];

		if (path->state == PATH_FREE || path->transport != transport)
			continue;
		if (transport == TRANSPORT_RELAY)
			return path;
		if (path->sock == sock && (transport == TRANSPORT_TCP ||
		    addr_eq(&path->addr, addr)))
			return path;
	}
	return NULL;
}

static struct path *
find_room(struct paths *p, const struct path *keep)
{
	struct path *worst = NULL;
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->list[i];

		if (path->state == PATH_FREE)
			return path;
		/* A stream cannot be forgotten without being closed. */
		if (path->state == PATH_VALID || path == keep ||
		    path->transport != TRANSPORT_UDP)
			continue;
		if (worst == NULL || path->heard_at < worst->heard_at)
			worst = path;
	}
	return worst;
}

struct path *
paths_add(struct paths *p, usec_t now, enum transport transport,
    enum cand_kind kind, int sock, const struct addr *addr,
    const struct path *keep)
{
	struct path *path = paths_find(p, transport, sock, addr);

	if (path != NULL)
		return path;
	path = find_room(p, keep);
	if (path == NULL)
		return NULL;
	memset(path, 0, sizeof *path);
	path->state = PATH_TRYING;
	path->transport = (uint8_t)transport;
	path->kind = (uint8_t)kind;
	path->sock = sock;
	path->addr = *addr;
	path->asked_at = USEC_NEVER;
	path->ping_at = USEC_NEVER;
	path->answered_at = USEC_NEVER;
	path->tried_at = now;
	return path;
}

void
path_forget(struct path *path)
{
	memset(path, 0, sizeof *path);
}

uint32_t
path_loss(const struct path *path)
{
	return path->loss / PATH_LOSS_WEIGHT;
}

static void
sample_loss(struct path *path, usec_t now, bool is_lost)
{
	/* The first ones weigh more, or all would begin without loss. */
	if (path->loss_samples < PATH_LOSS_WEIGHT)
		path->loss_samples++;
	path->loss -= path->loss / path->loss_samples;
	path->loss += is_lost ? 1000 * PATH_LOSS_WEIGHT /
	    path->loss_samples : 0;
	if (path_loss(path) >= PATH_LOSS_BAD &&
	    path->loss_samples == PATH_LOSS_WEIGHT && !path->is_lossy) {
		path->is_lossy = true;
		path->lossy_at = now;
	}
	if (path_loss(path) <= PATH_LOSS_GOOD &&
	    now - path->lossy_at >= PATH_LOSS_REST_US)
		path->is_lossy = false;
}

/* A path that was gone and is back was interrupted. A lossy one loses some
 * pings and answers others. */
static void
forget_loss(struct path *path)
{
	path->loss = 0;
	path->loss_samples = 0;
	path->is_lossy = false;
}

static usec_t
cost(const struct path *path)
{
	return path->rtt_us + path_loss(path) * PATH_LOSS_COST_US;
}

bool
path_gives_way(const struct path *path, const struct path *relay,
    const struct path *current)
{
	if (!path->is_lossy || relay == NULL || relay->state != PATH_VALID)
		return false;
	if (current == relay)
		return path_loss(relay) < path_loss(path);
	return path_loss(relay) <= PATH_LOSS_RELAY &&
	    relay->loss_samples == PATH_LOSS_WEIGHT &&
	    cost(relay) < cost(path);
}

static const struct path_ping *
last_ping(const struct path *path)
{
	return &path->pings[(path->pings_next + PATH_PINGS - 1) % PATH_PINGS];
}

bool
path_is_triggered(const struct path *path, usec_t now)
{
	return path->state != PATH_VALID && (path->sent < PATH_TRIGGER_FREE ||
	    now - last_ping(path)->at >= PATH_TRIGGER_US);
}

/* The last ping, if it is too old to be answered. */
static void
note_lost(struct path *path, usec_t now)
{
	const struct path_ping *last = last_ping(path);

	if (path->state == PATH_VALID && last->token != 0 &&
	    now - last->at >= path_patience(path))
		sample_loss(path, now, true);
}

uint64_t
path_challenge(struct path *path, usec_t now, struct rng *rng)
{
	struct path_ping *ping = &path->pings[path->pings_next];

	note_lost(path, now);
	path->pings_next = (path->pings_next + 1) % PATH_PINGS;
	do
		ping->token = rng_u64(rng);
	while (ping->token == 0);
	ping->at = now;
	if (path->asked_at == USEC_NEVER)
		path->asked_at = now;
	path->sent++;
	return ping->token;
}

static void
sample_rtt(struct path *path, usec_t rtt)
{
	/* RFC 6298 smoothing; the first sample stands alone. */
	path->rtt_us = path->rtt_us == 0 ? rtt :
	    (7 * path->rtt_us + rtt) / 8;
	if (path->rtt_us == 0)
		path->rtt_us = 1;
}

void
path_proved(struct path *path, usec_t now, usec_t asked_at)
{
	if (path->state != PATH_VALID)
		forget_loss(path);
	sample_rtt(path, now - asked_at);
	sample_loss(path, now, false);
	memset(path->pings, 0, sizeof path->pings);
	path->state = PATH_VALID;
	path->asked_at = USEC_NEVER;
	path->proved_at = now;
	if (path->answered_at == USEC_NEVER)
		path->answered_at = now;
}

struct path *
paths_answer(struct paths *p, usec_t now, uint64_t token)
{
	int i, k;

	if (token == 0)
		return NULL;
	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->list[i];

		if (path->state == PATH_FREE)
			continue;
		for (k = 0; k < PATH_PINGS; k++) {
			if (path->pings[k].token != token)
				continue;
			path_proved(path, now, path->pings[k].at);
			return path;
		}
	}
	return NULL;
}

void
path_heard(struct path *path, usec_t now)
{
	path->heard_at = now;
	path->received++;
}

usec_t
path_patience(const struct path *path)
{
	usec_t rtt = path->rtt_us != 0 ? path->rtt_us : PATH_RTT_FIRST_US;
	usec_t patience = 3 * rtt;

	return patience < 400 * USEC_MS ? 400 * USEC_MS : patience;
}

bool
path_is_sure(const struct path *path, usec_t now)
{
	if (path->state != PATH_VALID)
		return false;
	return path->asked_at == USEC_NEVER ||
	    now - path->asked_at < path_patience(path);
}

usec_t
path_lost_at(const struct path *path)
{
	usec_t asked, silent;

	if (path->state != PATH_VALID || path->asked_at == USEC_NEVER)
		return USEC_NEVER;
	asked = path->asked_at + PATH_ASKED_US;
	silent = path->proved_at + PATH_LOST_US;
	return asked > silent ? asked : silent;
}

bool
path_is_lost(const struct path *path, usec_t now)
{
	return path_lost_at(path) <= now;
}

enum { RANK_POOR = 2 };

/* From one transport back to the other only when that is as good as it was: or
 * every lost question would be a move, and every answer one back. */
static bool
is_convalescent(const struct path *path, const struct path *current)
{
	return current != NULL && current->transport != TRANSPORT_RELAY &&
	    path->transport != current->transport &&
	    path_loss(path) > PATH_LOSS_GOOD;
}

/* Higher is better: first what it is, then how sure it is. */
static int
rank(const struct path *path, usec_t now, enum transport preferred,
    const struct path *relay, const struct path *current)
{
	bool sure = path_is_sure(path, now);
	bool is_asked = path->transport == preferred;
	/* Who asked for UDP knows what it loses. */
	bool is_lossy = path->is_lossy && !(is_asked &&
	    preferred == TRANSPORT_UDP);

	if (path->transport == TRANSPORT_RELAY)
		return 1;
	if (is_lossy && path_gives_way(path, relay, current))
		return 0;
	if (!sure || is_lossy || (!is_asked &&
	    is_convalescent(path, current)))
		return RANK_POOR;
	return is_asked ? 5 :
	    path->transport == TRANSPORT_UDP ? 4 : 3;
}

/* What paths of one rank are compared by. */
static usec_t
weight(const struct path *path, int rank)
{
	return rank == RANK_POOR ? cost(path) : path->rtt_us;
}

/* Is a clearly better than b, both of one rank? */
static bool
is_clearly_better(const struct path *a, const struct path *b, int rank)
{
	usec_t than = weight(b, rank);

	return weight(a, rank) + 5 * USEC_MS < than - than / 5;
}

struct path *
paths_best(struct paths *p, usec_t now, enum transport preferred,
    const struct path *current, bool relay_ok)
{
	struct path *best = NULL, *relay = relay_ok ?
	    paths_find(p, TRANSPORT_RELAY, -1, NULL) : NULL;
	int i, best_rank = 0;

	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->list[i];
		int r;

		if (path->state != PATH_VALID)
			continue;
		if (path->transport == TRANSPORT_RELAY && !relay_ok)
			continue;
		r = rank(path, now, preferred, relay, current);
		if (best == NULL || r > best_rank ||
		    (r == best_rank && path == current &&
		    !is_clearly_better(best, path, r)) ||
		    (r == best_rank && best != current &&
		    weight(path, r) < weight(best, r)) ||
		    (r == best_rank && best == current &&
		    is_clearly_better(path, best, r))) {
			best = path;
			best_rank = r;
		}
	}
	return best;
}
