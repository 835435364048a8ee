#include "client_state.h"

#include "err.h"

#include <string.h>

#define DIAL_BURST (100 * USEC_MS)
#define DIAL_PAUSE_MIN (10 * USEC_MS)
#define DIAL_PAUSE_MAX (100 * USEC_MS)
/* An open stream proves whose it is within this time and four round trips. */
#define PROVE_MIN (300 * USEC_MS)
#define RTT_UNKNOWN (500 * USEC_MS)

struct lane *
client_stream(struct client *c, int sock)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock == sock)
			return &c->streams[i];
	return NULL;
}

static void
forget_stream(struct lane *s)
{
	frame_fini(&s->in);
	memset(s, 0, sizeof *s);
	s->until = s->again_at = USEC_NEVER;
}

/* Somebody who has not said who he is hears nothing that could be lost, and
 * keeps no descriptor of ours. */
void
client_stream_close(struct client *c, struct lane *s)
{
	if (s->sock >= ACT_ACCEPTED && s->peer == 0)
		outbox_cut(&c->self.out, s->sock);
	else if (!s->is_waiting)
		outbox_close(&c->self.out, s->sock);
	forget_stream(s);
}

struct lane *
client_stream_add(struct client *c, int sock)
{
	struct lane *s = client_stream(c, 0);

	if (s == NULL)
		return NULL;
	forget_stream(s);
	s->sock = sock;
	return s;
}

/* A number for a socket to dial from, or 0. */
int
client_stream_free(struct client *c)
{
	int i;

	for (i = 0; i < DIALS_MAX; i++)
		if (client_stream(c, SOCK_DIAL + i) == NULL)
			return SOCK_DIAL + i;
	return 0;
}

void
client_stream_dial(struct client *c, usec_t now, struct lane *s)
{
	struct addr local = addr_any((enum addr_family)s->to.family,
	    c->self.port);

	s->is_waiting = false;
	s->dialled_at = now;
	s->again_at = USEC_NEVER;
	outbox_dial_ttl(&c->self.out, s->sock, &local, &s->to, s->ttl);
	s->ttl = 0;
}

/* Streams of a peer end: all of them, or those that carry nothing. */
void
client_streams_close(struct client *c, struct peer *p, bool all,
    bool connected)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++) {
		struct lane *s = &c->streams[i];
		struct path *path;

		if (s->sock == 0 || s->peer != p->id)
			continue;
		path = paths_find(&p->link.paths, TRANSPORT_TCP, s->sock,
		    NULL);
		if (!all && path != NULL && path->state == PATH_VALID)
			continue;
		if (!all && s->is_open && !connected)
			continue;
		if (path != NULL)
			path_forget(path);
		client_stream_close(c, s);
	}
}

bool
client_has_stream(const struct client *c, const struct peer *p)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock != 0 && c->streams[i].is_open &&
		    c->streams[i].peer == p->id)
			return true;
	return false;
}

/* The link of a peer does without that stream from now on. Of several that came
 * up at once the peer may have closed the one that we used, while the one that
 * is left has not proved itself here yet: TCP is what it was. */
static void
leave_stream(struct client *c, struct peer *p, usec_t now, int sock)
{
	link_stream_gone(&p->link, now, sock);
	if (p->link.preferred == TRANSPORT_TCP && !client_has_stream(c, p))
		link_prefer(&p->link, TRANSPORT_NONE);
}

void
client_stream_end(struct client *c, usec_t now, struct lane *s)
{
	struct peer *p = client_peer_by_id(c, s->peer);
	int sock = s->sock;

	client_stream_close(c, s);
	if (p != NULL)
		leave_stream(c, p, now, sock);
}

void
client_streams_reap(struct client *c, usec_t now, struct peer *p)
{
	int i;

	p->link.has_dead_stream = false;
	for (i = 0; i < STREAMS_MAX; i++) {
		struct lane *s = &c->streams[i];
		const struct path *path = s->sock == 0 || s->peer != p->id ?
		    NULL : paths_find(&p->link.paths, TRANSPORT_TCP, s->sock,
		    NULL);

		if (path != NULL && path->state == PATH_DEAD)
			client_stream_end(c, now, s);
	}
}

/* True if a stream of ours is one of those that an attempt depends on. */
static bool
is_dialling(const struct peer *p, const struct lane *s)
{
	return p->tcp.state == TCPSWITCH_DIALLING && !s->is_guess &&
	    s->sock < ACT_ACCEPTED;
}

