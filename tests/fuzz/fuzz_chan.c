/* A chan whose peer says whatever it likes, at any time, while the application
 * goes on as usual. Each step is a byte that says what happens, and its
 * arguments. */
#include "fuzz.h"

#include "chan.h"
#include "err.h"

enum { PACKET = DGRAM_MAX - CHAN_OVERHEAD };

struct world {
	struct chan chan;
	usec_t now;
	uint64_t next_pn, peer_pn;
	struct rd in;
};

static void
check(const struct world *w)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		const struct chan_stream *s = &w->chan.streams[i];

		assert(s->in.data.cap <= 131072);
		assert(s->in.have.count <= RECVBUF_RANGES + 1);
		assert(s->out.consumed <= s->out.sent);
		assert(s->out.sent <= s->out.end);
	}
	assert(w->chan.acks.seen.count <= ACKS_RANGES);
	assert(w->chan.recovery.cap <= RECOVERY_PACKETS);
}

/* A frame of up to 255 bytes; false if the session ends by it. */
static bool
frame(struct world *w, uint8_t type)
{
	size_t len = get_u8(&w->in);
	const uint8_t *p = get_bytes(&w->in, len);
	struct rd r = rd_of(p, len);
	int err;

	if (p == NULL)
		return false;
	err = chan_frame(&w->chan, w->now, w->next_pn, type, &r);
	assert(err == 0 || err == E_BAD || err == E_FULL);
	if (err == 0)
		chan_packet_received(&w->chan, w->now, w->peer_pn,
		    type != FRAME_ACK);
	w->peer_pn += 1 + len % 3;
	return err != E_BAD;
}

static void
send_message(struct world *w)
{
	static const uint8_t text[4096];
	unsigned stream = get_u8(&w->in) % STREAM_COUNT;
	size_t len = get_u16(&w->in) % sizeof(text);

	chan_send(&w->chan, stream, text, len, NULL);
}

static void
send_packets(struct world *w)
{
	uint8_t buf[PACKET];
	bool is_tracked;

	while (chan_wants_send(&w->chan, w->now)) {
		size_t cap = CHAN_BUILD_MIN +
		    get_u8(&w->in) * (PACKET - CHAN_BUILD_MIN) / 255;
		size_t len = chan_build(&w->chan, w->now, w->next_pn, buf, cap,
		    &is_tracked);

		assert(len <= cap);
		if (len == 0)
			break;
		w->next_pn++;
		if (get_u8(&w->in) & 1)
			chan_also(&w->chan, w->next_pn++);
	}
	assert(!chan_wants_send(&w->chan, w->now));
	assert(chan_deadline(&w->chan) > w->now);
}

static void
pass_time(struct world *w)
{
	w->now += get_u16(&w->in) * (usec_t)50;
	if (chan_deadline(&w->chan) <= w->now)
		chan_expire(&w->chan, w->now);
	send_packets(w);
}

static void
take_messages(struct world *w)
{
	const uint8_t *msg;
	uint64_t id;
	size_t len;

	for (unsigned s = 0; s < STREAM_COUNT; s++) {
		while (chan_next_message(&w->chan, s, &msg, &len)) {
			assert(len > 0 && len <= MSG_MAX);
			chan_pop_message(&w->chan, s);
		}
		while (chan_next_delivered(&w->chan, s, &id))
			assert(id <= w->chan.streams[s].out.written);
	}
}

static bool
step(struct world *w)
{
	switch (get_u8(&w->in) % 8) {
	case 0:
		send_message(w);
		return true;
	case 1:
		pass_time(w);
		return true;
	case 2:
		take_messages(w);
		return true;
	case 3:
		chan_path_changed(&w->chan, w->now, get_u16(&w->in),
		    get_u8(&w->in) & 1);
		return true;
	case 4:
		return frame(w, FRAME_WINDOW);
	case 5:
		return frame(w, FRAME_ACK);
	default:
		return frame(w, FRAME_STREAM);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .now = 1000, .in = rd_of(data, size) };

	chan_init(&w.chan, 0);
	while (w.in.len > 0 && !w.in.bad && step(&w))
		check(&w);
	chan_fini(&w.chan);
	return 0;
}
