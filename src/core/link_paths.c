#include "link_state.h"

#include <string.h>

bool
link_is_active(const struct link *l, usec_t now)
{
	return (l->text_at != 0 && now - l->text_at < LINK_ACTIVE_US) ||
	    chan_has_unacked(&l->chan);
}

/* Where a path that is used, or was, loses something, all that could take its
 * place are measured. */
static bool
is_measured(const struct link *l, const struct path *path)
{
	int i;

	if (l->use == NULL || (path != l->use && !path->is_lossy &&
	    path->transport != TRANSPORT_RELAY &&
	    path_loss(path) < PATH_LOSS_DOUBT))
		return false;
	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *other = &l->paths.list[i];

		if (other->state == PATH_VALID && (other == l->use ||
		    other->transport != TRANSPORT_RELAY) &&
		    path_loss(other) >= PATH_LOSS_DOUBT)
			return true;
	}
	return false;
}

usec_t
link_next_ping(const struct link *l, struct self *self, usec_t now,
    const struct path *path)
{
	bool is_late = path->asked_at != USEC_NEVER;

	if (path->state == PATH_DEAD)
		return now + LINK_REVIVE_EVERY_US;
	if (is_late && path == l->use)
		return now + PATH_ASK_AGAIN_US;
	if (link_is_active(l, now) && is_measured(l, path))
		return now + PATH_MEASURE_US;
	if (is_late)
		return now + PATH_ACTIVE_US;
	if (path == l->use && link_is_active(l, now))
		return now + PATH_ACTIVE_US;
	if (path->transport == TRANSPORT_RELAY && path != l->use)
		return now + LINK_RESERVE_US;
	/* RFC 4787 REQ-5 allows 2 minutes; NATs of 30 s exist (nat.md 2). */
	return now + rng_range(&self->rng,
	    (uint32_t)(keep_us(&self->keep) / 5 * 4),
	    (uint32_t)keep_us(&self->keep));
}

void
link_set_route(struct link *l, struct self *self, usec_t now, uint64_t route)
{
	struct path *path;

	l->route = route;
	l->wants_resume = false;
	path = paths_find(&l->paths, TRANSPORT_RELAY, -1, NULL);
	if (route == 0) {
		if (path != NULL) {
			if (l->use == path)
				l->use = NULL;
			path_forget(path);
		}
		return;
	}
	if (path == NULL)
		path = paths_add(&l->paths, now, TRANSPORT_RELAY, CAND_RELAY,
		    -1, &self->server, l->use);
	if (path == NULL)
		return;
	/* The server's word is enough to begin with; pings tell more. */
	path->state = PATH_VALID;
	path->addr = self->server;
	path->asked_at = USEC_NEVER;
	path->proved_at = path->heard_at = now;
	path->ping_at = now;
}

const struct path *
link_lossy(const struct link *l)
{
	const struct path *lossy = NULL;
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &l->paths.list[i];

		if (path->state != PATH_VALID ||
		    path->transport != TRANSPORT_UDP)
			continue;
		if (!path->is_lossy)
			return NULL;
		if (lossy == NULL || path_loss(path) < path_loss(lossy))
			lossy = path;
	}
	return lossy;
}

/* The UDP path that is left for what it loses, or has been; NULL if that is not
 * why. */
static const struct path *
left_for_loss(const struct link *l)
{
	const struct path *use = l->use;

	if (use == NULL || use->transport != TRANSPORT_UDP)
		return link_lossy(l);
	return path_loss(use) > PATH_LOSS_GOOD &&
	    use->loss_samples > PATH_LOSS_WEIGHT / 4 ? use : NULL;
}

/* Why messages go over best from now on. */
static void
note_move(struct link *l, const struct path *best, bool was_dead)
{
	const struct path *lossy = left_for_loss(l);

	l->is_moved = true;
	l->moved_by = was_dead ? REASON_PATH_LOST : REASON_PATH_BETTER;
	if (best != NULL && l->is_asked && best->transport == l->preferred) {
		l->moved_by = REASON_ASKED;
		l->is_asked = false;
	} else if (best != NULL && lossy != NULL && !was_dead &&
	    best->transport != TRANSPORT_UDP) {
		l->moved_by = REASON_LOSSY;
		l->moved_loss = path_loss(lossy);
	}
}

void
link_choose(struct link *l, usec_t now)
{
	struct path *best = paths_best(&l->paths, now, l->preferred, l->use,
	    l->relay_ok);
	bool was_dead = l->use == NULL || l->use->state != PATH_VALID;

	if (best == l->use)
		return;
	if (best != NULL)
		chan_path_changed(&l->chan, now, best->rtt_us, was_dead);
	note_move(l, best, was_dead);
	l->use = best;
	l->moved_at = now;
	if (best == NULL)
		l->wants_resume = true;
	else
		best->ping_at = usec_min(best->ping_at, was_dead &&
		    best->proved_at < now ? now : now + PATH_ACTIVE_US);
}

