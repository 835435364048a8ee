#define _GNU_SOURCE
#include "fake.h"
#include "runner.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real gop2p with a server that means it harm. On loopback; the server is
 * the fake one of the unit tests behind a socket. */

enum { OUT_MAX = 8 << 20, NAMES = 10000, PAGE = 16 };

struct client {
	pid_t pid;
	int out;        /* what it says and complains of; -1: it has ended */
	char text[OUT_MAX + 1];
	size_t len;
	int status;
};

struct evil {
	struct fake fake;
	int udp, stranger;
	uint16_t port;
	char *home;
	unsigned dirt;     /* so much garbage before each answer */
	bool has_no_answer;/* and none after it */
	bool floods;       /* once, when a list was asked for */
	struct rng rng;
};

static struct evil e;
static struct client c;

/* ---- sockets ---- */

static int
bound(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 4 << 20;

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void
evil_open(void)
{
	uint16_t port;

	memset(&e, 0, sizeof e);
	fake_init(&e.fake, "server");
	e.fake.is_forgetful = true;
	rng_init_test(&e.rng, test_seed(), "evil");
	e.udp = bound(&e.port);
	e.stranger = bound(&port);
	e.home = scratch_make();
}

static void
evil_close(void)
{
	close(e.udp);
	close(e.stranger);
	scratch_remove(e.home);
}

static struct addr
stranger(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	getsockname(e.stranger, (struct sockaddr *)&at, &len);
	return addr_v4(127, 0, 0, 1, ntohs(at.sin_port));
}

static void
say(const struct sockaddr_in *to, const void *packet, size_t len)
{
	if (len > 0)
		(void)!sendto(e.udp, packet, len, 0,
		    (const struct sockaddr *)to, sizeof *to);
}

/* ---- what it does ---- */

/* Random bytes of any length, and what the true answer looks like with a bit
 * changed, a piece missing, or more behind it. */
static void
soil(const struct sockaddr_in *to, const uint8_t *true_one, size_t true_len)
{
	static uint8_t packet[65507];
	uint32_t max[] = { 8, 64, 1500, sizeof packet };
	unsigned i;

	for (i = 0; i < e.dirt; i++) {
		size_t len = rng_below(&e.rng, max[i % 4]) + 1;

		rng_fill(&e.rng, packet, len < 1500 ? len : 1500);
		packet[0] = (uint8_t)rng_below(&e.rng, 8);
		if (true_len > 0 && i % 4 == 1) {
			memcpy(packet, true_one, true_len);
			packet[rng_below(&e.rng, (uint32_t)true_len)] ^= 64;
			len = true_len;
		} else if (true_len > 0 && i % 4 == 2) {
			memcpy(packet, true_one, true_len);
			len = rng_below(&e.rng, (uint32_t)true_len);
		}
		say(to, packet, len);
	}
}

static const char *const spiteful[] = { "\033[2J\033[H", "a\nb", "\r",
	"\b\b\b", "\xff\xfe", "\xc2\x9b" "31m", "\u202eevil", "\u200b", " ",
	"\x7f", "/exit", "@all" };

static void
put_raw_name(struct wr *w, const char *name)
{
	put_u8(w, (uint8_t)strlen(name));
	put_bytes(w, name, strlen(name));
}

/* Answers the last call for a page of the list, whose number is the cursor. */
static size_t
put_page(uint8_t *out)
{
	const struct fake_call *call = fake_called(&e.fake, OP_LIST);
	struct rd r = rd_of(call->body, call->len);
	uint8_t body[1024];
	struct wr w = wr_of(body, sizeof body);
	uint32_t page, i;
	char name[NAME_SIZE];

	wire_get_name(&r, name);
	page = get_u32(&r);
	put_u32(&w, (page + 1) * PAGE >= NAMES ? LIST_END : page + 1);
	put_u64(&w, 0);
	for (i = 0; i < PAGE; i++) {
		snprintf(name, sizeof name, "n%u", page * PAGE + i);
		put_raw_name(&w, name);
		put_u64(&w, i);
		put_u32(&w, 60);
		put_raw_name(&w, spiteful[i % 12]);
		put_u64(&w, i);
		put_u32(&w, UINT32_MAX);
	}
	ck_assert(!w.bad && !r.bad);
	return fake_reply(&e.fake, call->id, STATUS_OK, body, w.len, out);
}

static size_t
spite(uint8_t *out, unsigned n)
{
	uint8_t body[512];
	struct wr w = wr_of(body, sizeof body);
	struct addr lie = stranger();
	enum push push = (enum push)(1 + n % 7);

	if (push == PUSH_PRESENCE) {
		put_u64(&w, n);
		put_u8(&w, (uint8_t)(n % 5));
		put_raw_name(&w, spiteful[n % 12]);
		put_raw_name(&w, spiteful[n / 12 % 12]);
		put_zeros(&w, KEY_ID_LEN);
	} else {
		/* START, RESUME, answers and ends for nobody who asked. */
		put_u64(&w, n);
		put_u64(&w, n);
		if (push == PUSH_RESUME)
			put_zeros(&w, KEY_LEN - 16);
		if (push == PUSH_REQUEST) {
			put_raw_name(&w, spiteful[n % 12]);
			put_raw_name(&w, "Ann");
		} else
			addr_put(&w, &lie);
		put_u64(&w, n);
		put_zeros(&w, rng_below(&e.rng, 200));
	}
	ck_assert(!w.bad);
	return fake_push(&e.fake, push, body, w.len, out);
}

static void
flood(const struct sockaddr_in *to)
{
	uint8_t out[FAKE_PACKET];
	unsigned n;

	for (n = 0; n < 20000; n++)
		say(to, out, spite(out, n));
}

static void
serve(void)
{
	static uint8_t packet[65536];
	uint8_t out[FAKE_PACKET];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	ssize_t n = recvfrom(e.udp, packet, sizeof packet, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_len);
	size_t calls = e.fake.call_count, len;
	const struct fake_call *call;
	struct addr seen;

	if (n <= 0)
		return;
	seen = addr_v4(127, 0, 0, 1, ntohs(from.sin_port));
	len = fake_take(&e.fake, &seen, packet, (size_t)n, out);
	call = &e.fake.calls[(e.fake.call_count - 1) % FAKE_CALLS];
	if (e.fake.call_count > calls && call->op == OP_LIST) {
		if (e.floods)
			flood(&from);
		e.floods = false;
		len = put_page(out);
	}
	soil(&from, out, len);
	if (!e.has_no_answer)
		say(&from, out, len);
}

/* ---- the client ---- */

static void
become(int in, int out, const char *const *options)
{
	const char *argv[16] = { "./gop2p", "-n", "Ann", "-s" };
	char server[32];
	int i;

	snprintf(server, sizeof server, "127.0.0.1:%u", e.port);
	argv[4] = server;
	for (i = 0; options[i] != NULL; i++)
		argv[5 + i] = options[i];
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	setenv("HOME", e.home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_STATE_HOME");
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static void
start(const char *lines, const char *const *options)
{
	int in[2], out[2];

	memset(c.text, 0, sizeof c.text);
	c.len = 0;
	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	c.pid = fork();
	ck_assert_int_ge(c.pid, 0);
	if (c.pid == 0)
		become(in[0], out[1], options);
	close(in[0]);
	close(out[1]);
	ck_assert_int_eq(write(in[1], lines, strlen(lines)),
	    (ssize_t)strlen(lines));
	close(in[1]);
	c.out = out[0];
}

static void
listen_to(void)
{
	ssize_t n = read(c.out, c.text + c.len, OUT_MAX - c.len);

	if (n > 0)
		c.len += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(c.out);
		c.out = -1;
	}
}

/* Serves until the client has ended; its exit status. */
static int
run(const char *lines, const char *const *options)
{
	start(lines, options);
	while (c.out >= 0) {
		struct pollfd fds[] = { { e.udp, POLLIN, 0 },
			{ c.out, POLLIN, 0 } };

		poll(fds, 2, -1);
		if (fds[0].revents != 0)
			serve();
		if (fds[1].revents != 0)
			listen_to();
	}
	ck_assert_int_eq(waitpid(c.pid, &c.status, 0), c.pid);
	ck_assert_msg(WIFEXITED(c.status), "it died: %x\n%s", c.status,
	    c.text);
	return WEXITSTATUS(c.status);
}

static const char *const plain[] = { NULL }, *const json[] = { "--json",
	NULL };

static void
ck_says(const char *text)
{
	ck_assert_msg(strstr(c.text, text) != NULL, "no %s in\n%.2000s", text,
	    c.text);
}

/* Printable, and UTF-8 without anything that a terminal could obey. */
static void
ck_clean(void)
{
	size_t i;

	for (i = 0; i < c.len; i++) {
		const uint8_t b = (uint8_t)c.text[i];
		const uint8_t next = (uint8_t)c.text[i + 1];

		must((b >= ' ' && b != 0x7f) || b == '\n',
		    "a byte %02x is shown", b);
		must(b != 0xff && b != 0xfe, "a byte %02x is shown", b);
		must(b != 0xc2 || next >= 0xa0, "C1 is shown");
	}
	must(strstr(c.text, "\u202e") == NULL, "U+202E is shown");
}

static void
ck_stranger_heard_nothing(void)
{
	char buf[16];

	ck_assert_int_eq(recv(e.stranger, buf, sizeof buf, MSG_DONTWAIT), -1);
}

/* ---- cases ---- */

START_TEST(an_honest_server_serves)
{
	evil_open();
	ck_assert_int_eq(run("status\n", plain), 0);
	ck_says("Registered as Ann");
	evil_close();
}
END_TEST

START_TEST(a_changed_key_ends_the_client_with_6)
{
	evil_open();
	ck_assert_int_eq(run("status\n", json), 0);
	/* The same address, another key. */
	fake_fini(&e.fake);
	fake_init(&e.fake, "another");
	e.fake.is_forgetful = true;
	ck_assert_int_eq(run("status\n", json), 6);
	ck_says("\"event\":\"server_key_changed\"");
	ck_assert(strstr(c.text, "\"event\":\"registered\"") == NULL);
	/* What was sent could be read by the first one only. */
	ck_assert_uint_gt(e.fake.inits, 0);
	ck_assert_uint_eq(e.fake.rejects, e.fake.inits);
	ck_assert(!e.fake.has_session);
	ck_assert_str_eq(e.fake.wanted, "");
	evil_close();
}
END_TEST

START_TEST(garbage_before_every_answer_changes_nothing)
{
	evil_open();
	e.dirt = 40;
	ck_assert_int_eq(run("status\n", plain), 0);
	ck_says("Registered as Ann");
	ck_clean();
	evil_close();
}
END_TEST

START_TEST(garbage_alone_is_a_server_that_cannot_be_reached)
{
	evil_open();
	e.dirt = 40;
	e.has_no_answer = true;
	ck_assert_int_eq(run("status\nall\n", plain), 3);
	ck_says("Cannot reach the server");
	ck_clean();
	evil_close();
}
END_TEST

static void
ck_all_names(const char *const *options)
{
	evil_open();
	ck_assert_int_eq(run("all\n", options), 0);
	ck_says("n0");
	ck_says("n9999");
	ck_clean();
	evil_close();
}

START_TEST(ten_thousand_names_with_escapes_are_harmless)
{
	ck_all_names(_i == 0 ? plain : json);
}
END_TEST

START_TEST(floods_and_lies_reach_nobody)
{
	evil_open();
	e.floods = true;
	ck_assert_int_eq(run("all\nstatus\nrequests\n", _i == 0 ? plain :
	    json), 0);
	ck_says(_i == 0 ? "Nobody waits" : "\"event\":\"requests\"");
	ck_assert(strstr(c.text, "asks for a conversation") == NULL);
	ck_assert(strstr(c.text, "\"event\":\"request\"") == NULL);
	ck_clean();
	ck_stranger_heard_nothing();
	evil_close();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("evil");
	TCase *tc = tcase_create("evil server");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, an_honest_server_serves);
	tcase_add_test(tc, a_changed_key_ends_the_client_with_6);
	tcase_add_test(tc, garbage_before_every_answer_changes_nothing);
	tcase_add_test(tc, garbage_alone_is_a_server_that_cannot_be_reached);
	tcase_add_loop_test(tc, ten_thousand_names_with_escapes_are_harmless,
	    0, 2);
	tcase_add_loop_test(tc, floods_and_lies_reach_nobody, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
