#include "recovery.h"

#include "runner.h"

enum { SIZE = 1232, RTT = 80000 };

/* A path of a known round trip: what is sent at now is acknowledged so. */
static void
init(struct recovery *r)
{
	recovery_init(r, RTT);
}

static void
send_packet(struct recovery *r, usec_t now, uint64_t pn)
{
	struct sent s = { .pn = pn, .size = SIZE };

	ck_assert(recovery_reserve(r));
	recovery_sent(r, now, &s);
}

static void
send_packets(struct recovery *r, usec_t now, uint64_t lo, uint64_t hi)
{
	for (; lo < hi; lo++)
		send_packet(r, now, lo);
}

/* An ACK frame of one range; returns how many packets it acknowledges. */
static unsigned
ack(struct recovery *r, usec_t now, uint64_t lo, uint64_t hi)
{
	unsigned count = 0;
	uint64_t at = 0;

	while (recovery_next_acked(r, lo, hi, &at) != NULL)
		count++;
	recovery_acked(r, now, hi - 1, 0);
	return count;
}

/* The numbers of the packets that are lost now must be lo to hi-1. */
static void
ck_assert_lost(struct recovery *r, usec_t now, uint64_t lo, uint64_t hi)
{
	const struct sent *s;
	uint64_t at = 0;

	for (; (s = recovery_next_lost(r, now, &at)) != NULL; lo++)
		ck_assert_uint_eq(s->pn, lo);
	ck_assert_uint_eq(lo, hi);
}

START_TEST(packets_are_acknowledged_once)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 10, 15);
	ck_assert_uint_eq(ack(&r, 81000, 12, 14), 2);
	ck_assert_uint_eq(ack(&r, 81000, 0, 15), 3);
	ck_assert_uint_eq(ack(&r, 81000, 0, 15), 0);
	ck_assert_uint_eq(r.in_flight, 0);
	ck_assert_uint_eq(r.congest.in_flight, 0);
	ck_assert_ptr_null(r.ring);
	ck_assert_uint_eq(recovery_deadline(&r), USEC_NEVER);
	recovery_fini(&r);
}
END_TEST

START_TEST(packet_three_before_an_acknowledged_one_is_lost)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 5);
	ack(&r, 81000, 3, 4);
	ck_assert_lost(&r, 81000, 0, 1);
	ack(&r, 81000, 4, 5);
	ck_assert_lost(&r, 81000, 1, 2);
	ck_assert_lost(&r, 81000, 1, 1);
	recovery_fini(&r);
}
END_TEST

START_TEST(numbers_used_by_others_are_no_reordering)
{
	struct recovery r;

	init(&r);
	send_packet(&r, 1000, 0);
	send_packet(&r, 1000, 50);
	ack(&r, 81000, 50, 51);
	ck_assert_lost(&r, 81000, 0, 0);
	recovery_fini(&r);
}
END_TEST

START_TEST(packet_older_than_nine_eighths_of_a_round_trip_is_lost)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 2);
	ack(&r, 81000, 1, 2);
	ck_assert_lost(&r, 81000, 0, 0);
	ck_assert_uint_eq(recovery_deadline(&r), 91000);
	ck_assert_lost(&r, 90999, 0, 0);
	ck_assert_lost(&r, 91000, 0, 1);
	ck_assert_uint_eq(recovery_deadline(&r), USEC_NEVER);
	recovery_fini(&r);
}
END_TEST

START_TEST(samples_come_from_the_largest_of_a_frame)
{
	struct recovery r;

	init(&r);
	send_packet(&r, 1000, 0);
	send_packet(&r, 2000, 1);
	ack(&r, 52000, 0, 2);
	ck_assert_uint_eq(r.rtt.latest, 50000);
	send_packet(&r, 60000, 2);
	/* Number 3 is not ours: how long it took says nothing. */
	ack(&r, 160000, 2, 4);
	ck_assert_uint_eq(r.rtt.latest, 50000);
	recovery_fini(&r);
}
END_TEST

START_TEST(late_ack_of_a_lost_packet_counts_and_gives_a_sample)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 5);
	ack(&r, 11000, 4, 5);
	ck_assert_lost(&r, 11000, 0, 2);
	ck_assert_lost(&r, 30000, 2, 4);
	ck_assert_uint_eq(r.in_flight, 0);
	send_packets(&r, 30000, 5, 7);
	ck_assert_uint_eq(ack(&r, 60000, 6, 7), 1);
	ck_assert_uint_eq(ack(&r, 101000, 0, 4), 4);
	ck_assert_uint_eq(r.rtt.latest, 100000);
	ck_assert_uint_eq(r.congest.in_flight, SIZE);
	recovery_fini(&r);
}
END_TEST

