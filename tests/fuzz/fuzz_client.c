/* The client's engine: a server that says whatever it likes, a peer that was
 * allowed and does the same, strangers who reach its sockets, routers that
 * speak up. The first byte of the input says whether there is a peer (1), and
 * whether the server gives tickets (2); then comes a row of happenings: an
 * operation, an argument, a length, and that many bytes, sealed where it has to
 * be.
 * Whatever happens: before a peer is allowed nothing goes to anybody but the
 * server, nothing that is told could harm a screen but the text of messages,
 * and every command ends once. */
#include "fuzz.h"

#include "err.h"
#include "frame.h"
#include "lone.h"
#include "name.h"
#include "runner.h"
#include "self.h"

#include <sodium.h>
#include <string.h>

enum { PLAIN_MAX = 1024, STEPS = 48 };

enum happening {
	RAW, STRANGER, FRAMES, PUSH, REPLY, ANSWER, COMMAND, TIME, ASK,
	SAY, CONTROL, TEXT, ACCEPT, STREAM, STREAM_FRAMES, RELAYED, HANG_UP,
	NETIF, SEEN, EXPIRED, HAPPENINGS
};

static const char *const commands[] = { "all", "connect bob", "connect cid",
	"allow", "allow bob", "deny", "msg hello", "msg @bob hello", "tcp",
	"udp", "disconnect", "rename anna", "requests", "status", "why",
	"netcheck", "verify", "verify bob yes", "trust bob", "block bob",
	"unblock bob", "exit" };

enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Handshakes take their time. */
int fuzz_changes = 300;

static struct lone l;
static struct mate bob;
static bool has_peer;

uint64_t
test_seed(void)
{
	return 1;
}

/* ---- what holds ---- */

static void
judge_name(const char *name)
{
	char checked[NAME_SIZE];

	assert(memchr(name, '\0', NAME_SIZE) != NULL);
	assert(name[0] == '\0' ||
	    name_check(name, strlen(name), checked) == NAME_OK);
}

static void
judge_event(const struct event *e)
{
	judge_name(e->peer);
	judge_name(e->old_name);
	judge_name(e->lookalike);
	for (size_t i = 0; i < strlen(e->detail); i++)
		assert(e->detail[i] >= ' ' && e->detail[i] <= '~');
	for (size_t i = 0; e->list != NULL && i < e->count; i++)
		judge_name(e->list[i].name);
	/* What a peer says is cleaned by whoever shows it. */
	for (size_t i = 0; e->kind != EV_MESSAGE && i < e->len; i++)
		assert(e->text[i] == '\n' ||
		    (e->text[i] >= ' ' && e->text[i] <= '~'));
}

static void
judge(void)
{
	for (size_t i = 0; i < l.said_count; i++)
		judge_event(&l.said[i].ev);
	/* Our user said yes to him. */
	has_peer = has_peer || fake_called(&l.fake, OP_ALLOW) != NULL;
	assert(has_peer || l.sent_count == 0);
	for (size_t i = 0; !has_peer && i < l.dial_count; i++)
		assert(addr_same_ip(&l.dials[i % LONE_SENT].to, &l.server));
	lone_forget(&l);
}

/* ---- what happens ---- */

static struct addr
addr_of(unsigned arg)
{
	return addr_v4(198, 51, 100, (uint8_t)(2 + arg % 8), 7000);
}

static void
reply(unsigned arg, const uint8_t *p, size_t len)
{
	const struct fake_call *call = fake_called(&l.fake,
	    (enum op)(arg % FAKE_OPS));
	uint8_t out[FAKE_PACKET];

	if (call != NULL && l.fake.has_session)
		lone_say(&l, out, fake_reply(&l.fake, call->id,
		    (enum status)(arg / FAKE_OPS), p, len, out));
}

/* A push; about the client's own request or answer, or about the peer, where
 * the argument says so. */
static void
push(unsigned arg, const uint8_t *p, size_t len)
{
	const struct fake_call *call = fake_called(&l.fake,
	    arg & 8 ? OP_REQUEST : OP_ALLOW);
	uint8_t body[PLAIN_MAX];
	struct wr w = wr_of(body, sizeof body);

	if (arg & 16 && call != NULL)
		put_bytes(&w, call->body, NONCE_LEN);
	if (arg & 32)
		put_bytes(&w, bob.keys.public, KEY_LEN);
	put_bytes(&w, p, len);
	if (l.fake.has_session)
		lone_push(&l, (enum push)(arg % 8), body, w.len);
}

static void
frames(const uint8_t *p, size_t len)
{
	uint8_t plain[PLAIN_MAX], out[FAKE_PACKET];
	struct wr w = wr_of(plain, sizeof plain);

	put_bytes(&w, p, len);
	if (l.fake.has_session)
		lone_say(&l, out, fake_seal(&l.fake, &w, out));
}

static void
say(const uint8_t *p, size_t len, int sock)
{
	uint8_t plain[PLAIN_MAX];
	struct wr w = wr_of(plain, sizeof plain);

	put_bytes(&w, p, len);
	if (!bob.has_session)
		return;
	if (sock == 0)
		mate_say(&bob, &w);
	else
		mate_say_on(&bob, sock, &w);
}

