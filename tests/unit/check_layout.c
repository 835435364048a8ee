#include "runner.h"

#include "tui/layout.h"

#include <stdio.h>

static const struct layout_want plain = { .list = true, .details = true,
	.input_rows = 1 };

static bool
is_inside(const struct rect *r, int rows, int cols)
{
	return r->rows >= 0 && r->cols >= 0 && (r->rows == 0 ||
	    (r->row >= 0 && r->col >= 0 && r->row + r->rows <= rows &&
	    r->col + r->cols <= cols));
}

static bool
overlap(const struct rect *a, const struct rect *b)
{
	return a->rows > 0 && b->rows > 0 && a->row < b->row + b->rows &&
	    b->row < a->row + a->rows && a->col < b->col + b->cols &&
	    b->col < a->col + a->cols;
}

static void
check_one(int rows, int cols, const struct layout_want *want)
{
	struct layout l = layout_make(rows, cols, want);
	const struct rect *all[] = { &l.title, &l.list, &l.list_rule, &l.chat,
		&l.details_rule, &l.details, &l.bar, &l.status, &l.hint,
		&l.input };
	const size_t n = sizeof(all) / sizeof(all[0]);

	for (size_t i = 0; i < n; i++) {
		must(is_inside(all[i], rows, cols), "part %zu of %dx%d", i,
		    cols, rows);
		for (size_t j = i + 1; j < n; j++)
			must(!overlap(all[i], all[j]), "%zu and %zu of %dx%d",
			    i, j, cols, rows);
	}
	must(l.input.rows > 0, "no input at %dx%d", cols, rows);
	if (rows >= 5 && cols >= 20)
		must(l.chat.rows > 0 && l.chat.cols >= 20, "no chat");
	if (rows >= 5 && cols >= 20 && !want->bare)
		must(l.status.rows == 1, "no status");
	if (rows >= 5 && cols >= 20 && want->bar && !want->bare)
		must(l.bar.rows == 1, "no bar at %dx%d", cols, rows);
}

START_TEST(every_size_has_its_places)
{
	for (int rows = 1; rows <= 200; rows += rows < 50 ? 1 : 7)
		for (int cols = 1; cols <= 500; cols += cols < 140 ? 1 : 13)
			for (int i = 0; i < 64; i++) {
				struct layout_want want = {
					.list = i & 1, .details = i & 2,
					.bare = i & 4, .bar = i & 8,
					.hint_rows = i & 16 ? 3 : 0,
					.input_rows = i & 32 ? 400 : 1 };

				check_one(rows, cols, &want);
			}
}
END_TEST

START_TEST(the_list_is_there_from_60_columns)
{
	ck_assert_int_eq(layout_make(24, 59, &plain).list.rows, 0);
	ck_assert_int_eq(layout_make(24, 60, &plain).list.cols, 20);
	ck_assert_int_eq(layout_make(24, 120, &plain).list.cols, 24);
	ck_assert_int_eq(layout_make(11, 120, &plain).list.rows, 0);
}
END_TEST

START_TEST(details_are_there_from_110_by_20)
{
	ck_assert_int_eq(layout_make(20, 110, &plain).details.cols, 33);
	ck_assert_int_eq(layout_make(19, 110, &plain).details.rows, 0);
	ck_assert_int_eq(layout_make(20, 109, &plain).details.rows, 0);
}
END_TEST

START_TEST(the_input_grows_to_half_of_the_screen)
{
	struct layout_want want = plain;

	want.input_rows = 100;
	ck_assert_int_eq(layout_make(24, 80, &want).input.rows, 12);
	ck_assert_int_eq(layout_make(5, 20, &want).input.rows, 2);
}
END_TEST

START_TEST(below_20_by_5_there_is_only_the_input)
{
	ck_assert(layout_make(4, 80, &plain).is_tiny);
	ck_assert(layout_make(24, 19, &plain).is_tiny);
	ck_assert(!layout_make(5, 20, &plain).is_tiny);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *tc = tcase_create("layout");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_size_has_its_places);
	tcase_add_test(tc, the_list_is_there_from_60_columns);
	tcase_add_test(tc, details_are_there_from_110_by_20);
	tcase_add_test(tc, the_input_grows_to_half_of_the_screen);
	tcase_add_test(tc, below_20_by_5_there_is_only_the_input);
	suite_add_tcase(suite, tc);
	return suite;
}
