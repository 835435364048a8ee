#include "link_state.h"

#include "err.h"
#include "frame.h"

#include <assert.h>
#include <string.h>

void
link_init(struct link *l)
{
	memset(l, 0, sizeof *l);
	chan_init(&l->chan, 0);
	paths_init(&l->paths);
}

void
link_open(struct link *l, struct noise *noise, bool is_asker, uint32_t index,
    uint32_t remote, usec_t now)
{
	session_init(&l->session, noise);
	l->is_open = true;
	l->is_asker = is_asker;
	l->index = index;
	l->remote = remote;
	l->keys_at = l->heard_at = now;
}

void
link_fini(struct link *l)
{
	session_fini(&l->session);
	session_fini(&l->spare);
	chan_fini(&l->chan);
	memset(l, 0, sizeof *l);
}

static void
swap_keys(struct link *l, usec_t now)
{
	struct session session = l->session;
	uint32_t index = l->index, remote = l->remote;

	l->session = l->spare;
	l->index = l->spare_index;
	l->remote = l->spare_remote;
	l->spare = session;
	l->spare_index = index;
	l->spare_remote = remote;
	l->is_spare_next = false;
	l->keys_at = now;
	l->first_pn = l->next_pn;
	session_fini(&session);
}

void
link_rekey_receive(struct link *l, struct noise *noise, uint32_t index,
    uint32_t remote, usec_t now)
{
	session_fini(&l->spare);
	session_init(&l->spare, noise);
	l->spare_index = index;
	l->spare_remote = remote;
	l->has_spare = l->is_spare_next = true;
	/* From here the time runs for both sides. */
	l->keys_at = now;
}

void
link_rekey(struct link *l, struct noise *noise, uint32_t index,
    uint32_t remote, usec_t now)
{
	link_rekey_receive(l, noise, index, remote, now);
	swap_keys(l, now);
}

bool
link_has_index(const struct link *l, uint32_t index)
{
	return (l->is_open && index == l->index) ||
	    (l->has_spare && index == l->spare_index);
}

/* ---- sending ---- */

/* Seals the frames and sends them on the path. The number is used up even if
 * the packet is lost on the way out. */
static void
put(struct link *l, struct self *self, struct uplink *up,
    const struct path *path, uint8_t ttl, const uint8_t *plain, size_t len)
{
	size_t room = len + SESSION_OVERHEAD, head = 0, sealed = 0;
	uint64_t pn = l->next_pn++;
	uint8_t *p;
	int sock = path->sock;

	assert(len <= LINK_PLAIN_MAX);
	if (path->transport == TRANSPORT_RELAY)
		p = uplink_relay_begin(up, self, l->route, room);
	else {
		head = path->transport == TRANSPORT_TCP ? FRAME_HEADER : 0;
		p = outbox_reserve(&self->out, head + room);
	}
	if (p == NULL || session_seal(&l->session.keys, l->remote, pn, plain,
	    len, p + head, room, &sealed) != E_OK)
		return;
	switch ((enum transport)path->transport) {
	case TRANSPORT_RELAY:
		uplink_relay_end(up, self, sealed);
		break;
	case TRANSPORT_TCP:
		frame_put(p, sealed);
		outbox_write(&self->out, sock, head + sealed);
		break;
	case TRANSPORT_UDP:
		if (sock < 0)
			sock = self_sock(self, &path->addr);
		if (sock >= 0)
			outbox_send(&self->out, sock, &path->addr, ttl,
			    sealed);
		break;
	case TRANSPORT_NONE:
		break;
	}
}

static void
put_ping(struct self *self, usec_t now, struct path *path, struct wr *w)
{
	put_u8(w, FRAME_PING);
	put_u64(w, path_challenge(path, now, &self->rng));
}

void
link_ping(struct link *l, struct self *self, struct uplink *up, usec_t now,
    struct path *path, uint8_t ttl)
{
	uint8_t plain[16];
	struct wr w = wr_of(plain, sizeof plain);

	put_ping(self, now, path, &w);
	put(l, self, up, path, ttl, plain, w.len);
}

void
link_probe(struct link *l, struct self *self, usec_t now, int sock,
    const struct addr *to, uint8_t ttl)
{
	struct path path = { .transport = TRANSPORT_UDP, .sock = sock,
		.addr = *to };
	uint8_t plain[16];
	struct wr w = wr_of(plain, sizeof plain);
	uint64_t token = rng_u64(&self->rng);

	put_u8(&w, FRAME_PING);
	put_u64(&w, token);
	if (sock < 0)
		guesses_note(&self->guesses, now, token, to->port);
	put(l, self, NULL, &path, ttl, plain, w.len);
}

/* Should what goes over the path in use go by the relay as well? */
static bool
is_doubtful(const struct path *path, usec_t now)
{
	if (path->asked_at == USEC_NEVER ||
	    path->transport == TRANSPORT_RELAY)
		return false;
	return now - path->asked_at >= path_patience(path) ||
	    now - path->proved_at >= LINK_STALE_US;
}

