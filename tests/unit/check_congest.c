#include "congest.h"

#include "runner.h"

enum { PACKET = 1232, RTT = 100000 };

/* Sends full packets as long as there is room; returns how many. */
static unsigned
fill(struct congest *g, usec_t now)
{
	unsigned count = 0;

	for (; congest_has_room(g); count++)
		congest_sent(g, now, RTT, PACKET);
	return count;
}

START_TEST(ten_packets_leave_at_first)
{
	struct congest g;

	congest_init(&g);
	ck_assert_uint_eq(fill(&g, 1000), 10);
	ck_assert_uint_eq(g.in_flight, 12320);
}
END_TEST

START_TEST(slow_start_doubles_a_round_trip)
{
	struct congest g;

	congest_init(&g);
	fill(&g, 1000);
	for (int i = 0; i < 10; i++)
		congest_acked(&g, 1000, PACKET);
	ck_assert_uint_eq(g.window, 20 * PACKET);
	ck_assert_uint_eq(fill(&g, 101000), 20);
}
END_TEST

START_TEST(window_that_is_not_used_does_not_grow)
{
	struct congest g;

	congest_init(&g);
	for (int i = 0; i < 1000; i++) {
		congest_sent(&g, 1000, RTT, PACKET);
		congest_acked(&g, 1000, PACKET);
	}
	ck_assert_uint_eq(g.window, 10 * PACKET);
}
END_TEST

START_TEST(loss_halves_once_a_round_trip)
{
	struct congest g;

	congest_init(&g);
	fill(&g, 1000);
	congest_lost(&g, 2000, 1000, PACKET);
	ck_assert_uint_eq(g.window, 5 * PACKET);
	congest_lost(&g, 2000, 1000, PACKET);
	congest_lost(&g, 2500, 1500, PACKET);
	ck_assert_uint_eq(g.window, 5 * PACKET);
	ck_assert_uint_eq(g.in_flight, 7 * PACKET);
	/* Acks of what left before the loss do not undo it. */
	congest_acked(&g, 1000, PACKET);
	ck_assert_uint_eq(g.window, 5 * PACKET);
	congest_lost(&g, 3000, 2500, PACKET);
	ck_assert_uint_eq(g.window, 4 * PACKET);
}
END_TEST

START_TEST(after_a_loss_the_window_grows_by_a_packet_a_round_trip)
{
	struct congest g;
	unsigned count;

	congest_init(&g);
	g.window = 20 * PACKET;
	count = fill(&g, 1000);
	congest_lost(&g, 2000, 1000, PACKET);
	congest_gone(&g, (count - 1) * PACKET);
	ck_assert_uint_eq(g.window, 10 * PACKET);
	for (usec_t now = 3000; now < 7000; now += 1000) {
		count = fill(&g, now);
		for (unsigned i = 0; i < count; i++)
			congest_acked(&g, now, PACKET);
	}
	ck_assert_uint_eq(g.window, 14 * PACKET);
}
END_TEST

START_TEST(window_never_falls_below_four_packets)
{
	struct congest g;

	congest_init(&g);
	for (usec_t now = 1000; now < 50000; now += 1000) {
		congest_sent(&g, now, RTT, PACKET);
		congest_lost(&g, now + 500, now, PACKET);
	}
	ck_assert_uint_eq(g.window, 4 * PACKET);
	congest_init(&g);
	congest_collapse(&g);
	ck_assert_uint_eq(g.window, 4 * PACKET);
}
END_TEST

START_TEST(window_has_a_ceiling)
{
	struct congest g;

	congest_init(&g);
	for (usec_t now = 1000; now < 20000; now += 1000) {
		unsigned count = fill(&g, now);

		for (unsigned i = 0; i < count; i++)
			congest_acked(&g, now, PACKET);
	}
	ck_assert_uint_eq(g.window, 1024 * PACKET);
}
END_TEST

START_TEST(pace_lets_a_burst_through_and_then_spreads)
{
	struct congest g;
	usec_t now = 1000000;

	congest_init(&g);
	g.window = 100 * PACKET;
	for (int i = 0; i < 10; i++) {
		ck_assert_uint_le(congest_pace(&g, RTT), now);
		congest_sent(&g, now, RTT, PACKET);
	}
	/* 100 packets in 4/5 of the round trip: one every 800 us */
	ck_assert_uint_eq(congest_pace(&g, RTT), now + 800);
	congest_sent(&g, now + 800, RTT, PACKET);
	ck_assert_uint_eq(congest_pace(&g, RTT), now + 1600);
}
END_TEST

START_TEST(pace_is_no_finer_than_timers)
{
	struct congest g;
	usec_t now = 1000000;
	int count = 0;

	congest_init(&g);
	g.window = 1000 * PACKET;
	while (congest_pace(&g, 200) <= now && congest_has_room(&g)) {
		congest_sent(&g, now, 200, PACKET);
		count++;
	}
	ck_assert_int_eq(count, 1000);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("congest");
	TCase *t = tcase_create("congest");

	tcase_add_test(t, ten_packets_leave_at_first);
	tcase_add_test(t, slow_start_doubles_a_round_trip);
	tcase_add_test(t, window_that_is_not_used_does_not_grow);
	tcase_add_test(t, loss_halves_once_a_round_trip);
	tcase_add_test(t,
	    after_a_loss_the_window_grows_by_a_packet_a_round_trip);
	tcase_add_test(t, window_never_falls_below_four_packets);
	tcase_add_test(t, window_has_a_ceiling);
	tcase_add_test(t, pace_lets_a_burst_through_and_then_spreads);
	tcase_add_test(t, pace_is_no_finer_than_timers);
	suite_add_tcase(s, t);
	return s;
}
