#include "chan.h"

#include "err.h"

#include <assert.h>

enum {
	CHUNK_MIN = 16,    /* room for less than this in a packet is left */
	CHUNK_MAX = 16383, /* length is a varint of at most 2 bytes */
	LENGTH_MAX = 2,
	WINDOW_FRAME_MAX = 1 + 1 + 8 + 8,
	PACKET_MAX = UINT16_MAX - CHAN_OVERHEAD,
};

void
chan_init(struct chan *c, usec_t rtt_hint)
{
	struct chan_stream *control = &c->streams[STREAM_CONTROL];
	struct chan_stream *text = &c->streams[STREAM_TEXT];

	*c = (struct chan){ 0 };
	sendbuf_init(&control->out, CHAN_CONTROL_SEND_MAX, CHAN_CONTROL_WINDOW);
	recvbuf_init(&control->in, CHAN_CONTROL_WINDOW, CHAN_CONTROL_MSG_MAX);
	sendbuf_init(&text->out, CHAN_SEND_MAX, CHAN_TEXT_WINDOW);
	recvbuf_init(&text->in, CHAN_TEXT_WINDOW, MSG_MAX);
	acks_init(&c->acks);
	recovery_init(&c->recovery, rtt_hint);
}

void
chan_fini(struct chan *c)
{
	for (unsigned i = 0; i < STREAM_COUNT; i++) {
		sendbuf_fini(&c->streams[i].out);
		recvbuf_fini(&c->streams[i].in);
	}
	acks_fini(&c->acks);
	recovery_fini(&c->recovery);
}

int
chan_send(struct chan *c, unsigned stream, const void *msg, size_t len,
    uint64_t *id)
{
	uint64_t unused;

	assert(stream < STREAM_COUNT);
	if (len == 0 || len > c->streams[stream].in.msg_max)
		return E_BAD;
	return sendbuf_write(&c->streams[stream].out, msg, len,
	    id != NULL ? id : &unused);
}

/* ---- sending ---- */

static bool
has_data(const struct chan *c)
{
	for (unsigned i = 0; i < STREAM_COUNT; i++)
		if (sendbuf_has_data(&c->streams[i].out))
			return true;
	return false;
}

static bool
has_window(const struct chan *c)
{
	for (unsigned i = 0; i < STREAM_COUNT; i++)
		if (c->streams[i].in.window_is_due)
			return true;
	return false;
}

/* True if there is a reason to send besides acks and probes. The word on what
 * was consumed goes with the ack that is pending anyway. */
static bool
has_reason(const struct chan *c)
{
	return has_data(c) || (has_window(c) && !acks_pending(&c->acks));
}

bool
chan_wants_send(const struct chan *c, usec_t now)
{
	if (c->acks.is_due)
		return true;
	if (c->recovery.probes == 0 && !has_reason(c))
		return false;
	return recovery_room(&c->recovery, now) > 0;
}

static void
put_windows(struct chan *c, struct wr *w, struct sent *s)
{
	for (unsigned i = 0; i < STREAM_COUNT; i++) {
		struct recvbuf *in = &c->streams[i].in;

		if (!in->window_is_due || w->cap - w->len < WINDOW_FRAME_MAX)
			continue;
		put_u8(w, FRAME_WINDOW);
		put_var(w, i);
		put_var(w, in->consumed);
		put_var(w, in->consumed + in->window);
		if (!in->window_is_out || in->told != in->consumed)
			in->told_pn = s->pn;
		in->told = in->consumed;
		in->window_is_due = false;
		in->window_is_out = true;
		s->windows |= 1u << i;
	}
}

/* One STREAM frame; false if there are no bytes or no room for them. */
static bool
put_chunk(struct chan *c, struct wr *w, struct sent *s, unsigned stream)
{
	struct sendbuf *out = &c->streams[stream].out;
	size_t head = 1 + 1 + 8 + LENGTH_MAX, room = w->cap - w->len;
	struct chunk *chunk = &s->chunks[s->chunk_count];
	const uint8_t *data;

	if (s->chunk_count == RECOVERY_CHUNKS || room < head + CHUNK_MIN)
		return false;
	room -= head;
	if (!sendbuf_next(out, room < CHUNK_MAX ? room : CHUNK_MAX, chunk,
	    &data))
		return false;
	chunk->stream = (uint8_t)stream;
	put_u8(w, FRAME_STREAM);
	put_var(w, stream);
	put_var(w, chunk->offset);
	put_var(w, chunk->len);
	put_bytes(w, data, chunk->len);
	sendbuf_sent(out, chunk);
	c->bytes_out += chunk->len;
	s->chunk_count++;
	return true;
}

static bool
put_content(struct chan *c, struct wr *w, struct sent *s)
{
	put_windows(c, w, s);
	for (unsigned i = 0; i < STREAM_COUNT; i++)
		while (put_chunk(c, w, s, i))
			continue;
	return s->windows != 0 || s->chunk_count > 0;
}

