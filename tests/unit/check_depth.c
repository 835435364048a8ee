#include "depth.h"
#include "err.h"
#include "runner.h"

#include <string.h>

/* How far our NATs reach, told by routers whom the test plays. */

static const usec_t t0 = 1000 * USEC_S;
static struct self self;
static struct uplink up;
static struct depth d;
static usec_t now;
static unsigned sent[HOPS_MAX + 1], opened, closed; /* sent: by TTL */

static void
drain(void)
{
	struct act act;

	while (outbox_next(&self.out, &act)) {
		switch (act.kind) {
		case ACT_SEND:
			ck_assert(addr_eq(&act.to, &up.session_peer));
			ck_assert_int_ge(act.sock, SOCK_EXTRA);
			ck_assert_uint_ge(act.ttl, 1);
			ck_assert_uint_le(act.ttl, HOPS_MAX);
			ck_assert_int_eq(act.sock - SOCK_EXTRA,
			    d.extras[act.ttl - 1]);
			sent[act.ttl]++;
			break;
		case ACT_OPEN:
			opened++;
			break;
		case ACT_CLOSE:
			closed++;
			break;
		default:
			ck_abort_msg("act %d", (int)act.kind);
		}
	}
}

/* At home, registered over UDP. */
static void
set_up(void)
{
	memset(&self, 0, sizeof self);
	memset(&up, 0, sizeof up);
	memset(sent, 0, sizeof sent);
	opened = closed = 0;
	ck_assert(outbox_init(&self.out, 64, 65536));
	rng_init_test(&self.rng, test_seed(), "depth");
	now = t0;
	self.seen = addr_v4(203, 0, 113, 5, 50000);
	self.locals[0] = addr_v4(192, 168, 1, 7, 0);
	self.locals_count = 1;
	up.is_up = up.has_session = true;
	up.session_peer = addr_v4(198, 51, 100, 1, 9000);
	depth_init(&d);
}

static void
tear_down(void)
{
	drain();
	outbox_fini(&self.out);
}

static void
expire(void)
{
	now = d.next_at > now ? d.next_at : now;
	depth_expire(&d, &self, &up, now);
	drain();
}

/* Up to the first questions. */
static void
begin(void)
{
	int i;

	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, now);
	depth_begin(&d, &self, now);
	drain();
	ck_assert_uint_eq(opened, HOPS_MAX);
	for (i = 0; i < HOPS_MAX; i++) {
		self_extra_opened(&self, d.extras[i], E_OK);
		depth_opened(&d, &self, now);
	}
	expire();
}

/* "p" private, "s" shared, "w" the wide world, "-" silent, "S" the server;
 * beyond the end all are silent. Returns the depth. */
static unsigned
ask(const char *hops)
{
	size_t i;

	set_up();
	begin();
	for (i = 0; i < HOPS_MAX; i++)
		ck_assert_uint_eq(sent[i + 1], 1);
	for (i = 0; hops[i] != '\0'; i++) {
		struct addr router = addr_v4(192, 168, (uint8_t)i, 1, 0);

		if (hops[i] == 's')
			router = addr_v4(100, 64, (uint8_t)i, 1, 0);
		else if (hops[i] == 'w')
			router = addr_v4(4, 68, (uint8_t)i, 1, 0);
		if (hops[i] == 'S')
			ck_assert(depth_observed(&d, &self, d.token + i));
		else if (hops[i] != '-')
			ck_assert(depth_expired(&d, &self, d.extras[i],
			    &router));
	}
	while (d.next_at != USEC_NEVER)
		expire();
	drain();
	ck_assert_uint_eq(closed, HOPS_MAX);
	ck_assert(!d.is_on);
	outbox_fini(&self.out);
	return self.depth;
}

START_TEST(the_last_router_that_is_not_public_is_the_depth)
{
	ck_assert_uint_eq(ask("pwwwwS"), 1);
	ck_assert_uint_eq(ask("pswwSS"), 2);
	ck_assert_uint_eq(ask("ppwwww"), 2);
	ck_assert_uint_eq(ask("pppsww"), 4);
	ck_assert_uint_eq(ask("pppppp"), 6);
	/* Some use public addresses inside. */
	ck_assert_uint_eq(ask("pwswww"), 3);
	ck_assert_mem_eq(&self.hops[1].ip, "\4\104\1\1", 4);
}
END_TEST

START_TEST(silent_routers_are_passed_over)
{
	ck_assert_uint_eq(ask("p"), 1);
	ck_assert_uint_eq(ask("p-s"), 3);
	ck_assert(!addr_is_set(&self.hops[1]));
	ck_assert_uint_eq(ask("-p"), 2);
	/* Right before the first public one it may be the carrier's. */
	ck_assert_uint_eq(ask("p-w"), 2);
	ck_assert_uint_eq(ask("p--ww"), 2);
	ck_assert_uint_eq(ask("-wwwwS"), 1);
	/* Before the server it may be anybody. */
	ck_assert_uint_eq(ask("p--S"), 1);
}
END_TEST

