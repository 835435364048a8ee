#include "err.h"
#include "natcheck.h"
#include "runner.h"

#include <string.h>

/* Our own NAT, asked of a server whose answers the test gives. */

enum { SENT_MAX = 64 };

static const usec_t t0 = 1000 * USEC_S;
static struct self self;
static struct uplink up;
static struct natcheck n;
static usec_t now;
static struct { int sock; uint16_t port; } sent[SENT_MAX];
static size_t sent_count, opened, closed;

static void
drain(void)
{
	struct act act;

	while (outbox_next(&self.out, &act)) {
		ck_assert_uint_lt(sent_count, SENT_MAX);
		switch (act.kind) {
		case ACT_SEND:
			ck_assert(addr_same_ip(&act.to, &up.session_peer));
			sent[sent_count].sock = act.sock;
			sent[sent_count++].port = act.to.port;
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

/* Behind a NAT that shows port 50000; registered over UDP. */
static void
set_up(void)
{
	memset(&self, 0, sizeof self);
	memset(&up, 0, sizeof up);
	ck_assert(outbox_init(&self.out, 64, 65536));
	rng_init_test(&self.rng, test_seed(), "natcheck");
	now = t0;
	sent_count = opened = closed = 0;
	self.is_open[SOCK_UDP4] = true;
	self.port = 9001;
	self.seen = addr_v4(203, 0, 113, 5, 50000);
	self.locals[0] = addr_v4(192, 168, 1, 7, 0);
	self.locals_count = 1;
	up.is_up = up.has_session = true;
	up.session_peer = addr_v4(198, 51, 100, 1, 9000);
	up.accept.probe_port = 9002;
	natcheck_init(&n);
	ck_assert_uint_eq(n.next_at, USEC_NEVER);
	natcheck_start(&n, &self, &up, now);
}

static void
tear_down(void)
{
	drain();
	outbox_fini(&self.out);
}

static bool
expire(void)
{
	bool is_new;

	now = n.next_at > now ? n.next_at : now;
	is_new = natcheck_expire(&n, &self, &up, now);
	drain();
	return is_new;
}

static void
observed(uint16_t port, uint16_t from_port)
{
	struct addr seen = addr_v4(203, 0, 113, 5, port);

	up.frames_from = up.session_peer;
	up.frames_from.port = from_port;
	ck_assert(natcheck_observed(&n, &self, &up, now, n.token, &seen));
	drain();
}

/* The fresh socket of the second half. */
static void
socket_is_there(int err)
{
	ck_assert_int_ge(n.extras[0], 0);
	self_extra_opened(&self, n.extras[0], err);
	natcheck_opened(&n, &self, now);
}

static void
ck_nat(enum nat_mapping mapping, enum nat_filter filter)
{
	ck_assert_int_eq(nat_mapping_of(self.nat), mapping);
	ck_assert_int_eq(nat_filter_of(self.nat), filter);
}

START_TEST(two_ports_that_see_one_address_are_endpoint_independent)
{
	set_up();
	expire();
	ck_assert_uint_eq(sent_count, 1);
	ck_assert_int_eq(sent[0].sock, SOCK_UDP4);
	ck_assert_uint_eq(sent[0].port, 9002);
	observed(50000, 9002);
	ck_nat(NAT_EIM, FILTER_UNKNOWN);
	ck_assert_int_eq(self.nat_step, 0);
	tear_down();
}
END_TEST

START_TEST(another_port_is_a_nat_that_depends_on_the_destination)
{
	set_up();
	expire();
	observed(50002, 9002);
	ck_nat(NAT_APDM, FILTER_UNKNOWN);
	ck_assert_int_eq(self.nat_step, 2);
	tear_down();
}
END_TEST

START_TEST(ports_far_from_each_other_are_not_counted)
{
	set_up();
	expire();
	observed(50021, 9002);
	ck_nat(NAT_APDM, FILTER_UNKNOWN);
	ck_assert_int_eq(self.nat_step, 0);
	tear_down();
}
END_TEST

START_TEST(backwards_counts_too)
{
	set_up();
	expire();
	observed(49999, 9002);
	ck_assert_int_eq(self.nat_step, -1);
	tear_down();
}
END_TEST

START_TEST(our_own_address_is_no_nat)
{
	set_up();
	self.seen = addr_v4(203, 0, 113, 5, 9001);
	self.locals[0] = addr_v4(203, 0, 113, 5, 0);
	expire();
	observed(9001, 9002);
	ck_nat(NAT_NONE, FILTER_UNKNOWN);
	tear_down();
}
END_TEST

START_TEST(an_answer_from_elsewhere_to_a_fresh_socket_is_open)
{
	set_up();
	expire();
	observed(50000, 9002);
	ck_assert_uint_eq(opened, 1);
	socket_is_there(E_OK);
	expire();
	ck_assert_int_ge(sent[1].sock, SOCK_EXTRA);
	ck_assert_uint_eq(sent[1].port, 9000);
	/* From where it was asked it says nothing. */
	observed(50007, 9000);
	ck_nat(NAT_EIM, FILTER_UNKNOWN);
	observed(50007, 9002);
	ck_nat(NAT_EIM, FILTER_OPEN);
	ck_assert_uint_eq(closed, 1);
	tear_down();
}
END_TEST

START_TEST(no_answer_from_elsewhere_is_filtering)
{
	unsigned i;

	set_up();
	expire();
	observed(50000, 9002);
	socket_is_there(E_OK);
	for (i = 0; i < NATCHECK_TRIES; i++) {
		ck_assert(!expire());
		ck_assert_uint_eq(sent_count, 2 + i);
		ck_assert_uint_eq(n.next_at, now + NATCHECK_WAIT_US);
	}
	ck_assert(expire());
	ck_nat(NAT_EIM, FILTER_APDF);
	ck_assert_uint_eq(sent_count, 1 + NATCHECK_TRIES);
	ck_assert_uint_eq(closed, 1);
	/* And again ten minutes later. */
	ck_assert_uint_eq(n.next_at, now + NATCHECK_AGAIN_US);
	expire();
	ck_assert_uint_eq(sent_count, 2 + NATCHECK_TRIES);
	ck_assert_uint_eq(sent[sent_count - 1].port, 9002);
	tear_down();
}
END_TEST

START_TEST(a_silent_probe_port_says_nothing)
{
	unsigned i;

	set_up();
	for (i = 0; i < NATCHECK_TRIES; i++)
		ck_assert(!expire());
	ck_assert(!expire());
	ck_nat(NAT_UNKNOWN, FILTER_UNKNOWN);
	ck_assert_uint_eq(sent_count, NATCHECK_TRIES);
	ck_assert_uint_eq(n.next_at, now + NATCHECK_AGAIN_US);
	tear_down();
}
END_TEST

START_TEST(what_was_learnt_late_is_not_counted)
{
	set_up();
	expire();
	observed(50002, 9002);
	ck_assert_int_eq(self.nat_step, 2);
	socket_is_there(E_IO);
	while (n.step != NATCHECK_IDLE)
		expire();
	/* Ten minutes later the first mapping is old. */
	expire();
	observed(50010, 9002);
	ck_assert_int_eq(self.nat_step, 2);
	tear_down();
}
END_TEST

static bool is_backwards;

/* 16 fresh sockets; the server shows their ports one by one. */
static void
sample(const uint16_t *ports, int count)
{
	struct addr seen = addr_v4(203, 0, 113, 5, 0);
	int i;

	set_up();
	expire();
	observed(50002, 9002);
	ck_assert_uint_eq(n.step, NATCHECK_SAMPLING);
	ck_assert_uint_eq(opened, PORTS_SAMPLES);
	for (i = 0; i < PORTS_SAMPLES; i++)
		self_extra_opened(&self, n.extras[i], E_OK);
	natcheck_opened(&n, &self, now);
	sent_count = 0;
	expire();
	ck_assert_uint_eq(sent_count, PORTS_SAMPLES);
	for (i = 0; i < count; i++) {
		int k = is_backwards ? count - 1 - i : i;

		seen.port = ports[k];
		ck_assert(natcheck_observed(&n, &self, &up, now,
		    n.token + (uint64_t)k, &seen));
	}
	sent_count = 0;
	while (n.step == NATCHECK_SAMPLING)
		expire();
	ck_assert_uint_eq(n.step, NATCHECK_FILTERING);
	drain();
	ck_assert_uint_eq(closed, PORTS_SAMPLES);
}

START_TEST(samples_show_a_block_of_ports)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)(20480 + i * 61 % 1024);
	sample(ports, PORTS_SAMPLES);
	ck_assert_uint_le(ports_count(&self.ports), 1300);
	/* Two ports of a block were next to each other by chance. */
	ck_assert_int_eq(self.nat_step, 0);
	tear_down();
}
END_TEST

/* They are few, and yet far apart. */
START_TEST(two_close_ports_of_a_set_are_no_order)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)((1 + i * 7 % 15) << 12 | 0x350 |
		    i * 5 % 16);
	sample(ports, PORTS_SAMPLES);
	ck_assert_uint_eq(ports_count(&self.ports), 15 * 16);
	ck_assert_int_eq(self.nat_step, 0);
	tear_down();
}
END_TEST