/* An ack is overdue and there is nothing new to say: the first bytes under way,
 * a packet of them, are to be sent once more. */
static void
repeat(struct chan *c, uint64_t max)
{
	bool is_any = false;

	for (unsigned i = 0; i < STREAM_COUNT; i++) {
		struct recvbuf *in = &c->streams[i].in;
		uint64_t count = sendbuf_repeat(&c->streams[i].out, max);

		max -= count;
		in->window_is_due |= in->window_is_out;
		is_any |= count > 0 || in->window_is_due;
	}
	/* All of it has arrived in other packets. */
	if (!is_any)
		recovery_give_up(&c->recovery);
}

/* The part of a packet that must be acknowledged. */
static bool
build_tracked(struct chan *c, usec_t now, struct wr *w, struct sent *s)
{
	size_t room = recovery_room(&c->recovery, now);

	if (room == 0 || !recovery_reserve(&c->recovery))
		return false;
	assert(room >= CONGEST_PACKET && w->len < room - CHAN_OVERHEAD);
	if (w->cap > room - CHAN_OVERHEAD)
		w->cap = room - CHAN_OVERHEAD;
	if (put_content(c, w, s))
		return true;
	if (c->recovery.probes == 0)
		return false;
	repeat(c, CONGEST_PACKET);
	return put_content(c, w, s);
}

size_t
chan_build(struct chan *c, usec_t now, uint64_t pn, uint8_t *buf, size_t cap,
    bool *is_ack_eliciting)
{
	struct wr w = wr_of(buf, cap < PACKET_MAX ? cap : PACKET_MAX);
	struct sent s = { .pn = pn };

	assert(pn >= c->next_pn && cap >= CHAN_BUILD_MIN);
	if (acks_pending(&c->acks)) {
		put_u8(&w, FRAME_ACK);
		s.ack_end = acks_put(&c->acks, now, &w) + 1;
	}
	c->tried_at = now;
	c->is_last_tracked = build_tracked(c, now, &w, &s);
	assert(!w.bad);
	if (c->is_last_tracked) {
		s.size = (uint16_t)(w.len + CHAN_OVERHEAD);
		recovery_sent(&c->recovery, now, &s);
	}
	if (w.len > 0)
		c->next_pn = pn + 1;
	*is_ack_eliciting = c->is_last_tracked;
	return w.len;
}

void
chan_also(struct chan *c, uint64_t pn)
{
	assert(pn >= c->next_pn);
	c->next_pn = pn + 1;
	if (c->is_last_tracked)
		recovery_copied(&c->recovery, pn);
	c->is_last_tracked = false;
}

/* ---- receiving ---- */

/* True if the packet carried the newest word on what was consumed, and no ack
 * of that came yet. */
static bool
has_told(const struct recvbuf *in, const struct sent *s, unsigned stream)
{
	return (s->windows >> stream & 1) != 0 && in->window_is_out &&
	    s->pn >= in->told_pn;
}

static void
content_acked(struct chan *c, const struct sent *s)
{
	for (unsigned i = 0; i < s->chunk_count; i++)
		sendbuf_acked(&c->streams[s->chunks[i].stream].out,
		    &s->chunks[i]);
	for (unsigned i = 0; i < STREAM_COUNT; i++) {
		struct recvbuf *in = &c->streams[i].in;

		if (!has_told(in, s, i))
			continue;
		in->window_is_out = false;
		in->window_is_due = in->consumed != in->told;
	}
	if (s->ack_end > 0)
		acks_forget(&c->acks, s->ack_end - 1);
}

static void
content_lost(struct chan *c, const struct sent *s)
{
	for (unsigned i = 0; i < s->chunk_count; i++)
		sendbuf_lost(&c->streams[s->chunks[i].stream].out,
		    &s->chunks[i]);
	for (unsigned i = 0; i < STREAM_COUNT; i++)
		if (has_told(&c->streams[i].in, s, i))
			c->streams[i].in.window_is_due = true;
}

static void
take_losses(struct chan *c, usec_t now)
{
	const struct sent *s;
	uint64_t at = 0;

	while ((s = recovery_next_lost(&c->recovery, now, &at)) != NULL)
		content_lost(c, s);
}

static void
take_acked(struct chan *c, uint64_t lo, uint64_t hi)
{
	const struct sent *s;
	uint64_t at = 0;

	while ((s = recovery_next_acked(&c->recovery, lo, hi, &at)) != NULL)
		content_acked(c, s);
}