START_TEST(without_an_answer_nothing_is_known)
{
	ck_assert_uint_eq(ask(""), 0);
	ck_assert_uint_eq(ask("---SSS"), 0);
	ck_assert_uint_eq(ask("wwwSSS"), 0);
	ck_assert_uint_eq(ask("SSSSSS"), 0);
}
END_TEST

START_TEST(the_silent_are_asked_twice_and_nobody_more_often)
{
	int i;

	ask("p-w");
	ck_assert_uint_eq(now, t0 + DEPTH_TRIES * DEPTH_WAIT_US);
	for (i = 1; i <= HOPS_MAX; i++)
		ck_assert_uint_eq(sent[i], i == 1 || i == 3 ? 1 : DEPTH_TRIES);
}
END_TEST

START_TEST(a_network_is_asked_once)
{
	ask("pswwww");
	ck_assert(outbox_init(&self.out, 64, 65536));
	/* Registered anew, at another port. */
	self.seen.port++;
	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, USEC_NEVER);
	ck_assert_uint_eq(self.depth, 2);
	/* At another address. */
	self.seen.ip[3]++;
	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, now);
	ck_assert_uint_eq(self.depth, 0);
	tear_down();
}
END_TEST

START_TEST(interfaces_that_change_are_another_network)
{
	ask("pswwww");
	ck_assert(outbox_init(&self.out, 64, 65536));
	depth_forget(&d, &self);
	depth_want(&d, &self, &up, now + DEPTH_SETTLE_US);
	ck_assert_uint_eq(d.begin_at, now + DEPTH_SETTLE_US);
	tear_down();
}
END_TEST

START_TEST(who_is_behind_nothing_does_not_ask)
{
	set_up();
	self.locals[0] = self.seen;
	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, USEC_NEVER);
	self.locals[0] = addr_v4(192, 168, 1, 7, 0);
	up.session_tcp = true;
	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, USEC_NEVER);
	tear_down();
}
END_TEST

START_TEST(what_others_say_changes_nothing)
{
	struct addr router = addr_v4(192, 168, 1, 1, 0);
	int extra;

	set_up();
	ck_assert(!depth_observed(&d, &self, 0));
	ck_assert(!depth_expired(&d, &self, -1, &router));
	begin();
	ck_assert(!depth_observed(&d, &self, d.token - 1));
	ck_assert(!depth_observed(&d, &self, d.token + HOPS_MAX));
	ck_assert(!depth_expired(&d, &self, HOPS_MAX + 1, &router));
	/* A low TTL of a punch ends as well, on another socket. */
	ck_assert(!depth_expired(&d, &self, SOCK_UDP4 - SOCK_EXTRA, &router));
	/* An answer that comes twice. */
	extra = d.extras[0];
	ck_assert(depth_expired(&d, &self, extra, &router));
	ck_assert(!depth_expired(&d, &self, extra, &router));
	ck_assert(depth_observed(&d, &self, d.token));
	ck_assert(!d.is_server[0]);
	tear_down();
}
END_TEST

START_TEST(a_lost_server_ends_it)
{
	set_up();
	begin();
	up.is_up = false;
	expire();
	ck_assert_uint_eq(closed, HOPS_MAX);
	ck_assert_uint_eq(d.next_at, USEC_NEVER);
	/* It is asked again as soon as it is back. */
	up.is_up = true;
	depth_want(&d, &self, &up, now);
	ck_assert_uint_eq(d.begin_at, now);
	tear_down();
}
END_TEST

START_TEST(without_sockets_it_comes_to_nothing)
{
	int i;

	set_up();
	depth_want(&d, &self, &up, now);
	depth_begin(&d, &self, now);
	for (i = 0; i < HOPS_MAX; i++) {
		self_extra_opened(&self, d.extras[i], E_IO);
		depth_opened(&d, &self, now);
	}
	while (d.next_at != USEC_NEVER)
		expire();
	ck_assert_uint_eq(self.depth, 0);
	ck_assert_uint_eq(sent[1], 0);
	tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("depth");
	TCase *tc = tcase_create("depth");

	tcase_add_test(tc, the_last_router_that_is_not_public_is_the_depth);
	tcase_add_test(tc, silent_routers_are_passed_over);
	tcase_add_test(tc, without_an_answer_nothing_is_known);
	tcase_add_test(tc, the_silent_are_asked_twice_and_nobody_more_often);
	tcase_add_test(tc, a_network_is_asked_once);
	tcase_add_test(tc, interfaces_that_change_are_another_network);
	tcase_add_test(tc, who_is_behind_nothing_does_not_ask);
	tcase_add_test(tc, what_others_say_changes_nothing);
	tcase_add_test(tc, a_lost_server_ends_it);
	tcase_add_test(tc, without_sockets_it_comes_to_nothing);
	suite_add_tcase(s, tc);
	return s;
}