/* As few as a subscriber of a carrier gets. */
START_TEST(a_small_block_is_no_counting)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)(20480 + i * 61 % 240);
	sample(ports, PORTS_SAMPLES);
	ck_assert_int_eq(self.nat_step, 0);
	ck_assert_uint_le(ports_count(&self.ports), 400);
	tear_down();
}
END_TEST

START_TEST(a_nat_that_counts_has_every_port)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)(50004 + 2 * i);
	sample(ports, PORTS_SAMPLES);
	ck_assert_mem_eq(&self.ports, &ports_all, sizeof ports_all);
	ck_assert_int_eq(self.nat_step, 2);
	tear_down();
}
END_TEST

START_TEST(strangers_between_two_mappings_are_no_part_of_the_step)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)(50004 + i + i / 4);
	sample(ports, PORTS_SAMPLES);
	ck_assert_int_eq(self.nat_step, 1);
	tear_down();
}
END_TEST

/* Sockets are read in any order. */
START_TEST(answers_in_disorder_are_still_in_steps)
{
	uint16_t ports[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++)
		ports[i] = (uint16_t)(50004 + 2 * i);
	is_backwards = true;
	sample(ports, PORTS_SAMPLES);
	is_backwards = false;
	ck_assert_int_eq(self.nat_step, 2);
	tear_down();
}
END_TEST