START_TEST(probes_come_after_the_pto_and_back_off)
{
	struct recovery r;

	init(&r);
	send_packet(&r, 1000, 0);
	ck_assert_uint_eq(recovery_deadline(&r), 1000 + 265000);
	recovery_expire(&r, 265999);
	ck_assert_uint_eq(r.probes, 0);
	recovery_expire(&r, 266000);
	ck_assert_uint_eq(r.probes, 2);
	send_packet(&r, 266000, 1);
	send_packet(&r, 266000, 2);
	ck_assert_uint_eq(r.probes, 0);
	ck_assert_uint_eq(recovery_deadline(&r), 266000 + 530000);
	ack(&r, 346000, 1, 3);
	ck_assert_uint_eq(r.pto_count, 0);
	recovery_fini(&r);
}
END_TEST

START_TEST(back_off_ends_at_a_second)
{
	struct recovery r;
	usec_t now = 1000;

	init(&r);
	for (uint64_t pn = 0; pn < 20; pn++) {
		send_packet(&r, now, pn);
		ck_assert_uint_le(recovery_deadline(&r), now + 1000000);
		now = recovery_deadline(&r);
		recovery_expire(&r, now);
	}
	send_packet(&r, now, 20);
	ck_assert_uint_eq(recovery_deadline(&r), now + 1000000);
	recovery_fini(&r);
}
END_TEST

START_TEST(third_pto_in_a_row_gives_all_up)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 10);
	ck_assert(!recovery_expire(&r, recovery_deadline(&r)));
	ck_assert(!recovery_expire(&r, recovery_deadline(&r)));
	ck_assert(recovery_expire(&r, recovery_deadline(&r)));
	ck_assert_uint_eq(r.in_flight, 0);
	ck_assert_uint_eq(r.congest.in_flight, 0);
	ck_assert_uint_eq(r.congest.window, CONGEST_MINIMUM);
	ck_assert_uint_eq(r.probes, 2);
	recovery_fini(&r);
}
END_TEST

START_TEST(long_row_of_losses_collapses_the_window)
{
	struct recovery r;
	usec_t now = 1000;

	init(&r);
	send_packet(&r, now, 0);
	ack(&r, now + RTT, 0, 1);
	r.congest.window = 100 * SIZE;
	/* 3 PTOs of 80 + 4 * 40 + 25 ms are 795 ms. */
	for (uint64_t pn = 1; pn < 12; pn++)
		send_packet(&r, now += 100000, pn);
	ack(&r, now + RTT, 11, 12);
	ck_assert_lost(&r, now + RTT, 1, 11);
	ck_assert_uint_eq(r.congest.window, CONGEST_MINIMUM);
	recovery_fini(&r);
}
END_TEST

START_TEST(row_of_losses_with_an_ack_in_it_halves_the_window)
{
	struct recovery r;
	usec_t now = 1000;

	init(&r);
	send_packet(&r, now, 0);
	ack(&r, now + RTT, 0, 1);
	r.congest.window = 100 * SIZE;
	for (uint64_t pn = 1; pn < 12; pn++) {
		send_packet(&r, now += 100000, pn);
		if (pn % 6 == 5)
			ack(&r, now + RTT, pn, pn + 1);
		if (pn == 5)
			ck_assert_lost(&r, now + RTT, 1, 5);
	}
	ck_assert_lost(&r, now + RTT, 6, 11);
	ck_assert_uint_eq(r.congest.window, 25 * SIZE);
	recovery_fini(&r);
}
END_TEST

START_TEST(copy_counts_once_and_takes_no_part_in_the_window)
{
	struct recovery r;

	init(&r);
	send_packet(&r, 1000, 0);
	recovery_copied(&r, 1);
	ck_assert_uint_eq(r.congest.in_flight, SIZE);
	ck_assert_uint_eq(ack(&r, 21000, 1, 2), 1);
	ck_assert_uint_eq(r.rtt.latest, 20000);
	ck_assert_uint_eq(ack(&r, 81000, 0, 2), 0);
	ck_assert_uint_eq(r.congest.in_flight, 0);
	recovery_fini(&r);
}
END_TEST

