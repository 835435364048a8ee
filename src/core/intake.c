#include "intake.h"
#include "answer.h"
#include "enroll.h"
#include "err.h"
#include "gate.h"

enum { RELAY_SITES = 4 }; /* as many use up the relay */

/* ---- packets ---- */

/* DATA: of a member, on whatever path it came. */
static void
on_data(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	uint32_t index, member = NOBODY;
	uint64_t counter;
	size_t plain_len;

	if (session_index(packet, len, &index) == 0)
		member = member_find(&s->reg, index);
	if (member == NOBODY || session_small_open(
	    member_session(&s->reg, member), packet, len, s->plain,
	    sizeof s->plain, &plain_len, &counter) != 0) {
		s->stats.forged++;
		return;
	}
	if (from->stream != NOBODY)
		hub_prove_stream(s, now, from->stream);
	if (s->reg.members[member].state == MEMBER_HALF)
		enroll_commit(s, now, member, from);
	else
		member_heard(&s->reg, now, member);
	if (member_find(&s->reg, index) == member)
		answer_frames(s, now, member, from,
		    member_session(&s->reg, member)->seen.next == counter + 1,
		    s->plain, plain_len, len);
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Takes what a packet costs from the sender, from his site, and from all. One
 * site, with however many clients, leaves most of the relay to the others,
 * though never less to one client than is his. */
static bool
pay(struct server *s, usec_t now, struct account *sender, uint32_t len)
{
	const struct server_conf *c = &s->conf;
	const struct bucket_rate user = { c->relay_user, c->relay_burst };
	const struct bucket_rate all = { c->relay_total, c->relay_total };
	const uint32_t share = c->relay_total / RELAY_SITES;
	const struct bucket_rate site = { larger(share, c->relay_user),
		larger(share, c->relay_burst) };

	return bucket_take(&sender->relay, &user, now, len) &&
	    site_take(&s->sites, &s->reg.members[sender->member].addr, now,
	    SITE_RELAYED, &site, len) &&
	    bucket_take(&s->relayed, &all, now, len);
}

/* RELAY: to the other side of the route, if it comes from this side. */
static bool
relay_packet(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	struct rd r = rd_of(packet, len);
	struct account *sender;
	uint32_t pair, to;
	struct place path;
	int side;

	get_u32(&r);
	pair = relay_lookup(&s->relay, &s->reg, now, get_u64(&r), &side);
	if (pair == NOBODY || r.len < SESSION_OVERHEAD ||
	    r.p[0] != PACKET_DATA || !s->conf.relay)
		return false;
	sender = &s->reg.accounts[s->relay.pairs[pair].account[side]];
	to = s->reg.accounts[s->relay.pairs[pair].account[!side]].member;
	if (sender->member == NOBODY || to == NOBODY ||
	    !hub_is_path(s, sender->member, from) || !hub_path(s, to, &path))
		return false;
	if (!pay(s, now, sender, (uint32_t)len))
		return false;
	s->relay.pairs[pair].used = now;
	return hub_send_relay(s, &path, relay_route(&s->relay, pair, !side),
	    r.p, r.len);
}

static void
on_relay(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	if (relay_packet(s, now, from, packet, len)) {
		s->stats.relayed++;
		s->stats.relayed_bytes += len;
	} else {
		s->stats.relay_dropped++;
	}
}

static void
on_packet(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	const bool is_running = s->phase == PHASE_RUNNING;

	switch (len > 0 ? packet[0] : 0) {
	case PACKET_HELLO:
		if (is_running)
			gate_hello(s, now, from, packet, len);
		break;
	case PACKET_INIT:
		if (is_running)
			gate_init(s, now, from, packet, len);
		break;
	case PACKET_DATA:
		on_data(s, now, from, packet, len);
		break;
	case PACKET_RELAY:
		on_relay(s, now, from, packet, len);
		break;
	default:
		s->stats.malformed++;
	}
}

void
intake_dgram(struct server *s, usec_t now, const struct input *in)
{
	const struct place from = { .addr = in->from, .stream = NOBODY,
		.is_probe = in->sock == SERVER_PROBE4 ||
		    in->sock == SERVER_PROBE6 };

	if (in->from.port == 0 || in->sock < 0 || in->sock > SERVER_PROBE6)
		return;
	on_packet(s, now, &from, in->buf, in->len);
}

/* ---- streams ---- */

void
intake_close(struct server *s, uint32_t stream)
{
	enroll_unplug(s, stream);
	hub_close(s, stream);
}

static bool
take_stream(struct server *s, usec_t now, const struct input *in)
{
	if (s->phase != PHASE_RUNNING ||
	    !site_join(&s->sites, &in->from, SITE_HALF_STREAMS,
	    STREAM_HALF_PER_SITE))
		return false;
	if (!site_join(&s->sites, &in->from, SITE_STREAMS,
	    s->conf.site_names)) {
		site_leave(&s->sites, &in->from, SITE_HALF_STREAMS);
		return false;
	}
	/* Those who dawdle make room for those who may not. */
	if (stream_oldest_half(&s->streams) != NOBODY &&
	    (s->streams.half.count >= STREAM_HALF_MAX ||
	    s->streams.half.count + s->streams.open.count >= s->streams.max))
		intake_close(s, stream_oldest_half(&s->streams));
	if (stream_new(&s->streams, now, in->sock, &in->from) != NOBODY)
		return true;
	site_leave(&s->sites, &in->from, SITE_STREAMS);
	site_leave(&s->sites, &in->from, SITE_HALF_STREAMS);
	return false;
}

void
intake_accepted(struct server *s, usec_t now, const struct input *in)
{
	if (take_stream(s, now, in))
		return;
	s->stats.limited++;
	outbox_cut(&s->out, in->sock);
}

void
intake_bytes(struct server *s, usec_t now, const struct input *in)
{
	const uint32_t stream = stream_find(&s->streams, in->sock);
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;
	struct place from = { .stream = stream };
	uint16_t generation;
	int err;

	if (stream == NOBODY)
		return;
	from.addr = s->streams.all[stream].from;
	generation = s->streams.all[stream].generation;
	while ((err = frame_next(&s->streams.all[stream].reader, &bytes,
	    &count, &packet, &len)) == 0) {
		on_packet(s, now, &from, packet, len);
		if (s->streams.all[stream].sock != in->sock ||
		    s->streams.all[stream].generation != generation)
			return; /* closed by what it said */
	}
	if (err != E_AGAIN) {
		s->stats.malformed++;
		intake_close(s, stream);
	}
}

void
intake_closed(struct server *s, const struct input *in)
{
	const uint32_t stream = stream_find(&s->streams, in->sock);

	if (stream == NOBODY)
		return;
	enroll_unplug(s, stream);
	hub_closed(s, stream);
}