START_TEST(few_samples_change_nothing)
{
	const uint16_t ports[] = { 20000, 20001, 20002 };

	sample(ports, 3);
	ck_assert_mem_eq(&self.ports, &ports_all, sizeof ports_all);
	ck_assert_int_eq(self.nat_step, 2);
	tear_down();
}
END_TEST

START_TEST(without_a_fresh_socket_there_is_no_second_half)
{
	set_up();
	expire();
	observed(50000, 9002);
	socket_is_there(E_IO);
	ck_assert(!expire());
	ck_nat(NAT_EIM, FILTER_UNKNOWN);
	ck_assert_uint_eq(sent_count, 1);
	ck_assert_uint_eq(n.next_at, now + NATCHECK_AGAIN_US);
	tear_down();
}
END_TEST

START_TEST(an_answer_to_nothing_that_was_asked_changes_nothing)
{
	struct addr seen = addr_v4(203, 0, 113, 5, 50009);

	set_up();
	ck_assert(!natcheck_observed(&n, &self, &up, now, n.token, &seen));
	expire();
	ck_assert(!natcheck_observed(&n, &self, &up, now, n.token + 1,
	    &seen));
	ck_assert(!natcheck_observed(&n, &self, &up, now, 0, &seen));
	ck_nat(NAT_UNKNOWN, FILTER_UNKNOWN);
	/* The token of the first half is none of the second. */
	{
		uint64_t first = n.token;

		observed(50000, 9002);
		up.frames_from.port = 9002;
		ck_assert(!natcheck_observed(&n, &self, &up, now, first,
		    &seen));
	}
	ck_nat(NAT_EIM, FILTER_UNKNOWN);
	tear_down();
}
END_TEST

