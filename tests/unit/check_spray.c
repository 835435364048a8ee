#include "runner.h"
#include "spray.h"

#include <string.h>

enum { EASY = NAT_EIM | FILTER_APDF << 4, HARD = NAT_APDM | FILTER_APDF << 4,
	HARD_OPEN = NAT_APDM | FILTER_OPEN << 4 };

START_TEST(the_hard_side_opens_and_the_easy_one_seeks)
{
	ck_assert_int_eq(spray_role(HARD, EASY, true), SPRAY_OPEN);
	ck_assert_int_eq(spray_role(EASY, HARD, true), SPRAY_SEEK);
	ck_assert_int_eq(spray_role(EASY, EASY, true), SPRAY_NONE);
	ck_assert_int_eq(spray_role(HARD, HARD, true), SPRAY_BOTH);
	ck_assert_int_eq(spray_role(HARD, 0, true), SPRAY_OPEN);
}
END_TEST

START_TEST(of_two_hard_ones_that_with_the_open_filter_opens)
{
	ck_assert_int_eq(spray_role(HARD_OPEN, HARD, false), SPRAY_OPEN);
	ck_assert_int_eq(spray_role(HARD, HARD_OPEN, true), SPRAY_SEEK);
	ck_assert_int_eq(spray_role(HARD_OPEN, HARD_OPEN, true), SPRAY_OPEN);
	ck_assert_int_eq(spray_role(HARD_OPEN, HARD_OPEN, false), SPRAY_SEEK);
}
END_TEST

START_TEST(filters_say_how_long_the_plain_punch_is_worth_waiting_for)
{
	const uint8_t unknown = NAT_EIM, open = NAT_EIM | FILTER_OPEN << 4;

	ck_assert_uint_eq(spray_patience(EASY, HARD), 1);
	ck_assert_uint_eq(spray_patience(HARD, EASY), 1);
	ck_assert_uint_eq(spray_patience(unknown, HARD), 2);
	ck_assert_uint_eq(spray_patience(HARD, unknown), 2);
	ck_assert_uint_eq(spray_patience(open, HARD), 0);
	ck_assert_uint_eq(spray_patience(HARD, open), 0);
	ck_assert_uint_eq(spray_patience(HARD, HARD_OPEN), 1);
}
END_TEST

/* nat.md 6.3, in whatever second. */
START_TEST(no_second_has_more_than_its_packets)
{
	static struct spray s;
	usec_t t, now = 5 * USEC_S, end = now + 10 * USEC_S;
	static usec_t sent[10 * SPRAY_RATE + 1];
	size_t n = 0;

	for (; now < end; now += 700) {
		if (!spray_may_send(&s, now)) {
			t = spray_may_send_at(&s);
			ck_assert_uint_gt(t, now);
			ck_assert(spray_may_send(&s, t));
			continue;
		}
		ck_assert_uint_lt(n, 10 * SPRAY_RATE + 1);
		ck_assert(n < SPRAY_RATE || now - sent[n - SPRAY_RATE] >=
		    USEC_S);
		sent[n++] = now;
		spray_note_sent(&s, now);
	}
	ck_assert_uint_eq(s.sent, n);
	ck_assert_uint_gt(n, 9 * SPRAY_RATE);
}
END_TEST

START_TEST(few_ports_are_not_used_up)
{
	const struct ports block = { 3000, 4023, 0, 0 };
	const struct ports set = { 1024, 65535, 0x0ff0, 0x0230 };

	ck_assert_uint_eq(spray_sockets(&ports_all), 256);
	ck_assert_uint_eq(spray_sockets(&block), 64);
	ck_assert_uint_eq(spray_sockets(&set), 15);
}
END_TEST

START_TEST(near_goes_outwards_on_both_sides)
{
	ck_assert_uint_eq(spray_near(5000, 0), 5000);
	ck_assert_uint_eq(spray_near(5000, 1), 5001);
	ck_assert_uint_eq(spray_near(5000, 2), 4999);
	ck_assert_uint_eq(spray_near(5000, 49), 5025);
	ck_assert_uint_eq(spray_near(5000, 50), 4975);
	ck_assert_uint_eq(spray_near(5000, 51), 0);
	ck_assert_uint_eq(spray_near(65535, 1), 1024);
	ck_assert_uint_eq(spray_near(1024, 2), 65535);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("spray");
	TCase *tc = tcase_create("plan");

	tcase_add_test(tc, the_hard_side_opens_and_the_easy_one_seeks);
	tcase_add_test(tc, of_two_hard_ones_that_with_the_open_filter_opens);
	tcase_add_test(tc,
	    filters_say_how_long_the_plain_punch_is_worth_waiting_for);
	tcase_add_test(tc, no_second_has_more_than_its_packets);
	tcase_add_test(tc, few_ports_are_not_used_up);
	tcase_add_test(tc, near_goes_outwards_on_both_sides);
	suite_add_tcase(s, tc);
	return s;
}