static struct path *
relay_of(struct link *l)
{
	if (!l->relay_ok || l->route == 0)
		return NULL;
	return paths_find(&l->paths, TRANSPORT_RELAY, -1, NULL);
}

/* One packet of the chan on the path in use, and on the relay while that path
 * is in doubt. False if there was nothing. */
static bool
put_chan(struct link *l, struct self *self, struct uplink *up, usec_t now)
{
	uint8_t plain[LINK_PLAIN_MAX];
	struct path *relay = relay_of(l);
	bool eliciting;
	size_t len = chan_build(&l->chan, now, l->next_pn, plain,
	    sizeof plain, &eliciting);

	if (len == 0)
		return false;
	put(l, self, up, l->use, 0, plain, len);
	if (relay != NULL && is_doubtful(l->use, now)) {
		chan_also(&l->chan, l->next_pn);
		put(l, self, up, relay, 0, plain, len);
	}
	return true;
}

/* Whoever asked may have replayed message 1 of another: nothing of ours before
 * the first packet proves that it has the keys. */
static bool
may_talk(const struct link *l)
{
	return l->is_asker || l->is_confirmed;
}

size_t
link_pack(struct link *l, usec_t now, uint8_t *out, size_t cap)
{
	uint8_t plain[LINK_PLAIN_MAX];
	struct wr w = wr_of(plain, sizeof plain);
	uint64_t pn = l->next_pn++;
	size_t room, len = 0;
	bool eliciting;

	assert(cap > SESSION_OVERHEAD + CHAN_BUILD_MIN + 16);
	room = cap - SESSION_OVERHEAD < sizeof plain ?
	    cap - SESSION_OVERHEAD : sizeof plain;
	if (may_talk(l))
		w.len = chan_build(&l->chan, now, pn, plain, room,
		    &eliciting);
	if (w.len == 0)
		put_u8(&w, FRAME_PADDING);
	if (session_seal(&l->session.keys, l->remote, pn, plain, w.len, out,
	    cap, &len) != E_OK)
		return 0;
	return len;
}

/* Nobody is left to send it again. */
static void
close_on(struct link *l, struct self *self, struct uplink *up,
    const struct path *path, const uint8_t *plain, size_t len)
{
	put(l, self, up, path, 0, plain, len);
	if (path->transport != TRANSPORT_TCP)
		put(l, self, up, path, 0, plain, len);
}

void
link_close(struct link *l, struct self *self, struct uplink *up, usec_t now,
    enum reason reason)
{
	uint8_t plain[2] = { FRAME_CLOSE, (uint8_t)reason };
	struct path *relay = relay_of(l);
	int i;

	(void)now;
	for (i = 0; i < PATHS_MAX; i++) {
		struct path *path = &l->paths.list[i];

		if (path->state != PATH_VALID || path == relay)
			continue;
		close_on(l, self, up, path, plain, sizeof plain);
	}
	if (relay != NULL)
		close_on(l, self, up, relay, plain, sizeof plain);
}

void
link_used(struct link *l, usec_t now)
{
	l->text_at = now;
	if (l->use != NULL && l->use->asked_at == USEC_NEVER)
		l->use->ping_at = usec_min(l->use->ping_at,
		    l->use->proved_at + PATH_ACTIVE_US);
}

int
link_text(struct link *l, struct self *self, struct uplink *up, usec_t now,
    const void *text, size_t len, uint64_t *id)
{
	int err = chan_send(&l->chan, STREAM_TEXT, text, len, id);

	if (err != E_OK)
		return err;
	link_used(l, now);
	if (l->use != NULL && now - l->use->proved_at >= LINK_STALE_US &&
	    l->use->asked_at == USEC_NEVER) {
		link_ping(l, self, up, now, l->use, 0);
		l->use->ping_at = now + path_patience(l->use);
	}
	return E_OK;
}

/* ---- receiving ---- */

struct frames {
	struct rd r;
	bool is_eliciting, has_failed;
	size_t answer_len;
	uint8_t answer[64];
};

static void
got_ping(struct frames *f, const struct addr *from)
{
	struct wr w = wr_of(f->answer, sizeof f->answer);
	uint64_t token = get_u64(&f->r);

	w.len = f->answer_len;
	put_u8(&w, FRAME_PONG);
	put_u64(&w, token);
	addr_put(&w, from);
	/* More than two in a packet are not answered. */
	if (!w.bad && !f->r.bad)
		f->answer_len = w.len;
}

/* The answer to a guess comes by the path that it proves. */
static struct path *
guessed(struct self *self, usec_t now, uint64_t token, struct path *from)
{
	usec_t asked_at;

	if (from == NULL || from->transport != TRANSPORT_UDP ||
	    from->sock >= 0 || !guesses_take(&self->guesses, token,
	    from->addr.port, &asked_at))
		return NULL;
	path_proved(from, now, asked_at);
	return from;
}

