/* A server with three clients. The input is a row of happenings: an operation,
 * an argument, a length, and that many bytes; what the clients say is sealed
 * for it. Whatever happens, nothing goes to an address that never spoke, and
 * an hour later nothing is left. */
#include "fuzz.h"

#include "bytes.h"
#include "enroll.h"
#include "err.h"

#include <sodium.h>
#include <string.h>

enum {
	CLIENTS = 3,
	ADDRS = 8,
	STREAMS = 4,
	PLAIN_MAX = 256,
};

enum happening {
	RAW, SEALED, SEALED_ELSEWHERE, FRAME, TIME, CONNECT, BYTES, HANGUP,
	SEALED_STREAM, RELAYED, STORED, HAPPENINGS
};

struct yard {
	struct server *s;
	usec_t now;
	struct session_small keys[CLIENTS]; /* of the clients' ends */
	uint32_t index[CLIENTS];
	uint64_t saves;                     /* ids up to this one */
	bool has_spoken[ADDRS];
};

static struct addr
addr_of(unsigned n)
{
	return addr_v4(192, 0, 2, (uint8_t)(1 + n % ADDRS),
	    (uint16_t)(9000 + n % ADDRS));
}

static void
judge(struct yard *y, const struct act *act)
{
	bool is_known = false;

	switch (act->kind) {
	case ACT_SEND:
		assert(act->len > 0 && act->len <= DGRAM_MAX);
		for (unsigned n = 0; n < ADDRS; n++) {
			struct addr a = addr_of(n);

			is_known = is_known || (y->has_spoken[n] &&
			    addr_eq(&a, &act->to));
		}
		assert(is_known);
		break;
	case ACT_WRITE:
		assert(act->sock >= ACT_ACCEPTED && act->len > FRAME_HEADER);
		break;
	case ACT_STORE:
		y->saves = act->id > y->saves ? act->id : y->saves;
		break;
	case ACT_CLOSE:
		assert(act->sock >= ACT_ACCEPTED);
		break;
	default:
		assert(act->kind == ACT_OPEN || act->kind == ACT_LISTEN);
	}
}

static void
drain(struct yard *y)
{
	struct act act;

	while (server_next(y->s, y->now, &act))
		judge(y, &act);
}

static void
feed(struct yard *y, const struct input *in)
{
	server_input(y->s, y->now, in);
	drain(y);
}

static void
pass(struct yard *y, usec_t span)
{
	const usec_t end = y->now + span;
	usec_t at;

	for (int n = 0; (at = server_deadline(y->s)) <= end; n++) {
		assert(n < 100000);
		y->now = at > y->now ? at : y->now;
		server_expire(y->s, y->now);
		drain(y);
	}
	y->now = end;
}

/* A client as if it had registered: handshakes cost too much time here. */
static void
plant(struct yard *y, unsigned n)
{
	static const char *const names[CLIENTS] = { "ann", "bob", "cat" };
	struct place place = { .addr = addr_of(n), .stream = NOBODY };
	const uint8_t key[KEY_LEN] = { (uint8_t)(1 + n) };
	struct registry *r = &y->s->reg;
	uint32_t slot = member_new(r, y->now);
	struct session_small *keys = member_session(r, slot);
	uint32_t account = account_new(r, key, names[n]);

	memset(keys->keys.send, 1, KEY_LEN);
	memset(keys->keys.recv, 2, KEY_LEN);
	memset(y->keys[n].keys.send, 2, KEY_LEN);
	memset(y->keys[n].keys.recv, 1, KEY_LEN);
	y->index[n] = member_index(r, slot);
	y->has_spoken[n] = true;
	r->members[slot].account = account;
	member_promote(r, y->now, slot, MEMBER_LIVE);
	enroll_move(y->s, y->now, slot, &place);
	r->accounts[account].member = slot;
	r->accounts[account].used_s = UINT32_MAX; /* no dates to write */
	y->s->stats.online++;
	if (n == 0)
		presence_subscribe(&y->s->presence, &r->members[slot]);
}

static void
open_yard(struct yard *y)
{
	static const uint8_t seed[RNG_SEED_LEN] = { 1 };
	struct server_conf conf = server_conf_default();
	struct input in = { .kind = IN_OPENED };

	memset(y, 0, sizeof *y);
	conf.bind4 = addr_any(ADDR_V4, 9000);
	conf.clients_max = 8;
	conf.names_max = 16;
	conf.streams_max = STREAMS;
	keypair_of(&conf.identity, seed);
	y->now = USEC_S;
	y->s = server_new(&conf, seed, y->now, 1700000000);
	assert(y->s != NULL);
	server_expire(y->s, y->now);
	drain(y);
	for (in.sock = 0; in.sock < SERVER_SOCKS; in.sock += 2)
		feed(y, &in);
	for (unsigned n = 0; n < CLIENTS; n++)
		plant(y, n);
}

static size_t
seal(struct yard *y, unsigned n, const uint8_t *plain, size_t len,
    uint8_t *out, size_t cap)
{
	struct session_keys *keys = &y->keys[n % CLIENTS].keys;
	size_t sealed = 0;

	session_seal(keys, y->index[n % CLIENTS], keys->next, plain, len, out,
	    cap, &sealed);
	return sealed;
}