START_TEST(copies_that_arrive_do_not_make_others_lost)
{
	struct recovery r;

	init(&r);
	send_packet(&r, 1000, 0);
	for (uint64_t pn = 1; pn < 10; pn += 2) {
		send_packet(&r, 1000, pn);
		recovery_copied(&r, pn + 1);
		ack(&r, 21000, pn + 1, pn + 2);
	}
	ck_assert_lost(&r, 300000, 0, 0);
	recovery_fini(&r);
}
END_TEST

START_TEST(old_path_teaches_nothing_about_the_new_one)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 8);
	ack(&r, 81000, 0, 1);
	recovery_path_changed(&r, 90000, 20000);
	ck_assert_uint_eq(r.congest.in_flight, 0);
	ck_assert_uint_eq(ack(&r, 91000, 2, 3), 1);
	ck_assert(!r.rtt.has_sample);
	ck_assert_uint_eq(r.congest.window, CONGEST_INITIAL);
	/* The new path overtakes: no threshold of packets, old patience. */
	send_packets(&r, 92000, 8, 13);
	ack(&r, 112000, 8, 13);
	ck_assert(r.rtt.has_sample);
	ck_assert_lost(&r, 265999, 1, 1);
	ck_assert_uint_eq(r.loss_at, 266000);
	ck_assert_uint_eq(r.congest.window, CONGEST_INITIAL);
	recovery_fini(&r);
}
END_TEST

START_TEST(given_up_packets_are_nobodys_fault)
{
	struct recovery r;

	init(&r);
	send_packets(&r, 1000, 0, 8);
	recovery_give_up(&r);
	ck_assert_uint_eq(r.in_flight, 0);
	ck_assert_uint_eq(r.congest.in_flight, 0);
	ck_assert_uint_eq(r.congest.window, CONGEST_INITIAL);
	ck_assert_uint_eq(r.lost_count, 0);
	ck_assert_uint_eq(recovery_deadline(&r), USEC_NEVER);
	/* An ack may come all the same. */
	ck_assert_uint_eq(ack(&r, 81000, 0, 8), 8);
	recovery_fini(&r);
}
END_TEST

START_TEST(records_are_bounded)
{
	struct recovery r;

	init(&r);
	for (uint64_t pn = 0; pn < RECOVERY_PACKETS; pn++) {
		r.probes = 1;
		ck_assert_uint_gt(recovery_room(&r, 1000), 0);
		send_packet(&r, 1000, pn);
	}
	r.probes = 1;
	ck_assert_uint_eq(recovery_room(&r, 1000), 0);
	ck_assert_uint_eq(r.cap, RECOVERY_PACKETS);
	ack(&r, 81000, 0, 1);
	r.probes = 1;
	ck_assert_uint_gt(recovery_room(&r, 81000), 0);
	recovery_fini(&r);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("recovery");
	TCase *ack_case = tcase_create("ack");
	TCase *pto = tcase_create("pto");
	TCase *path = tcase_create("path");

	tcase_add_test(ack_case, packets_are_acknowledged_once);
	tcase_add_test(ack_case,
	    packet_three_before_an_acknowledged_one_is_lost);
	tcase_add_test(ack_case, numbers_used_by_others_are_no_reordering);
	tcase_add_test(ack_case,
	    packet_older_than_nine_eighths_of_a_round_trip_is_lost);
	tcase_add_test(ack_case, samples_come_from_the_largest_of_a_frame);
	tcase_add_test(ack_case,
	    late_ack_of_a_lost_packet_counts_and_gives_a_sample);
	suite_add_tcase(s, ack_case);
	tcase_add_test(pto, probes_come_after_the_pto_and_back_off);
	tcase_add_test(pto, back_off_ends_at_a_second);
	tcase_add_test(pto, third_pto_in_a_row_gives_all_up);
	tcase_add_test(pto, long_row_of_losses_collapses_the_window);
	tcase_add_test(pto, row_of_losses_with_an_ack_in_it_halves_the_window);
	suite_add_tcase(s, pto);
	tcase_add_test(path, copy_counts_once_and_takes_no_part_in_the_window);
	tcase_add_test(path, copies_that_arrive_do_not_make_others_lost);
	tcase_add_test(path, old_path_teaches_nothing_about_the_new_one);
	tcase_add_test(path, given_up_packets_are_nobodys_fault);
	tcase_add_test(path, records_are_bounded);
	suite_add_tcase(s, path);
	return s;
}
