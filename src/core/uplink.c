#include "uplink_state.h"

#include "err.h"

#include <assert.h>
#include <string.h>

enum {
	BEATS_IN_DOUBT = 2, /* missed ones after which we also knock */
	BEATS_LOST = 3,
};

void
uplink_init(struct uplink *u, const char *host, uint16_t port,
    const uint8_t *pin)
{
	memset(u, 0, sizeof *u);
	u->host = host;
	u->port = port;
	u->has_pin = pin != NULL;
	if (pin != NULL)
		memcpy(u->pin, pin, KEY_LEN);
	u->beat_at = u->next_at = USEC_NEVER;
	u->udp_test_at = u->other_at = USEC_NEVER;
	calls_init(&u->calls);
}

void
uplink_fini(struct uplink *u)
{
	calls_fini(&u->calls);
	frame_fini(&u->tcp_in);
	noise_fini(&u->noise);
	session_fini(&u->session);
}

void
uplink_flag(struct uplink *u, enum news_kind kind)
{
	u->flags |= 1u << kind;
}

void
uplink_drop_session(struct uplink *u)
{
	session_fini(&u->session);
	u->has_session = u->is_up = false;
	u->beat_at = USEC_NEVER;
}

/* ---- sending ---- */

void
uplink_seal(struct uplink *u, struct self *self, int sock,
    const struct addr *to, uint8_t ttl, const struct wr *w)
{
	uint8_t packet[DGRAM_MAX + SESSION_OVERHEAD];
	size_t len;

	assert(!w->bad);
	if (!u->has_session || session_seal(&u->session.keys, u->server_index,
	    u->counter, w->p, w->len, packet, sizeof packet, &len) != E_OK)
		return;
	u->counter++;
	if (sock >= SOCK_EXTRA)
		outbox_send_copy(&self->out, sock, to, ttl, packet, len);
	else if (sock >= 0)
		self_write(self, sock, packet, len);
	else
		self_send(self, to, ttl, packet, len);
}

static void
send_frames(struct uplink *u, struct self *self, const struct wr *w)
{
	uplink_seal(u, self, u->session_tcp ? SOCK_UPLINK : -1,
	    &u->session_peer, 0, w);
}

void
uplink_beat(struct uplink *u, struct self *self, usec_t now)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_HEARTBEAT);

	put_u32(&w, ++u->beat_seq);
	put_u64(&w, u->presence);
	wire_end_frame(&w, begin);
	u->beat_sent_at = now;
	send_frames(u, self, &w);
}

void
uplink_hurry(struct uplink *u, const struct self *self)
{
	if (u->is_up && u->beats_missed == 0)
		u->beat_at = usec_min(u->beat_at,
		    u->beat_sent_at + keep_us(&self->keep));
}

static void
send_calls(struct uplink *u, struct self *self, usec_t now)
{
	uint8_t buf[DGRAM_MAX - SESSION_OVERHEAD];
	struct wr w;

	if (!u->is_up)
		return;
	for (w = wr_of(buf, sizeof buf); calls_next(&u->calls, now, &w);
	    w = wr_of(buf, sizeof buf))
		send_frames(u, self, &w);
}

bool
uplink_call(struct uplink *u, struct self *self, usec_t now, enum op op,
    uint64_t tag, const void *body, size_t len)
{
	if (len > DGRAM_MAX - SESSION_OVERHEAD - CALL_HEADER ||
	    !calls_add(&u->calls, now, op, tag, body, len))
		return false;
	send_calls(u, self, now);
	return true;
}

uint8_t *
uplink_relay_begin(struct uplink *u, struct self *self, uint64_t route,
    size_t cap)
{
	size_t head = u->session_tcp ? 2 : 0;
	uint8_t *p;
	struct wr w;

	if (!u->has_session || route == 0)
		return NULL;
	p = outbox_reserve(&self->out, head + RELAY_HEADER + cap);
	if (p == NULL)
		return NULL;
	w = wr_of(p + head, RELAY_HEADER);
	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, route);
	return p + head + RELAY_HEADER;
}

void
uplink_relay_end(struct uplink *u, struct self *self, size_t len)
{
	size_t total = RELAY_HEADER + len;
	int sock = self_sock(self, &u->session_peer);

	if (u->session_tcp) {
		uint8_t *p = self->out.bytes + self->out.bytes_len;

		p[0] = (uint8_t)(total >> 8);
		p[1] = (uint8_t)total;
		outbox_write(&self->out, SOCK_UPLINK, total + 2);
	} else if (sock >= 0)
		outbox_send(&self->out, sock, &u->session_peer, 0, total);
}

/* ---- what comes in ---- */

static bool
got_data(struct uplink *u, const struct addr *from, bool is_tcp,
    const uint8_t *buf, size_t len)
{
	uint64_t counter;
	uint32_t index;
	size_t plain_len;

	if (!u->has_session || session_index(buf, len, &index) != E_OK ||
	    index != u->own_index)
		return false;
	if (session_open(&u->session, buf, len, u->plain, sizeof u->plain,
	    &plain_len, &counter) != E_OK)
		return false;
	u->frames = rd_of(u->plain, plain_len);
	u->frames_tcp = is_tcp;
	u->frames_from = *from;
	return true;
}