/* Where a NAT refuses the first SYN, ours and theirs have to cross on their
 * way. A short way leaves little time for that, so at the beginning of every
 * second, which is about the same moment on both sides, we dial as fast as
 * we are refused; in between after 10 to 100 ms (nat.md fact 7). */
static usec_t
pause_after(struct client *c, usec_t now, const struct tcpswitch *t,
    usec_t took)
{
	if ((now - t->dialled_at) % USEC_S > DIAL_BURST)
		return rng_range(&c->self.rng, DIAL_PAUSE_MIN, DIAL_PAUSE_MAX);
	return rng_range(&c->self.rng, 0,
	    usec_min(2 * took, DIAL_PAUSE_MAX));
}

static void
dial_again(struct lane *s, usec_t at, uint8_t ttl)
{
	s->ttl = ttl;
	s->is_open = false;
	s->is_waiting = true;
	s->until = USEC_NEVER;
	s->again_at = at;
}

/* A NAT that saw both sides dial may let a SYN through to our listener and
 * then nothing more, since the answer has another sequence number than the
 * SYN that it remembers. Only a reset ends that, and only from the side that
 * it lets through; the SYN after it finds the NAT shut until the peer dials. */
void
client_stream_late(struct client *c, usec_t now, struct lane *s)
{
	struct peer *p = client_peer_by_id(c, s->peer);

	if (p == NULL || !is_dialling(p, s)) {
		client_stream_end(c, now, s);
		return;
	}
	link_stream_gone(&p->link, now, s->sock);
	outbox_cut(&c->self.out, s->sock);
	frame_fini(&s->in);
	dial_again(s, now, TCPSWITCH_DEAF_TTL);
}

/* Says who we are: a ping under the session's keys. */
static void
greet(struct client *c, usec_t now, struct peer *p, struct lane *s)
{
	struct path *path = paths_add(&p->link.paths, now, TRANSPORT_TCP,
	    CAND_PEER, s->sock, &s->to, p->link.use);

	s->is_open = true;
	s->until = now + PROVE_MIN + 4 * (p->link.use != NULL ?
	    p->link.use->rtt_us : RTT_UNKNOWN);
	if (path != NULL)
		link_ping(&p->link, &c->self, &c->up, now, path, 0);
}

static void
dial_result(struct client *c, usec_t now, struct lane *s,
    const struct input *in)
{
	struct peer *p = client_peer_by_id(c, s->peer);

	if (p == NULL) {
		if (in->err == E_OK)
			outbox_close(&c->self.out, s->sock);
		forget_stream(s);
		return;
	}
	if (in->err != E_OK) {
		p->tcp.refusals++;
		if (p->tcp.state != TCPSWITCH_DIALLING) {
			forget_stream(s);
			return;
		}
		/* What fails without having left us will fail as fast again. */
		dial_again(s, now + (in->err == E_DENIED ?
		    pause_after(c, now, &p->tcp, now - s->dialled_at) :
		    rng_range(&c->self.rng, DIAL_PAUSE_MIN,
		    DIAL_PAUSE_MAX)), p->tcp.is_answered ?
		    TCPSWITCH_DEAF_TTL : 0);
		return;
	}
	greet(c, now, p, s);
}

bool
client_stream_guessed(struct client *c, usec_t now, struct peer *p, int sock,
    const struct addr *to)
{
	struct lane *s = client_stream_add(c, sock);

	if (s == NULL)
		return false;
	s->is_guess = true;
	s->peer = p->id;
	s->to = *to;
	greet(c, now, p, s);
	return true;
}

static size_t
count_streams(const struct client *c, uint64_t peer)
{
	size_t n = 0;
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		n += c->streams[i].sock != 0 && c->streams[i].peer == peer;
	return n;
}

/* A packet on a stream shows whose it is. */
static void
stream_packet(struct client *c, usec_t now, struct lane *s,
    const uint8_t *packet, size_t len)
{
	struct peer *p = client_peer_of_packet(c, packet, len);
	struct path *path;
	uint64_t id;
	int sock = s->sock;

	if (p == NULL || (s->peer != 0 && s->peer != p->id))
		return;
	if (s->peer == 0 && count_streams(c, p->id) >= TCPSWITCH_STREAMS)
		return;
	if (!link_input(&p->link, &c->self, &c->up, now, TRANSPORT_TCP, sock,
	    &s->to, packet, len))
		return;
	s->peer = id = p->id;
	s->until = USEC_NEVER;
	path = paths_find(&p->link.paths, TRANSPORT_TCP, sock, NULL);
	if (path != NULL && path->state == PATH_VALID &&
	    p->tcp.state != TCPSWITCH_IDLE)
		client_tcp_won(c, now, p);
	if (client_peer_by_id(c, id) != NULL)
		client_attend(c, now, p);
}