static void
send_dgram(struct yard *y, unsigned from, int sock, const uint8_t *buf,
    size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = sock,
		.from = addr_of(from), .buf = buf, .len = len };

	y->has_spoken[from % ADDRS] = true;
	feed(y, &in);
}

static void
send_stream(struct yard *y, unsigned n, const uint8_t *buf, size_t len)
{
	struct input in = { .kind = IN_BYTES,
		.sock = ACT_ACCEPTED + (int)(n % STREAMS), .buf = buf,
		.len = len };

	feed(y, &in);
}

/* One frame of a type that the server knows, with the right length. */
static void
say_frame(struct yard *y, unsigned arg, const uint8_t *body, size_t len)
{
	static const uint8_t types[] = { SF_CALL, SF_CALL, SF_CALL,
		SF_HEARTBEAT, SF_OBSERVE, SF_PUSH_ACK, SF_GOODBYE, SF_CALL };
	uint8_t plain[PLAIN_MAX + 8], out[PLAIN_MAX + 64];
	struct wr w = wr_of(plain, sizeof plain);
	size_t frame = wire_begin_frame(&w, types[arg / CLIENTS % 8]);

	if (types[arg / CLIENTS % 8] == SF_CALL)
		put_u32(&w, arg);
	put_bytes(&w, body, len);
	wire_end_frame(&w, frame);
	if (!w.bad)
		send_dgram(y, arg % CLIENTS, SERVER_UDP4, out, seal(y, arg,
		    plain, w.len, out, sizeof out));
}

static void
say_relay(struct yard *y, unsigned arg, size_t len)
{
	const int side = (int)(arg & 1);
	uint8_t packet[12 + PLAIN_MAX] = { PACKET_RELAY };
	struct wr w = wr_of(packet + 4, 8);

	put_u64(&w, y->s->relay.end > 0 ? relay_route(&y->s->relay,
	    arg / 2 % y->s->relay.end, side) : arg);
	packet[12] = PACKET_DATA;
	send_dgram(y, arg / 4, SERVER_UDP4, packet, 12 + len);
}

static void
happen(struct yard *y, unsigned op, unsigned arg, const uint8_t *p, size_t len)
{
	uint8_t out[FRAME_HEADER + PLAIN_MAX + 64];
	struct input in = { .sock = ACT_ACCEPTED + (int)(arg % STREAMS),
		.from = addr_of(arg), .id = arg };
	size_t n;

	switch ((enum happening)(op % HAPPENINGS)) {
	case RAW:
		send_dgram(y, arg, arg & 64 ? SERVER_PROBE4 : SERVER_UDP4, p,
		    len);
		break;
	case SEALED:
		send_dgram(y, arg % CLIENTS, SERVER_UDP4, out,
		    seal(y, arg, p, len, out, sizeof out));
		break;
	case SEALED_ELSEWHERE:
		send_dgram(y, arg / CLIENTS, SERVER_PROBE4, out,
		    seal(y, arg, p, len, out, sizeof out));
		break;
	case FRAME:
		say_frame(y, arg, p, len);
		break;
	case TIME:
		pass(y, arg * arg * USEC_MS);
		break;
	case CONNECT:
		if (stream_find(&y->s->streams, in.sock) != FIFO_NONE)
			break;
		in.kind = IN_ACCEPTED;
		feed(y, &in);
		break;
	case BYTES:
		send_stream(y, arg, p, len);
		break;
	case HANGUP:
		in.kind = IN_CLOSED;
		feed(y, &in);
		break;
	case SEALED_STREAM:
		n = seal(y, arg / STREAMS, p, len, out + FRAME_HEADER,
		    sizeof out - FRAME_HEADER);
		frame_put(out, n);
		send_stream(y, arg, out, n + FRAME_HEADER);
		break;
	case RELAYED:
		say_relay(y, arg, len);
		break;
	case STORED:
		in.kind = IN_SAVED;
		in.err = arg & 1 ? E_IO : 0;
		for (in.id = 1; in.id <= y->saves; in.id++)
			feed(y, &in);
		break;
	case HAPPENINGS:
		break;
	}
}

static bool
is_empty(const struct sites *sites)
{
	for (int row = 0; row < SITE_ROWS; row++)
		for (uint32_t i = 0; i < sites->width; i++)
			for (int kind = 0; kind < SITE_KINDS; kind++)
				if (sites->rows[row][i].count[kind] != 0)
					return false;
	return true;
}

/* The store answers what it owes, then everybody falls silent. */
static void
leave_yard(struct yard *y)
{
	const struct server *s = y->s;

	happen(y, STORED, 0, NULL, 0);
	pass(y, 3600 * USEC_S);
	assert(s->stats.online == 0 && s->reg.live.count == 0);
	assert(s->reg.half.count == 0 && s->relay.count == 0);
	assert(s->streams.half.count + s->streams.open.count == 0);
	assert(s->rendezvous.count == 0 && s->pushes.due.count == 0);
	assert(is_empty(&s->sites));
	server_free(y->s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	struct yard y;

	if (sodium_init() < 0)
		return 0;
	open_yard(&y);
	for (int n = 0; n < 64 && r.len >= 3; n++) {
		unsigned op = get_u8(&r), arg = get_u8(&r);
		size_t len = get_u8(&r);

		if (len > r.len)
			len = r.len;
		happen(&y, op, arg, get_bytes(&r, len), len);
	}
	leave_yard(&y);
	return 0;
}
