#include "pair.h"

#include "err.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
pair_init(struct pair *p, uint64_t seed)
{
	*p = (struct pair){ .now = USEC_S, .len_min = 50, .len_max = 50 };
	rng_init_test(&p->rng, seed, "pair");
	for (int i = 0; i < PAIR_PATHS; i++)
		p->path[i].delay = 40 * USEC_MS;
	for (int i = 0; i < 2; i++)
		chan_init(&p->end[i].chan, 0);
}

void
pair_fini(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		chan_fini(&p->end[i].chan);
		free(p->end[i].is_seen);
	}
	free(p->flight);
}

/* Message number n of an end. */
static size_t
message(const struct pair *p, int from, unsigned stream, uint64_t n,
    uint8_t out[static MSG_MAX])
{
	uint64_t x = (n * 2 + (unsigned)from) * STREAM_COUNT + stream + 1;
	size_t len;

	x *= 0x9e3779b97f4a7c15u;
	len = p->len_min + (x >> 32) % (p->len_max - p->len_min + 1);
	if (stream == STREAM_CONTROL && len > CHAN_CONTROL_MSG_MAX)
		len = CHAN_CONTROL_MSG_MAX;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((x >> (i % 8 * 8)) + i);
	return len;
}

unsigned
pair_send(struct pair *p, int from, unsigned stream, unsigned count)
{
	static uint8_t buf[MSG_MAX];
	struct pair_end *e = &p->end[from];
	uint64_t id;

	for (unsigned i = 0; i < count; i++) {
		size_t len = message(p, from, stream, e->sent[stream], buf);
		int err = chan_send(&e->chan, stream, buf, len, &id);

		if (err == E_FULL)
			return i;
		assert(err == 0 && id == e->sent[stream] + 1);
		e->sent[stream] = id;
	}
	return count;
}

uint32_t
pair_draw(struct pair *p, uint32_t bound)
{
	assert(bound > 0);
	if (p->bytes == NULL)
		return rng_below(&p->rng, bound);
	if (p->byte_count == 0)
		return bound - 1;
	p->byte_count--;
	return (uint32_t)((uint64_t)*p->bytes++ * bound >> 8);
}

/* Puts a packet on the path, or not, or twice. */
static void
launch(struct pair *p, const struct pair_path *path, int to, uint64_t pn,
    const uint8_t *buf, size_t len)
{
	uint64_t n = p->packets++;
	bool is_lost = pair_draw(p, 1000) < path->loss_permille;
	bool is_twice = pair_draw(p, 1000) < path->twice_permille;

	if (n < p->mask_len)
		is_lost = p->mask >> n & 1;
	if (is_lost)
		return;
	for (int i = 0; i <= is_twice; i++) {
		struct pair_flight *f;

		if (p->count == p->cap) {
			p->cap = p->cap > 0 ? 2 * p->cap : 64;
			p->flight = realloc(p->flight,
			    p->cap * sizeof(*p->flight));
			assert(p->flight != NULL);
		}
		f = &p->flight[p->count++];
		f->at = p->now + path->delay +
		    pair_draw(p, (uint32_t)path->jitter + 1);
		f->pn = pn;
		f->len = len;
		f->to = to;
		memcpy(f->buf, buf, len);
	}
}

static void
send_ready(struct pair *p, int from)
{
	struct pair_end *e = &p->end[from];
	uint8_t buf[PAIR_PACKET];
	bool is_tracked;
	size_t len;

	while (chan_wants_send(&e->chan, p->now)) {
		uint64_t pn = e->next_pn;

		len = chan_build(&e->chan, p->now, pn, buf, sizeof(buf),
		    &is_tracked);
		if (len == 0)
			break;
		e->next_pn++;
		e->packets++;
		launch(p, &p->path[e->path], 1 - from, pn, buf, len);
		if (!e->copies)
			continue;
		chan_also(&e->chan, e->next_pn);
		launch(p, &p->path[1 - e->path], 1 - from, e->next_pn++, buf,
		    len);
	}
}