static void
stream_bytes(struct client *c, usec_t now, const struct input *in)
{
	struct lane *s = client_stream(c, in->sock);
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;
	int err = E_OK;

	/* The stream may be closed by what a packet brings. */
	while ((s = client_stream(c, in->sock)) != NULL &&
	    (err = frame_next(&s->in, &bytes, &count, &packet, &len)) ==
	    E_OK)
		stream_packet(c, now, s, packet, len);
	if (s != NULL && err != E_AGAIN)
		client_stream_end(c, now, s);
}

/* What the peer has just cut stood in the way of our own dials. */
static void
hurry(struct client *c, usec_t now, const struct lane *gone)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++) {
		struct lane *s = &c->streams[i];

		if (s->sock != 0 && s->is_waiting && s->peer == gone->peer &&
		    addr_eq(&s->to, &gone->to))
			s->again_at = now;
	}
}

static void
stream_gone(struct client *c, usec_t now, struct lane *s)
{
	struct peer *p = client_peer_by_id(c, s->peer);
	struct lane was = *s;

	frame_fini(&s->in);
	if (p != NULL && is_dialling(p, s))
		dial_again(s, now + pause_after(c, now, &p->tcp,
		    now - s->dialled_at), 0);
	else
		forget_stream(s);
	if (p == NULL)
		return;
	if (p->tcp.state == TCPSWITCH_DIALLING)
		hurry(c, now, &was);
	leave_stream(c, p, now, was.sock);
	client_attend(c, now, p);
}

/* The peer that is being dialled at that address, or NULL. */
static struct peer *
dialled_at(struct client *c, const struct addr *to)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++) {
		const struct lane *s = &c->streams[i];

		if (s->sock != 0 && !s->is_open && addr_eq(&s->to, to))
			return client_peer_by_id(c, s->peer);
	}
	return NULL;
}

/* Whether one more may be accepted: of those that have not said whose they are
 * the oldest gives way, and those that we dial always have a place. */
static bool
has_room(struct client *c)
{
	struct lane *oldest = NULL;
	size_t total = 0, half = 0;
	int i;

	for (i = 0; i < STREAMS_MAX; i++) {
		struct lane *s = &c->streams[i];

		if (s->sock < ACT_ACCEPTED)
			continue;
		total++;
		if (s->peer != 0)
			continue;
		half++;
		if (oldest == NULL || s->until < oldest->until)
			oldest = s;
	}
	if (half >= STREAMS_HALF_MAX) {
		client_stream_close(c, oldest);
		return true;
	}
	return total < STREAMS_ACCEPTED_MAX;
}

/* Some systems give the SYN that meets our own to the listener, on both sides:
 * then nobody has dialled and each has to speak first (nat.md section 4). */
static void
accepted(struct client *c, usec_t now, const struct input *in)
{
	struct peer *p = dialled_at(c, &in->from);
	struct lane *s;

	s = has_room(c) ? client_stream_add(c, in->sock) : NULL;
	if (s == NULL) {
		outbox_cut(&c->self.out, in->sock);
		return;
	}
	s->is_open = true;
	s->to = in->from;
	if (p == NULL || count_streams(c, p->id) >= TCPSWITCH_STREAMS) {
		s->until = now + TCPSWITCH_PROVE_US;
		return;
	}
	s->peer = p->id;
	greet(c, now, p, s);
}

void
client_tcp_input(struct client *c, usec_t now, const struct input *in)
{
	struct lane *s;

	if (in->sock == SOCK_OBSERVE) {
		client_tcp_observe(c, now, in);
		return;
	}
	if (client_salvo_input(c, now, in))
		return;
	s = in->sock != 0 ? client_stream(c, in->sock) : NULL;
	switch (in->kind) {
	case IN_ACCEPTED:
		accepted(c, now, in);
		break;
	case IN_CONNECTED:
		if (s != NULL)
			dial_result(c, now, s, in);
		break;
	case IN_BYTES:
		stream_bytes(c, now, in);
		break;
	case IN_CLOSED:
		if (s != NULL)
			stream_gone(c, now, s);
		break;
	default:
		break;
	}
}
