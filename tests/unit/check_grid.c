#include "runner.h"

#include "tui/grid.h"

#include "core/rng.h"
#include "core/text.h"

#include <string.h>

static struct grid g;
static const struct rect all = { 0, 0, 3, 10 };

static void
setup(void)
{
	memset(&g, 0, sizeof(g));
	ck_assert(grid_resize(&g, 3, 10));
}

static void
teardown(void)
{
	grid_fini(&g);
}

static void
row_is(int row, const char *want)
{
	char text[256];

	grid_text(&g, row, text, sizeof(text));
	ck_assert_str_eq(text, want);
}

START_TEST(text_goes_where_it_is_put)
{
	ck_assert_int_eq(grid_puts(&g, &all, 1, 2, STYLE_OWN, "abc"), 5);
	row_is(0, "");
	row_is(1, "  abc");
	ck_assert_int_eq(grid_at(&g, 1, 2)->style, STYLE_OWN);
}
END_TEST

START_TEST(what_is_outside_of_the_box_is_left_out)
{
	const struct rect box = { 1, 4, 1, 3 };

	grid_puts(&g, &box, 0, -1, STYLE_TEXT, "abcdefgh");
	grid_puts(&g, &box, 1, 0, STYLE_TEXT, "below");
	grid_puts(&g, &box, -1, 0, STYLE_TEXT, "above");
	row_is(0, "");
	row_is(1, "    bcd");
	row_is(2, "");
}
END_TEST

START_TEST(a_box_outside_of_the_grid_shows_nothing)
{
	const struct rect boxes[] = { { -1, 0, 3, 10 }, { 0, -5, 3, 10 },
		{ 9, 9, 9, 9 }, { 0, 0, -1, -1 } };

	for (size_t i = 0; i < 4; i++)
		grid_puts(&g, &boxes[i], 0, 0, STYLE_TEXT, "abc");
	row_is(0, "");
}
END_TEST

START_TEST(wide_characters_take_two_cells_and_are_never_halved)
{
	grid_puts(&g, &all, 0, 0, STYLE_TEXT, "漢字");
	ck_assert_int_eq(grid_at(&g, 0, 0)->width, 2);
	ck_assert_int_eq(grid_at(&g, 0, 1)->width, 0);
	grid_puts(&g, &all, 0, 1, STYLE_TEXT, "x");
	row_is(0, " x字");
	grid_puts(&g, &all, 1, 9, STYLE_TEXT, "漢");
	row_is(1, "");
}
END_TEST

START_TEST(controls_never_get_into_a_cell)
{
	grid_puts(&g, &all, 0, 0, STYLE_TEXT, "a\033b\x7f" "\xc2\x9b" "c");
	row_is(0, "a?b?" "?c");
}
END_TEST

START_TEST(ascii_terminals_get_question_marks_of_the_same_width)
{
	g.is_ascii = true;
	grid_puts(&g, &all, 0, 0, STYLE_TEXT, "a漢é!");
	row_is(0, "a" "???" "!");
}
END_TEST

START_TEST(text_that_is_too_long_ends_in_a_tilde)
{
	grid_cut(&g, &all, 0, 0, 5, STYLE_TEXT, "abcdef");
	grid_cut(&g, &all, 1, 0, 5, STYLE_TEXT, "abcde");
	grid_cut(&g, &all, 2, 0, 4, STYLE_TEXT, "a漢字b");
	row_is(0, "abcd~");
	row_is(1, "abcde");
	row_is(2, "a漢~");
}
END_TEST

START_TEST(any_clean_text_anywhere_keeps_the_cells_whole)
{
	uint8_t raw[64];
	char text[4096];
	struct rng rng;

	rng_init_test(&rng, test_seed(), "grid");
	for (int i = 0; i < 20000; i++) {
		size_t len;

		rng_fill(&rng, raw, sizeof(raw));
		len = text_clean_line(raw, sizeof(raw), text, sizeof(text));
		text_plain(text, len, text);
		grid_puts(&g, &all, (int)(raw[0] % 5) - 1,
		    (int)(raw[1] % 14) - 2, STYLE_TEXT, text);
		for (int row = 0; row < 3; row++)
			for (int col = 0; col < 10; col++) {
				const struct cell *c = grid_at(&g, row, col);

				must(c->width == 1 || (c->width == 2 &&
				    col < 9 && grid_at(&g, row,
				    col + 1)->width == 0) || (c->width == 0 &&
				    col > 0 && grid_at(&g, row,
				    col - 1)->width == 2), "halves");
			}
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("grid");
	TCase *tc = tcase_create("grid");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, text_goes_where_it_is_put);
	tcase_add_test(tc, what_is_outside_of_the_box_is_left_out);
	tcase_add_test(tc, a_box_outside_of_the_grid_shows_nothing);
	tcase_add_test(tc, wide_characters_take_two_cells_and_are_never_halved);
	tcase_add_test(tc, controls_never_get_into_a_cell);
	tcase_add_test(tc,
	    ascii_terminals_get_question_marks_of_the_same_width);
	tcase_add_test(tc, text_that_is_too_long_ends_in_a_tilde);
	tcase_add_test(tc, any_clean_text_anywhere_keeps_the_cells_whole);
	suite_add_tcase(suite, tc);
	return suite;
}
