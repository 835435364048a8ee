#include "bucket.h"
#include "rng.h"
#include "runner.h"

START_TEST(burst_is_there_at_once_and_no_more)
{
	const struct bucket_rate rate = { .per_s = 10, .burst = 3 };
	struct bucket b = { 0 };

	for (int i = 0; i < 3; i++)
		ck_assert(bucket_take(&b, &rate, USEC_S, 1));
	ck_assert(!bucket_take(&b, &rate, USEC_S, 1));
}
END_TEST

START_TEST(burst_is_there_at_time_zero)
{
	const struct bucket_rate rate = { .per_s = 10, .burst = 3 };
	struct bucket b = { 0 };

	ck_assert(bucket_take(&b, &rate, 0, 3));
	ck_assert(!bucket_take(&b, &rate, 0, 1));
}
END_TEST

START_TEST(tokens_come_back_at_the_rate)
{
	const struct bucket_rate rate = { .per_s = 10, .burst = 3 };
	struct bucket b = { 0 };

	ck_assert(bucket_take(&b, &rate, USEC_S, 3));
	ck_assert(!bucket_take(&b, &rate, USEC_S + 99999, 1));
	ck_assert(bucket_take(&b, &rate, USEC_S + 100000, 1));
	ck_assert(!bucket_take(&b, &rate, USEC_S + 199999, 1));
	ck_assert(bucket_take(&b, &rate, USEC_S + 200000, 1));
}
END_TEST

START_TEST(rest_does_not_fill_beyond_the_burst)
{
	const struct bucket_rate rate = { .per_s = 10, .burst = 3 };
	struct bucket b = { 0 };

	ck_assert(bucket_take(&b, &rate, USEC_S, 3));
	ck_assert(bucket_take(&b, &rate, 100 * USEC_S, 3));
	ck_assert(!bucket_take(&b, &rate, 100 * USEC_S, 1));
}
END_TEST

START_TEST(refused_take_costs_nothing)
{
	const struct bucket_rate rate = { .per_s = 1, .burst = 5 };
	struct bucket b = { 0 };

	ck_assert(bucket_take(&b, &rate, USEC_S, 3));
	ck_assert(!bucket_take(&b, &rate, USEC_S, 3));
	ck_assert(bucket_take(&b, &rate, USEC_S, 2));
}
END_TEST

START_TEST(count_above_the_burst_is_never_granted)
{
	const struct bucket_rate rate = { .per_s = UINT32_MAX, .burst = 5 };
	struct bucket b = { 0 };

	ck_assert(!bucket_take(&b, &rate, USEC_S, 6));
	ck_assert_uint_eq(bucket_ready(&b, &rate, USEC_S, 6), USEC_NEVER);
	ck_assert(bucket_take(&b, &rate, USEC_S, 5));
}
END_TEST

START_TEST(time_that_steps_back_grants_nothing_more)
{
	const struct bucket_rate rate = { .per_s = 10, .burst = 3 };
	struct bucket b = { 0 };

	ck_assert(bucket_take(&b, &rate, 50 * USEC_S, 3));
	ck_assert(!bucket_take(&b, &rate, 40 * USEC_S, 1));
	ck_assert(!bucket_take(&b, &rate, 50 * USEC_S, 1));
	ck_assert(bucket_take(&b, &rate, 50 * USEC_S + 100000, 1));
}
END_TEST

START_TEST(ready_is_the_first_moment_at_which_take_succeeds)
{
	struct rng rng;

	rng_init_test(&rng, test_seed(), "bucket");
	for (int i = 0; i < 20000; i++) {
		const struct bucket_rate rate = {
			.per_s = 1 + (rng_u32(&rng) >> rng_below(&rng, 32)),
			.burst = 1 + rng_below(&rng, 100),
		};
		struct bucket b = { 0 }, early;
		usec_t now = rng_below(&rng, 1000000), at;
		uint32_t count = 1 + rng_below(&rng, rate.burst);

		while (bucket_take(&b, &rate, now, 1))
			;
		at = bucket_ready(&b, &rate, now, count);
		early = b;
		ck_assert(at > now);
		ck_assert(!bucket_take(&early, &rate, at - 1, count));
		ck_assert(bucket_take(&b, &rate, at, count));
	}
}
END_TEST

static const struct rate_row {
	struct bucket_rate rate;
	unsigned granted; /* in one second, asked twice a microsecond */
} rate_rows[] = {
	{ { 1, 1 }, 2 },
	{ { 3, 1 }, 4 },
	{ { 7, 100 }, 107 },
	{ { 300000, 10 }, 300010 },
	{ { 999983, 10 }, 999993 },
	{ { 1500000, 10 }, 1500010 },
};

/* Rates that do not divide a second are kept without drift; the last token may
 * come a part of a microsecond after the end. */
START_TEST(long_run_keeps_the_rate_exactly)
{
	const struct rate_row *row = &rate_rows[_i];
	struct bucket b = { 0 };
	unsigned granted = 0;

	for (usec_t now = USEC_S; now <= 2 * USEC_S; now++)
		for (int i = 0; i < (now == USEC_S ? 200 : 2); i++)
			granted += bucket_take(&b, &row->rate, now, 1);
	ck_assert_msg(granted == row->granted || granted == row->granted - 1,
	    "%u instead of %u", granted, row->granted);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("bucket");
	TCase *tc = tcase_create("bucket");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, burst_is_there_at_once_and_no_more);
	tcase_add_test(tc, burst_is_there_at_time_zero);
	tcase_add_test(tc, tokens_come_back_at_the_rate);
	tcase_add_test(tc, rest_does_not_fill_beyond_the_burst);
	tcase_add_test(tc, refused_take_costs_nothing);
	tcase_add_test(tc, count_above_the_burst_is_never_granted);
	tcase_add_test(tc, time_that_steps_back_grants_nothing_more);
	tcase_add_test(tc, ready_is_the_first_moment_at_which_take_succeeds);
	tcase_add_loop_test(tc, long_run_keeps_the_rate_exactly, 0,
	    (int)(sizeof rate_rows / sizeof *rate_rows));
	suite_add_tcase(s, tc);
	return s;
}