bool
uplink_packet(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, const uint8_t *buf, size_t len)
{
	struct rd r = rd_of(buf, len);
	bool is_tcp = from == NULL;

	if (is_tcp)
		from = &u->tcp_peer;
	if (len < 4)
		return false;
	switch (buf[0]) {
	case PACKET_COOKIE:
		uplink_cookie(u, self, now, from, is_tcp, r);
		return true;
	case PACKET_ACCEPT:
		uplink_accept(u, self, now, from, is_tcp, r);
		return true;
	case PACKET_DATA:
		return got_data(u, from, is_tcp, buf, len);
	}
	return false;
}

/* ---- news ---- */

/* How a datagram of ours was seen. */
static void
note_seen(struct uplink *u, struct self *self, const struct addr *seen)
{
	if (!addr_is_set(seen) || addr_eq(&self->seen, seen))
		return;
	self->seen = *seen;
	if (u->is_up)
		uplink_flag(u, NEWS_SEEN);
}

static void
now_up(struct uplink *u, struct self *self, usec_t now)
{
	u->is_up = u->was_up = true;
	u->failures = 0;
	u->state = UPLINK_IDLE;
	u->next_at = USEC_NEVER;
	self->server = u->session_peer;
	/* What was seen is not our UDP port, nor, unless it was ours that we
	 * dialled from, one that peers can use. */
	self->is_tcp_only = u->session_tcp;
	if (u->session_tcp) {
		self->seen_tcp = u->accept.seen;
		if (u->is_tcp_free)
			self->seen_tcp.port = 0;
	} else {
		self->seen = u->accept.seen;
		uplink_close_tcp(u, self);
	}
	u->udp_test_at = u->session_tcp ? now + USEC_S : USEC_NEVER;
	u->other_at = now;
	calls_restart(&u->calls, now);
	uplink_flag(u, NEWS_REGISTERED);
}

static void
got_beat_ack(struct uplink *u, struct self *self, usec_t now, struct rd *body)
{
	uint32_t seq = get_u32(body);
	struct addr seen = addr_get(body);
	uint64_t head = get_u64(body);

	if (body->bad)
		return;
	/* What was before is for the list to tell. */
	if (u->state == UPLINK_CONFIRMING)
		u->presence = head;
	if (seq == u->beat_seq)
		u->rtt_us = now - u->beat_sent_at;
	u->beats_missed = 0;
	/* What makes the beat due is the last one sent, not the answer. */
	u->beat_at = u->beat_sent_at + keep_draw(&self->keep, &self->rng,
	    u->accept.beat_min_s * USEC_S, u->accept.beat_max_s * USEC_S);
	if (u->state == UPLINK_CONFIRMING)
		now_up(u, self, now);
	else if (u->is_up && (u->state == UPLINK_KNOCKING ||
	    u->state == UPLINK_SHAKING || u->state == UPLINK_WAITING)) {
		/* The session in doubt lives after all. */
		u->state = UPLINK_IDLE;
		u->next_at = USEC_NEVER;
		u->failures = 0;
	}
	if (u->frames_tcp)
		return;
	keep_note(&self->keep, now, &self->seen, &seen);
	note_seen(u, self, &seen);
	if (u->state == UPLINK_IDLE && !u->session_tcp)
		uplink_close_tcp(u, self);
}

static void
send_push_ack(struct uplink *u, struct self *self, uint32_t id)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_PUSH_ACK);

	put_u32(&w, id);
	wire_end_frame(&w, begin);
	send_frames(u, self, &w);
}

static void
got_goodbye(struct uplink *u, struct self *self, usec_t now, struct rd *body)
{
	uint32_t ms = get_u32(body);

	if (body->bad)
		return;
	uplink_drop_session(u);
	uplink_close_tcp(u, self);
	u->state = UPLINK_WAITING;
	u->wait_ms = ms < 60000 ? ms : 60000;
	u->next_at = now + u->wait_ms * USEC_MS;
	u->failures = 0;
	uplink_flag(u, NEWS_STOPPED);
}

static bool
got_observed(struct uplink *u, struct self *self, struct rd *body,
    struct news *news)
{
	uint64_t token = get_u64(body);
	struct addr seen = addr_get(body);

	if (body->bad)
		return false;
	if (token == u->udp_test && u->session_tcp && !u->frames_tcp) {
		/* UDP works after all: the next beat moves us there. */
		note_seen(u, self, &seen);
		u->session_tcp = self->is_tcp_only = false;
		u->session_peer = u->frames_from;
		u->beat_at = 0;
		u->udp_test_at = USEC_NEVER;
		self->server = u->session_peer;
		return false;
	}
	if (token == u->other_test && !u->frames_tcp) {
		if (!addr_eq(&self->seen_other, &seen)) {
			self->seen_other = seen;
			uplink_flag(u, NEWS_SEEN);
		}
		return false;
	}
	news->kind = NEWS_OBSERVED;
	news->tag = token;
	news->addr = seen;
	news->ticket = body->len >= 8 ? get_u64(body) : 0;
	return true;
}

