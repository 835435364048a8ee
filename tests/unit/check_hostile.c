/* security.md M1-M7 for the full screen: whatever peers and servers say, it
 * stays in the columns that are theirs, obeys nothing and looks like nobody
 * else's. Of every cell, of the title of the window and of what calls for
 * attention. */
#include "runner.h"
#include "scene.h"
#include "text_props.h"

#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 2000, TEXT_LEN = 400 };

static struct scene s, calm;

static void
begin(struct scene *x)
{
	static const char *const names[] = { "Bob", "Carol", "Frank" };

	scene_init(x, 24, 80);
	scene_registered(x);
	scene_online(x, names, 3);
	scene_connected(x, "Bob", TRANSPORT_UDP);
	/* Nothing but what is to come. */
	backlog_fini(&x->m.chats[1]->log);
}

static void
set_up(void)
{
	begin(&s);
	begin(&calm);
}

static void
tear_down(void)
{
	scene_fini(&s);
	scene_fini(&calm);
}

static void
say_of(struct scene *x, const char *text, size_t len)
{
	struct event ev = scene_event(EV_MESSAGE, "Bob");

	ev.text = text;
	ev.len = len;
	scene_tell(x, &ev);
}

static bool
is_inside(const struct rect *r, int row, int col)
{
	return row >= r->row && row < r->row + r->rows && col >= r->col &&
	    col < r->col + r->cols;
}

static void
check_cell(const struct cell *c, const char *what)
{
	if (c->s[0] != '\0')
		check_clean(c->s, strlen(c->s), what);
	must(strcmp(c->s, "\n") != 0, "%s: a line feed", what);
}

/* Outside of the pane nothing has moved. */
static void
check_around(const char *what)
{
	const struct rect *pane = &s.m.layout.chat;

	for (int row = 0; row < s.grid.rows; row++)
		for (int col = 0; col < s.grid.cols; col++) {
			const struct cell *c = grid_at(&s.grid, row, col);
			const struct cell *d = grid_at(&calm.grid, row, col);

			check_cell(c, what);
			must(is_inside(pane, row, col) || (strcmp(c->s,
			    d->s) == 0 && c->style == d->style),
			    "%s: row %d, column %d", what, row, col);
		}
}

/* Time and name belong to us, and so do the looks of events. */
static void
check_inside(const char *what)
{
	const struct rect *r = &s.m.layout.chat;
	int prefix = model_prefix(&s.m, model_shown(&s.m));
	char margin[GRID_CLUSTER * 16];

	for (int row = r->row; row < r->row + r->rows; row++) {
		if (grid_at(&s.grid, row, r->col + prefix)->style ==
		    STYLE_RULE) /* the day */
			continue;
		margin[0] = '\0';
		for (int col = r->col; col < r->col + prefix; col++)
			strcat(margin, grid_at(&s.grid, row, col)->s);
		must(strcmp(margin, "14:20 Bob  ") == 0 ||
		    strcmp(margin, "           ") == 0,
		    "%s: \"%s\"", what, margin);
		for (int col = r->col + prefix; col < r->col + r->cols; col++)
			must(grid_at(&s.grid, row, col)->style == STYLE_TEXT,
			    "%s looks like something else", what);
	}
}

static void
check_message(const char *text, size_t len, const char *what)
{
	char title[VIEW_WINDOW];

	tear_down();
	set_up();
	say_of(&s, text, len);
	say_of(&calm, "calm", 4);
	scene_draw(&s);
	scene_draw(&calm);
	check_around(what);
	check_inside(what);
	view_window(&s.m, false, title);
	ck_assert_str_eq(title, "gop2p Bob");
}

START_TEST(every_byte_and_pair_with_escape_stays_in_its_place)
{
	char text[4], what[32];

	for (unsigned byte = 0; byte < 256; byte++) {
		snprintf(what, sizeof(what), "byte %02x", byte);
		text[0] = (char)byte;
		check_message(text, 1, what);
		text[0] = '\033';
		text[1] = (char)byte;
		check_message(text, 2, what);
		text[0] = 'a';
		text[1] = (char)byte;
		text[2] = 'b';
		check_message(text, 3, what);
	}
}
END_TEST

START_TEST(known_tricks_stay_in_their_place)
{
	static const char *const tricks[] = {
		"\033[2J\033[H\033]0;owned\a", "\033[1;1H* link lost",
		"\033]2;title\033\\", "\033[6n\033[c\033[>c\033]11;?\a",
		"\033[?1049h", "\033[?1000h\033[?2004l", "\033P$q\"p\033\\",
		"a\rAnn  I agree", "x\n14:20 Ann  ok", "x\n14:20  *   lost",
		"* server: your key changed", "! WARNING: THE KEY",
		"-- unread ----------", "           -- Wed 2025-11-05 --",
		"\xc2\x9b" "31m", "\xc2\x9d" "0;x\xc2\x9c", "\x8e\x8f",
		"\xe2\x80\xae" "evil", "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa9",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 123 \xd7\xa2\xd7\x95",
		"\xe2\x80\x8bjoins the last cell", "\xef\xbb\xbf" "bom",
		"\xf3\xa0\x81\x81\xf3\xa0\x81\x82", "\xee\x80\x80", "\xff\xfe",
		"\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\tindent",
		"\b\b\b\b\b\b\b\b\b\b\b\b\bback", "\v\f\v\f", "\016lqqk\017",
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d",
	};

	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		check_message(tricks[i], strlen(tricks[i]), tricks[i] +
		    (tricks[i][0] == '\033'));
}
END_TEST

