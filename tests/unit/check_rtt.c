#include "rtt.h"
#include "runner.h"

/* Expected values are worked out by hand from RFC 9002 sections 5.3 and 6. */

START_TEST(rtt_without_a_hint_is_a_third_of_a_second)
{
	struct rtt r;

	rtt_init(&r, 0);
	ck_assert(!r.has_sample);
	ck_assert_uint_eq(r.smoothed, 333000);
	ck_assert_uint_eq(r.var, 166500);
	ck_assert_uint_eq(rtt_pto(&r), 1024000);
}
END_TEST

START_TEST(hint_is_a_guess_until_the_first_sample)
{
	struct rtt r;

	rtt_init(&r, 80000);
	ck_assert(!r.has_sample);
	ck_assert_uint_eq(rtt_pto(&r), 265000);
	rtt_sample(&r, 20000, 0);
	ck_assert(r.has_sample);
	ck_assert_uint_eq(r.smoothed, 20000);
	ck_assert_uint_eq(r.var, 10000);
	ck_assert_uint_eq(r.min, 20000);
}
END_TEST

START_TEST(samples_are_smoothed)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 100000, 0);
	rtt_sample(&r, 140000, 0);
	ck_assert_uint_eq(r.latest, 140000);
	ck_assert_uint_eq(r.min, 100000);
	ck_assert_uint_eq(r.smoothed, 105000);
	ck_assert_uint_eq(r.var, 47500);
	rtt_sample(&r, 60000, 0);
	ck_assert_uint_eq(r.min, 60000);
	ck_assert_uint_eq(r.smoothed, 99375);
	ck_assert_uint_eq(r.var, 46875);
}
END_TEST

START_TEST(ack_delay_is_taken_off)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 100000, 20000);
	ck_assert_uint_eq(r.smoothed, 100000);
	rtt_sample(&r, 120000, 20000);
	ck_assert_uint_eq(r.latest, 120000);
	ck_assert_uint_eq(r.smoothed, 100000);
}
END_TEST

START_TEST(ack_delay_never_takes_off_more_than_is_above_the_least)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 100000, 0);
	rtt_sample(&r, 108000, 20000);
	ck_assert_uint_eq(r.smoothed, 101000);
}
END_TEST

START_TEST(ack_delay_beyond_the_agreed_one_is_not_believed)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 100000, 0);
	rtt_sample(&r, 205000, UINT64_MAX);
	ck_assert_uint_eq(r.smoothed, 110000);
}
END_TEST

START_TEST(peer_that_slept_does_not_spoil_the_estimate)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 80000, 0);
	rtt_sample(&r, 8 * 3600 * USEC_S, 0);
	ck_assert_uint_eq(r.smoothed, 445000);
	ck_assert_uint_eq(r.var, 760000);
}
END_TEST

START_TEST(pto_and_loss_delay_have_a_floor_of_a_millisecond)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 40, 0);
	ck_assert_uint_eq(rtt_loss_delay(&r), 1000);
	ck_assert_uint_eq(rtt_pto(&r), 40 + 1000 + 25000);
}
END_TEST

START_TEST(loss_delay_is_nine_eighths_of_the_longer_round_trip)
{
	struct rtt r;

	rtt_init(&r, 0);
	rtt_sample(&r, 80000, 0);
	ck_assert_uint_eq(rtt_loss_delay(&r), 90000);
	rtt_sample(&r, 160000, 0);
	ck_assert_uint_eq(rtt_loss_delay(&r), 180000);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("rtt");
	TCase *t = tcase_create("rtt");

	tcase_add_test(t, rtt_without_a_hint_is_a_third_of_a_second);
	tcase_add_test(t, hint_is_a_guess_until_the_first_sample);
	tcase_add_test(t, samples_are_smoothed);
	tcase_add_test(t, ack_delay_is_taken_off);
	tcase_add_test(t,
	    ack_delay_never_takes_off_more_than_is_above_the_least);
	tcase_add_test(t, ack_delay_beyond_the_agreed_one_is_not_believed);
	tcase_add_test(t, peer_that_slept_does_not_spoil_the_estimate);
	tcase_add_test(t, pto_and_loss_delay_have_a_floor_of_a_millisecond);
	tcase_add_test(t, loss_delay_is_nine_eighths_of_the_longer_round_trip);
	suite_add_tcase(s, t);
	return s;
}
