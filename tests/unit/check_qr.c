/* QR codes and the page that compares keys. */
#include "runner.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

static const char digits[] =
    "123456789012345678901234567890543210987654321098765432109876";

static struct scene s;

static void
set_up(void)
{
	scene_init(&s, 24, 80);
	scene_registered(&s);
	scene_connected(&s, "Bob", TRANSPORT_UDP);
	s.m.has_qr = true;
}

static void
tear_down(void)
{
	scene_fini(&s);
}

/* The three corners that cameras look for. */
static void
must_find(const struct qr *q, int row, int col)
{
	static const char *const corner[] = { "#######", "#     #",
		"# ### #", "# ### #", "# ### #", "#     #", "#######" };

	for (int i = 0; i < 7; i++)
		for (int j = 0; j < 7; j++)
			ck_assert_int_eq(qr_is_dark(q, row + i, col + j),
			    corner[i][j] == '#');
}

START_TEST(code_of_a_safety_number_has_25_modules)
{
	struct qr q = { 0 };

	if (!qr_is_built_in())
		return;
	ck_assert(qr_make(&q, digits));
	ck_assert_int_eq(q.side, 25);
	ck_assert_int_eq(qr_cols(&q), 33);
	ck_assert_int_eq(qr_rows(&q), 17);
	must_find(&q, 0, 0);
	must_find(&q, 0, 18);
	must_find(&q, 18, 0);
	ck_assert(!qr_is_dark(&q, -1, 0));
	ck_assert(!qr_is_dark(&q, 0, 25));
}
END_TEST

START_TEST(code_that_is_too_large_is_refused)
{
	struct qr q = { 0 };
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(!qr_make(&q, text));
	ck_assert_int_eq(q.side, 0);
}
END_TEST

static bool
cell_is(int row, int col, const char *text, enum style style)
{
	const struct cell *c = grid_at(&s.grid, row, col);

	return strcmp(c->s, text) == 0 && c->style == style;
}

/* Two modules above each other make a cell. */
START_TEST(code_is_drawn_in_halves_with_light_around_it)
{
	const struct rect *r = &s.m.layout.chat;

	model_page(&s.m, "QR", "text\n", 5);
	s.m.page_qr.side = 21;
	s.m.page_qr.dark[0][0] = true;
	s.m.page_qr.dark[1][1] = true;
	s.m.page_qr.dark[0][2] = s.m.page_qr.dark[1][2] = true;
	scene_draw(&s);
	for (int col = 0; col < 29; col++)
		ck_assert(cell_is(r->row + 2, r->col + 1 + col, " ",
		    STYLE_QR));
	ck_assert(cell_is(r->row + 4, r->col + 4, " ", STYLE_QR));
	ck_assert(cell_is(r->row + 4, r->col + 5, "▀", STYLE_QR));
	ck_assert(cell_is(r->row + 4, r->col + 6, "▄", STYLE_QR));
	ck_assert(cell_is(r->row + 4, r->col + 7, "█", STYLE_QR));
	ck_assert(cell_is(r->row + 4, r->col + 30, " ", STYLE_TEXT));
}
END_TEST

static bool
shows_code(void)
{
	scene_draw(&s);
	for (int row = 0; row < s.grid.rows; row++)
		for (int col = 0; col < s.grid.cols; col++)
			if (grid_at(&s.grid, row, col)->style == STYLE_QR)
				return true;
	return false;
}

static void
verify(const char *line)
{
	struct event ev = scene_event(EV_VERIFY, "Bob");

	scene_type(&s, line);
	scene_key(&s, "Enter");
	ev.ok = false;
	ev.text = "12345 67890 12345 67890 12345 67890 "
	    "54321 09876 54321 09876 54321 09876";
	ev.len = strlen(ev.text);
	scene_tell(&s, &ev);
}

START_TEST(number_as_a_code_is_asked_for_by_name)
{
	struct command cmd;

	scene_type(&s, "/verify Bob qr");
	scene_key(&s, "Enter");
	cmd = scene_command(&s);
	ck_assert_int_eq(cmd.id, COMMAND_VERIFY);
	ck_assert_str_eq(cmd.name, "Bob");
	ck_assert_int_eq(cmd.answer, ANSWER_NONE);
	if (!qr_is_built_in())
		return;
	verify("/verify qr");
	ck_assert(scene_shows(&s, "VERIFY Bob"));
	ck_assert(shows_code());
}
END_TEST

START_TEST(code_that_does_not_fit_is_not_cut)
{
	if (!qr_is_built_in())
		return;
	scene_resize(&s, 12, 40);
	verify("/verify qr");
	ck_assert(!shows_code());
	ck_assert(scene_shows(&s, "The QR code needs a chat of 33 columns"));
	scene_resize(&s, 24, 80);
	verify("/verify");
	ck_assert(!shows_code());
	ck_assert(scene_shows(&s, "/verify Bob qr    as a QR code"));
	scene_resize(&s, 40, 120);
	ck_assert(shows_code());
}
END_TEST

START_TEST(code_needs_characters_that_show_it)
{
	s.m.is_utf8 = false;
	scene_type(&s, "/verify qr");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "A QR code needs UTF-8"));
	ck_assert_int_eq(scene_command(&s).id, COMMAND_NONE);
	verify("/verify");
	ck_assert(!scene_shows(&s, "QR"));
	ck_assert(scene_shows(&s, "12345   67890   12345   67890"));
}
END_TEST

START_TEST(code_needs_a_font_that_shows_it)
{
	s.m.has_few = true;
	scene_type(&s, "/verify qr");
	scene_key(&s, "Enter");
	ck_assert(scene_shows(&s, "A QR code needs half blocks"));
	ck_assert_int_eq(scene_command(&s).id, COMMAND_NONE);
	verify("/verify");
	ck_assert(!scene_shows(&s, "QR"));
	ck_assert(scene_shows(&s, "12345   67890   12345   67890"));
}
END_TEST

START_TEST(changed_key_is_compared_and_then_trusted)
{
	struct event ev = scene_event(EV_VERIFY, "Bob");

	ev.ok = false;
	ev.reason = REASON_KEY_CHANGED;
	ev.text = "12345 67890";
	ev.len = 11;
	scene_tell(&s, &ev);
	ck_assert(scene_shows(&s, "This is another key than Bob had before."));
	ck_assert(scene_shows(&s, "/trust Bob"));
	ck_assert(!scene_shows(&s, "/verify Bob yes"));
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("qr");
	TCase *tc = tcase_create("qr");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, code_of_a_safety_number_has_25_modules);
	tcase_add_test(tc, code_that_is_too_large_is_refused);
	tcase_add_test(tc, code_is_drawn_in_halves_with_light_around_it);
	tcase_add_test(tc, number_as_a_code_is_asked_for_by_name);
	tcase_add_test(tc, code_that_does_not_fit_is_not_cut);
	tcase_add_test(tc, code_needs_characters_that_show_it);
	tcase_add_test(tc, code_needs_a_font_that_shows_it);
	tcase_add_test(tc, changed_key_is_compared_and_then_trusted);
	suite_add_tcase(suite, tc);
	return suite;
}