static void
got_pong(struct link *l, struct self *self, struct frames *f, usec_t now,
    struct path *from)
{
	uint64_t token = get_u64(&f->r);
	struct path *path;

	addr_get(&f->r);
	if (f->r.bad)
		return;
	path = paths_answer(&l->paths, now, token);
	if (path == NULL)
		path = guessed(self, now, token, from);
	if (path != NULL)
		path->ping_at = link_next_ping(l, self, now, path);
}

static void
break_off(struct link *l, enum reason reason)
{
	l->is_closed = true;
	l->closed_by = reason;
}

static void
take_frames(struct link *l, struct self *self, struct frames *f, usec_t now,
    const struct addr *from, struct path *path)
{
	while (f->r.len > 0 && !f->r.bad && !f->has_failed && !l->is_closed) {
		uint8_t type = get_u8(&f->r);
		int err;

		switch (type) {
		case FRAME_PADDING:
			break;
		case FRAME_PING:
			got_ping(f, from);
			break;
		case FRAME_PONG:
			got_pong(l, self, f, now, path);
			break;
		case FRAME_ACK:
		case FRAME_STREAM:
		case FRAME_WINDOW:
			err = chan_frame(&l->chan, now, l->next_pn, type,
			    &f->r);
			if (err == E_BAD)
				break_off(l, REASON_PROTOCOL);
			f->has_failed = err != E_OK;
			f->is_eliciting |= type != FRAME_ACK;
			break;
		case FRAME_CLOSE:
			break_off(l, (enum reason)get_u8(&f->r));
			break;
		default:
			break_off(l, REASON_PROTOCOL);
		}
	}
	if (f->r.bad)
		break_off(l, REASON_PROTOCOL);
}

static struct path *
path_of(struct link *l, usec_t now, enum transport transport, int sock,
    const struct addr *from)
{
	if (transport == TRANSPORT_RELAY)
		return paths_find(&l->paths, transport, -1, NULL);
	return paths_add(&l->paths, now, transport, CAND_PEER, sock, from,
	    l->use);
}

/* Answers go where the question came from; a path that is not proved yet is
 * asked in the same packet (RFC 8445 section 7.3.1.4, triggered checks). So is
 * one that answers a guess of ours. */
static void
answer(struct link *l, struct self *self, struct uplink *up, usec_t now,
    struct path *path, struct frames *f)
{
	struct wr w = wr_of(f->answer, sizeof f->answer);

	if (l->is_closed || (f->answer_len == 0 &&
	    (path->state != PATH_TRYING || path->sent > 0)))
		return;
	w.len = f->answer_len;
	if (path_is_triggered(path, now))
		put_ping(self, now, path, &w);
	put(l, self, up, path, 0, f->answer, w.bad ? f->answer_len : w.len);
}

bool
link_input(struct link *l, struct self *self, struct uplink *up, usec_t now,
    enum transport transport, int sock, const struct addr *from,
    const uint8_t *packet, size_t len)
{
	struct frames f = { .answer_len = 0 };
	struct path *path;
	struct session *s;
	uint32_t index;
	uint64_t pn;
	size_t plain_len;

	if (!l->is_open || session_index(packet, len, &index) != E_OK)
		return false;
	if (!link_has_index(l, index))
		return false;
	s = index == l->index ? &l->session : &l->spare;
	if (session_open(s, packet, len, self->plain, sizeof self->plain,
	    &plain_len, &pn) != E_OK)
		return false;
	if (s == &l->spare && l->is_spare_next)
		swap_keys(l, now);
	l->is_confirmed = true;
	l->heard_at = now;
	path = path_of(l, now, transport, sock, from);
	if (path != NULL)
		path_heard(path, now);
	if (path != NULL && path->state == PATH_TRYING)
		path->ping_at = usec_min(path->ping_at, now +
		    (l->is_punching ? PATH_REPEAT_US : PATH_ASK_AGAIN_US));
	f.r = rd_of(self->plain, plain_len);
	/* No ack could tell of it. */
	if (pn > VAR_MAX)
		break_off(l, REASON_PROTOCOL);
	take_frames(l, self, &f, now, from, path);
	if (path != NULL)
		answer(l, self, up, now, path, &f);
	if (!f.has_failed && !l->is_closed)
		chan_packet_received(&l->chan, now, pn, f.is_eliciting);
	return true;
}

void
link_attend(struct link *l, usec_t now)
{
	if (l->is_open && !l->is_closed)
		link_choose(l, now);
}

void
link_flush(struct link *l, struct self *self, struct uplink *up, usec_t now)
{
	if (!l->is_open || l->is_closed)
		return;
	link_choose(l, now);
	if (!may_talk(l))
		return;
	while (l->use != NULL && chan_wants_send(&l->chan, now))
		if (!put_chan(l, self, up, now))
			break;
}