START_TEST(over_tcp_nothing_is_known)
{
	set_up();
	expire();
	observed(50002, 9002);
	socket_is_there(E_OK);
	up.session_tcp = true;
	natcheck_start(&n, &self, &up, now);
	drain();
	ck_assert_uint_eq(closed, PORTS_SAMPLES);
	ck_nat(NAT_UNKNOWN, FILTER_UNKNOWN);
	ck_assert_int_eq(self.nat_step, 0);
	ck_assert_uint_eq(n.next_at, USEC_NEVER);
	tear_down();
}
END_TEST

START_TEST(a_server_without_a_probe_port_is_not_asked)
{
	set_up();
	up.accept.probe_port = 0;
	natcheck_start(&n, &self, &up, now);
	ck_assert_uint_eq(n.next_at, USEC_NEVER);
	up.accept.probe_port = 9002;
	up.session_peer = addr_any(ADDR_V6, 9000);
	natcheck_start(&n, &self, &up, now);
	ck_assert_uint_eq(n.next_at, USEC_NEVER);
	ck_assert_uint_eq(sent_count, 0);
	tear_down();
}
END_TEST

START_TEST(a_lost_server_ends_it)
{
	set_up();
	expire();
	observed(50000, 9002);
	socket_is_there(E_OK);
	up.is_up = false;
	ck_assert(!expire());
	ck_assert_uint_eq(closed, 1);
	ck_assert_uint_eq(n.next_at, USEC_NEVER);
	ck_assert_uint_eq(sent_count, 1);
	tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("natcheck");
	TCase *tc = tcase_create("mapping");

	tcase_add_test(tc,
	    two_ports_that_see_one_address_are_endpoint_independent);
	tcase_add_test(tc,
	    another_port_is_a_nat_that_depends_on_the_destination);
	tcase_add_test(tc, ports_far_from_each_other_are_not_counted);
	tcase_add_test(tc, backwards_counts_too);
	tcase_add_test(tc, our_own_address_is_no_nat);
	tcase_add_test(tc, a_silent_probe_port_says_nothing);
	tcase_add_test(tc, what_was_learnt_late_is_not_counted);
	suite_add_tcase(s, tc);
	tc = tcase_create("filtering");
	tcase_add_test(tc,
	    an_answer_from_elsewhere_to_a_fresh_socket_is_open);
	tcase_add_test(tc, no_answer_from_elsewhere_is_filtering);
	tcase_add_test(tc, samples_show_a_block_of_ports);
	tcase_add_test(tc, two_close_ports_of_a_set_are_no_order);
	tcase_add_test(tc, a_small_block_is_no_counting);
	tcase_add_test(tc, a_nat_that_counts_has_every_port);
	tcase_add_test(tc,
	    strangers_between_two_mappings_are_no_part_of_the_step);
	tcase_add_test(tc, answers_in_disorder_are_still_in_steps);
	tcase_add_test(tc, few_samples_change_nothing);
	tcase_add_test(tc, without_a_fresh_socket_there_is_no_second_half);
	tcase_add_test(tc,
	    an_answer_to_nothing_that_was_asked_changes_nothing);
	suite_add_tcase(s, tc);
	tc = tcase_create("server");
	tcase_add_test(tc, over_tcp_nothing_is_known);
	tcase_add_test(tc, a_server_without_a_probe_port_is_not_asked);
	tcase_add_test(tc, a_lost_server_ends_it);
	suite_add_tcase(s, tc);
	return s;
}