/* One frame of the packet: true if it is news for the owner. */
static bool
take_frame(struct uplink *u, struct self *self, usec_t now, uint8_t type,
    struct rd body, struct news *news)
{
	uint32_t id;

	switch (type) {
	case SF_HEARTBEAT_ACK:
		got_beat_ack(u, self, now, &body);
		return false;
	case SF_OBSERVED:
		return got_observed(u, self, &body, news);
	case SF_REPLY:
		id = get_u32(&body);
		news->kind = NEWS_REPLY;
		news->status = get_u8(&body);
		news->body = body;
		return !body.bad &&
		    calls_answer(&u->calls, id, &news->op, &news->tag);
	case SF_PUSH:
		id = get_u32(&body);
		news->kind = NEWS_PUSH;
		news->push = get_u8(&body);
		news->body = body;
		if (body.bad)
			return false;
		send_push_ack(u, self, id);
		return true;
	case SF_GOODBYE:
		got_goodbye(u, self, now, &body);
		return false;
	}
	return false;
}

bool
uplink_news(struct uplink *u, struct self *self, usec_t now, struct news *news)
{
	struct rd body;
	uint8_t type;
	unsigned kind;

	memset(news, 0, sizeof *news);
	for (kind = 0; kind <= NEWS_SEEN; kind++) {
		if ((u->flags & 1u << kind) == 0)
			continue;
		u->flags &= ~(1u << kind);
		news->kind = (enum news_kind)kind;
		news->accept = &u->accept;
		news->ms = u->wait_ms;
		return true;
	}
	while (wire_next_frame(&u->frames, &type, &body)) {
		if (take_frame(u, self, now, type, body, news))
			return true;
		if (u->flags != 0)
			return uplink_news(u, self, now, news);
	}
	if (calls_give_up(&u->calls, now, &news->op, &news->tag)) {
		news->kind = NEWS_CALL_FAILED;
		return true;
	}
	return false;
}

/* ---- time ---- */

static void
beat(struct uplink *u, struct self *self, usec_t now)
{
	if (u->state == UPLINK_CONFIRMING) {
		if (now - u->began_at >= UPLINK_UNREACHABLE_US) {
			uplink_drop_session(u);
			uplink_wait(u, self, now, NEWS_UNREACHABLE);
			return;
		}
		u->beat_at = now + ((250 * USEC_MS) <<
		    (u->beats_missed < 3 ? u->beats_missed : 3));
		u->beats_missed++;
		uplink_beat(u, self, now);
		return;
	}
	if (u->beats_missed > BEATS_LOST) {
		uplink_drop_session(u);
		uplink_flag(u, NEWS_LOST);
		if (u->state == UPLINK_IDLE)
			uplink_start(u, self, now);
		return;
	}
	uplink_beat(u, self, now);
	/* Repeated after 1, 2 and 4 s when unanswered. */
	u->beat_at = now + ((1 * USEC_S) <<
	    (u->beats_missed < 2 ? u->beats_missed : 2));
	u->beats_missed++;
	if (u->beats_missed > BEATS_IN_DOUBT && u->state == UPLINK_IDLE)
		uplink_knock(u, self, now);
}

void
uplink_expire(struct uplink *u, struct self *self, usec_t now)
{
	if (u->next_at <= now)
		uplink_step(u, self, now);
	if (u->beat_at <= now && u->has_session)
		beat(u, self, now);
	if (u->udp_test_at <= now && u->is_up)
		uplink_test_udp(u, self, now);
	if (u->is_up && u->state == UPLINK_IDLE && u->rekey_at <= now)
		uplink_knock(u, self, now);
	if (u->other_at <= now && u->is_up)
		uplink_look_other(u, self, now);
	send_calls(u, self, now);
}

usec_t
uplink_deadline(const struct uplink *u)
{
	usec_t at = usec_min(u->next_at,
	    calls_deadline(&u->calls, u->is_up));

	if (u->flags != 0)
		return 0;
	if (u->has_session)
		at = usec_min(at, u->beat_at);
	if (u->is_up) {
		at = usec_min(at, usec_min(u->udp_test_at, u->other_at));
		if (u->state == UPLINK_IDLE)
			at = usec_min(at, u->rekey_at);
	}
	return at;
}

void
uplink_doubt(struct uplink *u, usec_t now)
{
	if (u->is_up && u->beat_at != USEC_NEVER)
		u->beat_at = usec_min(u->beat_at, now);
	u->other_at = now;
	if (u->state == UPLINK_WAITING)
		u->next_at = usec_min(u->next_at, now);
}

void
uplink_stop(struct uplink *u, struct self *self, usec_t now)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_GOODBYE);

	(void)now;
	put_u32(&w, UINT32_MAX);
	wire_end_frame(&w, begin);
	send_frames(u, self, &w);
	uplink_close_tcp(u, self);
	uplink_drop_session(u);
	noise_fini(&u->noise);
	calls_fini(&u->calls);
	u->state = UPLINK_STOPPED;
	u->next_at = USEC_NEVER;
}
