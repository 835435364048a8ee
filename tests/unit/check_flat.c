#include "flat.h"
#include "rng.h"
#include "runner.h"

/* What byte number n of the stream is. */
static uint8_t
byte(uint64_t n)
{
	return (uint8_t)(n * 7 + n / 256);
}

static void
append(struct flat *f, uint64_t lo, uint64_t end, uint64_t len)
{
	ck_assert(flat_reserve(f, lo, end, end + len));
	for (uint64_t n = end; n < end + len; n++)
		*flat_at(f, n) = byte(n);
}

START_TEST(empty_flat_takes_no_memory)
{
	struct flat f = { 0 };

	append(&f, 1000000, 1000000, 1);
	ck_assert_uint_eq(f.cap, 2048);
	flat_fini(&f);
	ck_assert_ptr_null(f.p);
	ck_assert_uint_eq(f.cap, 0);
}
END_TEST

START_TEST(bytes_survive_growing_and_sliding)
{
	struct flat f = { 0 };
	uint64_t lo = 0, end = 0;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "flat");
	for (int i = 0; i < 20000; i++) {
		uint64_t len = 1 + rng_below(&rng, 300);

		if (rng_below(&rng, 2) == 0 && end - lo + len <= 14336) {
			append(&f, lo, end, len);
			end += len;
		} else {
			lo += rng_below(&rng, (uint32_t)(end - lo) + 1);
		}
		if (lo == end)
			continue;
		ck_assert_uint_eq(*flat_at(&f, lo), byte(lo));
		ck_assert_uint_eq(*flat_at(&f, lo + (end - lo) / 2),
		    byte(lo + (end - lo) / 2));
		ck_assert_uint_eq(*flat_at(&f, end - 1), byte(end - 1));
		ck_assert_uint_le(f.cap, 16384);
	}
	flat_fini(&f);
}
END_TEST

START_TEST(room_stays_within_a_power_of_two_at_seven_eighths)
{
	struct flat f = { 0 };
	uint8_t *p;

	append(&f, 0, 0, 114588);
	p = f.p;
	for (uint64_t lo = 0; lo < 1000000; lo += 100) {
		append(&f, lo, lo + 114588, 100);
		ck_assert_uint_eq(f.cap, 131072);
		ck_assert_ptr_eq(f.p, p);
	}
	flat_fini(&f);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("flat");
	TCase *t = tcase_create("flat");

	tcase_add_test(t, empty_flat_takes_no_memory);
	tcase_add_test(t, bytes_survive_growing_and_sliding);
	tcase_add_test(t, room_stays_within_a_power_of_two_at_seven_eighths);
	suite_add_tcase(s, t);
	return s;
}