static void
relayed(unsigned arg, const uint8_t *p, size_t len)
{
	uint8_t out[PLAIN_MAX + 16];
	struct wr w = wr_of(out, sizeof out);

	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, arg);
	put_bytes(&w, p, len);
	lone_say(&l, out, w.len);
}

static void
ask(unsigned arg)
{
	static const char *const names[] = { "bob", "cid", "B0b", "ann" };

	if (bob.has_session || !l.fake.has_session)
		return;
	memcpy(bob.name, names[arg % 4], 4);
	mate_ask(&bob);
}

static void
other_addresses(unsigned arg)
{
	struct addr here[2] = { addr_v4(10, 0, 0, (uint8_t)arg, 0),
		addr_v4(172, 16, 0, (uint8_t)arg, 0) };
	struct input in = { .kind = IN_NETIF, .addrs = here,
		.count = arg % 3 };

	lone_input(&l, &in);
}

/* Some stream that is up, or 0. */
static int
stream(unsigned arg)
{
	for (int i = 0; i < LONE_SOCKS; i++) {
		int at = (int)(arg + (unsigned)i) % LONE_SOCKS;

		if (l.is_up[at] && at != SOCK_UPLINK && at != SOCK_OBSERVE)
			return at < LONE_ACCEPTED ? at :
			    at - LONE_ACCEPTED + ACT_ACCEPTED;
	}
	return 0;
}

static void
to_stream(unsigned op, unsigned arg, const uint8_t *p, size_t len)
{
	struct addr from = addr_of(arg);
	int sock = stream(arg);

	if (op == ACCEPT && lone_streams(&l) < 40)
		lone_accept(&l, &from);
	else if (op == STREAM && sock != 0)
		lone_bytes(&l, sock, p, len);
	else if (op == STREAM_FRAMES && sock != 0)
		say(p, len, sock);
	else if (op == HANG_UP && sock != 0)
		lone_hang_up(&l, sock);
}

/* A router says that something went no further. */
static void
router(unsigned arg, const struct addr *from)
{
	struct input in = { .kind = IN_EXPIRED, .from = l.server, .to = *from,
		.sock = arg & 128 ? SOCK_UDP4 : SOCK_EXTRA + (int)(arg % 16) };

	lone_input(&l, &in);
}

static void
happen(unsigned op, unsigned arg, const uint8_t *p, size_t len)
{
	struct addr from = addr_of(arg);

	switch ((enum happening)(op % HAPPENINGS)) {
	case RAW:
		lone_say(&l, p, len);
		break;
	case STRANGER:
		lone_hand(&l, &from, p, len);
		break;
	case FRAMES:
		frames(p, len);
		break;
	case PUSH:
		push(arg, p, len);
		break;
	case REPLY:
		reply(arg, p, len);
		break;
	case ANSWER:
		fake_answers(&l.fake, (enum op)(arg % FAKE_OPS),
		    (enum status)(arg / FAKE_OPS), p, len);
		break;
	case COMMAND:
		lone_do(&l, commands[arg % COMMANDS]);
		break;
	case TIME:
		lone_run(&l, arg * arg * USEC_MS);
		break;
	case ASK:
		ask(arg);
		break;
	case SAY:
		say(p, len, 0);
		break;
	case CONTROL:
	case TEXT:
		if (bob.has_session && len > 0 && chan_send(&bob.chan,
		    op % HAPPENINGS == TEXT ? STREAM_TEXT : STREAM_CONTROL, p,
		    len, NULL) == E_OK)
			mate_flush(&bob);
		break;
	case ACCEPT:
	case STREAM:
	case STREAM_FRAMES:
	case HANG_UP:
		to_stream(op % HAPPENINGS, arg, p, len);
		break;
	case RELAYED:
		relayed(arg, p, len);
		break;
	case NETIF:
		other_addresses(arg);
		break;
	case SEEN:
		l.at.port = (uint16_t)(9001 + arg);
		bob.is_direct = arg & 1;
		l.is_cut = arg & 2;
		l.dial_err = arg & 4 ? E_OK : E_DENIED;
		break;
	case EXPIRED:
		router(arg, &from);
		break;
	case HAPPENINGS:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	uint8_t first;

	if (sodium_init() < 0)
		return 0;
	first = get_u8(&r);
	has_peer = first & 1;
	lone_open(&l);
	l.fake.has_tickets = first & 2;
	mate_init(&bob, &l, "bob");
	bob.is_reckless = true;
	mate_is_online(&bob);
	if (has_peer)
		mate_connect(&bob);
	lone_forget(&l);
	for (int n = 0; n < STEPS && r.len >= 3 && l.exits == 0; n++) {
		unsigned op = get_u8(&r), arg = get_u8(&r);
		size_t len = get_u8(&r);

		if (len > r.len)
			len = r.len;
		happen(op, arg, get_bytes(&r, len), len);
		judge();
	}
	lone_close(&l);
	fake_fini(&l.fake);
	return 0;
}
