#include "keep.h"
#include "runner.h"

static const usec_t t0 = 1000 * USEC_S;

/* Heartbeats at these ports, 20 s apart. */
static usec_t
after(const uint16_t *ports, size_t count)
{
	struct keep k = { 0 };
	struct addr old = addr_v4(203, 0, 113, 5, 5000);

	for (size_t i = 0; i < count; i++) {
		struct addr seen = addr_v4(203, 0, 113, 5, ports[i]);

		keep_note(&k, t0 + i * 20 * USEC_S, &old, &seen);
		old = seen;
	}
	return keep_us(&k);
}

START_TEST(a_port_that_stays_changes_nothing)
{
	const uint16_t ports[] = { 5000, 5000, 5000, 5000 };

	ck_assert_uint_eq(after(ports, 4), KEEP_US);
}
END_TEST

START_TEST(a_nat_started_anew_is_no_reason)
{
	const uint16_t ports[] = { 5000, 6000, 6000, 6000, 7000, 7000 };

	ck_assert_uint_eq(after(ports, 6), KEEP_US);
}
END_TEST

START_TEST(another_port_every_time_halves_it_down_to_a_limit)
{
	const uint16_t ports[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

	ck_assert_uint_eq(after(ports, 2), KEEP_US / 2);
	ck_assert_uint_eq(after(ports, 4), KEEP_US / 4);
	ck_assert_uint_eq(after(ports, 10), KEEP_US / 4);
}
END_TEST

START_TEST(another_network_begins_anew)
{
	const uint16_t ports[] = { 1, 2 };
	struct keep k = { .us = KEEP_US / 4, .changes = 1 };
	struct addr old = addr_v4(203, 0, 113, 5, ports[0]);
	struct addr seen = addr_v4(203, 0, 113, 6, ports[1]);

	keep_note(&k, t0, &old, &seen);
	ck_assert_uint_eq(keep_us(&k), KEEP_US);
	ck_assert_uint_eq(k.changes, 0);
}
END_TEST

START_TEST(what_was_measured_counts_within_bounds)
{
	struct keep k = { 0 };

	ck_assert(!keep_is_measured(&k));
	keep_measured(&k, 13 * USEC_S, 18 * USEC_S);
	ck_assert(keep_is_measured(&k));
	ck_assert_uint_eq(keep_us(&k), 13 * USEC_S);
	keep_measured(&k, 0, 8 * USEC_S);
	ck_assert_uint_eq(keep_us(&k), KEEP_MIN_US);
	keep_measured(&k, 118 * USEC_S, 0);
	ck_assert_uint_eq(keep_us(&k), KEEP_US);
	/* Heartbeats that show less are believed. */
	k.us = KEEP_US / 2;
	ck_assert_uint_eq(keep_us(&k), KEEP_US / 2);
	keep_measured(&k, 0, 0);
	k.us = 0;
	ck_assert_uint_eq(keep_us(&k), KEEP_US);
}
END_TEST

START_TEST(intervals_are_what_the_server_wishes_or_shorter)
{
	struct keep k = { 0 };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "keep");
	for (int i = 0; i < 1000; i++) {
		usec_t us = keep_draw(&k, &rng, 20 * USEC_S, 25 * USEC_S);

		ck_assert(us >= 20 * USEC_S && us <= 25 * USEC_S);
		/* Whatever it says. */
		us = keep_draw(&k, &rng, 0, 0);
		ck_assert_uint_eq(us, 5 * USEC_S);
		us = keep_draw(&k, &rng, 255 * USEC_S, 255 * USEC_S);
		ck_assert(us >= 20 * USEC_S && us <= KEEP_US);
	}
	k.us = KEEP_US / 4;
	for (int i = 0; i < 1000; i++) {
		usec_t us = keep_draw(&k, &rng, 20 * USEC_S, 25 * USEC_S);

		ck_assert(us >= KEEP_US / 5 && us <= KEEP_US / 4);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("keep");
	TCase *tc = tcase_create("intervals");

	tcase_add_test(tc, a_port_that_stays_changes_nothing);
	tcase_add_test(tc, a_nat_started_anew_is_no_reason);
	tcase_add_test(tc,
	    another_port_every_time_halves_it_down_to_a_limit);
	tcase_add_test(tc, another_network_begins_anew);
	tcase_add_test(tc, what_was_measured_counts_within_bounds);
	tcase_add_test(tc, intervals_are_what_the_server_wishes_or_shorter);
	suite_add_tcase(s, tc);
	return s;
}