START_TEST(marks_without_end_stay_in_their_cell)
{
	char text[1 + 2 * 500];

	text[0] = 'z';
	for (size_t i = 0; i < 500; i++)
		memcpy(text + 1 + 2 * i, "\xcd\x81", 2);
	check_message(text, sizeof(text), "marks");
	check_message(text + 1, sizeof(text) - 1, "marks alone");
}
END_TEST

START_TEST(any_bytes_stay_in_their_place)
{
	uint8_t seed[RNG_SEED_LEN] = { 0 };
	uint64_t value = test_seed();
	struct rng rng;
	char text[TEXT_LEN], what[64];

	memcpy(seed, &value, sizeof(value));
	rng_init(&rng, seed);
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = 1 + rng_range(&rng, 0, TEXT_LEN - 1);

		rng_fill(&rng, (uint8_t *)text, len);
		/* Half of them of what terminals care about. */
		for (size_t j = 0; i % 2 == 0 && j < len; j++)
			text[j] = "\033[]\r\n\t\b\a;?0123hJHm*!\x9b\xe2"
			    "\x80\xae ab"[rng_range(&rng, 0, 24)];
		snprintf(what, sizeof(what), "round %d", i);
		check_message(text, len, what);
	}
}
END_TEST

/* What the engine passes on from elsewhere beside messages. */
START_TEST(reasons_and_errors_obey_nothing)
{
	static const char evil[] = "\033]0;x\a\xe2\x80\xae\r\n* ok \xc2\x9b";
	static const enum event_kind kinds[] = { EV_FAILED, EV_DISCONNECTED,
		EV_ERROR, EV_NOTICE, EV_UNDELIVERED, EV_CONNECTING,
		EV_REQUEST, EV_REQUEST_ENDED, EV_QUEUED };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct event ev = scene_event(kinds[i], "Bob");

		ev.text = evil;
		ev.len = strlen(evil);
		ev.code = "asking";
		ev.ms = 60000;
		snprintf(ev.detail, sizeof(ev.detail), "%s", evil);
		snprintf(ev.lookalike, sizeof(ev.lookalike), "%s", evil);
		scene_tell(&s, &ev);
		for (int page = 0; page < 2; page++) {
			scene_draw(&s);
			for (int row = 0; row < s.grid.rows; row++)
				for (int col = 0; col < s.grid.cols; col++)
					check_cell(grid_at(&s.grid, row, col),
					    "a reason");
			scene_key(&s, "Alt+I");
		}
		scene_key(&s, "Esc");
	}
}
END_TEST

/* The engine lets no such name through; if it did, no cell, title or bell
 * would do what it says. */
START_TEST(names_obey_nothing)
{
	static const char evil[] = "\033]0;x\a\r\n\xc2\x9b" "31m";
	struct event ev = scene_event(EV_REQUEST, "");
	char title[VIEW_WINDOW], bytes[ALERT_BYTES];

	snprintf(ev.peer, sizeof(ev.peer), "%s", evil);
	ev.ms = 60000;
	scene_tell(&s, &ev);
	scene_draw(&s);
	for (int row = 0; row < s.grid.rows; row++)
		for (int col = 0; col < s.grid.cols; col++)
			must(grid_at(&s.grid, row, col)->width == 0 ||
			    (unsigned char)grid_at(&s.grid, row, col)->s[0] >=
			    ' ', "a control");
	view_window(&s.m, false, title);
	must(strpbrk(title, "\033\a\r\n") == NULL, "%s", title);
	for (int way = ALERT_OSC9; way < ALERT_WAYS; way++) {
		size_t len = alert_bytes((enum alert_way)way, evil, bytes);

		/* Only the frame that we put around it. */
		ck_assert_int_eq(bytes[0], '\033');
		ck_assert_int_eq(bytes[len - 1], '\a');
		for (size_t i = 1; i + 1 < len; i++)
			must((unsigned char)bytes[i] >= ' ' &&
			    bytes[i] != 0x7f && !((unsigned char)bytes[i] ==
			    0xc2 && (unsigned char)bytes[i + 1] < 0xa0),
			    "a control");
	}
	ck_assert_uint_eq(alert_bytes(ALERT_BELL, evil, bytes), 1);
	ck_assert_uint_eq(alert_bytes(ALERT_OFF, evil, bytes), 0);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tc = tcase_create("hostile");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc,
	    every_byte_and_pair_with_escape_stays_in_its_place);
	tcase_add_test(tc, known_tricks_stay_in_their_place);
	tcase_add_test(tc, marks_without_end_stay_in_their_cell);
	tcase_add_test(tc, any_bytes_stay_in_their_place);
	tcase_add_test(tc, reasons_and_errors_obey_nothing);
	tcase_add_test(tc, names_obey_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
