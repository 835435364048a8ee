#include "err.h"
#include "lifetime.h"
#include "runner.h"

#include <string.h>

/* How long an idle mapping lives, asked of a server and behind a NAT whom the
 * test plays. */

static const usec_t t0 = 1000 * USEC_S;
static struct self self;
static struct uplink up;
static struct lifetime f;
static usec_t now;
static unsigned observes, opened, closed;

static void
drain(void)
{
	struct act act;

	while (outbox_next(&self.out, &act)) {
		switch (act.kind) {
		case ACT_SEND:
			ck_assert(addr_eq(&act.to, &up.session_peer));
			ck_assert_uint_eq(act.ttl, 0);
			observes += act.sock >= SOCK_EXTRA;
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

static void
set_up(void)
{
	memset(&self, 0, sizeof self);
	uplink_init(&up, "server.example", 9000, NULL);
	observes = opened = closed = 0;
	ck_assert(outbox_init(&self.out, 64, 65536));
	rng_init_test(&self.rng, test_seed(), "lifetime");
	now = t0;
	self.is_open[SOCK_UDP4] = true;
	self.seen = addr_v4(203, 0, 113, 5, 50000);
	up.is_up = up.has_session = true;
	up.session_peer = addr_v4(198, 51, 100, 1, 9000);
	lifetime_init(&f);
	lifetime_want(&f, &self, &up, now);
}

static void
tear_down(void)
{
	drain();
	uplink_fini(&up);
	outbox_fini(&self.out);
}

static bool
expire(void)
{
	bool is_new;

	now = f.next_at > now ? f.next_at : now;
	is_new = lifetime_expire(&f, &self, &up, now);
	drain();
	return is_new;
}

static void
observed(uint64_t token, uint64_t ticket)
{
	struct news news = { .kind = NEWS_OBSERVED, .tag = token,
		.ticket = ticket,
		.addr = addr_v4(203, 0, 113, 5, (uint16_t)(1000 +
		    (token - f.token) % LIFETIME_TIMES)) };

	ck_assert(lifetime_observed(&f, &self, now, &news));
	drain();
}

/* Up to the first questions. */
static void
begin(void)
{
	int i;

	ck_assert_uint_le(f.begin_at, now);
	lifetime_begin(&f, &self, now);
	drain();
	for (i = 0; i < LIFETIME_TIMES; i++)
		self_extra_opened(&self, f.probes[i].extra, E_OK);
	lifetime_opened(&f, &self, now);
	observes = 0;
	expire();
	ck_assert_uint_eq(observes, LIFETIME_TIMES);
}

/* Up to when all are idle. */
static void
be_idle(void)
{
	uint64_t i;

	begin();
	for (i = 0; i < LIFETIME_TIMES; i++)
		observed(f.token + i, 7);
	expire();
	ck_assert_uint_eq(observes, 2 * LIFETIME_TIMES);
	for (i = 0; i < LIFETIME_TIMES; i++)
		observed(f.token + LIFETIME_TIMES + i, 8);
	ck_assert_int_eq(f.state, LIFETIME_WAITING);
	expire();
}

/* The server answers an ECHO; whether it comes in is another question. */
static bool
answer_echo(uint8_t status)
{
	struct news news = { .kind = NEWS_REPLY, .status = status };

	for (int i = 0; i < CALLS_MAX; i++) {
		struct call *call = &up.calls.list[i];

		if (call->id == 0)
			continue;
		ck_assert_int_eq(call->op, OP_ECHO);
		ck_assert(calls_answer(&up.calls, call->id, &news.op,
		    &news.tag));
		lifetime_echoed(&f, &self, now, &news);
		return true;
	}
	return false;
}

/* "a" comes in, "-" does not, "l" does not because it was lost on the way. */
static void
measure(const char *what)
{
	size_t i = 0;

	be_idle();
	while (f.state == LIFETIME_WAITING) {
		expire();
		if (!answer_echo(STATUS_OK))
			continue;
		for (i = 0; i < LIFETIME_TIMES; i++)
			if (f.probes[i].tries > 0 && f.probes[i].extra >= 0 &&
			    what[i] == 'a')
				observed(f.token + 2 * LIFETIME_TIMES + i, 0);
	}
}

static void
ck_lifetime(unsigned alive_s, unsigned dead_s, unsigned keep_s)
{
	drain();
	ck_assert_uint_eq(self.keep.alive_us, alive_s * USEC_S);
	ck_assert_uint_eq(self.keep.dead_us, dead_s * USEC_S);
	ck_assert_uint_eq(keep_us(&self.keep), keep_s * USEC_S);
	ck_assert_int_eq(f.state, LIFETIME_IDLE);
	ck_assert_uint_eq(closed, opened);
}

static const struct row {
	const char *what;
	unsigned alive_s, dead_s, keep_s;
} rows[] = {
	{ "------", 0, 8, 6 },
	{ "a-----", 8, 13, 8 },
	{ "aa----", 13, 18, 13 },
	{ "aaa---", 18, 28, 18 },
	{ "aaaa--", 28, 58, 25 },
	{ "aaaaa-", 58, 118, 25 },
	{ "aaaaaa", 118, 0, 25 },
	/* What was lost. */
	{ "l-----", 0, 8, 6 },
	{ "laa---", 18, 28, 18 },
	{ "aalaaa", 118, 0, 25 },
};

START_TEST(the_longest_time_that_was_survived_counts)
{
	const struct row *r = &rows[_i];

	set_up();
	measure(r->what);
	ck_lifetime(r->alive_s, r->dead_s, r->keep_s);
	/* Once a day. */
	ck_assert_uint_eq(f.begin_at, now + LIFETIME_AGAIN_US);
	tear_down();
}
END_TEST

START_TEST(a_short_one_is_used_before_it_is_over)
{
	bool is_new = false;

	set_up();
	be_idle();
	while (!is_new && f.state == LIFETIME_WAITING) {
		is_new = expire();
		if (answer_echo(STATUS_OK) && f.probes[0].tries > 0 &&
		    f.probes[0].extra >= 0)
			observed(f.token + 2 * LIFETIME_TIMES, 0);
	}
	ck_assert(is_new);
	ck_assert_int_eq(f.state, LIFETIME_WAITING);
	ck_assert_uint_eq(keep_us(&self.keep), 8 * USEC_S);
	ck_assert_uint_le(now - t0, 20 * USEC_S);
	tear_down();
}
END_TEST

START_TEST(a_server_without_tickets_is_asked_for_nothing)
{
	set_up();
	begin();
	observed(f.token, 0);
	ck_assert_int_eq(f.state, LIFETIME_IDLE);
	ck_assert_uint_eq(closed, LIFETIME_TIMES);
	ck_assert_uint_eq(f.begin_at, now + LIFETIME_AGAIN_US);
	ck_assert_uint_eq(f.next_at, USEC_NEVER);
	ck_assert_uint_eq(keep_us(&self.keep), KEEP_US);
	tear_down();
}
END_TEST

/* An older one, or one that was started anew. */
START_TEST(a_server_that_sends_no_echo_shows_nothing)
{
	static const uint8_t says[] = { STATUS_BAD, STATUS_GONE };

	for (size_t i = 0; i < sizeof says; i++) {
		set_up();
		be_idle();
		expire();
		ck_assert(answer_echo(says[i]));
		ck_lifetime(0, 0, 25);
		ck_assert_uint_eq(f.begin_at, now + LIFETIME_PAUSE_US);
		tear_down();
	}
}
END_TEST

START_TEST(a_try_too_many_is_no_harm)
{
	unsigned n = 0;

	set_up();
	be_idle();
	while (f.state == LIFETIME_WAITING) {
		expire();
		if (answer_echo(n % LIFETIME_TRIES == 1 ? STATUS_LIMIT :
		    STATUS_OK))
			n++;
	}
	ck_lifetime(0, 8, 6);
	tear_down();
}
END_TEST

/* What is on its way for longer is waited for. */
START_TEST(far_servers_have_more_time)
{
	set_up();
	up.rtt_us = 2 * USEC_S;
	be_idle();
	expire();
	ck_assert(answer_echo(STATUS_OK));
	ck_assert_uint_eq(f.next_at, now + 4 * USEC_S);
	tear_down();
}
END_TEST

START_TEST(silence_of_the_server_shows_nothing)
{
	set_up();
	be_idle();
	while (f.state == LIFETIME_WAITING)
		expire();
	ck_lifetime(0, 0, 25);
	ck_assert_uint_eq(f.begin_at, now + LIFETIME_PAUSE_US);
	tear_down();
	/* From the beginning. */
	set_up();
	begin();
	while (f.next_at != USEC_NEVER)
		expire();
	ck_assert_uint_eq(observes, LIFETIME_TRIES * LIFETIME_TIMES);
	ck_lifetime(0, 0, 25);
	tear_down();
}
END_TEST

START_TEST(who_sleeps_too_long_learns_nothing)
{
	set_up();
	be_idle();
	now += 3600 * USEC_S;
	ck_assert(!lifetime_expire(&f, &self, &up, now));
	ck_lifetime(0, 0, 25);
	tear_down();
}
END_TEST

/* It had another port at its second use: a packet to that one would be the
 * third for an address that sent one. */
START_TEST(a_mapping_that_moves_is_left_out)
{
	struct news news = { .kind = NEWS_OBSERVED, .ticket = 9,
		.addr = addr_v4(203, 0, 113, 5, 7) };
	uint64_t i;

	set_up();
	begin();
	for (i = 0; i < LIFETIME_TIMES; i++)
		observed(f.token + i, 7);
	expire();
	news.tag = f.token + LIFETIME_TIMES;
	ck_assert(lifetime_observed(&f, &self, now, &news));
	drain();
	ck_assert_uint_eq(closed, 1);
	for (i = 1; i < LIFETIME_TIMES; i++)
		observed(f.token + LIFETIME_TIMES + i, 8);
	ck_assert_int_eq(f.state, LIFETIME_WAITING);
	while (f.state == LIFETIME_WAITING) {
		expire();
		if (answer_echo(STATUS_OK) && f.probes[1].tries > 0 &&
		    f.probes[1].extra >= 0)
			observed(f.token + 2 * LIFETIME_TIMES + 1, 0);
	}
	ck_assert_uint_eq(f.probes[0].tries, 0);
	ck_lifetime(13, 18, 13);
	tear_down();
}
END_TEST

START_TEST(other_interfaces_end_it)
{
	set_up();
	be_idle();
	lifetime_doubt(&f, &self, now);
	drain();
	ck_lifetime(0, 0, 25);
	ck_assert_uint_eq(f.begin_at, now + LIFETIME_PAUSE_US);
	tear_down();
}
END_TEST

START_TEST(an_echo_that_nobody_asked_for_changes_nothing)
{
	struct news news = { .kind = NEWS_OBSERVED };

	set_up();
	ck_assert(!lifetime_observed(&f, &self, now, &news));
	be_idle();
	observed(f.token + 2 * LIFETIME_TIMES + 5, 0);
	ck_assert(!f.probes[5].is_alive);
	news.tag = f.token - 1;
	ck_assert(!lifetime_observed(&f, &self, now, &news));
	news.tag = f.token + 3 * LIFETIME_TIMES;
	ck_assert(!lifetime_observed(&f, &self, now, &news));
	news = (struct news) { .kind = NEWS_REPLY, .tag = f.token };
	lifetime_echoed(&f, &self, now, &news);
	ck_assert_int_eq(f.state, LIFETIME_WAITING);
	tear_down();
}
END_TEST

/* A port that moves at every heartbeat is believed beside it. */
START_TEST(heartbeats_may_know_better)
{
	struct addr a, b;

	set_up();
	measure("aaaaaa");
	a = b = self.seen;
	for (int i = 1; i <= 2 * KEEP_CHANGES; i++) {
		b.port = (uint16_t)(a.port + 1);
		keep_note(&self.keep, now + (usec_t)i * KEEP_US, &a, &b);
		a = b;
	}
	ck_assert_uint_lt(keep_us(&self.keep), KEEP_US);
	tear_down();
}
END_TEST

START_TEST(four_networks_are_remembered)
{
	struct addr home;

	set_up();
	home = self.seen;
	measure("aa----");
	for (uint8_t i = 1; i <= LIFETIME_NETWORKS; i++) {
		self.seen.ip[3] = i + 100;
		lifetime_want(&f, &self, &up, now);
		ck_assert(!keep_is_measured(&self.keep));
		ck_assert_uint_ge(f.begin_at, f.began_at + LIFETIME_PAUSE_US);
		if (i == LIFETIME_NETWORKS)
			break;
		now = f.begin_at;
		closed = opened = 0;
		measure("aaaaaa");
	}
	self.seen = home;
	lifetime_want(&f, &self, &up, now);
	ck_assert_uint_eq(keep_us(&self.keep), 13 * USEC_S);
	ck_assert_uint_gt(f.begin_at, now + LIFETIME_AGAIN_US / 2);
	tear_down();
}
END_TEST

START_TEST(over_tcp_there_is_nothing_to_measure)
{
	set_up();
	be_idle();
	up.session_tcp = true;
	lifetime_want(&f, &self, &up, now);
	drain();
	ck_lifetime(0, 0, 25);
	ck_assert_uint_eq(f.begin_at, USEC_NEVER);
	tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("lifetime");
	TCase *tc = tcase_create("lifetime");

	tcase_add_loop_test(tc, the_longest_time_that_was_survived_counts, 0,
	    sizeof rows / sizeof rows[0]);
	tcase_add_test(tc, a_short_one_is_used_before_it_is_over);
	tcase_add_test(tc, a_server_without_tickets_is_asked_for_nothing);
	tcase_add_test(tc, a_server_that_sends_no_echo_shows_nothing);
	tcase_add_test(tc, a_try_too_many_is_no_harm);
	tcase_add_test(tc, far_servers_have_more_time);
	tcase_add_test(tc, silence_of_the_server_shows_nothing);
	tcase_add_test(tc, who_sleeps_too_long_learns_nothing);
	tcase_add_test(tc, a_mapping_that_moves_is_left_out);
	tcase_add_test(tc, other_interfaces_end_it);
	tcase_add_test(tc, an_echo_that_nobody_asked_for_changes_nothing);
	tcase_add_test(tc, heartbeats_may_know_better);
	tcase_add_test(tc, four_networks_are_remembered);
	tcase_add_test(tc, over_tcp_there_is_nothing_to_measure);
	suite_add_tcase(s, tc);
	return s;
}