static void
take_messages(struct pair *p, int at)
{
	static uint8_t expected[MSG_MAX];
	struct pair_end *e = &p->end[at];
	const uint8_t *msg;
	size_t len;

	for (unsigned s = 0; s < STREAM_COUNT; s++) {
		while (!e->is_slow && chan_next_message(&e->chan, s, &msg,
		    &len)) {
			size_t n = message(p, 1 - at, s, e->taken[s]++,
			    expected);

			assert(e->taken[s] <= p->end[1 - at].sent[s]);
			assert(len == n);
			assert(memcmp(msg, expected, n) == 0);
			chan_pop_message(&e->chan, s);
		}
	}
}

static void
take_marks(struct pair *p, int at)
{
	struct pair_end *e = &p->end[at];
	uint64_t id;

	for (unsigned s = 0; s < STREAM_COUNT; s++) {
		while (chan_next_delivered(&e->chan, s, &id)) {
			assert(id == ++e->delivered[s]);
			assert(id <= p->end[1 - at].taken[s]);
		}
	}
}

void
pair_turn(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct chan *c = &p->end[i].chan;

		if (chan_deadline(c) <= p->now)
			chan_expire(c, p->now);
		take_messages(p, i);
		take_marks(p, i);
		send_ready(p, i);
		assert(chan_deadline(c) > p->now);
	}
}

/* True if this packet was there before. */
static bool
is_replay(struct pair_end *e, uint64_t pn)
{
	if (pn >= e->seen_cap) {
		size_t cap = 2 * (pn + 64);

		e->is_seen = realloc(e->is_seen, cap);
		assert(e->is_seen != NULL);
		memset(e->is_seen + e->seen_cap, 0, cap - e->seen_cap);
		e->seen_cap = cap;
	}
	if (e->is_seen[pn])
		return true;
	e->is_seen[pn] = 1;
	return false;
}

static void
receive(struct pair *p, const struct pair_flight *f)
{
	struct pair_end *e = &p->end[f->to];
	struct rd r = rd_of(f->buf, f->len);
	bool is_ack_eliciting = false;

	if (is_replay(e, f->pn) || e->err == E_BAD)
		return;
	while (r.len > 0) {
		uint8_t type = get_u8(&r);

		is_ack_eliciting |= type != FRAME_ACK;
		e->err = chan_frame(&e->chan, p->now, e->next_pn, type, &r);
		if (e->err != 0)
			return;
	}
	chan_packet_received(&e->chan, p->now, f->pn, is_ack_eliciting);
}

/* The packet that arrives next; the one launched first if several do. */
static struct pair_flight *
next_flight(struct pair *p)
{
	struct pair_flight *best = NULL;

	for (size_t i = 0; i < p->count; i++)
		if (best == NULL || p->flight[i].at < best->at)
			best = &p->flight[i];
	return best;
}

bool
pair_step(struct pair *p, usec_t until)
{
	struct pair_flight *f = next_flight(p);
	usec_t at = f != NULL ? f->at : USEC_NEVER;

	for (int i = 0; i < 2; i++)
		at = usec_min(at, chan_deadline(&p->end[i].chan));
	if (at > until)
		return false;
	p->now = at;
	while ((f = next_flight(p)) != NULL && f->at <= p->now) {
		receive(p, f);
		p->count--;
		memmove(f, f + 1, (size_t)(p->flight + p->count - f) *
		    sizeof(*f));
	}
	pair_turn(p);
	return true;
}

bool
pair_is_complete(const struct pair *p)
{
	for (int i = 0; i < 2; i++)
		for (unsigned s = 0; s < STREAM_COUNT; s++)
			if (p->end[i].delivered[s] != p->end[i].sent[s])
				return false;
	return true;
}

bool
pair_run(struct pair *p, usec_t until)
{
	pair_turn(p);
	while (!pair_is_complete(p) || chan_has_unacked(&p->end[0].chan) ||
	    chan_has_unacked(&p->end[1].chan)) {
		if (!pair_step(p, until))
			return false;
		assert(p->end[0].err != E_BAD);
		assert(p->end[1].err != E_BAD);
	}
	return true;
}