void
link_prefer(struct link *l, enum transport transport)
{
	l->is_asked = transport != TRANSPORT_NONE &&
	    (l->use == NULL || l->use->transport != transport);
	l->preferred = transport;
}

void
link_stream_gone(struct link *l, usec_t now, int sock)
{
	struct path *path = paths_find(&l->paths, TRANSPORT_TCP, sock, NULL);

	if (path == NULL)
		return;
	path->state = PATH_DEAD;
	link_choose(l, now);
	path_forget(path);
}

/* The path has been silent for too long. */
static void
lose(struct link *l, usec_t now, struct path *path)
{
	if (path->transport == TRANSPORT_RELAY) {
		l->wants_resume = true;
		if (l->use == path)
			l->use = NULL;
		path_forget(path);
		l->route = 0;
		l->is_moved = true;
		l->moved_at = now;
		l->moved_by = REASON_PATH_LOST;
		return;
	}
	path->state = PATH_DEAD;
	path->died_at = now;
	if (path == l->use)
		l->wants_resume = true;
	if (path->transport == TRANSPORT_TCP)
		l->has_dead_stream = true;
}

/* Our question beside an answer may have been lost. Whoever is heard under an
 * address that has not answered yet gets three times the bytes that came from
 * there (RFC 9000 section 8.1), of which the answer takes the better part. */
static void
ask_again(struct link *l, struct self *self, struct uplink *up, usec_t now,
    struct path *path)
{
	path->ping_at = USEC_NEVER;
	if (path->transport != TRANSPORT_UDP ||
	    path->sent >= 2 * path->received)
		return;
	link_ping(l, self, up, now, path, 0);
	path->ping_at = now + PATH_ASK_AGAIN_US;
}

/* Is the path one of those that an attempt (punch.h) does not take care of? */
static bool
is_ours_to_ask(const struct link *l, const struct path *path)
{
	return path->state == PATH_VALID || path->state == PATH_DEAD ||
	    (path->state == PATH_TRYING && !l->is_punching);
}

/* The relay in reserve is not asked for long times. */
static void
measure_relay(struct link *l, usec_t now, const struct path *path)
{
	struct path *relay = paths_find(&l->paths, TRANSPORT_RELAY, -1, NULL);

	if (path != l->use || relay == NULL || relay == path ||
	    !link_is_active(l, now) || path_loss(path) < PATH_LOSS_DOUBT)
		return;
	relay->ping_at = usec_min(relay->ping_at, now + PATH_MEASURE_US);
}

static void
expire_path(struct link *l, struct self *self, struct uplink *up, usec_t now,
    struct path *path)
{
	if (path_is_lost(path, now)) {
		lose(l, now, path);
		return;
	}
	if (path->state == PATH_DEAD &&
	    now - path->died_at >= LINK_REVIVE_US && path != l->use) {
		path_forget(path);
		return;
	}
	if (path->ping_at > now || !is_ours_to_ask(l, path))
		return;
	if (path->state == PATH_TRYING) {
		ask_again(l, self, up, now, path);
		return;
	}
	link_ping(l, self, up, now, path, 0);
	path->ping_at = link_next_ping(l, self, now, path);
	measure_relay(l, now, path);
	/* The first late answer is noticed in time. */
	if (path == l->use && path->asked_at == now)
		path->ping_at = usec_min(path->ping_at,
		    now + path_patience(path));
}

void
link_expire(struct link *l, struct self *self, struct uplink *up, usec_t now)
{
	int i;

	for (i = 0; i < PATHS_MAX; i++)
		if (l->paths.list[i].state != PATH_FREE)
			expire_path(l, self, up, now, &l->paths.list[i]);
	if (l->has_spare && !l->is_spare_next &&
	    now - l->keys_at >= LINK_OLD_KEYS_US) {
		session_fini(&l->spare);
		l->has_spare = false;
	}
	if (l->use != NULL && chan_deadline(&l->chan) <= now)
		chan_expire(&l->chan, now);
}

usec_t
link_deadline(const struct link *l)
{
	usec_t at = USEC_NEVER;
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &l->paths.list[i];

		if (!is_ours_to_ask(l, path))
			continue;
		at = usec_min(at, path->ping_at);
		at = usec_min(at, path_lost_at(path));
	}
	if (l->has_spare && !l->is_spare_next)
		at = usec_min(at, l->keys_at + LINK_OLD_KEYS_US);
	if (l->use != NULL)
		at = usec_min(at, chan_deadline(&l->chan));
	return at;
}

void
link_doubt(struct link *l, usec_t now)
{
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &l->paths.list[i];

		if (path->state == PATH_VALID)
			path->ping_at = now;
	}
}