static int
take_ack(struct chan *c, usec_t now, uint64_t next_pn, struct rd *r)
{
	uint64_t largest = get_var(r), delay = get_var(r), count = get_var(r);
	uint64_t hi = largest + 1, length = get_var(r) + 1;

	if (r->bad || largest >= next_pn || length > hi)
		return E_BAD;
	take_acked(c, hi - length, hi);
	for (; count > 0; count--) {
		uint64_t lo = hi - length, gap = get_var(r) + 1;

		length = get_var(r) + 1;
		if (r->bad || gap >= lo || length > lo - gap)
			return E_BAD;
		hi = lo - gap;
		take_acked(c, hi - length, hi);
	}
	recovery_acked(&c->recovery, now, largest, delay);
	take_losses(c, now);
	return 0;
}

static int
take_stream(struct chan *c, struct rd *r)
{
	uint64_t stream = get_var(r), offset = get_var(r), len = get_var(r);
	const uint8_t *data = get_bytes(r, len);

	if (data == NULL || len == 0 || stream >= STREAM_COUNT)
		return E_BAD;
	c->bytes_in += len;
	return recvbuf_put(&c->streams[stream].in, offset, data, len);
}

static int
take_window(struct chan *c, struct rd *r)
{
	uint64_t stream = get_var(r), consumed = get_var(r), limit = get_var(r);

	if (r->bad || stream >= STREAM_COUNT)
		return E_BAD;
	return sendbuf_window(&c->streams[stream].out, consumed, limit);
}

int
chan_frame(struct chan *c, usec_t now, uint64_t next_pn, uint8_t type,
    struct rd *r)
{
	switch (type) {
	case FRAME_ACK:
		return take_ack(c, now, next_pn, r);
	case FRAME_STREAM:
		return take_stream(c, r);
	case FRAME_WINDOW:
		return take_window(c, r);
	default:
		return E_BAD;
	}
}

void
chan_packet_received(struct chan *c, usec_t now, uint64_t pn,
    bool is_ack_eliciting)
{
	acks_received(&c->acks, now, pn, is_ack_eliciting);
}

bool
chan_next_message(const struct chan *c, unsigned stream, const uint8_t **msg,
    size_t *len)
{
	assert(stream < STREAM_COUNT);
	return recvbuf_next(&c->streams[stream].in, msg, len);
}

void
chan_pop_message(struct chan *c, unsigned stream)
{
	assert(stream < STREAM_COUNT);
	recvbuf_pop(&c->streams[stream].in);
}

bool
chan_next_delivered(struct chan *c, unsigned stream, uint64_t *id)
{
	assert(stream < STREAM_COUNT);
	return sendbuf_next_delivered(&c->streams[stream].out, id);
}

bool
chan_next_undelivered(const struct chan *c, unsigned stream, uint64_t *at,
    uint64_t *id, const uint8_t **msg, size_t *len)
{
	assert(stream < STREAM_COUNT);
	return sendbuf_next_undelivered(&c->streams[stream].out, at, id, msg,
	    len);
}

bool
chan_has_undelivered(const struct chan *c, unsigned stream)
{
	const struct sendbuf *out = &c->streams[stream].out;

	assert(stream < STREAM_COUNT);
	return out->consumed < out->end;
}

bool
chan_has_unacked(const struct chan *c)
{
	for (unsigned i = 0; i < STREAM_COUNT; i++) {
		const struct sendbuf *out = &c->streams[i].out;

		if (out->unacked.count > 0 || out->sent < out->end)
			return true;
	}
	return has_window(c) || c->recovery.in_flight > 0;
}

/* ---- time and paths ---- */

usec_t
chan_deadline(const struct chan *c)
{
	usec_t at = usec_min(c->acks.due_at, recovery_deadline(&c->recovery));
	usec_t paced = recovery_paced(&c->recovery);

	/* Once it is past, chan_wants_send says it. */
	if (paced > c->tried_at && has_reason(c))
		at = usec_min(at, paced);
	return at;
}

void
chan_expire(struct chan *c, usec_t now)
{
	c->tried_at = now;
	acks_expire(&c->acks, now);
	if (recovery_expire(&c->recovery, now))
		repeat(c, UINT64_MAX);
	take_losses(c, now);
}

void
chan_path_changed(struct chan *c, usec_t now, usec_t rtt_hint,
    bool is_old_dead)
{
	if (is_old_dead) {
		recovery_give_up(&c->recovery);
		repeat(c, UINT64_MAX);
		acks_repeat(&c->acks);
	}
	recovery_path_changed(&c->recovery, now, rtt_hint);
	take_losses(c, now);
}

void
chan_stats(const struct chan *c, struct chan_stats *out)
{
	const struct recovery *r = &c->recovery;

	*out = (struct chan_stats){
		.bytes_out = c->bytes_out,
		.bytes_in = c->bytes_in,
		.packets_out = r->sent_count,
		.packets_lost = r->lost_count,
		.loss_permille = r->loss_share * 1000 / RECOVERY_LOSS_ONE,
		.window = r->congest.window,
	};
	if (r->rtt.has_sample) {
		out->rtt = r->rtt.smoothed;
		out->rtt_min = r->rtt.min;
	}
}
