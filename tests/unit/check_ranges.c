#include "ranges.h"
#include "rng.h"
#include "runner.h"

#include <string.h>

enum { MAX = 64 };

static void
ck_assert_ranges(const struct ranges *s, const struct range *want,
    uint32_t count)
{
	ck_assert_uint_eq(s->count, count);
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_eq(ranges_at(s, i)->lo, want[i].lo);
		ck_assert_uint_eq(ranges_at(s, i)->hi, want[i].hi);
	}
}

START_TEST(ranges_that_touch_or_overlap_become_one)
{
	struct ranges s = { 0 };

	ck_assert(ranges_add(&s, 10, 20, MAX));
	ck_assert(ranges_add(&s, 30, 40, MAX));
	ck_assert(ranges_add(&s, 50, 60, MAX));
	ck_assert(ranges_add(&s, 20, 25, MAX));
	ck_assert(ranges_add(&s, 28, 30, MAX));
	ck_assert(ranges_add(&s, 35, 55, MAX));
	ck_assert_ranges(&s, (struct range[]){ { 10, 25 }, { 28, 60 } }, 2);
	ranges_fini(&s);
}
END_TEST

START_TEST(cut_shortens_splits_and_removes)
{
	struct ranges s = { 0 };

	ck_assert(ranges_add(&s, 10, 20, MAX));
	ck_assert(ranges_add(&s, 30, 40, MAX));
	ck_assert(ranges_add(&s, 50, 60, MAX));
	ck_assert(ranges_cut(&s, 15, 55, MAX));
	ck_assert_ranges(&s, (struct range[]){ { 10, 15 }, { 55, 60 } }, 2);
	ck_assert(ranges_cut(&s, 57, 58, MAX));
	ck_assert_ranges(&s,
	    (struct range[]){ { 10, 15 }, { 55, 57 }, { 58, 60 } }, 3);
	ck_assert(ranges_cut(&s, 0, 100, MAX));
	ck_assert_uint_eq(s.count, 0);
	ck_assert_ptr_null(s.heap);
}
END_TEST

START_TEST(full_set_refuses_what_needs_one_more)
{
	struct ranges s = { 0 };

	ck_assert(ranges_add(&s, 10, 20, 2));
	ck_assert(ranges_add(&s, 30, 40, 2));
	ck_assert(!ranges_add(&s, 50, 60, 2));
	ck_assert(!ranges_cut(&s, 12, 13, 2));
	ck_assert(ranges_add(&s, 20, 22, 2));
	ck_assert(ranges_cut(&s, 10, 12, 2));
	ck_assert_ranges(&s, (struct range[]){ { 12, 22 }, { 30, 40 } }, 2);
}
END_TEST

START_TEST(cover_fills_up_to_a_neighbour_when_full)
{
	struct ranges s = { 0 };

	ranges_cover(&s, 10, 20, 2);
	ranges_cover(&s, 30, 40, 2);
	ranges_cover(&s, 50, 60, 2);
	ck_assert_ranges(&s, (struct range[]){ { 10, 20 }, { 30, 60 } }, 2);
	ranges_cover(&s, 5, 6, 2);
	ck_assert_ranges(&s, (struct range[]){ { 5, 20 }, { 30, 60 } }, 2);
}
END_TEST

START_TEST(find_gives_the_first_range_that_ends_after_a_number)
{
	struct ranges s = { 0 };

	ck_assert(ranges_add(&s, 10, 20, MAX));
	ck_assert(ranges_add(&s, 30, 40, MAX));
	ck_assert_uint_eq(ranges_find(&s, 0), 0);
	ck_assert_uint_eq(ranges_find(&s, 19), 0);
	ck_assert_uint_eq(ranges_find(&s, 20), 1);
	ck_assert_uint_eq(ranges_find(&s, 39), 1);
	ck_assert_uint_eq(ranges_find(&s, 40), 2);
}
END_TEST

enum { SPACE = 200 };

/* The set is what the array says, in the fewest ranges. */
static void
compare(const struct ranges *s, const bool *is_in)
{
	uint32_t i = 0;

	for (uint64_t n = 0; n < SPACE; n++) {
		uint64_t from = n;

		if (!is_in[n])
			continue;
		while (n < SPACE && is_in[n])
			n++;
		ck_assert_uint_lt(i, s->count);
		ck_assert_uint_eq(ranges_at(s, i)->lo, from);
		ck_assert_uint_eq(ranges_at(s, i)->hi, n);
		i++;
	}
	ck_assert_uint_eq(i, s->count);
}

START_TEST(random_changes_match_an_array)
{
	struct ranges s = { 0 };
	bool is_in[SPACE] = { false };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "ranges");
	for (int i = 0; i < 20000; i++) {
		bool is_add = rng_below(&rng, 2) == 0;
		uint64_t lo = rng_below(&rng, SPACE - 20);
		uint64_t hi = lo + 1 + rng_below(&rng, i / 4000 * 4 + 1);

		if (is_add)
			ck_assert(ranges_add(&s, lo, hi, SPACE));
		else
			ck_assert(ranges_cut(&s, lo, hi, SPACE));
		memset(is_in + lo, is_add, hi - lo);
		compare(&s, is_in);
	}
	ranges_fini(&s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("ranges");
	TCase *t = tcase_create("ranges");

	tcase_add_test(t, ranges_that_touch_or_overlap_become_one);
	tcase_add_test(t, cut_shortens_splits_and_removes);
	tcase_add_test(t, full_set_refuses_what_needs_one_more);
	tcase_add_test(t, cover_fills_up_to_a_neighbour_when_full);
	tcase_add_test(t, find_gives_the_first_range_that_ends_after_a_number);
	tcase_add_test(t, random_changes_match_an_array);
	suite_add_tcase(s, t);
	return s;
}
