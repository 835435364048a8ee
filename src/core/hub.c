#include "hub.h"

#include <assert.h>
#include <string.h>

enum {
	TURNS_MAX = 256, /* packets in one go, so that none waits for long */
};

uint64_t
hub_wall(const struct server *s, usec_t now)
{
	return s->wall_s + (now - s->start) / USEC_S;
}

void
hub_note(struct server *s, usec_t now, const char *name, const char *what)
{
	static const struct bucket_rate rate = { 10, 100 };

	if (!bucket_take(&s->notes, &rate, now, 1)) {
		s->notes_missed++;
		return;
	}
	if (s->notes_missed > 0)
		log_info(s->conf.log, "%u lines like the next were left out",
		    s->notes_missed);
	s->notes_missed = 0;
	log_info(s->conf.log, "\"%s\" %s", name, what);
}

static int
sock_of(const struct server *s, const struct place *to)
{
	const bool is_v6 = to->addr.family == ADDR_V6;

	if (to->stream != NOBODY)
		return s->streams.all[to->stream].sock;
	if (to->is_probe)
		return is_v6 ? SERVER_PROBE6 : SERVER_PROBE4;
	return is_v6 ? SERVER_UDP6 : SERVER_UDP4;
}

/* Room for a packet of at most cap bytes to a path; NULL when full. */
static uint8_t *
reserve(struct server *s, const struct place *to, size_t cap)
{
	uint8_t *p;

	if (to->stream == NOBODY)
		return outbox_reserve(&s->out, cap);
	p = outbox_reserve(&s->out, FRAME_HEADER + cap);
	return p != NULL ? p + FRAME_HEADER : NULL;
}

static void
commit(struct server *s, const struct place *to, uint8_t *packet, size_t len)
{
	const int sock = sock_of(s, to);

	if (to->stream == NOBODY) {
		outbox_send(&s->out, sock, &to->addr, 0, len);
		return;
	}
	frame_put(packet - FRAME_HEADER, len);
	outbox_write(&s->out, sock, FRAME_HEADER + len);
}

bool
hub_send(struct server *s, const struct place *to, const void *packet,
    size_t len)
{
	uint8_t *p;

	if (to->stream == NOBODY && len > DGRAM_MAX)
		return false;
	p = reserve(s, to, len);
	if (p == NULL)
		return false;
	memcpy(p, packet, len);
	commit(s, to, p, len);
	return true;
}

bool
hub_send_relay(struct server *s, const struct place *to, uint64_t route,
    const void *packet, size_t len)
{
	const size_t size = RELAY_HEADER + len;
	struct wr w;
	uint8_t *p;

	if (to->stream == NOBODY && size > DGRAM_MAX)
		return false;
	p = reserve(s, to, size);
	if (p == NULL)
		return false;
	w = wr_of(p, size);
	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, route);
	put_bytes(&w, packet, len);
	assert(!w.bad);
	commit(s, to, p, w.len);
	return true;
}

void
hub_seal(struct server *s, uint32_t member, const struct place *to,
    const void *frames, size_t len)
{
	struct session_keys *keys = &member_session(&s->reg, member)->keys;
	const size_t cap = len + SESSION_OVERHEAD;
	uint8_t *p = reserve(s, to, cap);
	size_t sealed;

	if (p == NULL)
		return;
	if (session_seal(keys, s->reg.members[member].peer_index, keys->next,
	    frames, len, p, cap, &sealed) == 0)
		commit(s, to, p, sealed);
}

bool
hub_path(const struct server *s, uint32_t member, struct place *out)
{
	const struct member *m = &s->reg.members[member];

	out->addr = m->addr;
	out->stream = m->stream;
	out->is_probe = (m->flags & MEMBER_PROBE) != 0;
	return addr_is_set(&m->addr);
}

bool
hub_is_bound(const struct server *s, const struct place *path)
{
	return s->is_bound[sock_of(s, path)];
}

bool
hub_is_path(const struct server *s, uint32_t member, const struct place *from)
{
	const struct member *m = &s->reg.members[member];

	if (m->stream != from->stream)
		return false;
	return from->stream != NOBODY || (addr_eq(&m->addr, &from->addr) &&
	    from->is_probe == ((m->flags & MEMBER_PROBE) != 0));
}

struct addr
hub_public(const struct server *s, uint32_t member)
{
	const struct member *m = &s->reg.members[member];
	struct addr addr = m->addr;

	if (m->stream != NOBODY)
		addr.port = 0;
	return addr;
}

bool
hub_push(struct server *s, usec_t now, uint32_t account, enum push kind,
    const struct wr *body)
{
	assert(!body->bad);
	return push_add(&s->pushes, &s->reg, now, account, kind, body->p,
	    body->len);
}

static void
send_push(struct server *s, const struct parcel *push)
{
	const uint32_t member = s->reg.accounts[push->account].member;
	uint8_t frames[3 + 5 + PUSH_BODY_MAX];
	struct wr w = wr_of(frames, sizeof frames);
	struct place to;
	size_t frame;

	if (member == NOBODY || !hub_path(s, member, &to))
		return;
	frame = wire_begin_frame(&w, SF_PUSH);
	put_u32(&w, push->id);
	put_u8(&w, push->kind);
	put_bytes(&w, push->body, push->len);
	wire_end_frame(&w, frame);
	assert(!w.bad);
	hub_seal(s, member, &to, w.p, w.len);
}

static void
send_presence(struct server *s, uint32_t member)
{
	uint8_t frames[DGRAM_MAX - SESSION_OVERHEAD];
	struct wr w = wr_of(frames, sizeof frames);
	uint8_t body[sizeof frames - 3 - 5];
	struct wr events = wr_of(body, sizeof body);
	struct place to;
	size_t frame;
	uint32_t id;

	if (!hub_path(s, member, &to))
		return;
	id = presence_write(&s->presence, &s->reg.members[member], &events);
	frame = wire_begin_frame(&w, SF_PUSH);
	put_u32(&w, id);
	put_u8(&w, PUSH_PRESENCE);
	put_bytes(&w, events.p, events.len);
	wire_end_frame(&w, frame);
	assert(!w.bad);
	hub_seal(s, member, &to, w.p, w.len);
}

void
hub_push_turns(struct server *s, usec_t now)
{
	const struct parcel *push;
	uint32_t member;

	for (int n = 0; n < TURNS_MAX; n++) {
		push = push_turn(&s->pushes, &s->reg, now);
		if (push == NULL)
			break;
		send_push(s, push);
	}
	for (int n = 0; n < TURNS_MAX; n++) {
		if (!presence_turn(&s->presence, &s->reg, now, &member))
			break;
		send_presence(s, member);
	}
}

void
hub_prove_stream(struct server *s, usec_t now, uint32_t stream)
{
	struct stream *t = &s->streams.all[stream];

	if (!t->is_open)
		site_leave(&s->sites, &t->from, SITE_HALF_STREAMS);
	t->reader.limit = FRAME_MAX;
	stream_heard(&s->streams, now, stream);
}

void
hub_closed(struct server *s, uint32_t stream)
{
	const struct stream *t = &s->streams.all[stream];

	assert(t->member == NOBODY);
	site_leave(&s->sites, &t->from, SITE_STREAMS);
	if (!t->is_open)
		site_leave(&s->sites, &t->from, SITE_HALF_STREAMS);
	stream_free(&s->streams, stream);
}

void
hub_close(struct server *s, uint32_t stream)
{
	const struct stream *t = &s->streams.all[stream];

	if (t->is_open)
		outbox_close(&s->out, t->sock);
	else
		outbox_cut(&s->out, t->sock);
	hub_closed(s, stream);
}

void
hub_put_beat(const struct server *s, struct wr *w, uint32_t seq,
    const struct addr *seen)
{
	size_t frame = wire_begin_frame(w, SF_HEARTBEAT_ACK);

	put_u32(w, seq);
	addr_put(w, seen);
	put_u64(w, s->presence.head);
	put_u32(w, s->stats.online);
	wire_end_frame(w, frame);
}

void
hub_goodbye(struct server *s, uint32_t member, const struct place *to,
    uint32_t retry_ms)
{
	uint8_t frames[3 + 4];
	struct wr w = wr_of(frames, sizeof frames);
	size_t frame = wire_begin_frame(&w, SF_GOODBYE);

	put_u32(&w, retry_ms);
	wire_end_frame(&w, frame);
	assert(!w.bad);
	hub_seal(s, member, to, w.p, w.len);
}
